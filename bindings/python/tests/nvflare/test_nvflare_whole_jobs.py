# SPDX-License-Identifier: Apache-2.0
"""Jobs in the simulator of NVFLARE and in its proof-of-concept mode, whose
result must be the plain weighted mean. Each run is bounded in time."""
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("nvflare.apis.fl_context")
import secagg  # noqa: E402
from nvflare_train import update  # noqa: E402

HERE = pathlib.Path(__file__).parent
STEP = secagg.step(secagg.Segment(1, "weighted", clip=0.5, value_bits=16))
# Who fails when, and whether the input is in the sum all the same.
PLAN = [(["site-6", 0, "PARAMS"], False), (["site-2", 0, "SURVIVORS"], True),
        (["site-5", 1, "ROSTER"], False), (["site-1", 1, "RELAY"], False)]


def run(tmp_path, *options, seconds):
    """Run a job in a process group of its own, and end it with all that it
    started."""
    home = tmp_path / "home"
    home.mkdir()
    package = pathlib.Path(secagg.__file__).parents[1]
    env = dict(os.environ, HOME=str(home),
               NVFLARE_POC_WORKSPACE=str(tmp_path / "poc"),
               PYTHONPATH=os.pathsep.join(
                   [str(package), os.environ.get("PYTHONPATH", "")]))
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "nvflare_job.py"), "--out",
             str(tmp_path), *options], env=env, cwd=HERE,
            start_new_session=True, stdout=log, stderr=subprocess.STDOUT)
        try:
            code = process.wait(seconds)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    text = (tmp_path / "log").read_text(errors="replace")
    assert code == 0, text[-4000:]
    return text


def expected(clients, rounds, plan=()):
    """The plain weighted mean, round by round."""
    model = np.zeros((4, 3))
    for number in range(rounds):
        out = {int(who.rsplit("-", 1)[1]) for (who, when, _), stays in plan
               if when == number and not stays}
        sites = [s for s in range(1, clients + 1) if s not in out]
        model += sum(s * update(s, number) for s in sites) / sum(sites)
    return model


long_test = pytest.mark.skipif("SECAGG_LONG_TESTS" not in os.environ,
                               reason="SECAGG_LONG_TESTS is not set")


@pytest.mark.parametrize("rounds", [1, pytest.param(2, marks=long_test)])
def test_a_simulated_job_with_fewer_threads_than_clients(tmp_path, rounds):
    # One client fails before the session, one after its input; in the second
    # round one before and one after the shares.
    text = run(tmp_path, "--clients", "6", "--threads", "2", "--rounds",
               str(rounds), "--losses", seconds=450 * rounds)
    path, = tmp_path.rglob("server.npy")
    error = np.abs(np.load(path) - expected(6, rounds, PLAN)).max()
    assert error <= rounds * (STEP + 1e-6), text[-4000:]


@long_test
@pytest.mark.parametrize("mode", ["semi-honest", "active"])
def test_a_job_of_real_processes(tmp_path, mode):
    text = run(tmp_path, "--env", "poc", "--clients", "4", "--rounds", "2",
               "--mode", mode, seconds=500)
    path, = (tmp_path / "poc").rglob("transfer/*/workspace/models/server.npy")
    error = np.abs(np.load(path) - expected(4, 2)).max()
    assert error <= 2 * (STEP + 1e-6), text[-4000:]
