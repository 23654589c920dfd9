# SPDX-License-Identifier: Apache-2.0
"""A Grid in memory, in which each node answers at once, and may misbehave."""
import collections
import copy
import pickle
import types

import numpy as np
from flwr.app import (Array, ArrayRecord, ConfigRecord, Context, Error,
                      Message, MetricRecord, RecordDict)
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from secagg import Phase, peek
from secagg.flower import SecAggGrid, secagg_mod

RUN = 7
PHASES = {"KEYS": Phase.KEYS, "SHARES": Phase.SHARES, "INPUT": Phase.INPUT,
          "CONFIRM": Phase.CONFIRM, "UNMASK": Phase.UNMASK}
# The phase that the answer to a message of the server belongs to.
ASKS = {"ROSTER": "SHARES", "RELAY": "INPUT", "SURVIVORS": "UNMASK",
        "SIGNATURES": "UNMASK"}


def model(seed=0):
    """A small model of two arrays."""
    rng = np.random.default_rng(seed)
    return ArrayRecord({"w": Array(rng.normal(size=(4, 3)).astype("f4")),
                        "b": Array(rng.normal(size=3))})


def update(node):
    """What node `node` adds to the model, its weight and its loss."""
    rng = np.random.default_rng(1000 + node)
    return ({"w": rng.uniform(-.4, .4, (4, 3)), "b": rng.uniform(-.4, .4, 3)},
            node - 90, 0.25 * (node - 100))


def app(inner=(), **options):
    """A ClientApp that adds the update of its node; it has `inner` mods
    between ours and the training."""
    made = ClientApp(mods=[secagg_mod(**options), *inner])

    @made.train()
    def train(message, context):
        context.state["trained"] = ConfigRecord({"n": 1 + (
            context.state["trained"]["n"] if "trained" in context.state
            else 0)})
        assert list(message.content) == ["arrays", "config"]
        delta, weight, loss = update(context.node_id)
        new = {k: Array((a.numpy() + delta[k]).astype(a.dtype))
               for k, a in message.content["arrays"].items()}
        return Message(RecordDict({
            "arrays": ArrayRecord(dict(reversed(new.items()))),
            "metrics": MetricRecord({"num-examples": weight, "loss": loss,
                                     "own": 1.0 * context.node_id})}),
            reply_to=message)

    @made.evaluate()
    def evaluate(message, context):
        return Message(RecordDict({"metrics": MetricRecord({
            "num-examples": 1, "acc": 0.5})}), reply_to=message)

    return made


class MemoryStore:
    """A Store without a disk, for tests of other things than stores."""

    def __init__(self):
        self.states, self.least, self.notes = {}, {}, {}

    def key(self):
        return b"k" * 32

    def begin(self, name):
        assert name not in self.states

    def load(self, name):
        return self.states[name], self.least[name]

    def save(self, name, state, generation):
        self.states[name], self.least[name] = state, generation

    def claim(self, name, least):
        self.least[name] = least

    def remove(self, name):
        self.states.pop(name, None)

    def end(self, name):
        pass

    def names(self):
        return sorted(self.states)

    def note(self, name, data):
        self.notes[name] = data

    def noted(self, name):
        return self.notes.get(name, b"")


def in_memory():
    """A `store` of secagg_mod: one MemoryStore for each node."""
    stores = collections.defaultdict(MemoryStore)
    return lambda context: stores[context.node_id]


class FakeGrid(Grid):
    """Answers a message when it is pushed.

    `silent` maps a node to the phases in which it gives no answer; `twist`
    may replace a reply: called with the phase, the node and the reply.
    """

    def __init__(self, folder, count, *, node_config=None, **options):
        options.setdefault("store", folder or in_memory())
        self.app, self.count = app(**options), count
        self.nodes = [100 + i for i in range(count)]
        self.contexts = {n: Context(RUN, n, (node_config or {}).get(n, {}),
                                    RecordDict(), {}) for n in self.nodes}
        self.silent, self.twist, self.replies = {}, None, {}
        self.seen, self.pulled, self.keys = [], 0, {}

    def set_run(self, run):
        self.run_set = run

    @property
    def run(self):
        return None

    def create_message(self, *args, **kwargs):
        return Message(*args, **kwargs)

    def get_nodes(self):
        return [types.SimpleNamespace(node_id=n, public_key=self.keys.get(
            n, b"")) for n in self.nodes]

    def get_node_ids(self):
        return list(self.nodes)

    def trained(self):
        return [int(c.state["trained"]["n"]) if "trained" in c.state else 0
                for c in self.contexts.values()]

    def push_messages(self, messages):
        ids = []
        for message in messages:
            ids.append(f"m{len(self.seen)}")
            message.metadata.__dict__["_message_id"] = ids[-1]
            self.seen.append(message)
            self._deliver(pickle.loads(pickle.dumps(message)))
        return ids

    def _deliver(self, message):
        node, phase = message.metadata.dst_node_id, phase_of(message)
        if phase in self.silent.get(node, ()):
            return
        context = self.contexts[node]
        if phase is None:  # the state of the Context is no place for secrets
            context.state = copy.copy(context.state)
        try:
            reply = self.app(message, context)
        except Exception as error:  # as a SuperNode does
            reply = Message(Error(0, str(error)), reply_to=message)
        if self.twist is not None:
            reply = self.twist(phase, node, reply)
        self.replies[message.metadata.message_id] = reply

    def pull_messages(self, message_ids):
        self.pulled += 1
        return [self.replies.pop(i) for i in list(message_ids)
                if i in self.replies]

    def send_and_receive(self, messages, *, timeout=None):
        return list(self.pull_messages(self.push_messages(messages)))


def phase_of(message):
    """The phase whose answer a message asks for; None for others."""
    record = message.content.get("secagg")
    if record is None or "hello" in record:
        return None
    if "params" in record:
        return Phase.KEYS
    name = ASKS.get(peek(record["message"]).name)
    return None if name is None else PHASES[name]


CLIP = 0.5
STEP = 2 * CLIP / (2 ** 16 - 2)


def grid_of(fake, **options):
    options = {"clip": CLIP, "metrics": {"loss": 10.0}, "timeout": 0.05,
               "timeouts": {"input": 0.05}, "max_weight": 1000, "poll": 0.02,
               **options}
    return SecAggGrid(fake, **options)


def strategy(fake, kind=FedAvg, **options):
    return kind(fraction_evaluate=0.0, min_train_nodes=fake.count,
                min_available_nodes=fake.count, **options)


def weighted(nodes):
    """The mean of the updates of these nodes, and of their losses."""
    updates, weights, losses = zip(*(update(n) for n in nodes))
    return ({k: np.average([u[k] for u in updates], axis=0, weights=weights)
             for k in updates[0]}, sum(weights),
            float(np.average(losses, weights=weights)))


def check_model(result, nodes, rounds=1):
    mean = weighted(nodes)[0]
    for name, first in model().items():
        got = result.arrays[name].numpy()
        assert got.dtype == first.numpy().dtype
        want = first.numpy() + rounds * mean[name]
        assert np.abs(got - want).max() < rounds * (STEP + 1e-6)
