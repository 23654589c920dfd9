# SPDX-License-Identifier: Apache-2.0
"""Durable states, so that a process may end between any two messages."""
from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import secrets
import stat
import threading
import weakref
from typing import IO, Callable, NoReturn, Protocol

from ._errors import StaleError, StateError


class Store(Protocol):
    """Where clients and servers are saved. A name has letters, digits, ``-``.

    A state may be used by one process at a time, from `begin` or `load` to
    `end`.
    """

    def key(self) -> bytes:
        """The 32 secret bytes that seal the states."""

    def begin(self, name: str) -> None:
        """Use a name that has no state yet; StateError if it has one."""

    def load(self, name: str) -> tuple[bytes, int]:
        """The last state and the lowest generation; KeyError if none."""

    def save(self, name: str, state: bytes, generation: int) -> None:
        """Store a state and then its generation; durable on return."""

    def claim(self, name: str, least: int) -> None:
        """Store the lowest generation to accept; durable on return."""

    def remove(self, name: str) -> None:
        """Remove a state. The name may be used again."""

    def end(self, name: str) -> None:
        """Let other processes use the name."""

    def names(self) -> list[str]:
        """The names that have a state."""

    def note(self, name: str, data: bytes) -> None:
        """Store a few bytes that are no secret; durable on return."""

    def noted(self, name: str) -> bytes:
        """The bytes that `note` stored; none if there are none."""


def client_name(session: bytes, index: int) -> str:
    """The name of a client."""
    return f"{session.hex()}-{index}"


def ending(store: Store, name: str) -> Callable[[], None]:
    """A call of `Store.end` that has no effect in a child process."""
    pid = os.getpid()
    return lambda: store.end(name) if os.getpid() == pid else None


def server_name(session: bytes) -> str:
    """The name of a server."""
    return f"{session.hex()}-server"


class FileStore:
    """States as files in a folder, for one user of one machine.

    Each save is written to a new file, forced to the disk, and renamed over
    the old one, so that a crash leaves the old state or the new one. A file
    lock keeps other processes out.

    Parameters
    ----------
    folder : path
        The folder of the states. It is made with mode 0700. It must belong to
        this user, and nobody else may write to it.
    key : path or bytes, optional
        A file of 32 bytes with mode 0600, or the bytes. By default the file
        ``key`` in the folder, which is made at the first use.
    keyring : str, optional
        The service under which the key is in the keyring of the system, in
        place of a file; needs the package ``keyring``.
    generations : path, optional
        A folder for the generations, where no snapshot of the other folder
        reaches: a state that is set back cannot be told otherwise.

    Raises
    ------
    StateError
        The key can be read by others or has another length, or others can
        write to a folder.

    Notes
    -----
    A client whose folder can be set back to an earlier state (by a snapshot
    of a disk or of a virtual machine) counts as corrupt, see PROTOCOL.md 11.3.

    A store cannot be copied or pickled, because it has the key: another
    process makes its own store for the same folder. After a fork, the child
    holds none of the names that the parent uses.
    """

    def __init__(self, folder: str | os.PathLike[str], *,
                 key: str | os.PathLike[str] | bytes | None = None,
                 keyring: str | None = None,
                 generations: str | os.PathLike[str] | None = None) -> None:
        self._folder = _private(folder)
        self._least = _private(generations or folder)
        self._locks: dict[str, IO[bytes]] = {}
        self._guard = threading.RLock()
        _STORES.add(self)
        if keyring is not None:
            self._key = _from_keyring(keyring)
        elif isinstance(key, bytes):
            self._key = key
        else:
            self._key = _from_file(pathlib.Path(key or self._folder / "key"))
        if len(self._key) != 32:
            raise StateError(f"the key of the store has {len(self._key)} "
                             "bytes: it must have 32")

    def key(self) -> bytes:
        """The 32 secret bytes that seal the states."""
        return self._key

    def names(self) -> list[str]:
        """The names that have a state."""
        return sorted(p.stem for p in self._folder.glob("*.state"))

    def begin(self, name: str) -> None:
        """Use a name that has no state yet.

        Raises
        ------
        StateError
            There is a state, or another process uses the name.
        """
        self._lock(name)
        if self._path(name, "state").exists():
            self.end(name)
            raise StateError(f"there is a state of {name} already: resume it")

    def load(self, name: str) -> tuple[bytes, int]:
        """The last state, and the lowest generation that may be resumed.

        Raises
        ------
        KeyError
            There is no state.
        StateError
            Another process uses the name.
        """
        if not self._path(name, "state").exists():
            raise KeyError(name)
        self._lock(name)
        try:
            return self._path(name, "state").read_bytes(), self._lowest(name)
        except FileNotFoundError:
            self.end(name)
            raise KeyError(name) from None

    def save(self, name: str, state: bytes, generation: int) -> None:
        """Store a state, then its generation; both are durable on return.

        Raises
        ------
        StaleError
            A later state was stored already.
        """
        with self._guard:
            if generation < self._lowest(name):
                raise StaleError(f"the state of {name} has generation "
                                 f"{generation}: the store has a later one")
            _replace(self._path(name, "state"), state)
            self.claim(name, generation)

    def claim(self, name: str, least: int) -> None:
        """Store the lowest generation to accept; durable on return."""
        _replace(self._path(name, "least"), b"%d\n" % least)

    def remove(self, name: str) -> None:
        """Remove a state. The name may be used again.

        Raises
        ------
        StateError
            Another process uses the name.
        """
        with self._guard:
            mine = name in self._locks
            if not mine:
                self._lock(name)
            try:
                for kind in ("state", "least"):
                    with contextlib.suppress(FileNotFoundError):
                        self._path(name, kind).unlink()
                _sync(self._folder)
            finally:
                if not mine:
                    self.end(name)

    def end(self, name: str) -> None:
        """Let other processes use the name."""
        with self._guard:
            file = self._locks.pop(name, None)
            if file is None:
                return
            with contextlib.suppress(OSError):  # the folder may be gone
                if not self._path(name, "state").exists():
                    os.unlink(file.name)
            # Closing alone would leave the lock to a child process that has
            # not closed its copy yet.
            fcntl.flock(file, fcntl.LOCK_UN)
            file.close()

    def note(self, name: str, data: bytes) -> None:
        """Store a few bytes that are no secret; durable on return."""
        _replace(self._path(name, "note"), data)

    def noted(self, name: str) -> bytes:
        """The bytes that `note` stored; none if there are none."""
        try:
            return self._path(name, "note").read_bytes()
        except FileNotFoundError:
            return b""

    def _path(self, name: str, kind: str) -> pathlib.Path:
        if not re.fullmatch("[A-Za-z0-9-]+", name):
            raise ValueError(f"{name!r} is no name of a state")
        return (self._least if kind == "least" else self._folder) / (
            f"{name}.{kind}")

    def _lowest(self, name: str) -> int:
        try:
            text = self._path(name, "least").read_bytes()
        except FileNotFoundError:
            return 0
        if not re.fullmatch(rb"\d{1,20}\n", text):
            raise StateError(f"the generation of {name} cannot be read")
        return int(text)

    def _lock(self, name: str) -> None:
        path = self._path(name, "lock")
        with self._guard:
            while name not in self._locks:
                file = open(path, "ab", opener=_opener)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    file.close()
                    raise StateError(f"the state of {name} is in use by "
                                     "another process or store") from None
                if _same(file, path):  # and not one that was removed meanwhile
                    self._locks[name] = file
                    return
                file.close()
        raise StateError(f"the state of {name} is in use by this process")

    def _forget_locks(self) -> None:
        """In a child process: the locks are those of the parent, and last as
        long as any process has the files open."""
        self._guard = threading.RLock()
        for file in self._locks.values():
            file.close()
        self._locks = {}

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a FileStore has a secret key and cannot be copied or "
                        "pickled: make another for the same folder")

    def __repr__(self) -> str:
        return f"<secagg.FileStore {str(self._folder)!r}>"


_STORES: weakref.WeakSet[FileStore] = weakref.WeakSet()


def _after_fork() -> None:
    for store in list(_STORES):
        store._forget_locks()


os.register_at_fork(after_in_child=_after_fork)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _same(file: IO[bytes], path: pathlib.Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _private(folder: str | os.PathLike[str]) -> pathlib.Path:
    path = pathlib.Path(folder)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = os.stat(path)
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise StateError(f"{path} must belong to this user, and nobody else "
                         "may write to it: whoever can set a state back "
                         "learns an input")
    return path


def _sync(folder: pathlib.Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _replace(path: pathlib.Path, data: bytes) -> None:
    """Write a file such that a crash leaves the old one or the new one."""
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb", opener=_opener) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync(path.parent)


def _from_file(path: pathlib.Path) -> bytes:
    """The key in a file that only its owner may read; a new one if absent."""
    if not path.exists():
        new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with open(new, "xb", opener=_opener) as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        # Of processes that start at the same time, one makes the key.
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
        _sync(path.parent)
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        if stat.S_IMODE(status.st_mode) & 0o077 or (
                status.st_uid != os.getuid()):
            raise StateError(f"{path} must have mode 0600 and belong to this "
                             "user: it is a secret key")
        return file.read()


def _from_keyring(service: str) -> bytes:
    import keyring
    found = keyring.get_password(service, "secagg")
    if found is None:
        keyring.set_password(service, "secagg", secrets.token_hex(32))
        # Of processes that start at the same time, the last one wins.
        found = keyring.get_password(service, "secagg") or ""
    try:
        return bytes.fromhex(found)
    except ValueError:
        raise StateError(f"the keyring's entry {service!r} is no key"
                         ) from None
