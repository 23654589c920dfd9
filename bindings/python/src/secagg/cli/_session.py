# SPDX-License-Identifier: Apache-2.0
"""A session of clients and a server in one process, and what it costs."""
from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import Callable, Iterable, Iterator, Mapping

from .._client import Client
from .._enums import Mode, Phase
from .._errors import InputDueError
from .._identity import Identity
from .._params import Params
from .._server import Server

#: Supplies the input of a client, all at once or a piece before each yield.
Supply = Callable[[Client], Iterable[None]]


@dataclasses.dataclass
class Cost:
    """What a session cost.

    Attributes
    ----------
    up, down : dict of int to int
        Bytes that each client sent and received.
    client : dict of int to float
        Seconds of a processor that each client took.
    server : float
        Seconds of a processor that the server took, without the sum.
    """

    up: dict[int, int] = dataclasses.field(default_factory=dict)
    down: dict[int, int] = dataclasses.field(default_factory=dict)
    client: dict[int, float] = dataclasses.field(default_factory=dict)
    server: float = 0.0

    @contextlib.contextmanager
    def of_client(self, index: int) -> Iterator[None]:
        """Measure what happens inside as time of a client."""
        start = time.thread_time()
        try:
            yield
        finally:
            self.client[index] = (self.client.get(index, 0.0)
                                  + time.thread_time() - start)

    @contextlib.contextmanager
    def of_server(self) -> Iterator[None]:
        """Measure what happens inside as time of the server."""
        start = time.thread_time()
        try:
            yield
        finally:
            self.server += time.thread_time() - start


class Session:
    """A session in which clients may vanish.

    Parameters
    ----------
    params : Params
        The parameters.
    supply : callable
        Supplies a client's input: ``supply(client)``.
    lost : mapping of int to Phase, optional
        The phase whose message a client does not send any more.
    accepted : callable, optional
        Is told of each message that the server accepted: ``accepted(index,
        message)``.

    Attributes
    ----------
    server : Server
        The server, which has the sum after `run`.
    cost : Cost
        What the session cost.
    """

    def __init__(self, params: Params, supply: Supply, *,
                 lost: Mapping[int, Phase] | None = None,
                 accepted: Callable[[int, bytes], object] | None = None
                 ) -> None:
        self._supply, self._lost = supply, dict(lost or {})
        self._accepted = accepted
        keys = [Identity.generate() for _ in range(params.clients)
                ] if params.mode is Mode.ACTIVE else []
        trust = {i: key.public_key for i, key in enumerate(keys)} or None
        self.server, self.cost = Server(params, trust=trust), Cost()
        self._clients: dict[int, Client] = {}
        for i in range(params.clients):
            with self.cost.of_client(i):
                self._clients[i] = Client(
                    params, i, identity=keys[i] if keys else None,
                    trust=trust)

    def run(self) -> Server:
        """Run the session to its end.

        Returns
        -------
        Server
            The server, in phase DONE.

        Raises
        ------
        ThresholdError
            Too few clients remained.
        """
        mail: dict[int, bytes] = {}
        try:
            while not self.server.done:
                for index in list(self._clients):
                    self._turn(index, mail.get(index))
                for index in self.server.owing():
                    self._vanish(index)
                with self.cost.of_server():
                    self.server.advance()
                    mail = self.server.outbox()
        finally:
            for client in self._clients.values():
                client.close()
        return self.server

    def _vanish(self, index: int) -> None:
        """Let a client end, if it is still there."""
        if index in self._clients:
            self._clients.pop(index).close()

    def _turn(self, index: int, message: bytes | None) -> None:
        """Let a client answer, unless it vanishes."""
        if self._lost.get(index) is self.server.phase:
            self._vanish(index)
            return
        if message is not None:
            self.cost.down[index] = (self.cost.down.get(index, 0)
                                     + len(message))
        for answer in self._answers(index, message):
            self.cost.up[index] = self.cost.up.get(index, 0) + len(answer)
            with self.cost.of_server():
                accepted = self.server.recv(index, answer)
            if accepted and self._accepted is not None:
                self._accepted(index, answer)

    def _answers(self, index: int, message: bytes | None) -> Iterator[bytes]:
        client = self._clients[index]
        with self.cost.of_client(index):
            if message is not None:
                client.recv(message)
            due = client.input_due
        if not due:
            yield from self._sent(index)
            return
        for _ in self._pieces(index):
            yield from self._sent(index)

    def _pieces(self, index: int) -> Iterator[None]:
        """Supply the input of a client, and count its time."""
        pieces = iter(self._supply(self._clients[index]))
        while True:
            with self.cost.of_client(index):
                try:
                    next(pieces)
                except StopIteration:
                    return
            yield

    def _sent(self, index: int) -> Iterator[bytes]:
        """The messages that a client can send now."""
        while True:
            with self.cost.of_client(index):
                try:
                    message = self._clients[index].send()
                except InputDueError:  # the next part
                    return
            if not message:
                return
            yield message
