# SPDX-License-Identifier: Apache-2.0
"""An app of Flower's older API in the simulation engine, for tests.

Usage: legacy_app.py CONFIG, where CONFIG is a file of JSON with `ours`,
`clients`, `losses` ([round, partition, message of the round]), `rounds`,
`store` and `out`, the file that gets the models and what the round lost.
"""
import json
import os
import pathlib
import sys

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_raylet_start_wait_time_s"] = "180"  # on a busy machine

import numpy as np
from flwr.app import ConfigRecord, Context, MessageType
from flwr.client import ClientApp, NumPyClient
from flwr.common import ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server import LegacyContext, ServerConfig
from flwr.server.strategy import FedAvg
from flwr.server.workflow import DefaultWorkflow
from flwr.serverapp import Grid, ServerApp
from flwr.simulation import run_simulation

SHAPES = [(40, 10), (10,), (10, 3)]


def train(model, partition, round):
    """What a client's training results in: a test computes it again."""
    rng = np.random.default_rng([round, partition])
    return ([p / 2 + rng.uniform(-1, 1, p.shape).astype("f4") for p in model],
            20 + 7 * partition, float(partition))


class Loss:
    """The outermost mod: loses clients at messages of a round."""

    def __init__(self, losses):
        self.losses = {(r, i): k for r, i, k in losses}

    def __call__(self, message, context, call_next):
        if (message.metadata.message_type != MessageType.TRAIN
                or not any(message.content.config_records.values())):
            return call_next(message, context)
        records = context.state.config_records
        at = records.setdefault("at", ConfigRecord({"round": 0, "message": 0}))
        number = int(message.metadata.group_id)
        again = at["round"] == number
        at["message"] = at["message"] + 1 if again else 0
        at["round"] = number
        when = self.losses.get((number, context.node_config["partition-id"]))
        if when == at["message"]:
            raise RuntimeError("this client is lost")
        return call_next(message, context)


class App(NumPyClient):
    def __init__(self, partition):
        self.partition = partition

    def fit(self, parameters, config):
        new, count, loss = train(parameters, self.partition, config["round"])
        return new, count, {"loss": loss}


class Recorded(FedAvg):
    """FedAvg that keeps the models, and numbers what it saw."""

    models, failed, sums = [], [], []

    def aggregate_fit(self, server_round, results, failures):
        out = super().aggregate_fit(server_round, results, failures)
        self.models.append(parameters_to_ndarrays(out[0]))
        self.failed.append([server_round, len(results), len(failures)])
        self.sums.append(sum(r.num_examples for _, r in results))
        return out


def client_fn(context: Context):
    return App(context.node_config["partition-id"]).to_client()


def main(config):
    if config["ours"]:
        from secagg.flower.legacy import SecAggPlusMod, SecAggPlusWorkflow
        mod, more = SecAggPlusMod(store=config["store"]), {
            "metrics": {"loss": 16.0}}
    else:
        from flwr.client.mod import secaggplus_mod as mod
        from flwr.server.workflow import SecAggPlusWorkflow
        more = {}
    server = ServerApp()

    @server.main()
    def serve(grid: Grid, context: Context) -> None:
        n = config["clients"]
        strategy = Recorded(
            fraction_fit=1.0, fraction_evaluate=0.0, min_fit_clients=n,
            min_available_clients=n, on_fit_config_fn=lambda r: {"round": r},
            fit_metrics_aggregation_fn=lambda r: dict(r[0][1]),
            initial_parameters=ndarrays_to_parameters(
                [np.zeros(s, "f4") for s in SHAPES]))
        legacy = LegacyContext(context, ServerConfig(config["rounds"]),
                               strategy)
        DefaultWorkflow(fit_workflow=SecAggPlusWorkflow(
            num_shares=1.0, reconstruction_threshold=.75, timeout=120.0,
            **more))(grid, legacy)
        metrics = legacy.history.metrics_distributed_fit
        np.savez(config["out"], *[a for m in strategy.models for a in m])
        pathlib.Path(config["out"] + ".json").write_text(json.dumps({
            "failed": strategy.failed, "sums": strategy.sums,
            "loss": metrics.get("loss", [])}))

    run_simulation(
        server_app=server, client_app=ClientApp(client_fn, mods=[
            Loss(config["losses"]), mod]),
        num_supernodes=config["clients"],
        backend_config={"client_resources": {"num_cpus": 1}, "init_args": {
            "num_cpus": 2, "include_dashboard": False,
            "_node_ip_address": "127.0.0.1"}})


if __name__ == "__main__":
    main(json.loads(pathlib.Path(sys.argv[1]).read_text()))
