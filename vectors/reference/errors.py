# SPDX-License-Identifier: Apache-2.0
"""The errors of clause 1.2, one exception class a name."""


class Refusal(Exception):
    """An error of the protocol; `number` is the code that ABORT carries."""
    number = 0

    @property
    def name(self):
        return type(self).__name__


class ARG(Refusal):
    number = 10


class STATE(Refusal):
    number = 11


class SIZE(Refusal):
    number = 12


class VALUE(Refusal):
    number = 13


class MESSAGE(Refusal):
    number = 20


class AUTH(Refusal):
    number = 21


class POLICY(Refusal):
    number = 22


class THRESHOLD(Refusal):
    number = 23


class CHEAT(Refusal):
    number = 24


def demand(condition, error, why=""):
    """Raise `error` unless the condition holds."""
    if not condition:
        raise error(why)
