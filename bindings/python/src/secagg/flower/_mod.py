# SPDX-License-Identifier: Apache-2.0
"""The mod of a ClientApp: answers packets, and trains when input is due."""
from __future__ import annotations

import dataclasses
import logging
import os
import pathlib
from typing import Any, Callable, Mapping, Union

import numpy as np
from flwr.app import Context, Message, RecordDict

from .._client import Client
from .._errors import ArgumentError, Error, MessageError, PolicyError
from .._params import Params, Policy
from .._store import Store
from ..host import Member, Packet
from ..host._packets import take
from ..host.credentials import Vouched
from ._keys import node_identity, public_keys
from ._logs import route
from ._options import policy_of
from ._store import NodeStore, node_folder
from ._wire import (DOWN, HELLO, KEY, VERSION, Task, arrays_of, is_train,
                    packet_of, record_of, refusal, session_digest)

LOG = logging.getLogger("secagg")
Call = Callable[[Message, Context], Message]
Mod = Callable[[Message, Context, Call], Message]
Stores = Union[str, "os.PathLike[str]", Callable[[Context], Store]]


def secagg_mod(*, policy: Policy | None = None, store: Stores | None = None,
               randomised_training: bool = False,
               weighted_by: str | None = None,
               metrics: Mapping[str, float] | None = None,
               node_key: str | os.PathLike[str] | None = None,
               trusted_keys: str | os.PathLike[str] | None = None,
               allow_plain: bool = False) -> Mod:
    """The mod of a ClientApp for `SecAggGrid`.

    The function for training stays as it is: it gets the strategy's message
    once the input is due, and its reply never leaves the node. Mods after this
    one in the list see that reply, and may for example add noise to it.

    The mod also obeys options in the config of the node, which the operator
    of the SuperNode sets: ``secagg-dir``, ``secagg-node-key``,
    ``secagg-trusted-keys``, ``secagg-min-clients``, ``secagg-min-survivors``,
    ``secagg-min-corrupt`` and ``secagg-require-active``. Paths in it win over
    the arguments; of two policies the stricter one holds.

    Parameters
    ----------
    policy : Policy, optional
        What this client accepts of a session.
    store : path or callable, optional
        Where the states are: a folder, in which each node gets one of its
        own, or a function that makes the Store of a Context. By default
        ``$XDG_STATE_HOME/secagg/flower``.
    randomised_training : bool
        Each training draws new randomness, such as the order of mini-batches,
        so that a node may train on a model again after a round was lost. See
        `secagg.host.Member`.
    weighted_by : str, optional
        The only metric that may be the weight. By default the server names it.
    metrics : mapping of str to float, optional
        The only metrics that may be summed, with their bounds. By default the
        server names them; it sees their sums alone.
    node_key : path, optional
        The private key of the SuperNode, for active sessions.
    trusted_keys : path, optional
        A file of the public keys of the nodes that may take part in active
        sessions.
    allow_plain : bool
        Train for a server without secure aggregation, too.

    Returns
    -------
    callable
        For ``ClientApp(mods=[...])``.

    Examples
    --------
    >>> app = ClientApp(mods=[secagg_mod()])            # doctest: +SKIP
    """
    return _Mod(policy, store, randomised_training, weighted_by,
                None if metrics is None else dict(metrics), node_key,
                trusted_keys, allow_plain)


@dataclasses.dataclass(frozen=True)
class _Mod:
    """See `secagg_mod`. It travels to the processes of a simulation."""

    policy: Policy | None
    store: Stores | None
    randomised_training: bool
    weighted_by: str | None
    metrics: dict[str, float] | None
    node_key: str | os.PathLike[str] | None
    trusted_keys: str | os.PathLike[str] | None
    allow_plain: bool

    def __call__(self, message: Message, context: Context, call_next: Call
                 ) -> Message:
        """Answer a message of the server."""
        if not is_train(message):
            return call_next(message, context)
        route()
        if KEY not in message.content:
            if self.allow_plain:
                return call_next(message, context)
            raise PolicyError("the server asks for an update in the clear; it "
                              "must wrap its Grid into SecAggGrid")
        answer = self._answer(message, context, call_next)
        return Message(RecordDict({KEY: record_of(answer)}), reply_to=message)

    def _answer(self, message: Message, context: Context, call_next: Call
                ) -> Packet:
        try:
            packet = packet_of(message.content, DOWN)
            if HELLO in packet:
                self._member(context)  # finds wrong options before a round
                return {HELLO: VERSION}
            task = self._task(message, packet)
            # A session that begins proves its model: one that came along
            # could be another than that of the input's packet.
            model = (_claimed(packet) if "params" in packet or task is None
                     else task.model)

            def supply(client: Client) -> None:
                if task is None:
                    raise MessageError("the input is due, and no model came")
                _train(client, task, message, context, call_next)
            return self._member(context).answer(
                packet, supply, task.digest if task else None, model)
        except Error as error:
            LOG.warning("secagg: %s: %s", type(error).__name__, error)
            return refusal(error)

    def _task(self, message: Message, packet: Packet) -> Task | None:
        """The task that came with a packet, if one came."""
        if "arrays" not in packet:
            return None
        weighted_by = take(packet, "weighted-by", str)
        metrics = _metrics(packet)
        if self.weighted_by not in (None, weighted_by) or (
                self.metrics is not None and self.metrics != metrics):
            raise PolicyError(
                f"the server wants the weight {weighted_by!r} and the metrics "
                f"{metrics}: this client gives others")
        return Task.of(message, record=take(packet, "arrays", str),
                       weighted_by=weighted_by, metrics=metrics)

    def _member(self, context: Context) -> Member:
        config = context.node_config
        folder, store = self._places(context)
        key = config.get("secagg-node-key", self.node_key)
        trusted = config.get("secagg-trusted-keys", self.trusted_keys)
        keys = [] if trusted is None else public_keys(_path(trusted))

        def trust(params: Params) -> Vouched:
            return Vouched(keys=keys)
        return Member(
            store, policy=policy_of(config, self.policy), trust=trust,
            identity=None if key is None else node_identity(folder,
                                                            _path(key)),
            randomised_training=self.randomised_training)

    def _places(self, context: Context) -> tuple[pathlib.Path, Store]:
        """The folder of the node, and its store."""
        chosen = context.node_config.get("secagg-dir")
        path = None if callable(self.store) else self.store
        folder = node_folder(context.node_id, path,
                             None if chosen is None else _path(chosen))
        if callable(self.store):
            return folder, self.store(context)
        return folder, NodeStore(folder, context.run_id)


def _path(value: Any) -> str | os.PathLike[str]:
    if not isinstance(value, (str, os.PathLike)):
        raise ArgumentError(f"{value!r} is no path")
    return value


def _claimed(packet: Packet) -> bytes | None:
    """The model that a session is about, as its first packet proves it."""
    if "params" not in packet:
        return None
    params = Params.decode(take(packet, "params", bytes))
    model = take(packet, "model", bytes)
    if session_digest(model, take(packet, "task", bytes)) != params.app_digest:
        raise MessageError("the session is not about the model that the "
                           "server names")
    return bytes(model)


def _metrics(packet: Packet) -> dict[str, float]:
    """The metrics that the server wants, with their bounds."""
    if "metrics" not in packet:
        return {}
    names, bounds = take(packet, "metrics", list), take(packet, "bounds", list)
    if len(names) != len(bounds) or len(set(names)) < len(names) or not all(
            isinstance(n, str) for n in names) or not all(
            isinstance(b, float) and 0 < b < np.inf for b in bounds):
        raise MessageError("each metric needs a name and a positive bound")
    return dict(zip(names, bounds))


def _train(client: Client, task: Task, message: Message, context: Context,
           call_next: Call) -> None:
    """Train, and give the client the difference and the metrics."""
    inner = RecordDict({name: record for name, record
                        in message.content.items() if name != KEY})
    outer = message.content
    message.content = inner
    try:
        reply = call_next(message, context)
    finally:
        message.content = outer
    if reply.has_error():
        raise RuntimeError(f"the training failed: {reply.error.reason}")
    records = list(reply.content.array_records.values())
    if len(records) != 1:
        raise ValueError(f"the reply of the training has {len(records)} "
                         "ArrayRecords: it must have one")
    values = {name: value for record in reply.content.metric_records.values()
              for name, value in record.items()}
    metrics = {name: float(_value(values, name))
               for name in task.layout.metrics}
    task.layout.supply(client, arrays_of(records[0]), task.arrays,
                       _weight(values, task.weighted_by), metrics)
    _tell_clipped(client, task)


def _value(values: Mapping[str, Any], name: str) -> int | float:
    value = values.get(name)
    if not isinstance(value, (int, float)):
        raise ValueError(f"the reply of the training has no number {name!r} "
                         "among its metrics")
    return value


def _weight(values: Mapping[str, Any], name: str) -> int:
    value = _value(values, name)
    if value != value or int(value) != value:
        raise ValueError(f"the weight {name!r} must be a whole number")
    return int(value)


def _tell_clipped(client: Client, task: Task) -> None:
    """In the log of this node alone: the count is secret."""
    clipped = client.clipped[0]
    if clipped:
        LOG.info("secagg: %d of %d entries of the update were clipped",
                 clipped, task.layout.length)
