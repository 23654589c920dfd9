# SPDX-License-Identifier: Apache-2.0
"""Flower's older API in its simulation engine, with losses in each phase."""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("flwr")
pytest.importorskip("ray")

HERE = pathlib.Path(__file__).parent
N, SECONDS = 8, 400
LOSSES = [(2, 3, 0), (3, 1, 1), (3, 6, 1), (4, 2, 2), (4, 5, 2), (5, 4, 3)]
STEP = 16.0 / (2 ** 22 - 2)  # of 2**22 levels from -8 to 8


def run(tmp_path, **config):
    """Run the app, and return its models, one a round, and its notes."""
    config = {"clients": N, "losses": [], "store": str(tmp_path / "store"),
              "out": str(tmp_path / "models.npz"), **config}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, HERE / "legacy_app.py", file], timeout=SECONDS,
        env={**os.environ, "FLWR_HOME": str(tmp_path)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and os.path.exists(config["out"]), (
        done.stdout[-4000:])
    with np.load(config["out"]) as arrays:
        flat = [arrays[f"arr_{i}"] for i in range(len(arrays))]
    notes = json.loads(pathlib.Path(config["out"] + ".json").read_text())
    return [flat[i:i + 3] for i in range(0, len(flat), 3)], notes


def plain(model, round, who):
    """The weighted mean of plain NumPy, the weights and the losses."""
    from legacy_app import train
    fits = [train(model, i, round) for i in who]
    w = np.array([f[1] for f in fits], "f8")
    return [sum(x * f[0][j].astype("f8") for x, f in zip(w, fits)) / w.sum()
            for j in range(3)], int(w.sum()), (
                sum(x * f[2] for x, f in zip(w, fits)) / w.sum())


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Models and notes of the drop-in, with losses in each phase."""
    return run(tmp_path_factory.mktemp("ours"), ours=True, rounds=5,
               losses=LOSSES)


def test_each_round_is_the_mean_of_its_survivors(ours, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    models, notes = ours
    assert len(models) == 5  # no round was lost
    model = [np.zeros_like(m) for m in models[0]]
    for i, (got, loss) in enumerate(zip(models, notes["loss"])):
        out = {p for r, p, k in LOSSES if r == i + 1 and k < 3}
        who = [p for p in range(N) if p not in out]
        assert notes["failed"][i] == [i + 1, len(who), len(out)]
        mean, weight, metric = plain(model, i + 1, who)
        for one, other in zip(got, mean):
            assert np.abs(one - other).max() <= STEP + 8 * 2 ** -24
        assert notes["sums"][i] == weight
        assert abs(loss[1] - metric) <= 16.0 * 2 ** -22
        model = got


def test_without_losses_flowers_own_workflow_has_the_same_result(
        ours, tmp_path):
    (theirs,), other = run(tmp_path, ours=False, rounds=1)
    models, notes = ours
    assert notes["sums"][0] == other["sums"][0]
    # Flower rounds w p / 1000 of each client to its step, and w / 1000.
    weights = [20 + 7 * i for i in range(N)]
    bound = STEP + (N + 1) * STEP * 1000 / sum(weights)
    for one, two in zip(models[0], theirs):
        assert np.abs(one - two).max() <= bound
