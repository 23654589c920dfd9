# SPDX-License-Identifier: Apache-2.0
"""The client of Flower's older API: a mod in front of its fit."""
from __future__ import annotations

import os
import pathlib
from typing import Callable, Union

from flwr.app import ConfigRecord, Context, Message, MessageType, RecordDict
from flwr.common import Code, FitRes

from .._client import Client
from .._errors import ArgumentError, MessageError
from .._identity import Identity, Trust
from .._params import Params, Policy
from .._store import FileStore, Store
from ..host import Member
from ._legacy_wire import (KEY, Arrays, Task, arrays_of, compat, join_logs,
                           model_of, packet_of, record_of)

Next = Callable[[Message, Context], Message]
Where = Union[str, "os.PathLike[str]", Callable[[Context], Store], None]


class SecAggPlusMod:
    """Takes part in the sums of `SecAggPlusWorkflow`.

    The mod answers the messages of a session, and lets the app train when the
    input is due. What `fit` returns leaves the client in encrypted form only:
    the parameters, and with them the number of examples and the metrics that
    the workflow names. Everything else of its result is dropped. A request to
    train without a session is refused, because its answer would be in the
    clear. Requests to evaluate, for parameters and for properties pass.

    Parameters
    ----------
    policy : Policy, optional
        What this client accepts of a session.
    store : path or callable, optional
        A folder for the states of nodes, each in a subfolder, or a function
        from the context to the `Store` of this node. By default
        ``secagg-dir`` of the node's configuration is the folder of this node,
        else one below ``$XDG_STATE_HOME/secagg/flower``.
    identity : Identity, optional
        The signing key of this node, for sessions in active mode.
    trust : callable, optional
        Makes what decides whom to trust, from the parameters of a session in
        active mode.
    randomised_training : bool
        Each training draws new randomness, so that this client may train
        again on the model of a round that was lost.

    Examples
    --------
    >>> app = ClientApp(client_fn, mods=[secaggplus_mod])  # doctest: +SKIP
    """

    __name__ = "secaggplus_mod"  # Flower shows it

    def __init__(self, policy: Policy | None = None, *, store: Where = None,
                 identity: Identity | None = None,
                 trust: Callable[[Params], Trust] | None = None,
                 randomised_training: bool = False) -> None:
        self.policy, self.store = policy, store
        self.identity, self.trust = identity, trust
        self.randomised_training = randomised_training

    def __call__(self, message: Message, context: Context,
                 call_next: Next) -> Message:
        """Answer a message of the server.

        Parameters
        ----------
        message : Message
            The message.
        context : Context
            The context of the node.
        call_next : callable
            The next mod, or the app.

        Returns
        -------
        Message
            The answer.

        Raises
        ------
        MessageError
            The server asks for training without a session.
        """
        if message.metadata.message_type != MessageType.TRAIN:
            return call_next(message, context)
        join_logs()
        record = message.content.config_records.pop(KEY, None)
        if record is None:
            raise MessageError("the server asks this client to train without "
                               "secure aggregation: its workflow must be "
                               "secagg.flower.legacy.SecAggPlusWorkflow")
        answer = self._answer(record, message, context, call_next)
        return Message(RecordDict({KEY: answer}), reply_to=message)

    def _answer(self, record: ConfigRecord, message: Message,
                context: Context, call_next: Next
                ) -> ConfigRecord:
        packet = packet_of(record)
        if not packet:  # the server asks whether this node has started
            return ConfigRecord({})
        model, task = model_of(message.content), Task()
        if model is not None:
            task = Task.read(record)

        def supply(client: Client) -> None:
            if model is None:
                raise MessageError("the input is due, and no model came with "
                                   "the message")
            result = compat.recorddict_to_fitres(
                call_next(message, context).content, False)
            _supply(client, result, model, task)

        member = Member(self._store(context), policy=self.policy,
                        identity=self.identity, trust=self.trust,
                        randomised_training=self.randomised_training)
        return record_of(member.answer(
            packet, supply, None if model is None else task.digest(model)))

    def _store(self, context: Context) -> Store:
        """The store of this node."""
        if callable(self.store):
            return self.store(context)
        own = context.node_config.get("secagg-dir")
        if self.store is None and own is not None:
            return FileStore(str(own))
        folder = self.store or _state_home() / "secagg" / "flower"
        return FileStore(pathlib.Path(folder) / str(context.node_id))


def _state_home() -> pathlib.Path:
    """Where programs of this user keep their states."""
    home = os.environ.get("XDG_STATE_HOME", "")
    return (pathlib.Path(home) if os.path.isabs(home)
            else pathlib.Path.home() / ".local" / "state")


def _supply(client: Client, result: FitRes, model: Arrays, task: Task
            ) -> None:
    """Give the client what its training resulted in."""
    if result.status.code != Code.OK:
        raise ArgumentError(f"fit failed: {result.status.message}")
    metrics = {}
    for name in task.metrics:
        value = result.metrics.get(name)
        if not isinstance(value, (int, float)):
            raise ArgumentError(f"fit returned no number {name!r}: the "
                                "workflow asks for its mean")
        metrics[name] = float(value)
    task.layout(model).supply(
        client, arrays_of(result.parameters),
        model if task.differences else None, result.num_examples, metrics)


#: The mod with its default options, as Flower names it.
secaggplus_mod = SecAggPlusMod()
