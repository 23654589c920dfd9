# SPDX-License-Identifier: Apache-2.0
"""A Grid whose train messages run one secure round."""
from __future__ import annotations

import dataclasses
import logging
import math
from typing import Any, Iterable, Iterator, Mapping, Sequence

from flwr.app import ConfigRecord
from flwr.app import Error as FlowerError
from flwr.app import Message, MetricRecord, RecordDict
from flwr.serverapp import Grid

from .._enums import Mode, Phase, Rounding, Suite
from .._errors import ArgumentError, Error
from .._identity import Trust
from .._params import Params, Policy
from ..host import Outcome, Packet, Rounds, Setup
from . import _post
from ._keys import Keys, public_keys, server_trust
from ._logs import route
from ._options import options_of
from ._wire import (HELLO, KEY, VERSION, Task, answer_of, is_train,
                    record_like, record_of)

LOG = logging.getLogger("secagg")
TTL_SLACK = 600.0  # seconds by which the clocks of nodes may differ
FAILED = 0  # code of Flower's Error: unknown
Timeouts = Mapping["Phase | str", float]


@dataclasses.dataclass
class _Round:
    """The round that is under way."""

    task: Task
    messages: dict[int, Message]  # of the strategy, by node
    number: int


class SecAggGrid(Grid):
    """Wraps a Grid, so that the server sees the mean of a round alone.

    Message-based strategies run on it unchanged: what they send to train runs
    one secure round, and they get one reply, which has the mean of the models,
    the weighted means of the metrics, and the sum of the weights as the
    weight. Other messages pass through.

    Parameters
    ----------
    grid : Grid
        The Grid of the ServerApp.
    clip : float
        Each entry of a client's update, the new model less the old one, is
        clipped to [-clip, clip].
    corrupt, dropout : float
        Fractions of the nodes that may collude with the server without
        learning an update, and that may drop out.
    value_bits : int
        An entry of an update has 2**value_bits - 1 levels in [-clip, clip].
    max_weight : int
        The largest weight of a client, such as its number of examples.
    weighted_by : str
        The metric that is the weight: the `weighted_by_key` of the strategy.
    metrics : mapping of str to float
        Metrics of the training whose weighted mean the strategy gets, with
        the largest absolute value of each. Other metrics stay at the clients.
    arrays : str, optional
        The ArrayRecord that is trained, if messages have several.
    mode : Mode or str
        ``"semi-honest"``, or ``"active"``, which needs node keys.
    suite, rounding
        See `Params` and `Segment`.
    policy : Policy, optional
        What the clients require, so that the choice obeys it.
    timeout : float
        Seconds that a phase without training waits for nodes.
    timeouts : mapping of Phase or str to float, optional
        Seconds of single phases. ``"input"`` contains the training: its
        default is the timeout of the strategy.
    warm_up : float or None
        Seconds in which a node that is new must answer a message that only
        starts its app; a node that does not is left out of the round. None
        sends no such message.
    attempts : int
        Sessions that are tried for one round.
    trusted_keys : path or sequence of bytes, optional
        Public keys of the nodes that may take part in active sessions. By
        default those that the nodes registered at the SuperLink.
    poll : float
        Seconds between two looks at replies, at most.

    Attributes
    ----------
    history : list of Outcome
        What became of each round, with node ids as members. It has no means:
        the strategy has them.
    banned : set of int
        Nodes that were blamed. They are invited to no further round.

    Raises
    ------
    ArgumentError
        By ``send_and_receive``, in the first round: the parameters do not
        work with so many nodes. A later round without a sum gives the strategy
        an error reply, and the model stays as it is.

    Examples
    --------
    >>> @app.main()                                     # doctest: +SKIP
    ... def main(grid, context):
    ...     FedAvg().start(grid=SecAggGrid(grid, clip=0.5), ...)
    """

    def __init__(self, grid: Grid, *, clip: float, corrupt: float = 0.2,
                 dropout: float = 0.2, value_bits: int = 16,
                 max_weight: int = 1 << 20, weighted_by: str = "num-examples",
                 metrics: Mapping[str, float] | None = None,
                 arrays: str | None = None,
                 mode: Mode | str = Mode.SEMI_HONEST,
                 suite: Suite | str = Suite.AES,
                 rounding: Rounding | str = Rounding.STOCHASTIC,
                 policy: Policy | None = None, timeout: float = 120.0,
                 timeouts: Timeouts | None = None,
                 warm_up: float | None = 120.0, attempts: int = 2,
                 trusted_keys: Keys | None = None, poll: float = 1.0) -> None:
        route()
        self._grid, self._arrays, self._poll = grid, arrays, poll
        self._weighted_by, self._metrics = weighted_by, dict(metrics or {})
        self._warm_up, self._awake = warm_up, set[int]()
        self._keys = None if trusted_keys is None else public_keys(
            trusted_keys)
        setup = Setup(
            clip, corrupt=corrupt, dropout=dropout, value_bits=value_bits,
            max_weight=max_weight, mode=Mode.of(mode), suite=Suite.of(suite),
            rounding=Rounding.of(rounding), policy=policy, timeout=timeout,
            attempts=attempts)
        self._timeouts = {Phase.of(phase): float(seconds) for phase, seconds
                          in (timeouts or {}).items()}
        self._rounds: Rounds[int] = Rounds(setup, self._exchange, self._tell,
                                           trust=self._trust)
        self._now: _Round | None = None
        self._warned = False
        self.history: list[Outcome[int]] = []

    @classmethod
    def from_run_config(cls, grid: Grid, config: Mapping[str, Any],
                        **options: Any) -> SecAggGrid:
        """A grid with options of the app's run config.

        Parameters
        ----------
        grid : Grid
            The Grid of the ServerApp.
        config : mapping
            ``context.run_config``: ``secagg-clip``, ``secagg-corrupt``,
            ``secagg-dropout``, ``secagg-value-bits``, ``secagg-max-weight``,
            ``secagg-mode``, ``secagg-suite``, ``secagg-rounding``,
            ``secagg-timeout``, ``secagg-train-timeout``, ``secagg-warm-up``,
            ``secagg-attempts``, ``secagg-poll`` and ``secagg-trusted-keys``
            replace `options`.
        **options
            Arguments of `SecAggGrid`.

        Raises
        ------
        ArgumentError
            There is another option whose name begins with ``secagg-``.
        """
        return cls(grid, **{**options, **options_of(config)})

    @property
    def banned(self) -> set[int]:
        """Nodes that were blamed."""
        return self._rounds.banned

    # ---- Flower's Grid ------------------------------------------------------

    def set_run(self, run: Any) -> None:
        """See Flower's Grid."""
        self._grid.set_run(run)

    @property
    def run(self) -> Any:
        """See Flower's Grid."""
        return self._grid.run

    def create_message(self, *args: Any, **kwargs: Any) -> Message:
        """See Flower's Grid."""
        return self._grid.create_message(*args, **kwargs)

    def get_node_ids(self) -> Iterable[int]:
        """See Flower's Grid."""
        return self._grid.get_node_ids()

    def get_nodes(self) -> Any:
        """See Flower's Grid."""
        return self._grid.get_nodes()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """See Flower's Grid. Train messages need ``send_and_receive``.

        Raises
        ------
        ArgumentError
            There is a message to train: its reply would be in the clear.
        """
        messages = list(messages)
        if any(is_train(message) for message in messages):
            raise ArgumentError("a message to train needs send_and_receive, "
                                "which runs a secure round")
        return self._grid.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """See Flower's Grid."""
        return self._grid.pull_messages(message_ids)

    def __getattr__(self, name: str) -> Any:
        if name == "_grid":  # not set yet
            raise AttributeError(name)
        return getattr(self._grid, name)

    def send_and_receive(self, messages: Iterable[Message], *,
                         timeout: float | None = None) -> Iterable[Message]:
        """Run a secure round if the messages ask to train.

        Parameters
        ----------
        messages : iterable of Message
            Messages of a strategy, one for each node.
        timeout : float, optional
            Seconds for the training, or for the replies to other messages.

        Returns
        -------
        iterable of Message
            One reply for all messages that ask to train: the mean, or an
            error. To the others the replies of their nodes.
        """
        messages = list(messages)
        train = [message for message in messages if is_train(message)]
        other = [message for message in messages if not is_train(message)]
        replies: list[Message] = []
        if other:
            self._warn_once(other)
            replies += self._grid.send_and_receive(other, timeout=timeout)
        if train:
            replies.append(self._secure(train, timeout))
        return replies

    def _warn_once(self, messages: Sequence[Message]) -> None:
        if not self._warned and messages[0].metadata.message_type.startswith(
                "evaluate"):
            self._warned = True
            LOG.warning("secagg: evaluation is not summed: the server sees "
                        "the metrics and example counts of each node")

    # ---- a round ------------------------------------------------------------

    def _secure(self, messages: list[Message], timeout: float | None
                ) -> Message:
        now = self._begin(messages)
        rounds, self._now, nodes = self._rounds, now, list[int]()
        training = math.inf if timeout is None else timeout
        rounds.setup = dataclasses.replace(rounds.setup, timeouts={
            Phase.INPUT: training, **self._timeouts})
        try:
            nodes = self._wake(now)
            layout, digest = now.task.layout, now.task.digest
            if not self.history:
                _describe(rounds.setup.params(layout, len(nodes), now.number,
                                              digest))
            outcome = rounds.run(nodes, layout, digest, now.number)
        except ArgumentError as error:
            if not self.history and len(nodes) == len(messages):
                raise  # nothing ever worked: the options are wrong
            LOG.warning("secagg: round %d: %s", now.number, error)
            return _failure(messages[0], error)
        finally:
            self._now = None
        reply = self._reply(now, outcome)
        outcome.mean = None  # the history of a long run would fill the memory
        self.history.append(outcome)
        return reply

    def _begin(self, messages: list[Message]) -> _Round:
        """What the strategy wants; all nodes must get the same of it."""
        made: dict[int, Task] = {}
        tasks = []
        for message in messages:
            if id(message.content) not in made:
                made[id(message.content)] = Task.of(
                    message, record=self._arrays, metrics=self._metrics,
                    weighted_by=self._weighted_by)
            tasks.append(made[id(message.content)])
        if len({task.digest for task in tasks}) > 1:
            raise ArgumentError(
                "the strategy sends different models or configs to the nodes "
                "of a round: their updates must not be added")
        by_node = {m.metadata.dst_node_id: m for m in messages}
        if len(by_node) < len(messages):
            raise ArgumentError("the strategy sends a node two messages")
        return _Round(tasks[0], by_node, self._number(messages[0]))

    def _number(self, message: Message) -> int:
        """The strategy's number of the round, or a count."""
        for config in message.content.config_records.values():
            number = config.get("server-round")
            if isinstance(number, int) and 0 <= number < 1 << 32:
                return number
        return len(self.history) + 1

    def _wake(self, now: _Round) -> list[int]:
        """Start the apps of new nodes, so that the first phase does not wait
        for that; the nodes that can take part."""
        new = [node for node in now.messages
               if node not in self._awake and node not in self.banned]
        if self._warm_up is None or not new:
            return list(now.messages)
        hello = [self._message(now, node, {HELLO: VERSION}, self._warm_up)
                 for node in new]
        for node, reply in _post.exchange(self._grid, hello, self._warm_up,
                                          self._poll):
            answer = _answer(node, reply)
            if answer.get(HELLO) == VERSION:
                self._awake.add(node)
            else:
                LOG.warning("secagg: node %d: %s", node, str(answer.get(
                    "error", "its app has no secagg_mod"))[:512])
        silent = [node for node in new if node not in self._awake]
        if silent:
            LOG.warning("secagg: round %d: %d nodes are left out, they did "
                        "not start: %s", now.number, len(silent), silent)
        return [node for node in now.messages if node not in silent]

    def _message(self, now: _Round, node: int, packet: Packet,
                 timeout: float | None) -> Message:
        message = now.messages[node]
        content = RecordDict({KEY: record_of(packet)})
        ttl = None if timeout is None or timeout == math.inf else (
            timeout + TTL_SLACK)
        return Message(content, node, message.metadata.message_type, ttl=ttl,
                       group_id=message.metadata.group_id or str(now.number))

    # ---- the transport of Rounds --------------------------------------------

    def _exchange(self, phase: Phase, packets: Mapping[int, Packet],
                  timeout: float | None) -> Iterator[tuple[int, Packet]]:
        assert self._now is not None
        now, out = self._now, []
        for node, packet in packets.items():
            if "params" in packet:  # lets a client refuse a spent model
                packet = {**packet, "model": now.task.model,
                          "task": now.task.rest}
            message = self._message(now, node, packet, timeout)
            if phase is Phase.INPUT:
                self._add_model(now, message)
            out.append(message)
        for node, reply in _post.exchange(self._grid, out, timeout,
                                          self._poll):
            yield node, _answer(node, reply)

    def _add_model(self, now: _Round, message: Message) -> None:
        """The model travels with INPUT: a node that drops out before has not
        trained."""
        record = message.content[KEY]
        assert isinstance(record, ConfigRecord)
        task = now.task
        record["arrays"], record["weighted-by"] = task.record, task.weighted_by
        if self._metrics:
            record["metrics"] = list(self._metrics)
            record["bounds"] = [float(b) for b in self._metrics.values()]
        content = now.messages[message.metadata.dst_node_id].content
        for name, value in content.items():
            message.content[name] = value

    def _tell(self, packets: Mapping[int, Packet]) -> None:
        assert self._now is not None
        _post.push(self._grid, [self._message(self._now, node, packet, 0.0)
                                for node, packet in packets.items()])

    def _trust(self, params: Params, members: Sequence[int]) -> Trust:
        return server_trust(self._grid, members, self._keys)

    # ---- what the strategy gets ---------------------------------------------

    def _reply(self, now: _Round, outcome: Outcome[int]) -> Message:
        if outcome.mean is None:
            first = next(iter(now.messages.values()))
            return _failure(first, outcome.error)
        task = now.task
        message = now.messages[outcome.survivors[0]]
        old = message.content.array_records[task.record]
        new = task.layout.join(outcome.mean, task.arrays)
        metrics = MetricRecord({task.weighted_by: outcome.weight,
                                **outcome.metrics})
        return Message(RecordDict({task.record: record_like(old, new),
                                   "metrics": metrics}), reply_to=message)


def _answer(node: int, reply: Message) -> Packet:
    """The packet of a reply, which may be an error or another node's."""
    if reply.has_error():
        reason = reply.error.reason or f"error {reply.error.code}"
        return {"messages": [], "error": str(reason)}
    if reply.metadata.src_node_id != node:
        return {"messages": [], "error": "node "
                f"{reply.metadata.src_node_id} answered in its place"}
    return answer_of(reply.content)


def _failure(message: Message, error: Error | None) -> Message:
    """A reply that leaves the model of the strategy as it is."""
    return Message(FlowerError(code=FAILED, reason=f"secagg: no sum: {error}"),
                   reply_to=message)


def _describe(params: Params) -> None:
    """One line on what was chosen."""
    up, down = params.traffic()
    LOG.info("secagg: %s mode, %d nodes, %s, threshold %d, withstands %d that "
             "collude; a node sends %.1f kB and receives %.1f kB",
             params.mode, params.clients,
             f"{params.neighbours} neighbours" if params.neighbours
             else "all are neighbours", params.threshold, params.corrupt,
             up / 1e3, down / 1e3)
