# SPDX-License-Identifier: Apache-2.0
"""The server's side of a round, over any transport."""
from __future__ import annotations

import dataclasses
import logging
import time
from typing import (Any, Callable, Generic, Hashable, Iterable, Mapping,
                    Sequence, TypeVar)

import numpy.typing as npt

from .._enums import Mode, Phase, Rounding, Suite
from .._errors import CheatError, Error, MessageError, ThresholdError
from .._identity import Trust
from .._outcome import Blame, Lost
from .._params import Params, Policy
from .._server import Server
from ._layout import Layout
from ._packets import Packet, messages

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


@dataclasses.dataclass
class Outcome(Generic[M]):
    """What became of a round.

    Attributes
    ----------
    mean : ndarray or None
        The mean of the first segment; None if there is no sum.
    metrics : dict of str to float
        The weighted means of the metrics.
    weight : int
        The sum of the survivors' weights.
    members, survivors : list
        Who was invited to the last session, and whose input is in the sum.
    lost, blamed, disputed
        See `Server`, with members in the place of indices.
    refused : list of tuple
        Members and sentences: messages that were refused, and the words of
        clients that refused the session.
    error : Error or None
        Why there is no sum.
    seconds : dict of Phase to float
        Duration of each phase of the last session.
    sessions : int
        How many were tried.
    params : Params
        The parameters of the last session.
    """

    params: Params
    members: list[M]
    mean: npt.NDArray[Any] | None = None
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)
    weight: int = 0
    survivors: list[M] = dataclasses.field(default_factory=list)
    lost: dict[M, Lost] = dataclasses.field(default_factory=dict)
    blamed: dict[M, Blame] = dataclasses.field(default_factory=dict)
    disputed: list[tuple[M, M]] = dataclasses.field(default_factory=list)
    refused: list[tuple[M, str]] = dataclasses.field(default_factory=list)
    error: Error | None = None
    seconds: dict[Phase, float] = dataclasses.field(default_factory=dict)
    sessions: int = 1


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

    Attributes
    ----------
    banned : set
        Members that were blamed. They are invited to no further session.
    """

    def __init__(self, setup: Setup, exchange: Exchange[M], tell: Tell[M], *,
                 trust: Callable[[Params, Sequence[M]], Trust] | None = None
                 ) -> None:
        self.setup, self._exchange, self._tell = setup, exchange, tell
        self._trust = trust
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
            invited = _next(outcome)
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
        trust = self._trust(params, members) if self._trust else None
        if params.mode is not Mode.ACTIVE:
            trust = None
        outcome: Outcome[M] = Outcome(params, members)
        wire, ended = params.encode(), b"".join(self._ended[-64:])
        packets: dict[M, Packet] = {
            member: {"params": wire, "index": index, "ended": ended}
            for index, member in enumerate(members)}
        with Server(params, trust=trust) as server:
            try:
                while not server.done:
                    self._phase(server, outcome, packets)
                self._finish(server, outcome, layout)
            except (ThresholdError, CheatError) as error:
                self._fail(server, outcome, error)
            _account(server, outcome)
        _log(outcome)
        return outcome

    def _phase(self, server: Server, outcome: Outcome[M],
               packets: dict[M, Packet]) -> None:
        """Collect the answers of one phase, and close it."""
        phase, members = server.phase, outcome.members
        index = {m: i for i, m in enumerate(members)}
        start = time.monotonic()
        for member, packet in self._exchange(phase, dict(packets),
                                             self.setup.seconds(phase)):
            if member in index:
                _take(server, outcome, index[member], member, packet)
            if not server.pending:
                break
        last = Phase.DONE
        try:
            last = server.advance()
        finally:
            outcome.seconds[phase] = time.monotonic() - start
            packets.clear()
            lost = server.lost()
            goodbye: dict[M, Packet] = {}
            for i, message in server.outbox().items():
                to = goodbye if i in lost or last is Phase.DONE else packets
                to[members[i]] = {"message": message}
            if server.done:
                goodbye.update(packets)
            if goodbye:
                self._tell(goodbye)

    def _finish(self, server: Server, outcome: Outcome[M], layout: Layout
                ) -> None:
        try:
            mean = server.mean(0)
            if layout.metrics:
                outcome.metrics = layout.named(server.mean(1, dtype="f8"))
        except Error as error:  # a sum that no inputs can have
            outcome.error = error
            return
        outcome.mean, outcome.weight = mean, server.weight

    def _fail(self, server: Server, outcome: Outcome[M], error: Error) -> None:
        outcome.error = error
        last = max(outcome.seconds, default=Phase.KEYS)
        if last <= Phase.INPUT:
            self._ended.append(outcome.params.session)


def _take(server: Server, outcome: Outcome[M], index: int, member: M,
          packet: Packet) -> None:
    """Pass the messages of a member to the server."""
    try:
        for message in messages(packet):
            if not server.recv(index, message):
                outcome.refused.append(
                    (member, server.refusals[-1].error.sentence))
    except MessageError as error:
        outcome.refused.append((member, error.sentence))
    error_text = packet.get("error")
    if isinstance(error_text, str):
        outcome.refused.append((member, error_text[:512]))


def _account(server: Server, outcome: Outcome[M]) -> None:
    """Who did what, with members in the place of indices."""
    who = outcome.members
    if outcome.mean is not None:
        outcome.survivors = [who[i] for i in server.survivors]
    outcome.lost = {who[i]: lost for i, lost in server.lost().items()}
    outcome.blamed = {who[b.index]: b for b in server.blamed()}
    outcome.disputed = [(who[d.dealer], who[d.holder])
                        for d in server.disputed()]


def _next(outcome: Outcome[M]) -> list[M]:
    """Who is invited to another session (PROTOCOL.md 9.6)."""
    out = set(outcome.lost) | set(outcome.blamed)
    for pair in outcome.disputed:
        out |= set(pair)
    return [m for m in outcome.members if m not in out]


def _log(outcome: Outcome[M]) -> None:
    """One line a session, and one for each that is out."""
    params = outcome.params
    if outcome.error is None:
        LOG.info("secagg: round %d: %d of %d inputs in the mean, weight %d",
                 params.round, len(outcome.survivors), params.clients,
                 outcome.weight)
    else:
        LOG.warning("secagg: round %d: no sum: %s", params.round,
                    outcome.error)
    for member, lost in outcome.lost.items():
        LOG.info("secagg: round %d: %s dropped out in %s%s", params.round,
                 member, lost.phase,
                 f" ({lost.error.__name__})" if lost.error else "")
    for member, text in outcome.refused:
        LOG.warning("secagg: round %d: %s: %s", params.round, member, text)
