# SPDX-License-Identifier: Apache-2.0
"""A Grid of Flower whose nodes run in two processes, with meters.

Flower's own engine runs nodes in actors of Ray, which take longer to start
than most rounds last. Here messages are serialised as between SuperLink and
SuperNode, and counted; apps, mods, strategies and workflows are Flower's.
"""
from __future__ import annotations

import multiprocessing
import os
import queue
import resource
import time
import types
from typing import Any, Callable, Iterable

from flwr.app import Context, Error, Message, RecordDict
from flwr.common.serde import message_from_proto, message_to_proto
from flwr.proto.message_pb2 import Message as Proto
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

WORKERS = 2
FIRST = 1000  # the id of the first node
TIMEOUT = 120.0  # seconds that Flower's own workflow waits for a phase


class Engine(Grid):
    """Nodes in processes of their own, and what they cost.

    Parameters
    ----------
    app : callable
        Makes the ClientApp, in each process.
    nodes : int
        The number of nodes.

    Attributes
    ----------
    up, down : int
        Bytes of messages to train, and of their replies.
    client : float
        Seconds of CPU time of all nodes, from the bytes of a message to the
        bytes of its reply.
    peak : float
        The largest resident set of a worker in MB.
    walls, cpus : list of float
        Seconds, and seconds of CPU time of this thread, of each round.
    """

    def __init__(self, app: Callable[[], Any], nodes: int) -> None:
        TaskIdentity.run_id, TaskIdentity.task_id = 7, 1
        TaskIdentity.node_id = 1
        self._nodes, self._sent = range(FIRST, FIRST + nodes), 0
        self._replies: dict[str, Message] = {}
        self.up = self.down = 0
        self.client = self.peak = 0.0
        self.walls: list[float] = []
        self.cpus: list[float] = []
        fork = multiprocessing.get_context("fork")
        self._in = [fork.Queue() for _ in range(WORKERS)]
        self._out = fork.Queue()
        self._workers = [fork.Process(target=_work, daemon=True, args=(
            app, nodes, inbox, self._out)) for inbox in self._in]
        for worker in self._workers:
            worker.start()

    def close(self) -> None:
        """End the processes."""
        for inbox in self._in:
            inbox.put(None)
        for worker in self._workers:
            worker.join(10)
            worker.kill()

    def start(self) -> None:
        """A round begins."""
        self._from = time.perf_counter(), time.thread_time()

    def stop(self) -> None:
        """A round ends."""
        self.walls.append(time.perf_counter() - self._from[0])
        self.cpus.append(time.thread_time() - self._from[1])

    # ---- Flower's Grid ----------------------------------------------------

    run: Any = types.SimpleNamespace(run_id=7)

    def set_run(self, run: Any) -> None:
        """See Flower's Grid."""

    def create_message(self, *args: Any, **kwargs: Any) -> Message:
        """See Flower's Grid."""
        raise NotImplementedError

    def get_node_ids(self) -> Iterable[int]:
        """See Flower's Grid."""
        return self._nodes

    def push_messages(self, messages: Iterable[Message]) -> list[str]:
        """See Flower's Grid."""
        ids = []
        for message in messages:
            self._sent += 1
            ids.append(f"m{self._sent}")
            message.metadata.__dict__["_message_id"] = ids[-1]
            data = message_to_proto(message).SerializeToString()
            if message.metadata.message_type.startswith("train"):
                self.down += len(data)
            self._in[message.metadata.dst_node_id % WORKERS].put(data)
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> list[Message]:
        """See Flower's Grid."""
        while True:
            try:
                data, cpu, peak = self._out.get_nowait()
            except queue.Empty:
                break
            reply = message_from_proto(Proto.FromString(data))
            self._replies[reply.metadata.reply_to_message_id] = reply
            self.client, self.peak = self.client + cpu, max(self.peak, peak)
            if reply.metadata.message_type.startswith("train"):
                self.up += len(data)
        return [self._replies.pop(id_) for id_ in list(message_ids)
                if id_ in self._replies]

    def send_and_receive(self, messages: Iterable[Message], *,
                         timeout: float | None = None) -> list[Message]:
        """See Flower's Grid."""
        ids, out = set(self.push_messages(messages)), []
        end = time.monotonic() + (timeout or TIMEOUT)
        while ids and time.monotonic() < end:
            got = self.pull_messages(ids)
            out += got
            ids -= {m.metadata.reply_to_message_id for m in got}
            if ids:
                time.sleep(0.02)
        return out


def _work(make: Callable[[], Any], nodes: int, inbox: Any, outbox: Any
          ) -> None:
    """Answer messages until there is none, or the server's process ended."""
    app, parent = make(), os.getppid()
    contexts = {FIRST + i: Context(7, FIRST + i, {
        "partition-id": i, "num-partitions": nodes}, RecordDict(), {})
        for i in range(nodes)}
    while os.getppid() == parent:
        try:
            data = inbox.get(timeout=1)
        except queue.Empty:
            continue
        if data is None:
            return
        start = time.process_time()
        message = message_from_proto(Proto.FromString(data))
        try:
            reply = app(message, contexts[message.metadata.dst_node_id])
        except Exception as error:  # as a SuperNode does
            reply = Message(Error(1, str(error)), reply_to=message)
        reply.metadata.__dict__["_message_id"] = "r"
        out = message_to_proto(reply).SerializeToString()
        outbox.put((out, time.process_time() - start, resource.getrusage(
            resource.RUSAGE_SELF).ru_maxrss / 1024))
