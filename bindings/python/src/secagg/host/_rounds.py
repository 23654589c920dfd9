# SPDX-License-Identifier: Apache-2.0
"""The server's side of a round, over any transport."""
from __future__ import annotations

import dataclasses
import logging
from typing import (Callable, Generic, Hashable, Iterable, Mapping, Sequence,
                    TypeVar)

from .._enums import Mode, Phase, Rounding, Suite
from .._errors import Error
from .._identity import Trust
from .._params import Params, Policy
from .._server import Server
from ._layout import Layout
from ._packets import Packet
from ._session import Outcome, Session, log

LOG = logging.getLogger("secagg")
M = TypeVar("M", bound=Hashable)

#: Sends packets to members and yields their answers as they come, for at most
#: so many seconds (None: without a limit). It may end early.
Exchange = Callable[[Phase, Mapping[M, Packet], "float | None"],
                    "Iterable[tuple[M, Packet]]"]
#: Sends packets that nobody answers.
Tell = Callable[[Mapping[M, Packet]], None]


@dataclasses.dataclass(frozen=True)
class Setup:
    """What the server's author chooses for all rounds.

    Parameters
    ----------
    clip : float
        Entries of an update are clipped to [-clip, clip].
    corrupt, dropout : float
        Fractions of clients that collude with the server, and that may drop
        out; see `Params.choose`.
    value_bits : int
        An entry has 2**value_bits - 1 levels.
    max_weight : int
        The largest weight of a client. A larger one is an error of its host.
    mode, suite, rounding
        See `Params` and `Segment`.
    policy : Policy, optional
        The policy of the clients, which the choice obeys.
    timeout : float, optional
        Seconds that a phase waits for clients.
    timeouts : mapping of Phase to float
        Seconds of single phases; that of INPUT contains the training.
    attempts : int
        Sessions that are tried for one round.
    """

    clip: float
    _: dataclasses.KW_ONLY
    corrupt: float = 0.2
    dropout: float = 0.2
    value_bits: int = 16
    max_weight: int = 1 << 20
    mode: Mode | str = Mode.SEMI_HONEST
    suite: Suite | str = Suite.AES
    rounding: Rounding | str = Rounding.STOCHASTIC
    policy: Policy | None = None
    timeout: float | None = None
    timeouts: Mapping[Phase, float] = dataclasses.field(default_factory=dict)
    attempts: int = 2

    def params(self, layout: Layout, clients: int, round: int,
               digest: bytes) -> Params:
        """The parameters of a session of so many clients.

        Raises
        ------
        ArgumentError
            There are too few clients for these fractions; the sentence has
            the numbers.
        """
        return Params(layout.segments(clip=self.clip,
                                      value_bits=self.value_bits,
                                      rounding=self.rounding),
                      clients=clients, max_weight=self.max_weight,
                      mode=self.mode, suite=self.suite, round=round,
                      app_digest=digest).choose(self.corrupt, self.dropout,
                                                policy=self.policy)

    def seconds(self, phase: Phase) -> float | None:
        """How long a phase waits."""
        return self.timeouts.get(phase, self.timeout)


class Rounds(Generic[M]):
    """Runs rounds with the members of a framework.

    Parameters
    ----------
    setup : Setup
        What is the same in all rounds.
    exchange, tell : callable
        The transport of the framework.
    trust : callable, optional
        Makes what decides whom the server trusts, in active mode: called with
        the parameters and the members of a session.
    report : callable
        Called with the outcome of each session; logs it by default.

    Attributes
    ----------
    banned : set
        Members that were blamed. They are invited to no further session.
    """

    def __init__(self, setup: Setup, exchange: Exchange[M], tell: Tell[M], *,
                 trust: Callable[[Params, Sequence[M]], Trust] | None = None,
                 report: Callable[[Outcome[M]], object] = log) -> None:
        self.setup, self._exchange, self._tell = setup, exchange, tell
        self._trust, self._report = trust, report
        self.banned: set[M] = set()
        # Sessions that ended before a secret was opened: with these, clients
        # may give their input again in semi-honest mode.
        self._ended: list[bytes] = []

    def run(self, members: Sequence[M], layout: Layout, digest: bytes,
            round: int) -> Outcome[M]:
        """Run a round, with another session if one fails.

        A retry leaves out who was silent, blamed or in a dispute. A client
        takes part in it only as far as the rule of spent inputs allows.

        Parameters
        ----------
        members : sequence
            Who is invited.
        layout : Layout
            The vector.
        digest : bytes
            The digest of model and task, see `Layout.digest`.
        round : int
            Number of the round.

        Raises
        ------
        ArgumentError
            The first session cannot be set up with so few members.
        """
        invited = [m for m in members if m not in self.banned]
        params = self.setup.params(layout, len(invited), round, digest)
        for tried in range(1, self.setup.attempts + 1):
            outcome = self._session(params, invited, layout)
            outcome.sessions = tried
            self.banned |= set(outcome.blamed)
            if outcome.mean is not None or tried == self.setup.attempts:
                break
            invited = outcome.next_members()
            try:
                params = self.setup.params(layout, len(invited), round,
                                           digest)
            except Error as error:  # too few are left
                LOG.warning("secagg: round %d: no other session: %s", round,
                            error)
                break
        return outcome

    def _session(self, params: Params, members: list[M], layout: Layout
                 ) -> Outcome[M]:
        trust = (self._trust(params, members)
                 if self._trust and params.mode is Mode.ACTIVE else None)
        outcome: Outcome[M] = Outcome(params, members)
        with Server(params, trust=trust) as server:
            session = Session(server, outcome, layout)
            session.invite(b"".join(self._ended[-64:]))
            while not session.over:
                self._collect(session)
                session.close_phase()
                if session.goodbyes:
                    self._tell(session.goodbyes)
        if not outcome.opened:
            self._ended.append(params.session)
        self._report(outcome)
        return outcome

    def _collect(self, session: Session[M]) -> None:
        """Give the members' answers to the session, as they come."""
        phase = session.server.phase
        for member, packet in self._exchange(phase, session.packets,
                                             self.setup.seconds(phase)):
            session.take(member, packet)
            if not session.server.pending:
                break
