# SPDX-License-Identifier: Apache-2.0
"""Exceptions: one for each error of the C library (``secagg/base.h``)."""
from __future__ import annotations

from typing import Any, Callable

from ._secagg import ffi, lib

SENTENCE = 512  # bytes that suffice for every sentence of the library


class Error(Exception):
    """An error of the library.

    Attributes
    ----------
    code : int
        The number of the error in C, for example -23.
    sentence : str
        The cause in a sentence, with the numbers. It has no secret.
    index : int or None
        The client that the call was about.
    needed, got : int or None
        The number that a rule requires, and the one that came: of clients for
        `ThresholdError`, of entries for `SizeError`.
    abort : bytes
        If a client's session failed: its last message to the server.
    """

    code = 0
    abort = b""

    def __init__(self, sentence: str = "", *, index: int | None = None,
                 needed: int | None = None, got: int | None = None) -> None:
        self.sentence = sentence or _strerror(self.code)
        self.index, self.needed, self.got = index, needed, got
        super().__init__(self.sentence)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.sentence, self.index, self.needed,
                          self.got), dict(self.__dict__)


class CallerError(Error):
    """The caller is at fault."""


class PeerError(Error):
    """Another party is at fault, or too few of them remain."""


class MachineError(Error):
    """This machine is at fault."""


class ArgumentError(CallerError, ValueError):
    """An argument, or a combination of arguments, is invalid."""

    code = -10


class StateError(CallerError):
    """The handle does not allow this call now."""

    code = -11


class SizeError(CallerError, ValueError):
    """A length does not fit the parameters."""

    code = -12


class RangeError(CallerError, ValueError):
    """A value is NaN, infinite or out of bounds."""

    code = -13


class StaleError(CallerError):
    """A saved state is older than the newest one."""

    code = -14


class InputDueError(CallerError):
    """The host must supply the input, or the weight, first."""

    code = -15


class RepeatError(CallerError):
    """A message that was accepted arrived again."""

    code = -16


class MessageError(PeerError):
    """A message is malformed or misaddressed."""

    code = -20


class AuthError(PeerError):
    """A signature, an identity or an authentication tag is invalid."""

    code = -21


class PolicyError(PeerError):
    """The parameters of a session are below a client's policy."""

    code = -22


class ThresholdError(PeerError):
    """Too few clients or shares remain."""

    code = -23


class CheatError(PeerError):
    """A client was caught cheating."""

    code = -24


class OutOfMemoryError(MachineError, MemoryError):
    """The system has no memory left; the call changed nothing."""

    code = -30


class RandomError(MachineError):
    """The system provided no randomness."""

    code = -31


class CryptoError(MachineError):
    """A cryptographic library failed, or lacks an algorithm."""

    code = -32


CLASSES: dict[int, type[Error]] = {
    c.code: c for c in (
        ArgumentError, StateError, SizeError, RangeError, StaleError,
        InputDueError, RepeatError, MessageError, AuthError, PolicyError,
        ThresholdError, CheatError, OutOfMemoryError, RandomError,
        CryptoError)}


def _rebuild(cls: type[Error], sentence: str, index: int | None,
             needed: int | None, got: int | None) -> Error:
    return cls(sentence, index=index, needed=needed, got=got)


def _strerror(code: int) -> str:
    return string(lib.secagg_strerror(code)) if code else "unknown error"


def string(text: Any) -> str:
    """The text of a C string."""
    return str(ffi.string(text).decode("ascii", "replace"))


def sentence(fill: Any) -> tuple[int, str]:
    """The error and the text of a function that fills (why, why_len)."""
    why = ffi.new("char[]", SENTENCE)
    err = fill(why, SENTENCE)
    return int(err), string(why)


def about(err: int, ask: Callable[[Any, int], int]) -> str:
    """The sentence about the last error of a handle, if it is this one."""
    known, why = sentence(ask)
    return why if known == err else ""


def make(err: int, text: str = "", **fields: int | None) -> Error:
    """The exception of an error code."""
    return CLASSES.get(err, Error)(text or _strerror(err), **fields)


def check(err: int, text: str = "", **fields: int | None) -> None:
    """Raise the exception of an error code, if there is an error."""
    if err:
        raise make(err, text, **fields)
