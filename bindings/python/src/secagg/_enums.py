# SPDX-License-Identifier: Apache-2.0
"""The enumerators of the library."""
from __future__ import annotations

import enum
from typing import TypeVar

E = TypeVar("E", bound="Named")


class Named(enum.IntEnum):
    """An enumerator that may be given by its name: ``Kind.of("real")``."""

    @classmethod
    def of(cls: type[E], value: int | str) -> E:
        """The enumerator with this number or name."""
        if not isinstance(value, str):
            return cls(value)
        try:
            return cls[value.upper().replace("-", "_")]
        except KeyError:
            names = ", ".join(str(one) for one in cls)
            raise ValueError(f"{value!r} is no {cls.__name__.lower()}: "
                             f"{names}") from None

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


class Kind(Named):
    """The type of the entries of a segment."""

    INTEGER = 0  #: integers modulo 2**bits
    REAL = 1  #: reals in [-clip, clip], rounded to value_bits bits
    WEIGHTED = 2  #: reals as above; the library multiplies them by the weight
    UNSIGNED = 3  #: integers in [0, 2**value_bits)
    SIGNED = 4  #: integers in [-2**(value_bits-1), 2**(value_bits-1))


class Mode(Named):
    """The behaviour of the server that a session withstands."""

    SEMI_HONEST = 0  #: it follows the protocol, but may read all it receives
    ACTIVE = 1  #: it may deviate; clients sign with identities


class Suite(Named):
    """The cipher that generates the masks."""

    AES = 1  #: AES-128 in counter mode
    CHACHA = 2  #: ChaCha20, for machines without AES instructions


class Rounding(Named):
    """The rounding of a real that lies between two steps."""

    STOCHASTIC = 0  #: up or down at random, unbiased
    NEAREST = 1  #: to the nearest step


class Phase(Named):
    """The phases of a session, in their order."""

    KEYS = 0
    SHARES = 1
    INPUT = 2
    CONFIRM = 3
    UNMASK = 4
    DONE = 5
    FAILED = 6
