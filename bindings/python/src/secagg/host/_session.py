# SPDX-License-Identifier: Apache-2.0
"""The server of one session, as members rather than indices see it."""
from __future__ import annotations

import dataclasses
import logging
import time
from typing import Any, Generic, Hashable, TypeVar

import numpy.typing as npt

from .._enums import Phase
from .._errors import CheatError, Error, MessageError, ThresholdError
from .._outcome import Blame, Lost
from .._params import Params
from .._server import Server
from ._layout import Layout
from ._packets import Packet, messages

LOG = logging.getLogger("secagg")
M = TypeVar("M", bound=Hashable)


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

    @property
    def opened(self) -> bool:
        """Whether a secret may have been opened, or a set of survivors was
        announced: then vectors that were given are spent."""
        return self.error is None or max(
            self.seconds, default=Phase.KEYS) > Phase.INPUT

    def next_members(self) -> list[M]:
        """Who is invited to another session (PROTOCOL.md 9.6): not who was
        silent, blamed or in a dispute."""
        out = set(self.lost) | set(self.blamed)
        for pair in self.disputed:
            out |= set(pair)
        return [m for m in self.members if m not in out]


class Session(Generic[M]):
    """A session between two steps of a host.

    The host sends `packets`, gives each answer to `take`, and calls
    `close_phase`, until the session is `over`. `goodbyes` are packets that
    nobody answers.

    Parameters
    ----------
    server : Server
        The server, which the caller closes.
    outcome : Outcome
        What is known so far; it is filled in.
    layout : Layout
        The vector.
    """

    def __init__(self, server: Server, outcome: Outcome[M], layout: Layout
                 ) -> None:
        self.server, self.outcome, self.layout = server, outcome, layout
        self.packets: dict[M, Packet] = {}
        self.goodbyes: dict[M, Packet] = {}
        self._index = {m: i for i, m in enumerate(outcome.members)}
        self._start = time.monotonic()

    def invite(self, ended: bytes = b"") -> None:
        """Make the packets that begin the session.

        Parameters
        ----------
        ended : bytes
            Ids of sessions that ended before a secret was opened.
        """
        wire = self.outcome.params.encode()
        self.packets = {m: {"params": wire, "index": i, "ended": ended}
                        for m, i in self._index.items()}

    @property
    def over(self) -> bool:
        """Whether there is a sum, or none will come."""
        return self.server.done

    def take(self, member: M, packet: Packet) -> None:
        """Pass the answer of a member to the server.

        A bad answer costs its member only, and is noted in the outcome.
        """
        index = self._index.get(member)
        if index is None:
            return
        refused = self.outcome.refused
        try:
            for message in messages(packet):
                if not self.server.recv(index, message):
                    refused.append((member, str(
                        self.server.refusals[-1].error)))
        except MessageError as error:
            refused.append((member, str(error)))
        words = packet.get("error")
        if isinstance(words, str):
            refused.append((member, words[:512]))

    def close_phase(self) -> None:
        """Close the phase: who has not answered drops out. Then `packets` and
        `goodbyes` are those of the next one."""
        phase, failed = self.server.phase, True
        try:
            failed = self.server.advance() is Phase.FAILED
        except (ThresholdError, CheatError) as error:
            self.outcome.error = error
        now = time.monotonic()
        self.outcome.seconds[phase] = now - self._start
        self._start = now
        self._sort()
        if self.server.phase is Phase.DONE and not failed:
            self._read()
        self._account()

    def _sort(self) -> None:
        """Who owes an answer gets a packet, anybody else a goodbye."""
        self.packets, self.goodbyes = {}, {}
        owing = set(self.server.owing())
        for index, message in self.server.outbox().items():
            to = self.packets if index in owing else self.goodbyes
            to[self.outcome.members[index]] = {"message": message}

    def _read(self) -> None:
        try:
            mean = self.server.mean(0)
            if self.layout.metrics:
                self.outcome.metrics = self.layout.named(
                    self.server.mean(1, dtype="f8"))
        except Error as error:  # a sum that no inputs can have
            self.outcome.error = error
            return
        self.outcome.mean, self.outcome.weight = mean, self.server.weight

    def _account(self) -> None:
        """Who did what, with members in the place of indices."""
        who, outcome, server = self.outcome.members, self.outcome, self.server
        if outcome.mean is not None:
            outcome.survivors = [who[i] for i in server.survivors]
        outcome.lost = {who[i]: lost for i, lost in server.lost().items()}
        outcome.blamed = {who[b.index]: b for b in server.blamed()}
        outcome.disputed = [(who[d.dealer], who[d.holder])
                            for d in server.disputed()]


def log(outcome: Outcome[M]) -> None:
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
