# SPDX-License-Identifier: Apache-2.0
"""The work of the steps of a flow, apart from OpenFL.

The aggregator's server and the clients of the collaborators live in stores of
their own between two steps, because a flow is copied from step to step, and to
the other side. Only packets, and the model that is trained, are attributes of
the flow.
"""
from __future__ import annotations

import dataclasses
import logging
from typing import Any, Callable, Mapping, NamedTuple

import numpy.typing as npt

from .._client import Client
from .._enums import Mode, Phase
from .._errors import Error
from .._identity import Trust
from .._params import Params
from .._server import Server
from .._store import Store
from ..host import Layout, Member, Metrics, Outcome, Packet, Session, Setup
from ..host._session import log

LOG = logging.getLogger("secagg")
Arrays = Mapping[str, npt.NDArray[Any]]


class Trained(NamedTuple):
    """What training on a collaborator returns."""

    arrays: Arrays  #: the model after training, with the names it came with
    weight: int  #: for example the number of examples
    metrics: Mapping[str, float] = {}  #: a value for each metric of the round


#: Makes what decides whom the server trusts, from parameters and members.
MakeTrust = Callable[[Params, list[str]], Trust]
#: Trains a copy of the model.
Training = Callable[[dict[str, npt.NDArray[Any]]], Trained]


@dataclasses.dataclass
class Round:
    """A round between two steps: all that the aggregator keeps of it.

    It has no secret: the server is in the store.
    """

    setup: Setup
    layout: Layout
    digest: bytes
    number: int
    outcome: Outcome[str]
    ended: list[bytes]
    packets: dict[str, Packet] = dataclasses.field(default_factory=dict)
    goodbyes: dict[str, Packet] = dataclasses.field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the round has its mean, or will have none."""
        return self.outcome.mean is not None or self.outcome.error is not None

    @property
    def input_due(self) -> bool:
        """Whether the packets ask for the input: the model goes with them."""
        closed = self.outcome.seconds
        return Phase.SHARES in closed and Phase.INPUT not in closed


def begin(store: Store, setup: Setup, model: Arrays, members: list[str],
          number: int, *, metrics: Metrics | None = None,
          ended: list[bytes] | None = None, trust: MakeTrust | None = None) -> Round:
    """Begin a round: make the packets that invite the members.

    Raises
    ------
    ArgumentError
        There are too few members for the setup.
    """
    layout = Layout.of(model, metrics)
    digest = layout.digest(model)
    params = setup.params(layout, len(members), number, digest)
    this = Round(setup, layout, digest, number, Outcome(params, members),
                 ended or [])
    _open(store, this, trust)
    return this


def _trusted(this: Round, trust: MakeTrust | None) -> Trust | None:
    """Whom the server of an active session trusts."""
    params = this.outcome.params
    if trust is None or params.mode is not Mode.ACTIVE:
        return None
    return trust(params, this.outcome.members)


def _open(store: Store, this: Round, trust: MakeTrust | None) -> None:
    with Server(this.outcome.params, store=store,
                trust=_trusted(this, trust)) as server:
        session = Session(server, this.outcome, this.layout)
        session.invite(b"".join(this.ended[-64:]))
        this.packets, this.goodbyes = session.packets, {}


def collect(store: Store, this: Round, answers: Mapping[str, Packet | None],
            trust: MakeTrust | None = None) -> None:
    """Take the answers to the packets, and close the phase.

    If a session fails, the next one begins, as `Setup.attempts` allows.
    """
    with Server.from_store(store, this.outcome.params.session,
                           trust=_trusted(this, trust)) as server:
        session = Session(server, this.outcome, this.layout)
        for member, packet in answers.items():
            if packet is not None:
                session.take(member, packet)
        session.close_phase()
        this.packets, this.goodbyes = session.packets, session.goodbyes
        if session.over:
            server.forget()
    if this.over:
        log(this.outcome)
        _retry(store, this, trust)


def _retry(store: Store, this: Round, trust: MakeTrust | None) -> None:
    """Begin another session in the place of one that failed."""
    last = this.outcome
    if not last.opened:
        this.ended.append(last.params.session)
    if last.mean is not None or last.sessions >= this.setup.attempts:
        return
    members = last.next_members()
    try:
        params = this.setup.params(this.layout, len(members), this.number,
                                   this.digest)
    except Error as error:  # too few are left
        LOG.warning("secagg: round %d: no other session: %s", this.number,
                    error)
        return
    this.outcome = Outcome(params, members, sessions=last.sessions + 1)
    _open(store, this, trust)


def answer(member: Member, packet: Packet, model: Arrays | None,
           metrics: Metrics, train: Training) -> dict[str, Any]:
    """Answer a packet on a collaborator.

    Training that fails costs this collaborator its place in the round only:
    OpenFL would end the flow of everybody. The error is logged here, and not
    sent, because it may tell of the data.
    """
    digest = None
    if model is not None:
        # Of the model alone: an input is spent for it, in whichever round.
        digest = Layout.of(model, metrics).digest(model)

    def supply(client: Client) -> None:
        assert model is not None
        trained = train({name: array.copy()
                         for name, array in model.items()})
        Layout.of(model, metrics).supply(client, trained.arrays, model,
                                         trained.weight, trained.metrics)
    try:
        return member.answer(packet, supply, digest)
    except Exception:
        LOG.exception("secagg: this collaborator drops out of the round")
        return {"messages": [], "error": "the training failed"}
