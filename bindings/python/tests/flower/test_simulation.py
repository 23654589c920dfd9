# SPDX-License-Identifier: Apache-2.0
"""Flower's simulation engine with Ray: nodes wander between two processes and
drop out in each phase; the model is that of a plain weighted mean."""
import collections
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("flwr")
pytest.importorskip("ray")

import flower_sim as sim  # noqa: E402

HERE = pathlib.Path(__file__).parent
# Ray gives a busy machine little time by default.
PATIENCE = {"RAY_raylet_start_wait_time_s": "180",
            "RAY_health_check_initial_delay_ms": "60000",
            "RAY_health_check_timeout_ms": "60000",
            "RAY_health_check_failure_threshold": "20",
            "RAY_gcs_rpc_server_reconnect_timeout_s": "180",
            "RAY_worker_register_timeout_seconds": "180"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a simulation that has ended."""
    place = tmp_path_factory.mktemp("simulation")
    path = os.pathsep.join([str(HERE), *sys.path])
    done = subprocess.run(
        [sys.executable, str(HERE / "flower_sim.py"), str(place)],
        env={**os.environ, **PATIENCE, "PYTHONPATH": path,
             "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=400)
    assert (place / "rounds.json").exists(), done.stdout[-6000:]
    return place


def test_the_model_is_the_plain_mean_of_the_survivors(folder):
    rounds = json.loads((folder / "rounds.json").read_text())
    assert len(rounds) == sim.ROUNDS
    step = 2 * sim.CLIP / (2 ** 16 - 2)
    for number, seen in enumerate(rounds, 1):
        lost = sim.LOST[number]
        alive = [p for p in range(sim.NODES)
                 if lost.get(p, sim.Phase.UNMASK) is sim.Phase.UNMASK]
        old = dict(np.load(folder / f"model{number - 1}.npz"))
        new = dict(np.load(folder / f"model{number}.npz"))
        models, weights, losses = zip(*(sim.trained(old, p) for p in alive))
        for name, array in new.items():
            want = np.average([m[name] for m in models], axis=0,
                              weights=weights)
            assert array.dtype == old[name].dtype
            assert np.abs(array - want).max() < step + 1e-6
        assert seen["weight"] == sum(weights) and seen["sessions"] == 1
        assert abs(seen["loss"] - np.average(losses, weights=weights)) < 1e-5
        assert seen["lost"] == sorted(str(phase) for phase in lost.values())
        assert seen["survivors"] == len(alive)


def test_nodes_went_on_in_other_processes(folder):
    pids = collections.defaultdict(set)
    for line in (folder / "pids").read_text().splitlines():
        number, part, pid = line.split()
        pids[number, part].add(pid)
    # Two actors take turns. That no node of 12 changed has a chance of 2^-30.
    assert max(len(seen) for seen in pids.values()) > 1
