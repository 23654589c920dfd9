# SPDX-License-Identifier: Apache-2.0
"""The client of a session."""
from __future__ import annotations

import enum
from typing import Any

from . import _arrays
from ._enums import Mode, Phase
from ._errors import Error, InputDueError, check
from ._handle import Handle, refused
from ._identity import Identity, Trust, set_trust
from ._params import Params, Policy, policy_c
from ._secagg import ffi, lib
from ._store import Store, client_name


class Spent(enum.IntEnum):
    """Whether the vector of a client may be in a sum (PROTOCOL.md 11.4)."""

    NOTHING = 0  #: no part of it was built
    INPUT = 1  #: INPUT, or its first part, was built
    UNMASK = 2  #: UNMASK was built


class Client(Handle):
    """A client in one session.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    index : int
        The index of this client, below ``params.clients``.
    policy : Policy, optional
        The minimum that this client accepts; all defaults otherwise.
    seed : bytes, optional
        32 secret bytes, for tests and replay. No two sessions may share one.
    store : Store, optional
        Where the client is saved before it gives out each message, so that
        the process may end between any two messages; see `from_store`.
    identity : Identity, optional
        The signing key of an active session.
    trust : mapping or callable, optional
        Whose identities this client trusts, in an active session.

    Raises
    ------
    ArgumentError
        The parameters break a rule, or the index is out of range.
    PolicyError
        The parameters are below the policy.
    CryptoError
        This machine does not serve the suite.

    Examples
    --------
    >>> with Client(params, index) as client:           # doctest: +SKIP
    ...     for message in client.reply():
    ...         send(message)
    ...     while not client.done:
    ...         client.recv(receive())
    ...         if client.input_due:
    ...             client.input(update)
    ...         for message in client.reply():
    ...             send(message)
    """

    _store: Store | None = None
    _name: str = ""
    _params: Params | None = None

    def __init__(self, params: Params, index: int, *,
                 policy: Policy | None = None, seed: bytes | None = None,
                 store: Store | None = None, identity: Identity | None = None,
                 trust: Trust | None = None) -> None:
        params.check(policy or Policy())
        if not 0 <= index < params.clients:
            check(lib.SECAGG_ERR_ARG, f"there is no client {index}: there are "
                  f"{params.clients} clients", index=index)
        out = ffi.new("secagg_client **")
        if seed is None:
            err = lib.secagg_client_new(out, params._c, index,
                                        policy_c(policy))
        else:
            err = lib.secagg_client_new_seeded(
                out, params._c, index, policy_c(policy), _bytes32(seed))
        check(err, index=index)
        self._start(out[0], identity, trust, store)
        if store is not None:
            store.begin(self._name)
            self._save()

    def _start(self, c: Any, identity: Identity | None, trust: Trust | None,
               store: Store | None) -> None:
        self._adopt(c, lib.secagg_client_free)
        self._name = client_name(self.params.session, self.index)
        self._supplied = False
        self._introduce(identity, trust)
        self._store = store

    def _introduce(self, identity: Identity | None, trust: Trust | None,
                   resumed: bool = False) -> None:
        """Set what an active session needs."""
        if identity is not None:
            self._check(self._call(identity._give, self._host, resumed))
        if trust is not None:
            self._check(self._call(
                lambda c: set_trust(c, trust, "client", self._host)))

    @classmethod
    def resume(cls, state: bytes, key: bytes, *, least_generation: int = 0,
               params: Params | None = None, index: int | None = None,
               identity: Identity | None = None, trust: Trust | None = None
               ) -> Client:
        """The client that `save` saved.

        Before any other call, the host stores ``generation + 1`` durably as
        the new `least_generation`, so that no state is resumed twice. A client
        whose input was built already needs the same input again. `from_store`
        does all of this.

        Parameters
        ----------
        state : bytes
            The sealed state.
        key : bytes
            The key that sealed it, 32 bytes.
        least_generation : int
            The lowest generation that the host accepts.
        params, index
            What the host expects, if it knows.
        identity, trust
            As for a new client, if the session is active and goes on. Trusted
            keys are in the state, so a mapping has no effect; functions are
            not.

        Raises
        ------
        StaleError
            The state is older than `least_generation`.
        AuthError
            The key is wrong, the state was altered, or it is another client's.
        MessageError
            The bytes are no state.
        """
        out = ffi.new("secagg_client **")
        check(lib.secagg_client_resume(
            out, ffi.from_buffer(state), len(state), _bytes32(key),
            least_generation, ffi.NULL if params is None else params._c,
            -1 if index is None else index))
        self = cls.__new__(cls)
        self._start(out[0], None, None, None)
        if self.params.mode is Mode.ACTIVE and not self.done:
            self._introduce(identity, trust if callable(trust)
                            and self.phase is Phase.KEYS else None,
                            resumed=True)
        return self

    @classmethod
    def from_store(cls, store: Store, session: bytes, index: int, *,
                   params: Params | None = None,
                   identity: Identity | None = None,
                   trust: Trust | None = None) -> Client:
        """Go on with a client whose last process ended.

        The state is claimed and saved again, so that it is resumed once.

        Parameters
        ----------
        store : Store
            Where the client was saved.
        session : bytes
            The session id; `peek` reads it from a message.
        index : int
            The index of the client.
        params : Params, optional
            What the host expects.
        identity, trust
            As for a new client.

        Raises
        ------
        KeyError
            The store has no state of this client.
        """
        name = client_name(session, index)
        state, least = store.load(name)
        try:
            self = cls.resume(state, store.key(), least_generation=least,
                              params=params, index=index, identity=identity,
                              trust=trust)
        except BaseException:
            store.end(name)
            raise
        store.claim(name, self.generation + 1)
        self._store = store
        self._save()
        return self

    # ---- input ------------------------------------------------------------

    def set_part_size(self, entries: int) -> None:
        """Send the input in parts, so that no more than one is stored.

        Parameters
        ----------
        entries : int
            Entries in a part, a positive multiple of 512.
        """
        self._check(self._call(lib.secagg_client_set_part_size, entries))

    def weight(self, weight: int) -> None:
        """Set the weight of this client, before weighted input.

        Parameters
        ----------
        weight : int
            ``params.min_weight`` to ``params.max_weight``.

        Raises
        ------
        RangeError
            The weight is out of this range.
        """
        self._check(self._call(lib.secagg_client_weight, int(weight)))

    def input(self, values: Any, segment: int = 0, offset: int = 0) -> None:
        """Supply a piece of a segment.

        The client encodes the values at once and keeps no reference to them.
        It makes no copy if the values in C order lie at a constant distance.

        Parameters
        ----------
        values : array_like
            Values in C order, of any shape: an array, a tensor on the CPU,
            or a sequence of numbers. Floats of 16, 32 or 64 bits, bfloat16
            and integers of up to 32 bits for reals; integers for the other
            kinds.
        segment : int
            The number of the segment.
        offset : int
            The first entry of the piece.

        Raises
        ------
        SizeError
            The piece extends beyond the segment.
        RangeError
            A value is NaN, infinite or out of range; nothing was taken.
        StateError
            The client has one of the entries already, or needs a weight.
        ArgumentError
            The segment does not exist, or is not of these values' kind.
        """
        run = _arrays.read(values)
        try:
            err = self._call(lib.secagg_client_input_strided, segment, offset,
                             run.pointer, run.type, run.count, run.stride)
        finally:
            run.wipe()
        if err == lib.SECAGG_ERR_SIZE:
            self._check(err, got=offset + run.count,
                        needed=self.params.segments[segment].length)
        self._check(err)
        self._supplied = True

    @property
    def input_due(self) -> bool:
        """Whether the client waits for its input: train now."""
        return (self.phase is Phase.INPUT and self.spent is Spent.NOTHING
                and not self._supplied)

    @property
    def clipped(self) -> tuple[int, ...]:
        """Values that were clipped, in each segment. They are secret."""
        return self._call(lambda c: tuple(
            int(lib.secagg_client_clipped(c, i)) for i in range(
                lib.secagg_client_params(c).segment_count)))

    # ---- messages ---------------------------------------------------------

    def recv(self, message: bytes) -> None:
        """Process a message from the server.

        Parameters
        ----------
        message : bytes
            The message; it may come from the network.

        Raises
        ------
        Error
            The message was refused. If the session failed (`failed`), the
            error's `abort` has the last message to the server.
        """
        err = self._call(lib.secagg_client_recv, ffi.from_buffer(message),
                         len(message))
        try:
            self._check(err)
        except Error as error:
            if self.failed:
                error.abort = self._abort()
            raise

    def send(self) -> bytes:
        """The next message to the server, saved if there is a store.

        Returns
        -------
        bytes
            The message; empty if the client waits for the server.

        Raises
        ------
        InputDueError
            The input, or the weight, is due.
        StateError
            The session is active and there is no identity; or the session
            failed and its last message was returned already.
        """
        err, message = self._message(lib.secagg_client_send)
        if err == lib.SECAGG_ERR_STATE and self._store and not self.failed:
            # The message is built, and waits for the state that knows it.
            self._save()
            err, message = self._message(lib.secagg_client_send)
        self._check(err)
        return message

    def reply(self, message: bytes | None = None) -> list[bytes]:
        """Process a message, and return all that is to be sent.

        Parameters
        ----------
        message : bytes, optional
            The message of the server; none at the start, and after `input`.

        Returns
        -------
        list of bytes
            The messages to the server, in their order.

        Raises
        ------
        InputDueError
            The message was accepted, and nothing can be sent before the input
            is supplied: call `input`, then `reply` without a message.
        Error
            See `recv` and `send`.
        """
        if message is not None:
            self.recv(message)
        out: list[bytes] = []
        try:
            while made := self.send():
                out.append(made)
        except InputDueError:
            if not out:
                raise
        return out

    def _abort(self) -> bytes:
        """The last message of a client whose session failed."""
        err, message = self._message(lib.secagg_client_send)
        return b"" if err else message

    # ---- state ------------------------------------------------------------

    @property
    def params(self) -> Params:
        """The parameters of the session, with every default filled in."""
        if self._params is None:
            self._params = self._call(lambda c: Params._copy(
                lib.secagg_client_params(c)))
        return self._params

    @property
    def index(self) -> int:
        """The index of the client."""
        return int(self._call(lib.secagg_client_index))

    @property
    def phase(self) -> Phase:
        """The phase whose message the client builds or has built."""
        return Phase(self._call(lib.secagg_client_phase))

    @property
    def done(self) -> bool:
        """Whether the session is over for this client, with or without a
        sum."""
        return self.phase >= Phase.DONE

    @property
    def failed(self) -> bool:
        """Whether the session has failed."""
        return self.phase is Phase.FAILED

    @property
    def spent(self) -> Spent:
        """How much of the vector may be known in a sum.

        Unless it is ``Spent.NOTHING``, the vector must not be supplied to
        another session: a retry takes a new update.
        """
        return Spent(self._call(lib.secagg_client_spent))

    @property
    def generation(self) -> int:
        """The generation of the state that was saved last."""
        return int(self._call(lib.secagg_client_generation))

    def save(self, key: bytes) -> bytes:
        """The client as sealed bytes; see `resume`.

        From the first save on, `send` gives out a message only after another
        one.

        Parameters
        ----------
        key : bytes
            32 secret bytes.
        """
        err, state = self._written(lib.secagg_client_save_size,
                                   lib.secagg_client_save, _bytes32(key))
        self._check(err)
        return state

    def _save(self) -> None:
        assert self._store is not None
        state = self.save(self._store.key())
        self._store.save(self._name, state, self.generation)

    def forget(self) -> None:
        """Remove the saved state, once nobody asks for a message again."""
        if self._store is not None:
            self._store.remove(self._name)

    def close(self) -> None:
        """Wipe the secrets and free the client. A saved state stays."""
        store, self._store = self._store, None
        super().close()
        if store is not None:
            store.end(self._name)

    def _check(self, err: int, **fields: int | None) -> None:
        if err:
            self._call(lambda c: refused(
                err, lib.secagg_client_refusal, c,
                index=int(lib.secagg_client_index(c)), **fields))

    def __repr__(self) -> str:
        if self.closed:
            return "<secagg.Client, closed>"
        index, params = self.index, self.params
        return (f"<secagg.Client {index} of {params.clients}, phase "
                f"{self.phase}, session {params.session.hex()[:8]}>")


def _bytes32(value: bytes) -> Any:
    if len(value) != lib.SECAGG_SEED_BYTES:
        check(lib.SECAGG_ERR_SIZE, f"a key or seed has {len(value)} bytes: it "
              f"must have {lib.SECAGG_SEED_BYTES}", got=len(value),
              needed=lib.SECAGG_SEED_BYTES)
    return ffi.from_buffer(value)
