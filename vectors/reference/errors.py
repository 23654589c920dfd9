# SPDX-License-Identifier: Apache-2.0
"""The errors of clause 1.2, one exception class for each name."""


class ProtocolError(Exception):
    """An error of the protocol. `number` is the code that ABORT carries."""
    number = 0

    @property
    def name(self):
        return type(self).__name__


class ARG(ProtocolError):
    number = 10


class STATE(ProtocolError):
    number = 11


class SIZE(ProtocolError):
    number = 12


class VALUE(ProtocolError):
    number = 13


class STALE(ProtocolError):
    number = 14


class INPUT_DUE(ProtocolError):
    number = 15


class REPEAT(ProtocolError):
    number = 16


class MESSAGE(ProtocolError):
    number = 20


class AUTH(ProtocolError):
    number = 21


class POLICY(ProtocolError):
    number = 22


class THRESHOLD(ProtocolError):
    number = 23


class CHEAT(ProtocolError):
    number = 24


def require(condition, error, reason=""):
    """Raise `error` unless the condition holds. `reason` is for a human
    reader."""
    if not condition:
        raise error(reason)
