# SPDX-License-Identifier: Apache-2.0
"""Packets as tasks: one task a client, because a broadcast copies the data of
one client to all."""
from __future__ import annotations

import logging
import math
import queue
import time
from typing import Any, Callable, Iterator, Mapping

from nvflare.apis.controller_spec import ClientTask, Task
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from .._enums import Phase
from ..host import Packet
from ._names import HEADER, TASK

PERIOD = 0.2  # seconds between looks at tasks that ended without a result
GOODBYE = 60  # seconds for a packet that nobody answers

LOG = logging.getLogger(__name__)


class Transport:
    """Exchanges packets as tasks of a controller.

    Parameters
    ----------
    controller : Controller
        Sends the tasks.
    fl_ctx : FLContext
        The context of the workflow.
    abort_signal : Signal
        Ends all waiting.
    data : callable
        Makes the data of a task of a phase, a new one each time.
    name : callable
        The name of the task of a phase.
    timeout : int
        Seconds of a phase for which the set-up has none; 0 is no limit.
    """

    def __init__(self, controller: Controller, fl_ctx: FLContext,
                 abort_signal: Signal, data: Callable[[Phase], Shareable],
                 name: Callable[[Phase], str], timeout: int = 0) -> None:
        self._controller, self._fl_ctx = controller, fl_ctx
        self._abort, self._data, self._name = abort_signal, data, name
        self._timeout, self._goodbyes = timeout, list[Task]()

    def exchange(self, phase: Phase, packets: Mapping[str, Packet],
                 timeout: float | None) -> Iterator[tuple[str, Packet]]:
        """Send a task to each client; yield the answers as they come."""
        found: queue.SimpleQueue[tuple[str, Packet]] = queue.SimpleQueue()
        seconds = self._timeout if timeout is None else timeout
        end = time.monotonic() + (seconds or math.inf)
        tasks = {name: self._send(self._name(phase), self._data(phase),
                                  name, packet, found)
                 for name, packet in packets.items()}
        try:
            while tasks and not self._abort.triggered:
                left = end - time.monotonic()
                if left <= 0:
                    return
                try:
                    name, packet = found.get(timeout=min(PERIOD, left))
                except queue.Empty:
                    tasks = {n: t for n, t in tasks.items()
                             if t.completion_status is None
                             or not found.empty()}
                    continue
                tasks.pop(name, None)
                yield name, packet
        finally:
            for task in tasks.values():
                if task.completion_status is None:
                    self._controller.cancel_task(task)

    def tell(self, packets: Mapping[str, Packet]) -> None:
        """Send packets that nobody answers. Clients that are gone get none."""
        for name, packet in packets.items():
            self._goodbyes.append(self._send(TASK, Shareable(), name, packet,
                                             None))

    def unanswered(self) -> int:
        """Tasks of `tell` that stand."""
        return sum(t.completion_status is None for t in self._goodbyes)

    def _send(self, name: str, data: Shareable, client: str, packet: Packet,
              found: queue.SimpleQueue[tuple[str, Packet]] | None) -> Task:
        def received(client_task: ClientTask, fl_ctx: FLContext) -> None:
            if found is not None:
                found.put((client, answer(client_task.result)))
            client_task.result = None

        data[HEADER] = dict(packet)
        task = Task(name, data, result_received_cb=received,
                    timeout=0 if found is not None else GOODBYE)
        self._controller.send(task, self._fl_ctx, targets=[client])
        return task


def answer(result: Any) -> Packet:
    """The packet in a result, which comes from the network."""
    if not isinstance(result, Shareable):
        return {"messages": [], "error": "the result is no Shareable"}
    code = result.get_return_code()
    if code != ReturnCode.OK:
        return {"messages": [], "error": f"{str(code)[:64]}: the reason is in "
                "the log of the client"}
    packet = result.get(HEADER)
    if not isinstance(packet, dict):
        return {"messages": [], "error": "the result has no packet"}
    return {str(k): v for k, v in packet.items()}
