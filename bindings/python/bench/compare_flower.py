# SPDX-License-Identifier: Apache-2.0
"""Flower without secure aggregation, with its SecAgg+, and with secagg.

Each configuration runs in the simulation engine, in a process of its own, on
the same task and with the same losses: in round 1 none, then a fifth of the
clients at the first message of a round, at the second, and so on. Without
secure aggregation a round has one message.

- bytes: contents of messages to train and of their replies, serialised, as
  they pass the Grid; divided by clients and rounds
- wall: a round from the choice of clients to the new model
- server CPU: of the thread of the ServerApp, in the same interval
- client CPU: of the actor's process while it answers, training included;
  divided by clients and rounds
- memory: peak resident set of the server's and of the largest actor's process
- lost: rounds that left no new model

Usage: compare_flower.py [--quick] [--seconds S] [--out FILE]
"""
from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

for name, value in (("FLWR_TELEMETRY_ENABLED", "0"),
                    ("RAY_USAGE_STATS_ENABLED", "0"),
                    ("RAY_raylet_start_wait_time_s", "180"),
                    ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")):
    os.environ[name] = value

KINDS = {"plain": "plain", "flower": "Flower's SecAgg+",
         "ours": "secagg, older API, same parameters",
         "small": "secagg, older API, differences in 16 bits",
         "message": "secagg, Message API, 16 bits"}
PHASES = ["none", "keys", "shares", "input", "unmask"]  # of rounds 1 to 5
TIMEOUT = 120.0  # seconds of a phase; losses here are errors, not silence
SINGLE = 300.0  # seconds of one configuration


class Meter:
    """Wraps a Grid: counts the bytes of training, and times rounds.

    The time that counting takes is no part of a round's.
    """

    def __init__(self, grid) -> None:  # type: ignore[no-untyped-def]
        self._grid, self.up, self.down = grid, 0, 0
        self._start = self._counting = (0.0, 0.0)
        self.walls: list[float] = []
        self.cpus: list[float] = []

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        return getattr(self.__dict__["_grid"], name)

    def start(self) -> None:
        """A round begins."""
        self._counting, self._start = (0.0, 0.0), now()

    def stop(self) -> None:
        """A round ends."""
        wall, cpu = (end - start - counting for end, start, counting in zip(
            now(), self._start, self._counting))
        self.walls.append(wall)
        self.cpus.append(cpu)

    def _size(self, messages) -> int:  # type: ignore[no-untyped-def]
        before = now()
        total = sum(size(m) for m in messages)
        self._counting = tuple(  # type: ignore[assignment]
            so_far + end - start for so_far, end, start in zip(
                self._counting, now(), before))
        return total

    def push_messages(self, messages):  # type: ignore[no-untyped-def]
        messages = list(messages)
        self.down += self._size(messages)
        return self._grid.push_messages(messages)

    def pull_messages(self, ids):  # type: ignore[no-untyped-def]
        replies = list(self._grid.pull_messages(ids))
        self.up += self._size(replies)
        return replies

    def send_and_receive(self, messages, *, timeout=None):  # type: ignore
        """As Flower's, through the counters."""
        ids, out = set(self.push_messages(messages)), []
        end = time.monotonic() + (timeout or TIMEOUT)
        while ids and time.monotonic() < end:
            got = self.pull_messages(ids)
            out += got
            ids -= {m.metadata.reply_to_message_id for m in got}
            if ids:
                time.sleep(0.1)  # as Flower's Grid of the simulation
        return out


def now() -> tuple[float, float]:
    """Time, and CPU time of this thread."""
    return time.perf_counter(), time.thread_time()


def size(message) -> int:  # type: ignore[no-untyped-def]
    """Bytes of the content of a message to train, serialised."""
    from flwr.common.serde import recorddict_to_proto
    if (not message.has_content()
            or not message.metadata.message_type.startswith("train")):
        return 0
    return int(recorddict_to_proto(message.content).ByteSize())


# ---- one configuration, in a process of its own ----------------------------


def child(config: dict) -> None:  # type: ignore[type-arg]
    """Run a configuration, and write its figures."""
    import flower_apps as apps
    from flwr.serverapp import ServerApp
    from flwr.simulation import run_simulation
    kind, n = config["kind"], config["clients"]
    folder = tempfile.mkdtemp(dir=config["folder"])
    probe = apps.Probe(folder, {r + 2: at for r, at in enumerate(range(4))},
                       n // 5, 1 if kind == "plain" else 4)
    store = pathlib.Path(folder) / "store"
    server, serve = ServerApp(), legacy
    if kind == "message":
        from secagg.flower import secagg_mod
        app = apps.message_app([probe, secagg_mod(store=store)])
        serve = messages
    else:
        app = apps.legacy_app([probe, *legacy_mods(kind, store)])

    @server.main()
    def main(grid, context) -> None:  # type: ignore[no-untyped-def]
        warm_up(grid, n)
        meter, scores = Meter(grid), []  # type: ignore[var-annotated]
        serve(meter, context, config, scores)
        finish(config, folder, meter, scores)

    run_simulation(server_app=server, client_app=app, num_supernodes=n,
                   backend_config={
                       "client_resources": {"num_cpus": 1},
                       "init_args": {"num_cpus": 2, "include_dashboard": False,
                                     "_node_ip_address": "127.0.0.1"}})


def warm_up(grid, n: int) -> None:  # type: ignore[no-untyped-def]
    """Start the app in the processes of the engine."""
    import flower_apps as apps
    from flwr.app import ConfigRecord, Message, MessageType, RecordDict
    while len(list(grid.get_node_ids())) < n:
        time.sleep(.1)
    for _ in range(2):
        list(grid.send_and_receive([
            Message(RecordDict({apps.WARM_UP: ConfigRecord({})}), node,
                    MessageType.QUERY) for node in grid.get_node_ids()],
            timeout=TIMEOUT))


def legacy_mods(kind: str, store: pathlib.Path) -> list:  # type: ignore
    """The mods of a kind of the older API."""
    if kind == "plain":
        return []
    if kind == "flower":
        from flwr.client.mod import secaggplus_mod
        return [secaggplus_mod]
    from secagg.flower.legacy import SecAggPlusMod
    return [SecAggPlusMod(store=store)]


def legacy(meter, context, config, scores) -> None:  # type: ignore
    """Serve a kind of the older API."""
    import flower_apps as apps
    from flwr.common import ndarrays_to_parameters
    from flwr.server import LegacyContext, ServerConfig
    from flwr.server.strategy import FedAvg
    from flwr.server.workflow import DefaultWorkflow
    n, workflow = config["clients"], legacy_workflow(config["kind"])

    def timed(grid, context) -> None:  # type: ignore[no-untyped-def]
        meter.start()
        workflow(grid, context)
        meter.stop()

    def evaluate(round, model, config):  # type: ignore[no-untyped-def]
        scores.append(apps.accuracy(model))
        return 0.0, {}
    strategy = FedAvg(
        fraction_fit=1.0, fraction_evaluate=0.0, min_fit_clients=n,
        min_available_clients=n, evaluate_fn=evaluate,
        on_fit_config_fn=lambda r: {"round": r},
        initial_parameters=ndarrays_to_parameters(apps.initial(
            config["parameters"])))
    DefaultWorkflow(fit_workflow=timed)(meter, LegacyContext(
        context, ServerConfig(config["rounds"]), strategy))


def legacy_workflow(kind: str):  # type: ignore[no-untyped-def]
    """The workflow of a kind."""
    if kind == "plain":
        from flwr.server.workflow.default_workflows import (
            default_fit_workflow)
        return default_fit_workflow
    options = {"num_shares": 1.0, "reconstruction_threshold": .75,
               "timeout": TIMEOUT}
    if kind == "flower":
        from flwr.server.workflow import SecAggPlusWorkflow
        return SecAggPlusWorkflow(**options)
    from secagg.flower.legacy import SecAggPlusWorkflow as Ours
    if kind == "small":
        options |= {"differences": True, "clipping_range": .5,
                    "quantization_range": 2 ** 16}
    return Ours(**options, warm_up=None)


def messages(meter, context, config, scores) -> None:  # type: ignore
    """Serve the Message API."""
    import flower_apps as apps
    from flwr.app import Array, ArrayRecord, MetricRecord
    from flwr.serverapp.strategy import FedAvg
    from secagg.flower import SecAggGrid
    n = config["clients"]

    class Timed(FedAvg):
        """FedAvg that says when a round begins and ends."""

        def configure_train(self, *args):  # type: ignore[no-untyped-def]
            meter.start()
            return super().configure_train(*args)

        def aggregate_train(self, *args):  # type: ignore[no-untyped-def]
            out = super().aggregate_train(*args)
            meter.stop()
            return out

    def evaluate(round, arrays):  # type: ignore[no-untyped-def]
        scores.append(apps.accuracy([arrays[k].numpy()
                                     for k in apps.NAMES]))
        return MetricRecord({"accuracy": scores[-1]})
    Timed(fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=n,
          min_available_nodes=n).start(
        grid=SecAggGrid(meter, clip=.5, max_weight=1000, corrupt=.2,
                        dropout=.2, timeout=TIMEOUT, warm_up=None),
        initial_arrays=ArrayRecord({k: Array(a) for k, a in zip(
            apps.NAMES, apps.initial(config["parameters"]))}),
        num_rounds=config["rounds"], timeout=TIMEOUT, evaluate_fn=evaluate)


def finish(config, folder, meter, scores) -> None:  # type: ignore
    """Write the figures of a configuration."""
    import flower_apps as apps
    lines = [json.loads(line)
             for path in pathlib.Path(folder).glob("client-*")
             for line in path.read_text().splitlines()]
    each = config["clients"] * config["rounds"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pathlib.Path(config["out"]).write_text(json.dumps({
        "m": sum(a.size for a in apps.initial(config["parameters"])),
        "accuracy": scores, "up": meter.up / each, "down": meter.down / each,
        "wall": meter.walls, "server": meter.cpus,
        "client": sum(cpu for _, cpu, _ in lines) / each,
        "memory": [peak, max((p for _, _, p in lines), default=0)],
        "lost": [PHASES[min(r, 4)] for r in range(config["rounds"])
                 if scores[r + 1] == scores[r]]}))


# ---- all of them ------------------------------------------------------------


def run(config: dict, seconds: float):  # type: ignore
    """The figures of a configuration; None if it takes too long."""
    with tempfile.TemporaryDirectory(prefix="secagg-bench-") as folder:
        config = {**config, "folder": folder, "out": f"{folder}/out.json"}
        with open(f"{folder}/log", "w+", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, __file__, "--child", json.dumps(config)],
                stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "FLWR_HOME": folder})
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                end_group(process)
                return None
            if not os.path.exists(config["out"]):
                log.seek(0)
                raise RuntimeError(log.read()[-3000:])
        return json.loads(pathlib.Path(config["out"]).read_text())


def end_group(process: subprocess.Popen) -> None:  # type: ignore
    """End a configuration with the processes of its engine."""
    import signal
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


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
        (50, 5000, 5), (50, 100_000, 2)]
    return [{"kind": k, "clients": n, "parameters": m, "rounds": r}
            for n, m, r in sizes for k in kinds]


def has_message_api() -> bool:
    """Whether this package has the layer for the Message API."""
    return hasattr(importlib.import_module("secagg.flower"), "SecAggGrid")


def about() -> str:
    """Where and when."""
    import flwr
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
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(json.loads(options.child))
        return
    end, lines = time.monotonic() + options.seconds, [about(), "", HEAD]
    print("\n".join(lines), flush=True)
    for config in plan(options.quick):
        left = end - time.monotonic()
        if left <= 0:
            break
        lines.append(row(config, run(config, min(SINGLE, left + 60))))
        print(lines[-1], flush=True)
        if options.out:
            options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
