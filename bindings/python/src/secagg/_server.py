# SPDX-License-Identifier: Apache-2.0
"""The server of a session."""
from __future__ import annotations

import collections
import itertools
from typing import Any, Callable

import numpy as np

from ._client import _bytes32
from ._enums import Phase
from ._errors import (CLASSES, Error, MachineError, about, check,
                      make, sentence)
from ._identity import Trust, set_trust
from ._outcome import Blame, Dispute, Lost, Refusal
from ._params import Params
from ._secagg import ffi, lib
from ._store import Store, server_name
from ._stored import Stored
from ._sums import Sums

NOBODY = 0xffffffff


class Server(Stored, Sums):
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

    def __init__(self, params: Params, *, seed: bytes | None = None,
                 trust: Trust | None = None, store: Store | None = None
                 ) -> None:
        out = ffi.new("secagg_server **")
        if seed is None:
            err = lib.secagg_server_new(out, params._c)
        else:
            err = lib.secagg_server_new_seeded(out, params._c,
                                               _bytes32(seed))
        if err:
            params.check()  # raises it with its sentence
            check(err)
        self._start(out[0], trust, resumed=False)
        if store is not None:
            store.begin(self._name)
            self._hold(store)

    def _start(self, c: Any, trust: Trust | None, resumed: bool) -> None:
        self._adopt(c, lib.secagg_server_free)
        self._params = self._call(lambda c: Params._copy(
            lib.secagg_server_params(c)))
        self.refusals: collections.deque[Refusal] = collections.deque(
            maxlen=1024)
        self._told: set[int] = set()  # clients that heard that they are out
        self._name = server_name(self.params.session)
        if trust is not None:
            open_ = self.phase is Phase.KEYS
            self._try(lambda c: set_trust(c, trust, "server", resumed, open_,
                                          self._host))

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
        self._start(out[0], trust, resumed=True)
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
        self._hold(store)
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
        StateError
            The function that decides whom to trust raised an exception, which
            is the cause; the message may be passed again.
        MachineError
            This machine is at fault; the message may be passed again.
        """
        with self._owner:
            err = self._call(lib.secagg_server_recv, index,
                             ffi.from_buffer(message), len(message))
            if not err:
                return True
            error = self._error(err)
            if (err == lib.SECAGG_ERR_ARG or error.__cause__ is not None
                    or isinstance(error, MachineError)):
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
        with self._owner:
            phase, got = self.phase, self._count_answers()
            err = self._call(lib.secagg_server_advance)
            if not err or self.phase is not phase:
                self._save()
            if err == lib.SECAGG_ERR_THRESHOLD:
                needed = self._minimum(phase)
                if got < needed:
                    raise self._error(err, needed=needed, got=got)
            if err:
                raise self._error(err)
            return self.phase

    def _count_answers(self) -> int:
        return self._call(lambda c: int(sum(map(
            lib.secagg_server_answered, itertools.repeat(c),
            range(self.params.clients)))))

    def _minimum(self, phase: Phase) -> int:
        """Answers that a phase needs (PROTOCOL.md 2.2, 9.4)."""
        p = self.params
        if phase > Phase.INPUT:
            return p.threshold
        return p.min_survivors if p.neighbours else max(p.threshold,
                                                        p.min_survivors)

    def send(self, index: int) -> bytes:
        """The message of this phase for one client; empty if there is none.

        The bytes are the same until `advance`, so it can be sent again.

        Parameters
        ----------
        index : int
            The client.
        """
        with self._owner as c:
            if self._unsaved:
                self._save()
            err, message = self._message(c, lib.secagg_server_send, index)
            if err:
                raise self._error(err)
            return message

    def outbox(self) -> dict[int, bytes]:
        """The messages of this phase, by client.

        A client that dropped out hears of it once; `send` has its message
        again.
        """
        out = {}
        with self._owner:
            lost = self.lost().keys()
            for index in range(self.params.clients):
                if index in self._told:
                    continue
                if message := self.send(index):
                    out[index] = message
            self._told.update(lost)
        return out

    # ---- what happened ----------------------------------------------------

    @property
    def params(self) -> Params:
        """The parameters of the session, with every default filled in."""
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
        self._try(lib.secagg_server_owing, ffi.from_buffer(bitmap), size)
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
        with self._owner:
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
        return self._written(lib.secagg_server_save_size,
                             lib.secagg_server_save, _bytes32(key))

    def checkpoint(self) -> None:
        """Save what has arrived since the phase began, in the store.

        Without it, a server that crashes asks for these messages again. Call
        it before a client learns that a part of its input arrived.
        """
        self._save()

    def _error(self, err: int, **fields: int | None) -> Error:
        index = ffi.new("uint32_t *")
        with self._owner as c:
            text = about(err, lambda text, size: lib.secagg_server_refusal(
                c, index, text, size))
            who = int(index[0]) if text and index[0] != NOBODY else None
            return self._blame(make(err, text, index=who, **fields))

    def __repr__(self) -> str:
        return (f"<secagg.Server of {self._params.clients} clients, "
                f"{self._shown()}, session "
                f"{self._params.session.hex()[:8]}>")
