# SPDX-License-Identifier: Apache-2.0
"""A client of a framework, whose process may end between any two packets."""
from __future__ import annotations

import json
import logging
from typing import Callable, Union

from .._client import Client, Spent
from .._enums import Mode
from .._errors import Error, MessageError, PolicyError, StateError
from .._identity import Identity, Trust
from .._message import peek
from .._params import Params, Policy
from .._store import Store
from ._packets import Packet, ended_sessions, take

LOG = logging.getLogger("secagg")
LEDGER = "spent"  # note: models for which an input was built
REMEMBERED = 256  # models in it

#: Gives a client its input. It trains.
Supply = Callable[[Client], None]


def randomised_training_sentence(session: str) -> str:
    """Why a client gives no second input for a model."""
    return ("this client has given an input for this model in session "
            f"{session}: with a second one that differs little, the "
            "difference of two sums can reveal it. Set randomised_training if "
            "each training draws new randomness (PROTOCOL.md 11.4)")


class Member:
    """Answers the packets of a server, one session after another.

    Each answer resumes the client from the store and saves it before the
    answer is returned, so any process of the same user may give the next one.

    Parameters
    ----------
    store : Store
        Durable states of this client alone.
    policy : Policy, optional
        What this client accepts of a session.
    identity : Identity, optional
        Its signing key, for active sessions.
    trust : callable, optional
        Makes what decides whom to trust: called once a session with its
        parameters.
    randomised_training : bool
        Each training draws new randomness, so that this client may give an
        input for the same model again when a session was lost. Without it, it
        does so only if no secret was opened (PROTOCOL.md 11.4).
    keep_when_done : bool
        Keep the state after the last answer, for frameworks that ask again if
        an answer is lost, until the next session begins.
    """

    def __init__(self, store: Store, *, policy: Policy | None = None,
                 identity: Identity | None = None,
                 trust: Callable[[Params], Trust] | None = None,
                 randomised_training: bool = False,
                 keep_when_done: bool = True) -> None:
        self._store, self._policy = store, policy
        self._identity, self._make_trust = identity, trust
        self._randomised, self._keep = randomised_training, keep_when_done

    def answer(self, packet: Packet, supply: Supply,
               digest: bytes | None = None, model: bytes | None = None
               ) -> dict[str, Union[int, bytes, str, "list[bytes]"]]:
        """Answer a packet of the server.

        Parameters
        ----------
        packet : Packet
            What the server's host sent.
        supply : callable
            Called if the input is due: trains, and gives the client its
            input. What it raises passes through; the client can be asked
            again.
        digest : bytes, optional
            The digest of the model that came with the packet. The session
            must be about this model before the client trains on it.
        model : bytes, optional
            Under what an input counts as spent, if the digest of the session
            has more in it than the model, such as the number of the round.
            It must come with the first packet and with the input's packet.

        Returns
        -------
        Packet
            The messages for the server; with `error` if the session is over
            for this client.
        """
        try:
            with self._client(packet, model) as client:
                try:
                    return {"messages": self._reply(client, packet, supply,
                                                    digest, model)}
                finally:
                    if client.done and not self._keep:
                        client.forget()
        except Error as error:
            LOG.warning("secagg: %s: %s", type(error).__name__, error)
            return {"messages": [error.abort] if error.abort else [],
                    "error": f"{type(error).__name__}: {error}"}

    def expect(self, packet: Packet, digest: bytes | None = None) -> None:
        """Check, before a training, that `answer` will take its result.

        For frameworks that train between two calls of the host. Nothing is
        stored of it.

        Parameters
        ----------
        packet, digest
            As for `answer`.

        Raises
        ------
        Error
            Why `answer` would fail.
        """
        with self._client(packet, None) as client:
            client.recv(take(packet, "message", bytes))
            if not client.input_due:
                raise StateError("the server asks for a training, and no "
                                 "input is due")
            _check_model(client, digest)

    def _client(self, packet: Packet, model: bytes | None) -> Client:
        """The client of the packet's session, new or resumed."""
        if "params" in packet:
            return self._begin(Params.decode(take(packet, "params", bytes)),
                               take(packet, "index", int),
                               ended_sessions(packet), model)
        head = peek(take(packet, "message", bytes))
        try:
            client = Client.from_store(self._store, head.session, head.index)
        except KeyError:
            raise StateError("this client has no session "
                             f"{head.session.hex()}") from None
        try:
            client.authenticate(*self._credentials(client.params))
        except BaseException:
            client.close()
            raise
        return client

    def _credentials(self, params: Params
                     ) -> tuple[Identity | None, Trust | None]:
        """The identity and whom to trust, in an active session."""
        if params.mode is not Mode.ACTIVE:
            return None, None
        if self._identity is None:
            raise PolicyError("the session is active, and this client has no "
                              "identity to sign with")
        return self._identity, (self._make_trust(params) if self._make_trust
                                else None)

    def _begin(self, params: Params, index: int, ended: set[bytes],
               model: bytes | None) -> Client:
        self._refuse_spent(params, model, ended)
        identity, trust = self._credentials(params)
        self._drop_others()
        return Client(params, index, policy=self._policy, store=self._store,
                      identity=identity, trust=trust)

    def _drop_others(self) -> None:
        """Remove the states of sessions before: they are over.

        StateError if another process still trains for one: its input would
        become spent after this session was allowed to have one.
        """
        for name in self._store.names():
            try:
                self._store.load(name)
            except KeyError:
                continue
            self._store.remove(name)
            self._store.end(name)

    def _reply(self, client: Client, packet: Packet, supply: Supply,
               digest: bytes | None, model: bytes | None) -> list[bytes]:
        if "message" in packet:
            client.recv(take(packet, "message", bytes))
        if client.input_due:
            _check_model(client, digest)
            supply(client)
            self._mark_spent(client.params, model)
        out = client.reply()
        if client.spent is Spent.NOTHING and client.failed:
            client.forget()
        return out

    # ---- spent inputs (PROTOCOL.md 11.4) ------------------------------------

    def _ledger(self) -> dict[str, str]:
        """Sessions by the digest of the model, in which an input was built.
        There is no digest of an input in it."""
        data = self._store.noted(LEDGER)
        return dict(json.loads(data)) if data else {}

    def _refuse_spent(self, params: Params, model: bytes | None,
                      ended: set[bytes]) -> None:
        last = self._ledger().get((model or params.app_digest).hex())
        if last is None or self._randomised:
            return
        if params.mode is Mode.SEMI_HONEST and bytes.fromhex(last) in ended:
            return
        raise PolicyError(randomised_training_sentence(last[:8]))

    def _mark_spent(self, params: Params, model: bytes | None) -> None:
        """Before INPUT is built: a crash must not forget it."""
        ledger, key = self._ledger(), (model or params.app_digest).hex()
        ledger.pop(key, None)
        ledger[key] = params.session.hex()
        kept = dict(list(ledger.items())[-REMEMBERED:])
        self._store.note(LEDGER, json.dumps(kept).encode())


def _check_model(client: Client, digest: bytes | None) -> None:
    if digest is not None and digest != client.params.app_digest:
        raise MessageError("the model that came with the session is not the "
                           "one that the session is about")
