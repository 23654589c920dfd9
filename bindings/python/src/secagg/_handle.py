# SPDX-License-Identifier: Apache-2.0
"""What clients, servers and mask sets share: one handle of the C library, used
by one thread at a time, in the process that made it, and wiped at the end."""
from __future__ import annotations

import os
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, NoReturn, TypeVar

from ._errors import ArgumentError, Error, StateError, make
from ._secagg import ffi, lib

H = TypeVar("H", bound="Handle")
R = TypeVar("R")

# How often this process and those before it were forked: cheaper to compare
# than the id of the process. The library itself compares ids before it makes a
# message (PROTOCOL.md 14.6).
_forks = 0


def _count_fork() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


def out_of_range(error: OverflowError) -> ArgumentError:
    """What cffi says of a number that no integer of C has."""
    return ArgumentError(f"a number is out of range: {error}")


class Host:
    """A function of the host that the library calls inside a call.

    No exception can pass through the library, so the exception is kept and
    raised when the call returns.
    """

    def __init__(self, owner: Owner, function: Callable[..., Any]) -> None:
        self._owner, self._function = owner, function

    def __call__(self, *args: Any) -> Any:
        """The result of the function, which must not use the handle."""
        self._owner.calling = True
        try:
            return self._function(*args)
        finally:
            self._owner.calling = False

    def failed(self, error: BaseException) -> None:
        """Keep an exception; the first one counts."""
        self._owner.raised = self._owner.raised or error


class Owner:
    """A pointer of the library, and who may use it: ``with owner as c``.

    A thread may enter again, so that several calls of the library can be made
    as one. It outlives its `Handle` until the pointer is freed.
    """

    def __init__(self, c: Any, release: Callable[[Any], None],
                 name: str) -> None:
        self.c, self._release, self._name = c, release, name
        self._lock, self._depth = threading.RLock(), 0
        self._pid, self._forks = os.getpid(), _forks
        self.calling = False  # a function of the host
        self.raised: BaseException | None = None  # what it raised
        self.keep: list[Any] = []  # what the library calls

    def __enter__(self) -> Any:
        if self._forks != _forks:  # where nobody unlocks the lock
            raise StateError(f"this {self._name} belongs to process "
                             f"{self._pid}, which made it, and not to its "
                             "child")
        self._lock.acquire()
        try:
            if self.calling:
                raise StateError("a function that the library calls must not "
                                 "use the handle that calls it")
            if self.c is None:
                raise StateError(f"this {self._name} is closed")
            if not self._depth:
                self.raised = None
            self._depth += 1
        except BaseException:
            self._lock.release()
            raise
        return self.c

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()

    def idle(self) -> bool:
        """Whether no other thread uses the pointer at this moment."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
            return True
        return False

    def free(self, wait: bool = False) -> None:
        """Wipe and free the pointer, unless a thread is inside the library.

        That can be at the end of the process, whose other threads go on for a
        while; and in a child process, where the state of a thread of the
        parent may be torn.
        """
        if self._forks != _forks:
            if self._depth:
                self.c = None
            self._free()
        elif self._lock.acquire(blocking=wait):
            try:
                if not self._depth:
                    self._free()
                elif wait:
                    raise StateError(f"this {self._name} is in a call: what "
                                     "runs inside it must not close it")
            finally:
                self._lock.release()

    def _free(self) -> None:
        c, self.c, self.keep = self.c, None, []
        if c is not None:
            self._release(c)


class Handle:
    """A handle of the C library.

    Use it as a context manager, or call `close`: both wipe its secrets. It
    cannot be copied or pickled, and after a fork only the process that made it
    can use it. Threads may share it: a call waits for the one before.
    """

    _owner: Owner

    def _adopt(self, c: Any, release: Callable[[Any], None]) -> None:
        """Own a pointer that the library allocated."""
        self._owner = Owner(c, release, type(self).__name__)
        self._message_at = ffi.new("const uint8_t **"), ffi.new("size_t *")
        weakref.finalize(self, self._owner.free)

    def _call(self, function: Callable[..., R], *args: Any) -> R:
        """Call a function of the library on the handle, one at a time."""
        with self._owner as c:
            try:
                return function(c, *args)
            except OverflowError as error:
                raise out_of_range(error) from None

    def _try(self, function: Callable[..., int], *args: Any,
             **fields: int | None) -> None:
        """Call a function that returns an error, and raise it."""
        with self._owner as c:
            try:
                err = int(function(c, *args))
            except OverflowError as error:
                raise out_of_range(error) from None
            if err:
                raise self._error(err, **fields)

    def _error(self, err: int, **fields: int | None) -> Error:
        """The exception of a call that failed, with its sentence. The caller
        has not left the handle since."""
        return self._blame(make(err, "", **fields))

    def _blame(self, error: Error) -> Error:
        """Name the exception of the host's function as the cause."""
        raised, self._owner.raised = self._owner.raised, None
        if raised is not None and not isinstance(raised, Exception):
            raise raised  # KeyboardInterrupt, SystemExit
        error.__cause__ = raised
        return error

    def _message(self, c: Any, function: Callable[..., int], *args: Any
                 ) -> tuple[int, bytes]:
        """The error and the bytes of a function that returns a message. The
        caller uses the handle."""
        out, size = self._message_at
        try:
            err = int(function(c, *args, out, size))
        except OverflowError as error:
            raise out_of_range(error) from None
        if err or not size[0]:
            return err, b""
        # The library lends the message until the next call.
        return err, bytes(ffi.buffer(out[0], size[0]))

    def _written(self, size: Callable[[Any], int],
                 write: Callable[..., int], *args: Any) -> bytes:
        """The bytes of a pair of functions, one of which gives the size."""
        with self._owner as c:
            out = bytearray(size(c))
            try:
                self._try(write, ffi.from_buffer(out), len(out), *args)
                return bytes(out)
            finally:
                lib.secagg_wipe(ffi.from_buffer(out), len(out))

    def _host(self, function: Callable[..., Any]) -> Any:
        """A pointer to a function of the host, valid as long as the
        handle."""
        pointer = ffi.new_handle(Host(self._owner, function))
        self._owner.keep.append(pointer)
        return pointer

    def close(self) -> None:
        """Wipe the secrets and free the handle. Closing again has no effect.

        It waits for other threads. In a child process nothing is freed if a
        thread of the parent was inside the library.
        """
        self._owner.free(wait=True)

    def _shown(self) -> str:
        """The phase for `repr`, which never waits and never fails."""
        if self.closed:
            return "closed"
        try:
            if self._owner.idle():
                return f"phase {getattr(self, 'phase')}"
        except StateError:
            pass
        return "in use"

    @property
    def closed(self) -> bool:
        """Whether the handle was closed."""
        return self._owner.c is None

    def __enter__(self: H) -> H:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} has secrets and cannot be "
                        "copied or pickled: see save()")
