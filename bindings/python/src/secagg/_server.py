# SPDX-License-Identifier: Apache-2.0
"""The server of a session."""
from __future__ import annotations

import collections
from typing import Any, Callable

import numpy as np
import numpy.typing as npt

from . import _arrays
from ._client import _bytes32
from ._enums import Kind, Phase
from ._errors import CLASSES, Error, MachineError, check, make, sentence
from ._handle import Handle
from ._identity import Trust, set_trust
from ._outcome import Blame, Dispute, Lost, Refusal
from ._params import Params
from ._ranges import in_ranges
from ._secagg import ffi, lib
from ._store import Store, server_name

NOBODY = 0xffffffff


class Server(Handle):
    """The server of one session.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    seed : bytes, optional
        32 secret bytes, for tests and replay.
    trust : mapping or callable, optional
        Whose identities the server trusts, in an active session.
    store : Store, optional
        Where the server is saved each time that a phase is closed; see
        `from_store`.

    Attributes
    ----------
    refusals : collections.deque of Refusal
        The last 1,024 messages that were refused.

    Examples
    --------
    >>> with Server(params) as server:                   # doctest: +SKIP
    ...     while not server.done:
    ...         while server.pending and time_is_left():
    ...             server.recv(*receive())
    ...         server.advance()
    ...         for index, message in server.outbox().items():
    ...             send(index, message)
    ...     mean = server.mean()
    """

    _store: Store | None = None
    _name: str = ""
    _params: Params | None = None

    def __init__(self, params: Params, *, seed: bytes | None = None,
                 trust: Trust | None = None, store: Store | None = None
                 ) -> None:
        params.check()
        out = ffi.new("secagg_server **")
        if seed is None:
            check(lib.secagg_server_new(out, params._c))
        else:
            check(lib.secagg_server_new_seeded(out, params._c,
                                               _bytes32(seed)))
        self._start(out[0], trust)
        if store is not None:
            store.begin(self._name)
            self._store = store
            self._save()

    def _start(self, c: Any, trust: Trust | None) -> None:
        self._adopt(c, lib.secagg_server_free)
        self.refusals: collections.deque[Refusal] = collections.deque(
            maxlen=1024)
        self._told: set[int] = set()  # clients that heard that they are out
        self._name = server_name(self.params.session)
        if trust is not None:
            self._check(self._call(
                lambda c: set_trust(c, trust, "server", self._host)))

    @classmethod
    def resume(cls, state: bytes, key: bytes, *, least_generation: int = 0,
               params: Params | None = None, trust: Trust | None = None
               ) -> Server:
        """The server that `save` saved; see ``secagg_server_resume``.

        Parameters
        ----------
        state, key : bytes
            The sealed state, and the 32 bytes that sealed it.
        least_generation : int
            The lowest generation that the host accepts.
        params : Params, optional
            What the host expects.
        trust : mapping or callable, optional
            A function has to be set again, a mapping is in the state.

        Raises
        ------
        StaleError, AuthError, MessageError
            See `Client.resume`.
        """
        out = ffi.new("secagg_server **")
        check(lib.secagg_server_resume(
            out, ffi.from_buffer(state), len(state), _bytes32(key),
            least_generation, ffi.NULL if params is None else params._c))
        self = cls.__new__(cls)
        self._start(out[0], trust if callable(trust) else None)
        return self

    @classmethod
    def from_store(cls, store: Store, session: bytes, *,
                   trust: Trust | None = None) -> Server:
        """Go on with a server whose last process ended.

        Parameters
        ----------
        store : Store
            Where the server was saved.
        session : bytes
            The session id.
        trust : mapping or callable, optional
            See `resume`.

        Raises
        ------
        KeyError
            The store has no server of this session.
        """
        name = server_name(session)
        state, least = store.load(name)
        try:
            self = cls.resume(state, store.key(), least_generation=least,
                              trust=trust)
        except BaseException:
            store.end(name)
            raise
        self._store = store
        self._save()
        return self

    # ---- messages ---------------------------------------------------------

    def recv(self, index: int, message: bytes) -> bool:
        """Process a message from a client.

        A bad message costs its sender only, so it raises no error: it is
        noted in `refusals`, and the client may send a valid one until the
        phase is closed.

        Parameters
        ----------
        index : int
            The sender, as the transport has authenticated it.
        message : bytes
            The message; it may come from the network.

        Returns
        -------
        bool
            Whether the message was accepted. A repeat was not, and need not
            be sent again.

        Raises
        ------
        ArgumentError
            There is no such client.
        MachineError
            This machine is at fault; the message may be passed again.
        """
        err = self._call(lib.secagg_server_recv, index,
                         ffi.from_buffer(message), len(message))
        if not err:
            return True
        error = self._error(err)
        if err == lib.SECAGG_ERR_ARG or isinstance(error, MachineError):
            raise error
        self.refusals.append(Refusal(index, self.phase, error))
        return False

    def advance(self) -> Phase:
        """Close the phase: clients that have not answered drop out.

        Returns
        -------
        Phase
            The new phase.

        Raises
        ------
        ThresholdError, CheatError
            The session failed; `outbox` has an ABORT for each client.
        StateError
            The session is over.
        """
        phase, got = self.phase, self.answered
        err = self._call(lib.secagg_server_advance)
        if self._store is not None:
            self._save()
        if err == lib.SECAGG_ERR_THRESHOLD:
            needed = (self.params.min_survivors if phase <= Phase.INPUT
                      else self.params.threshold)
            if len(got) < needed:
                self._check(err, needed=needed, got=len(got))
        self._check(err)
        return self.phase

    def send(self, index: int) -> bytes:
        """The message of this phase for one client; empty if there is none.

        The bytes are the same until `advance`, so it can be sent again.

        Parameters
        ----------
        index : int
            The client.
        """
        err, message = self._message(lib.secagg_server_send, index)
        self._check(err)
        return message

    def outbox(self) -> dict[int, bytes]:
        """The messages of this phase, by client.

        A client that dropped out hears of it once; `send` has its message
        again.
        """
        out = {}
        lost = set(self.lost())
        for index in range(self.params.clients):
            if index in self._told:
                continue
            if message := self.send(index):
                out[index] = message
            if index in lost:
                self._told.add(index)
        return out

    # ---- what happened ----------------------------------------------------

    @property
    def params(self) -> Params:
        """The parameters of the session, with every default filled in."""
        if self._params is None:
            self._params = self._call(lambda c: Params._copy(
                lib.secagg_server_params(c)))
        return self._params

    @property
    def phase(self) -> Phase:
        """The phase whose messages the server collects."""
        return Phase(self._call(lib.secagg_server_phase))

    @property
    def done(self) -> bool:
        """Whether the session is over, with or without a sum."""
        return self.phase >= Phase.DONE

    @property
    def pending(self) -> int:
        """Number of clients that have not answered in this phase."""
        return int(self._call(lib.secagg_server_pending))

    def owing(self) -> list[int]:
        """The clients that have not answered in this phase."""
        size = (self.params.clients + 7) // 8
        bitmap = bytearray(size)
        self._check(self._call(lib.secagg_server_owing,
                               ffi.from_buffer(bitmap), size))
        bits = np.unpackbits(np.frombuffer(bitmap, np.uint8),
                             bitorder="little")
        return [int(i) for i in np.flatnonzero(bits)]

    def _where(self, test: Callable[[Any, int], bool]) -> list[int]:
        return self._call(lambda c: [
            i for i in range(self.params.clients) if test(c, i)])

    @property
    def answered(self) -> list[int]:
        """The clients that have answered in this phase."""
        return self._where(lib.secagg_server_answered)

    @property
    def included(self) -> list[int]:
        """The clients that take part."""
        return self._where(lib.secagg_server_includes)

    @property
    def survivors(self) -> list[int]:
        """The clients whose input is in the sum; empty before it is there."""
        return self.included if self.phase is Phase.DONE else []

    def lost(self) -> dict[int, Lost]:
        """When and why clients fell out, by client."""
        phase, why = ffi.new("secagg_phase *"), ffi.new("secagg_err *")

        def read(c: Any) -> dict[int, Lost]:
            return {i: Lost(Phase(phase[0]), CLASSES.get(int(why[0])))
                    for i in range(self.params.clients)
                    if not lib.secagg_server_lost(c, i, phase, why)}
        return self._call(read)

    def blamed(self) -> list[Blame]:
        """The clients that are provably at fault."""
        index, what = ffi.new("uint32_t *"), ffi.new("secagg_err *")

        def read(c: Any) -> list[Blame]:
            out: list[Blame] = []
            while not lib.secagg_server_blamed(c, len(out), index, what):
                out.append(Blame(int(index[0]), CLASSES[int(what[0])]))
            return out
        return self._call(read)

    def disputed(self) -> list[Dispute]:
        """Pairs of clients of which at least one is at fault.

        Leave both out of the next session (PROTOCOL.md 9.6).
        """
        dealer, holder = ffi.new("uint32_t *"), ffi.new("uint32_t *")

        def read(c: Any) -> list[Dispute]:
            out: list[Dispute] = []
            while not lib.secagg_server_disputed(c, len(out), dealer, holder):
                out.append(Dispute(int(dealer[0]), int(holder[0])))
            return out
        return self._call(read)

    @property
    def failure(self) -> Error | None:
        """Why the session failed; None if it did not."""
        err, why = self._call(lambda c: sentence(
            lambda text, size: lib.secagg_server_error(c, text, size)))
        return make(err, why) if err else None

    # ---- the sum ----------------------------------------------------------

    @property
    def weight(self) -> int:
        """The sum of the survivors' weights; 0 before it is known."""
        return int(self._call(lib.secagg_server_weight))

    def sum(self, segment: int = 0, *, out: _arrays.Array | None = None,
            dtype: npt.DTypeLike | None = None, offset: int = 0,
            count: int | None = None, threads: int | None = None
            ) -> _arrays.Array:
        """The sum of a segment, or of a range of it.

        Parameters
        ----------
        segment : int
            The number of the segment.
        out : ndarray, optional
            Where to write, in C order: any shape whose values lie at a
            constant distance.
        dtype : dtype, optional
            Of a new array: float32 or float64 for reals, int64 or uint64 for
            any kind. The default is float32 for reals, int64 for signed and
            uint64 for other integers.
        offset, count : int
            The range; by default all that follows `offset`.
        threads : int, optional
            Threads that read ranges at the same time; by default as many as
            there are processors, of 262,144 entries or more each.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension.

        Raises
        ------
        RangeError
            No inputs can have this sum: a client has cheated.
        StateError
            There is no sum, or none yet.
        ArgumentError
            The segment does not exist, or has no such type.
        SizeError
            The range extends beyond the segment.
        """
        return self._read(lib.secagg_server_sum_strided, segment, out, dtype,
                          offset, count, threads)

    def mean(self, segment: int = 0, *, out: _arrays.Array | None = None,
             dtype: npt.DTypeLike | None = None, offset: int = 0,
             count: int | None = None, threads: int | None = None
             ) -> _arrays.Array:
        """The mean of a segment of reals, or of a range of it.

        The sum is divided by the number of survivors, or for a weighted
        segment by the sum of their weights. In all else it works as `sum`.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension: float32 or float64.
        """
        return self._read(lib.secagg_server_mean_strided, segment, out, dtype,
                          offset, count, threads)

    def _read(self, function: Callable[..., int], segment: int,
              out: _arrays.Array | None, dtype: npt.DTypeLike | None,
              offset: int, count: int | None, threads: int | None
              ) -> _arrays.Array:
        if not 0 <= segment < len(self.params.segments):
            check(lib.SECAGG_ERR_ARG, f"there is no segment {segment}: there "
                  f"are {len(self.params.segments)}")
        part = self.params.segments[segment]
        if out is None:
            count = max(0, part.length - offset) if count is None else count
            out = np.empty(count, dtype or _default(Kind.of(part.kind)))
        run = _arrays.write(out)
        if count is not None and count != run.count:
            check(lib.SECAGG_ERR_SIZE, f"out has {run.count} entries: the "
                  f"range has {count}", got=run.count, needed=count)

        def piece(c: Any, first: int, size: int) -> int:
            return function(c, segment, offset + first, ffi.cast(
                "char *", run.pointer) + first * run.stride, run.type, size,
                run.stride)

        self._check(self._call(lambda c: in_ranges(
            lambda first, size: piece(c, first, size), run.count, threads)))
        return out

    def masks(self) -> bytes:
        """The masks that remain in the sum, encoded, for `Masks` of workers.

        They are as secret as the inputs.
        """
        err, out = self._written(lib.secagg_server_masks_size,
                                 lambda c, text, size: lib.secagg_server_masks(
                                     c, text, size))
        self._check(err)
        return out

    # ---- saving -----------------------------------------------------------

    @property
    def generation(self) -> int:
        """The generation of the state that was saved last."""
        return int(self._call(lib.secagg_server_generation))

    def save(self, key: bytes) -> bytes:
        """The server as sealed bytes; see `resume`.

        From the first save on, the server has to be saved after each
        `advance` before it gives out messages.

        Parameters
        ----------
        key : bytes
            32 secret bytes.
        """
        err, state = self._written(lib.secagg_server_save_size,
                                   lib.secagg_server_save, _bytes32(key))
        self._check(err)
        return state

    def checkpoint(self) -> None:
        """Save what has arrived since the phase began, in the store.

        Without it, a server that crashes asks for these messages again. Call
        it before a client learns that a part of its input arrived.
        """
        if self._store is not None:
            self._save()

    def _save(self) -> None:
        assert self._store is not None
        state = self.save(self._store.key())
        self._store.save(self._name, state, self.generation)

    def forget(self) -> None:
        """Remove the saved state, once the sum has been used."""
        if self._store is not None:
            self._store.remove(self._name)

    def close(self) -> None:
        """Wipe the secrets and free the server. A saved state stays."""
        store, self._store = self._store, None
        super().close()
        if store is not None:
            store.end(self._name)

    def _error(self, err: int, **fields: int | None) -> Error:
        """The exception of a call that failed, with its sentence."""
        index = ffi.new("uint32_t *")
        known, why = self._call(lambda c: sentence(
            lambda text, size: lib.secagg_server_refusal(c, index, text,
                                                         size)))
        if known != err:
            return make(err, "", **fields)
        who = None if index[0] == NOBODY else int(index[0])
        return make(err, why, index=who, **fields)

    def _check(self, err: int, **fields: int | None) -> None:
        if err:
            raise self._error(err, **fields)

    def __repr__(self) -> str:
        if self.closed:
            return "<secagg.Server, closed>"
        return (f"<secagg.Server of {self.params.clients} clients, phase "
                f"{self.phase}, {self.pending} owe a message, session "
                f"{self.params.session.hex()[:8]}>")


def _default(kind: Kind) -> str:
    if kind in (Kind.REAL, Kind.WEIGHTED):
        return "f4"
    return "i8" if kind is Kind.SIGNED else "u8"
