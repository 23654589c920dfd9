# SPDX-License-Identifier: Apache-2.0
"""Messages to nodes and back, through any Grid.

Flower's own ``send_and_receive`` looks for replies every 3 seconds, and a
round of secure aggregation has four exchanges.
"""
from __future__ import annotations

import itertools
import math
import time
from typing import Iterable, Iterator

from flwr.app import Message
from flwr.serverapp import Grid

FIRST_PAUSE = 0.02  # seconds between looks at replies; it grows
GROWTH = 1.4
PUSH, PULL = 64, 32  # messages in a call: it must fit into a request


def exchange(grid: Grid, messages: Iterable[Message], timeout: float | None,
             longest_pause: float) -> Iterator[tuple[int, Message]]:
    """Send messages, and yield the replies as they come.

    Parameters
    ----------
    grid : Grid
        Flower's Grid.
    messages : iterable of Message
        One for each node.
    timeout : float or None
        Seconds to wait.
    longest_pause : float
        Seconds between two looks at replies, at most.

    Yields
    ------
    tuple of int and Message
        The node that was asked, and the reply, which may be an error.
    """
    waiting = push(grid, messages)
    end = math.inf if timeout is None else time.monotonic() + timeout
    pause = FIRST_PAUSE
    while waiting:
        before = len(waiting)
        for ids in _chunks(list(waiting), PULL):
            for reply in grid.pull_messages(ids):
                node = waiting.pop(reply.metadata.reply_to_message_id, None)
                if node is not None:
                    yield node, reply
        left = end - time.monotonic()
        if not waiting or left <= 0:
            return
        pause = (FIRST_PAUSE if len(waiting) < before
                 else min(pause * GROWTH, longest_pause))
        time.sleep(min(pause, left))


def push(grid: Grid, messages: Iterable[Message]) -> dict[str, int]:
    """Send messages; the nodes by the id of the message to them.

    A message that the Grid does not accept is left out: its node drops out.
    """
    sent: dict[str, int] = {}
    for chunk in _chunks(messages, PUSH):
        accepted = set(grid.push_messages(chunk))
        # Grids set the id on the message; some leave out ids that failed.
        sent.update({m.metadata.message_id: m.metadata.dst_node_id
                     for m in chunk if m.metadata.message_id in accepted})
    return sent


def _chunks(items: Iterable[Message] | Iterable[str], size: int
            ) -> Iterator[list]:  # type: ignore[type-arg]
    it = iter(items)
    while chunk := list(itertools.islice(it, size)):
        yield chunk
