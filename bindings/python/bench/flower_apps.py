# SPDX-License-Identifier: Apache-2.0
"""The apps that `compare_flower` compares: one task, four ways to sum.

The task is digits of scikit-learn and a network with one hidden layer, which
is made wide enough for the number of parameters that is asked for.
"""
from __future__ import annotations

import functools

import numpy as np
from flwr.app import (Array, ArrayRecord, ConfigRecord, Context, Message,
                      MessageType, MetricRecord, RecordDict)
from flwr.client import NumPyClient
from flwr.clientapp import ClientApp

NAMES = ("w1", "b1", "w2", "b2")
HELD_OUT = 360  # images that measure the accuracy
EPOCHS, RATE, BATCH = 2, 0.2, 16


@functools.lru_cache
def data() -> tuple[np.ndarray, np.ndarray]:
    """All images and digits, in a fixed random order."""
    from sklearn.datasets import load_digits
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(7).permutation(len(x))
    return (x[order] / 16).astype("f4"), y[order]


def part(partition: int, clients: int) -> tuple[np.ndarray, np.ndarray]:
    """The images of one client; clients have unequal numbers of them."""
    x, y = (a[HELD_OUT:] for a in data())
    cuts = np.cumsum(np.linspace(1, 2, clients))
    cuts = np.rint(np.r_[0, cuts] / cuts[-1] * len(x)).astype(int)
    own = slice(cuts[partition], cuts[partition + 1])
    return x[own], y[own]


def initial(parameters: int) -> list[np.ndarray]:
    """A model with about so many parameters."""
    hidden = max(1, round((parameters - 10) / 75))
    rng = np.random.default_rng(0)
    return [rng.normal(0, .1, (64, hidden)).astype("f4"),
            np.zeros(hidden, "f4"),
            rng.normal(0, .1, (hidden, 10)).astype("f4"), np.zeros(10, "f4")]


def forward(model: list[np.ndarray], x: np.ndarray
            ) -> tuple[np.ndarray, np.ndarray]:
    """Hidden layer and probabilities."""
    hidden = np.maximum(x @ model[0] + model[1], 0)
    out = hidden @ model[2] + model[3]
    out = np.exp(out - out.max(1, keepdims=True))
    return hidden, out / out.sum(1, keepdims=True)


def train(model: list[np.ndarray], partition: int, clients: int, seed: int
          ) -> tuple[list[np.ndarray], int, float]:
    """New parameters, number of examples and loss of one client."""
    model = [a.astype("f4") for a in model]
    x, y = part(partition, clients)
    rng = np.random.default_rng([seed, partition])
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for first in range(0, len(x), BATCH):
            own = order[first:first + BATCH]
            hidden, slope = forward(model, x[own])
            slope[np.arange(len(own)), y[own]] -= 1
            slope /= len(own)
            back = (slope @ model[2].T) * (hidden > 0)
            steps = (x[own].T @ back, back.sum(0), hidden.T @ slope,
                     slope.sum(0))
            for array, step in zip(model, steps):
                array -= np.float32(RATE) * step
    chosen = forward(model, x)[1][np.arange(len(x)), y]
    return model, len(x), float(-np.log(chosen + 1e-9).mean())


def accuracy(model: list[np.ndarray]) -> float:
    """Share of held-out images that are recognised."""
    x, y = (a[:HELD_OUT] for a in data())
    return float((forward(model, x)[1].argmax(1) == y).mean())


class Loss:
    """The outermost mod: loses clients at messages of a round.

    `losses` maps a round to the message of the round, from 0, at which the
    first `lost` clients raise an error; a round has `messages` of them.
    """

    __name__ = "loss"

    def __init__(self, losses: dict[int, int], lost: int, messages: int
                 ) -> None:
        self.lost = lost
        self.losses = {r: min(at, messages - 1) for r, at in losses.items()}

    def __call__(self, message, context, call_next):  # type: ignore
        if message.metadata.message_type == MessageType.TRAIN:
            number, at = self._at(message, context)
            if (int(context.node_config["partition-id"]) < self.lost
                    and at == self.losses.get(number)):
                raise RuntimeError("this client is lost")
        return call_next(message, context)

    def _at(self, message, context):  # type: ignore
        """The round, and how many of its messages came before this one."""
        number = int(message.metadata.group_id or 0)
        at = context.state.config_records.setdefault(
            "loss", ConfigRecord({"round": -1, "at": 0}))
        at["at"] = at["at"] + 1 if at["round"] == number else 0
        at["round"] = number
        return number, at["at"]


class Legacy(NumPyClient):
    """The client of the older API."""

    def __init__(self, context: Context) -> None:
        self.where = (int(context.node_config["partition-id"]),
                      int(context.node_config["num-partitions"]))

    def fit(self, parameters, config):  # type: ignore
        new, count, loss = train(parameters, *self.where, config["round"])
        return new, count, {"loss": loss}


def legacy_app(mods: list) -> ClientApp:  # type: ignore[type-arg]
    """The app of the older API."""
    def client_fn(context: Context):  # type: ignore[no-untyped-def]
        return Legacy(context).to_client()
    return ClientApp(client_fn, mods=mods)


def message_app(mods: list) -> ClientApp:  # type: ignore[type-arg]
    """The app of the Message API."""
    app = ClientApp(mods=mods)

    @app.train()
    def fit(message: Message, context: Context) -> Message:
        config = context.node_config
        new, count, loss = train(
            [message.content["arrays"][k].numpy() for k in NAMES],
            int(config["partition-id"]), int(config["num-partitions"]),
            int(message.content["config"]["server-round"]))
        return Message(RecordDict({
            "arrays": ArrayRecord({k: Array(a) for k, a in zip(NAMES, new)}),
            "metrics": MetricRecord({"num-examples": count, "loss": loss})}),
            reply_to=message)
    return app
