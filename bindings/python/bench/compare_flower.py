# SPDX-License-Identifier: Apache-2.0
"""Flower without secure aggregation, with its SecAgg+, and with secagg.

Each configuration runs in processes of its own, on the same task and with the
same losses: in round 1 none, then a fifth of the clients at the first message
of a round, at the second, and so on. Without secure aggregation a round has
one message. Clients that are lost raise an error, so that nobody waits.

- bytes: messages to train and their replies, serialised; divided by clients
  and rounds
- wall: a round from the choice of clients to the new model, training included
- server CPU: of the thread of the ServerApp, in the same interval
- client CPU: of the two processes of the nodes while they answer, training
  included; divided by clients and rounds
- memory: peak resident set of the server's process and of the larger one of
  the nodes' processes, the interpreter and its packages included
- lost: rounds that left no new model

Usage: compare_flower.py [--quick] [--after N] [--seconds S] [--out FILE]
"""
from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import pathlib
import platform
import resource
import statistics
import sys
import tempfile
import time
import zlib

for name, value in (("FLWR_TELEMETRY_ENABLED", "0"),
                    ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")):
    os.environ[name] = value

import flower_apps as apps
import flwr
from flower_engine import TIMEOUT, Engine
from flwr.app import Array, ArrayRecord, Context, MetricRecord, RecordDict
from flwr.client.mod import secaggplus_mod
from flwr.common import ndarrays_to_parameters
from flwr.server import LegacyContext, ServerConfig, workflow
from flwr.server.strategy import FedAvg as LegacyFedAvg
from flwr.server.workflow.default_workflows import default_fit_workflow
from flwr.serverapp.strategy import FedAvg

import secagg.flower
from secagg.flower import legacy

KINDS = {"plain": "plain", "flower": "Flower's SecAgg+",
         "ours": "secagg, older API, same parameters",
         "small": "secagg, older API, differences in 16 bits",
         "message": "secagg, Message API, 16 bits"}
PHASES = ["none", "keys", "shares", "input", "unmask"]  # of rounds 1 to 5
SINGLE = 240.0  # seconds of one configuration
SHARES = {"num_shares": 1.0, "reconstruction_threshold": .75,
          "timeout": TIMEOUT}

# ---- one configuration, in a process of its own ----------------------------


def child(config: dict) -> None:  # type: ignore[type-arg]
    """Run a configuration, and write its figures."""
    kind, n = config["kind"], config["clients"]
    loss = apps.Loss({r + 2: r for r in range(4)}, n // 5,
                     1 if kind == "plain" else 4)
    store, scores = pathlib.Path(config["folder"]) / "store", []

    def app():  # type: ignore[no-untyped-def]
        apps.data()
        if kind == "message":
            return apps.message_app([loss, secagg.flower.secagg_mod(
                store=store)])
        return apps.legacy_app([loss, *legacy_mods(kind, store)])
    engine = Engine(app, n)
    context = Context(7, 0, {}, RecordDict(), {})
    (serve_messages if kind == "message" else serve_legacy)(
        engine, context, config, scores)
    finish(config, engine, scores)
    engine.close()


def legacy_mods(kind: str, store: pathlib.Path) -> list:  # type: ignore
    """The mods of a kind of the older API."""
    if kind == "plain":
        return []
    return [secaggplus_mod if kind == "flower"
            else legacy.SecAggPlusMod(store=store)]


def legacy_workflow(kind: str):  # type: ignore[no-untyped-def]
    """The workflow of a kind."""
    if kind == "plain":
        return default_fit_workflow
    if kind == "flower":
        return workflow.SecAggPlusWorkflow(**SHARES)
    small = {"differences": True, "clipping_range": .5,
             "quantization_range": 2 ** 16} if kind == "small" else {}
    return legacy.SecAggPlusWorkflow(**SHARES, **small, warm_up=None)


def serve_legacy(engine, context, config, scores) -> None:  # type: ignore
    """Serve a kind of the older API."""
    n, fit = config["clients"], legacy_workflow(config["kind"])

    def timed(grid, context) -> None:  # type: ignore[no-untyped-def]
        engine.start()
        fit(grid, context)
        engine.stop()

    def evaluate(round, model, config):  # type: ignore[no-untyped-def]
        scores.append(score(model))
        return 0.0, {}
    strategy = LegacyFedAvg(
        fraction_fit=1.0, fraction_evaluate=0.0, min_fit_clients=n,
        min_available_clients=n, evaluate_fn=evaluate,
        on_fit_config_fn=lambda r: {"round": r},
        initial_parameters=ndarrays_to_parameters(apps.initial(
            config["parameters"])))
    workflow.DefaultWorkflow(fit_workflow=timed)(engine, LegacyContext(
        context, ServerConfig(config["rounds"]), strategy))


def serve_messages(engine, context, config, scores) -> None:  # type: ignore
    """Serve the Message API."""
    n = config["clients"]

    class Timed(FedAvg):
        """FedAvg that says when a round begins and ends."""

        def configure_train(self, *args):  # type: ignore[no-untyped-def]
            engine.start()
            return super().configure_train(*args)

        def aggregate_train(self, *args):  # type: ignore[no-untyped-def]
            out = super().aggregate_train(*args)
            engine.stop()
            return out

    def evaluate(round, arrays):  # type: ignore[no-untyped-def]
        scores.append(score([arrays[k].numpy() for k in apps.NAMES]))
        return MetricRecord({"accuracy": scores[-1][0]})
    Timed(fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=n,
          min_available_nodes=n).start(
        grid=secagg.flower.SecAggGrid(
            engine, clip=.5, max_weight=1000, corrupt=.2, dropout=.2,
            timeout=TIMEOUT, warm_up=None),
        initial_arrays=ArrayRecord({k: Array(a) for k, a in zip(
            apps.NAMES, apps.initial(config["parameters"]))}),
        num_rounds=config["rounds"], timeout=TIMEOUT, evaluate_fn=evaluate)


def score(model) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    """The accuracy of a model, and what tells it from others."""
    return apps.accuracy(model), zlib.crc32(
        b"".join(a.astype("f4").tobytes() for a in model))


def finish(config, engine, scores) -> None:  # type: ignore
    """Write the figures of a configuration."""
    each = config["clients"] * config["rounds"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pathlib.Path(config["out"]).write_text(json.dumps({
        "m": sum(a.size for a in apps.initial(config["parameters"])),
        "accuracy": [a for a, _ in scores], "up": engine.up / each,
        "down": engine.down / each, "wall": engine.walls,
        "server": engine.cpus, "client": engine.client / each,
        "memory": [peak, engine.peak],
        "lost": [PHASES[min(r, 4)] for r in range(config["rounds"])
                 if scores[r + 1][1] == scores[r][1]]}))


# ---- all of them ------------------------------------------------------------


def run(config: dict, seconds: float):  # type: ignore
    """The figures of a configuration; None if it takes too long."""
    with tempfile.TemporaryDirectory(prefix="secagg-bench-") as folder:
        config = {**config, "folder": folder, "out": f"{folder}/out.json"}
        process = multiprocessing.get_context("fork").Process(
            target=quietly, args=(config,))
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            return None
        if not os.path.exists(config["out"]):
            raise RuntimeError(pathlib.Path(folder, "log").read_text()[-3000:])
        return json.loads(pathlib.Path(config["out"]).read_text())


def quietly(config: dict) -> None:  # type: ignore[type-arg]
    """Run a configuration with its log in a file."""
    log = os.open(f"{config['folder']}/log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    child(config)


def row(config: dict, got) -> str:  # type: ignore
    """A line of the table."""
    head = f"| {config['clients']} | "
    if got is None:
        return (f"{head}{config['parameters']:,} | {KINDS[config['kind']]} | "
                + "over the time limit |" + " |" * 8)
    cells = [f"{got['m']:,}", KINDS[config["kind"]],
             " ".join(f"{a:.2f}" for a in got["accuracy"]),
             f"{got['up'] / 1e3:.1f}", f"{got['down'] / 1e3:.1f}",
             f"{statistics.median(got['wall']):.2f}",
             f"{max(got['wall']):.2f}",
             f"{statistics.mean(got['server']) * 1e3:.0f}",
             f"{got['client'] * 1e3:.0f}",
             f"{got['memory'][0]:.0f} / {got['memory'][1]:.0f}",
             ", ".join(got["lost"]) or "none"]
    return head + " | ".join(cells) + " |"


HEAD = """| n | m | | accuracy by round | up kB | down kB | wall s, median | \
max | server CPU ms | client CPU ms | memory MB, server / client | \
rounds lost, by phase of the losses |
|---|---|---|---|---|---|---|---|---|---|---|---|""".replace("\\\n", "")


def plan(quick: bool) -> list:  # type: ignore[type-arg]
    """The configurations, the cheap ones first."""
    kinds = [k for k in KINDS if k != "message" or has_message_api()]
    sizes = [(5, 1000, 2)] if quick else [
        (10, 5000, 5), (10, 100_000, 5), (20, 5000, 5), (20, 100_000, 5),
        (50, 5000, 3), (50, 100_000, 2)]
    return [{"kind": k, "clients": n, "parameters": m, "rounds": r}
            for n, m, r in sizes for k in kinds]


def has_message_api() -> bool:
    """Whether this package has the layer for the Message API."""
    return hasattr(secagg.flower, "SecAggGrid")


def about() -> str:
    """Where and when."""
    cpu = next((line.split(":")[1].strip() for line in open(
        "/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")),
        platform.machine())
    return (f"{datetime.date.today()}; {cpu}, {os.cpu_count()} cores; "
            f"flwr {flwr.__version__}, Python {platform.python_version()}; "
            f"load average at the start {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Run all configurations that the time allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="one small configuration of each kind")
    parser.add_argument("--seconds", type=float, default=720.0,
                        help="no configuration begins after so many")
    parser.add_argument("--out", type=pathlib.Path,
                        help="a file for the table")
    parser.add_argument("--after", type=int, default=0, metavar="N",
                        help="leave out the first N configurations")
    options = parser.parse_args()
    end, lines = time.monotonic() + options.seconds, [about(), "", HEAD]
    print("\n".join(lines), flush=True)
    for config in plan(options.quick)[options.after:]:
        left = end - time.monotonic()
        if left <= 0:
            break
        lines.append(row(config, run(config, min(SINGLE, left + 60))))
        print(lines[-1], flush=True)
        if options.out:
            options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
