# SPDX-License-Identifier: Apache-2.0
"""A simulation with Ray in a process of its own: six nodes, two rounds, and a
node that drops out in each phase. Writes to a folder what the test checks.

Usage: flower_sim.py FOLDER
"""
import json
import os
import pathlib
import sys

import numpy as np
from flwr.app import (Array, ArrayRecord, Message, MetricRecord, RecordDict)
from flwr.clientapp import ClientApp
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation

from secagg import NOBODY_CORRUPT, Phase, Policy
from secagg.flower import SecAggGrid, secagg_mod

NODES, ROUNDS, CLIP = 6, 2, 0.5
# So few nodes bear two that drop out only if none colludes with the server.
POLICY = Policy(min_corrupt=NOBODY_CORRUPT)
# Phase and part by round. A node that drops out raises an exception: Flower
# tells the server, and the test need not wait.
LOST = {1: {0: Phase.KEYS, 1: Phase.SHARES}, 2: {2: Phase.INPUT,
                                                 3: Phase.UNMASK}}


def first():
    return {"w": np.zeros((5, 3), np.float32), "b": np.zeros(3)}


def trained(arrays, part):
    """What a node makes of the model, the same each time; its weight and
    loss."""
    rng = np.random.default_rng(part)
    goal = {k: rng.uniform(-.4, .4, a.shape) for k, a in arrays.items()}
    new = {k: (a + 0.5 * (goal[k] - a)).astype(a.dtype)
           for k, a in arrays.items()}
    return new, 10 * (part + 1), 0.5 * part


def phase_of(message):
    from flower_fake import phase_of
    return phase_of(message)


def drop(folder):
    """A mod that loses nodes, and notes the process of each packet."""
    def mod(message, context, call_next):
        phase = phase_of(message)
        part = int(context.node_config["partition-id"])
        number = int(message.metadata.group_id)
        if phase is not None:
            with open(folder / "pids", "a") as file:
                file.write(f"{number} {part} {os.getpid()}\n")
        if phase is not None and LOST[number].get(part) is phase:
            raise RuntimeError(f"drops out in {phase}")
        return call_next(message, context)
    return mod


def client_app(folder):
    app = ClientApp(mods=[drop(folder), secagg_mod(
        store=folder / "state", policy=POLICY)])

    @app.train()
    def train(message, context):
        part = int(context.node_config["partition-id"])
        arrays = {k: a.numpy() for k, a in message.content["arrays"].items()}
        new, weight, loss = trained(arrays, part)
        return Message(RecordDict({
            "arrays": ArrayRecord({k: Array(a) for k, a in new.items()}),
            "metrics": MetricRecord({"num-examples": weight, "loss": loss})}),
            reply_to=message)
    return app


def server_app(folder):
    app = ServerApp()

    @app.main()
    def main(grid, context):
        def keep(number, arrays):
            np.savez(folder / f"model{number}.npz",
                     **{k: a.numpy() for k, a in arrays.items()})
        secure = SecAggGrid(grid, clip=CLIP, corrupt=0.0, dropout=0.34,
                            max_weight=1000, metrics={"loss": 10.0},
                            policy=POLICY, timeout=300, warm_up=300,
                            timeouts={"input": 300})
        strategy = FedAvg(fraction_evaluate=0.0, min_train_nodes=NODES,
                          min_available_nodes=NODES)
        result = strategy.start(
            grid=secure, num_rounds=ROUNDS, evaluate_fn=keep,
            initial_arrays=ArrayRecord({k: Array(a) for k, a
                                        in first().items()}))
        rounds = [{"weight": o.weight, "sessions": o.sessions,
                   "lost": sorted(str(x.phase) for x in o.lost.values()),
                   "survivors": len(o.survivors),
                   "loss": result.train_metrics_clientapp[i]["loss"]}
                  for i, o in enumerate(secure.history, 1)]
        (folder / "rounds.json").write_text(json.dumps(rounds))
    return app


if __name__ == "__main__":
    place = pathlib.Path(sys.argv[1])
    run_simulation(
        server_app=server_app(place), client_app=client_app(place),
        num_supernodes=NODES, backend_config={
            "client_resources": {"num_cpus": 1},
            "init_args": {"num_cpus": 2, "include_dashboard": False}})
