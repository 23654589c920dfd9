# SPDX-License-Identifier: Apache-2.0
"""Packets as messages of a Grid."""
from __future__ import annotations

import time
from logging import WARNING
from typing import Iterator, Mapping

from flwr.app import ConfigRecord, Message, MessageType, RecordDict
from flwr.common import FitIns
from flwr.common.logger import log
from flwr.serverapp import Grid

from .._enums import Phase
from ..host import Packet
from ._legacy_wire import KEY, Task, compat, packet_of, record_of

SHORTEST, LONGEST = 0.02, 1.0  # seconds between two looks for answers
GOODBYE = 60.0  # seconds after which nobody needs a goodbye


class Post:
    """Carries the packets of one round after another.

    The model travels with the packet that the input follows from, so that it
    is not sent to clients that drop out before.

    Parameters
    ----------
    task : Task
        What the vector is.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._grid: Grid | None = None
        self._round, self._fitins = 0, dict[int, FitIns]()
        self._awake: set[int] = set()

    def begin(self, grid: Grid, round: int, fitins: Mapping[int, FitIns]
              ) -> None:
        """Carry the packets of a round.

        Parameters
        ----------
        grid : Grid
            Carries messages.
        round : int
            The number of the round.
        fitins : mapping of int to FitIns
            The instructions for each node.
        """
        self._grid, self._round, self._fitins = grid, round, dict(fitins)

    def end(self) -> None:
        """Let go of the grid and the model."""
        self._grid, self._fitins = None, {}

    def exchange(self, phase: Phase, packets: Mapping[int, Packet],
                 timeout: float | None) -> Iterator[tuple[int, Packet]]:
        """Send packets, and yield the answers as they come.

        Parameters
        ----------
        phase : Phase
            The phase of the session.
        packets : mapping of int to Packet
            The packet of each node.
        timeout : float or None
            Seconds to wait.
        """
        contents = {node: self._content(node, packet, phase)
                    for node, packet in packets.items()}
        for node, content in self._send(contents, timeout):
            record = content.config_records.get(KEY)
            if record is None:
                log(WARNING, "secagg: node %s answers without secagg: its "
                    "ClientApp needs the mod secaggplus_mod", node)
            else:
                yield node, packet_of(record)

    def tell(self, packets: Mapping[int, Packet]) -> None:
        """Send packets that nobody answers."""
        self._push({node: RecordDict({KEY: record_of(packet)})
                    for node, packet in packets.items()}, GOODBYE)

    def wake(self, timeout: float) -> None:
        """Wait until the apps of new nodes run, at most so many seconds."""
        new = set(self._fitins) - self._awake
        if not new:
            return
        for node, _ in self._send({node: RecordDict({KEY: ConfigRecord({})})
                                   for node in new}, timeout):
            self._awake.add(node)
        silent = len(new - self._awake)
        if silent:
            log(WARNING, "secagg: %s of %s nodes have not started after %s s",
                silent, len(self._fitins), timeout)

    def _content(self, node: int, packet: Packet, phase: Phase) -> RecordDict:
        if phase is not Phase.INPUT:
            return RecordDict({KEY: record_of(packet)})
        content = compat.fitins_to_recorddict(self._fitins[node], True)
        content.config_records[KEY] = record_of(packet, self._task)
        return content

    def _push(self, contents: Mapping[int, RecordDict],
              timeout: float | None) -> set[str]:
        assert self._grid is not None
        return set(self._grid.push_messages([
            Message(content, node, MessageType.TRAIN, ttl=timeout,
                    group_id=str(self._round))
            for node, content in contents.items()]))

    def _send(self, contents: Mapping[int, RecordDict], timeout: float | None
              ) -> Iterator[tuple[int, RecordDict]]:
        """Send contents, and yield the contents of the answers."""
        assert self._grid is not None
        end = None if timeout is None else time.monotonic() + timeout
        ids, pause = self._push(contents, timeout), SHORTEST
        while ids:
            answers = list(self._grid.pull_messages(ids))
            for answer in answers:
                ids.discard(answer.metadata.reply_to_message_id)
                node = answer.metadata.src_node_id
                if answer.has_error():
                    log(WARNING, "secagg: node %s: %s", node,
                        answer.error.reason)
                elif node in contents:
                    yield node, answer.content
            if end is not None and time.monotonic() >= end:
                return
            pause = SHORTEST if answers else min(pause * 1.5, LONGEST)
            if ids:
                left = pause if end is None else end - time.monotonic()
                time.sleep(max(0.0, min(pause, left)))
