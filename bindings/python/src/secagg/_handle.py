# SPDX-License-Identifier: Apache-2.0
"""What clients, servers and mask sets share: one handle of the C library, used
by one thread at a time, in the process that made it, and wiped at the end."""
from __future__ import annotations

import os
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, NoReturn, TypeVar

from ._errors import StateError, check, sentence
from ._secagg import ffi

H = TypeVar("H", bound="Handle")
R = TypeVar("R")


class Lock:
    """A lock that tells a thread that holds it already from one that waits.

    A function of the host (a signature, a decision about an identity) runs
    inside a call of the library and must not use the handle of that call.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise StateError("a function that the library calls must not use "
                             "the handle that calls it")
        self._lock.acquire()
        self._owner = me

    def __exit__(self, *_: object) -> None:
        self._owner = None
        self._lock.release()

    def free(self) -> bool:
        """Whether nobody holds the lock."""
        return self._owner is None


class Handle:
    """A handle of the C library.

    Use it as a context manager, or call `close`: both wipe its secrets. It
    cannot be copied or pickled, and after a fork only the process that made it
    can use it.
    """

    _c: Any = None
    _release: Callable[[], object] | None = None

    def _adopt(self, c: Any, release: Callable[[Any], None]) -> None:
        """Own a pointer that the library allocated."""
        self._c, self._lock, self._pid = c, Lock(), os.getpid()
        self._keep: list[Any] = []  # what the library calls
        self._release = weakref.finalize(self, release, c)

    def _call(self, function: Callable[..., R], *args: Any) -> R:
        """Call a function of the library on the handle, one at a time."""
        if self._c is None:
            raise StateError(f"this {type(self).__name__} is closed")
        if os.getpid() != self._pid:
            raise StateError(f"this {type(self).__name__} belongs to process "
                             f"{self._pid}, which made it, and not to its "
                             "child")
        with self._lock:
            if self._c is None:
                raise StateError(f"this {type(self).__name__} is closed")
            return function(self._c, *args)

    def _message(self, function: Callable[..., int], *args: Any
                 ) -> tuple[int, bytes]:
        """The error and the bytes of a function that returns a message."""
        out, size = ffi.new("const uint8_t **"), ffi.new("size_t *")

        def copy(c: Any) -> tuple[int, bytes]:
            err = int(function(c, *args, out, size))
            if err or not size[0]:
                return err, b""
            # The library lends the message until the next call.
            return err, bytes(ffi.buffer(out[0], size[0]))

        return self._call(copy)

    def _written(self, size: Callable[[Any], int],
                 write: Callable[..., int], *args: Any) -> tuple[int, bytes]:
        """The bytes of a pair of functions, one of which gives the size."""

        def both(c: Any) -> tuple[int, bytes]:
            out = bytearray(size(c))
            err = int(write(c, ffi.from_buffer(out), len(out), *args))
            return err, bytes(out)

        return self._call(both)

    def _host(self, function: object) -> Any:
        """A pointer to an object of the host, valid as long as the handle."""
        pointer = ffi.new_handle(function)
        self._keep.append(pointer)
        return pointer

    def close(self) -> None:
        """Wipe the secrets and free the handle. Closing again has no effect.

        In a child process nothing is freed while a thread of the parent was
        inside the library, because its state may be torn there.
        """
        if self._c is None or self._release is None:
            return
        if os.getpid() != self._pid:
            if self._lock.free():
                self._release()
        else:
            with self._lock:
                self._release()
        self._c = None
        self._keep = []

    @property
    def closed(self) -> bool:
        """Whether the handle was closed."""
        return self._c is None

    def __enter__(self: H) -> H:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} has secrets and cannot be "
                        "copied or pickled: see save()")


def refused(err: int, ask: Callable[..., int], handle: Any,
            **fields: int | None) -> None:
    """Raise the error of a call with the library's sentence about it."""
    if not err:
        return
    known, why = sentence(lambda text, size: ask(handle, text, size))
    check(err, why if known == err else "", **fields)
