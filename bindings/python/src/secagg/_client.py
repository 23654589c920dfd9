# SPDX-License-Identifier: Apache-2.0
"""The client of a session."""
from __future__ import annotations

import enum
import operator
from typing import Any

from . import _arrays
from ._enums import Phase
from ._errors import Error, about, check, make
from ._handle import out_of_range
from ._identity import Identity, Trust, set_trust
from ._params import Params, Policy, policy_c
from ._secagg import ffi, lib
from ._store import Store, client_name
from ._stored import Stored


class Spent(enum.IntEnum):
    """Whether the vector of a client may be in a sum (PROTOCOL.md 11.4)."""

    NOTHING = 0  #: no part of it was built
    INPUT = 1  #: INPUT, or its first part, was built
    UNMASK = 2  #: UNMASK was built


class Client(Stored):
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

    def __init__(self, params: Params, index: int, *,
                 policy: Policy | None = None, seed: bytes | None = None,
                 store: Store | None = None, identity: Identity | None = None,
                 trust: Trust | None = None) -> None:
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
        if err:
            params.check(policy or Policy())  # raises it with its sentence
            check(err, index=index)
        self._start(out[0], identity, trust, resumed=False)
        if store is not None:
            store.begin(self._name)
            self._hold(store)

    def _start(self, c: Any, identity: Identity | None, trust: Trust | None,
               resumed: bool) -> None:
        self._adopt(c, lib.secagg_client_free)
        self._params = self._call(lambda c: Params._copy(
            lib.secagg_client_params(c)))
        self._index = int(self._call(lib.secagg_client_index))
        self._name = client_name(self.params.session, self.index)
        self._supplied, self._resumed = False, resumed
        self.authenticate(identity, trust)

    def authenticate(self, identity: Identity | None = None,
                     trust: Trust | None = None) -> None:
        """Set the identity, and whom to trust, of a client that has none.

        For hosts that learn from the parameters of a client that was resumed
        whether its session is active, and whom to trust there.

        Parameters
        ----------
        identity, trust
            As for a new client, or one that is resumed.

        Raises
        ------
        PolicyError
            The session is semi-honest.
        StateError
            The client has an identity, or was told whom to trust.
        """
        open_ = self.phase is Phase.KEYS
        if identity is not None and not self.done:
            self._try(identity._give, self._resumed, self._host)
        if trust is not None:
            self._try(lambda c: set_trust(c, trust, "client", self._resumed,
                                          open_, self._host))

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
            As for a new client. A mapping of keys is in the state and need
            not be passed again, but functions and the identity are not.

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
        self._start(out[0], identity, trust, resumed=True)
        return self

    @classmethod
    def from_store(cls, store: Store, session: bytes, index: int, *,
                   params: Params | None = None,
                   identity: Identity | None = None,
                   trust: Trust | None = None) -> Client:
        """Go on with a client whose last process ended.

        It is saved again at once, and the store then refuses the state that
        was resumed. A client whose input was built needs the same input again
        to send it again.

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
        # The state that is saved now replaces the one that was resumed, and
        # the store then accepts no older one. Nothing was sent in between, so
        # a crash before the end of the save may resume the old one again.
        self._hold(store)
        return self

    # ---- input ------------------------------------------------------------

    def set_part_size(self, entries: int) -> None:
        """Send the input in parts, so that no more than one is stored.

        Parameters
        ----------
        entries : int
            Entries in a part, a positive multiple of 512.
        """
        self._try(lib.secagg_client_set_part_size, entries)

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
        self._try(lib.secagg_client_weight, operator.index(weight))

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
            with self._owner as c:
                try:
                    err = lib.secagg_client_input_strided(
                        c, segment, offset, run.pointer, run.type, run.count,
                        run.stride)
                except OverflowError as error:
                    raise out_of_range(error) from None
                if err == lib.SECAGG_ERR_SIZE:
                    raise self._error(
                        err, got=offset + run.count,
                        needed=self.params.segments[segment].length)
                if err:
                    raise self._error(err)
                self._supplied = self._supplied or run.count > 0
        finally:
            run.wipe()

    @property
    def input_due(self) -> bool:
        """Whether the client waits for an input that it never had: train now.

        False for a client that was resumed after its input was built. It
        needs the same input again only if INPUT is to be sent again.
        """
        return (not self._supplied and self.phase is Phase.INPUT
                and self.spent is Spent.NOTHING)

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
        StateError
            The message is not of this phase, or it is not yet known whom to
            trust: it may be passed again. If the session failed, the server
            says that this client is out.
        Error
            The message was refused. If the session failed (`failed`), the
            error's `abort` has the last message to the server.
        """
        self._try(lib.secagg_client_recv, ffi.from_buffer(message),
                  len(message))

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
        with self._owner as c:
            if self._unsaved:
                self._save()
            err, message = self._message(c, lib.secagg_client_send)
            if (err == lib.SECAGG_ERR_STATE and self._store
                    and not self.failed):
                # The message is built, and waits for the state that knows it.
                self._save()
                err, message = self._message(c, lib.secagg_client_send)
            if err:
                raise self._error(err)
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
        # A client never has two messages to send: between two parts of an
        # input, the host supplies the second one.
        made = self.send()
        return [made] if made else []

    # ---- state ------------------------------------------------------------

    @property
    def params(self) -> Params:
        """The parameters of the session, with every default filled in."""
        return self._params

    @property
    def index(self) -> int:
        """The index of the client."""
        return self._index

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
        return self._written(lib.secagg_client_save_size,
                             lib.secagg_client_save, _bytes32(key))

    def _error(self, err: int, **fields: int | None) -> Error:
        with self._owner as c:
            error = self._blame(make(err, about(
                err, lambda text, size: lib.secagg_client_refusal(
                    c, text, size)), index=self._index, **fields))
            if self.failed:
                unsent, message = self._message(c, lib.secagg_client_send)
                error.abort = b"" if unsent else message
            return error

    def __repr__(self) -> str:
        return (f"<secagg.Client {self._index} of {self._params.clients}, "
                f"{self._shown()}, session {self._params.session.hex()[:8]}>")


def _bytes32(value: bytes) -> Any:
    if len(value) != lib.SECAGG_SEED_BYTES:
        check(lib.SECAGG_ERR_SIZE, f"a key or seed has {len(value)} bytes: it "
              f"must have {lib.SECAGG_SEED_BYTES}", got=len(value),
              needed=lib.SECAGG_SEED_BYTES)
    return ffi.from_buffer(value)
