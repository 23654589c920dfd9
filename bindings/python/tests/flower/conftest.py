# SPDX-License-Identifier: Apache-2.0
"""What Flower's runtime would set, its telemetry off, and no state in the
user's home."""
import os

import pytest

# Before Flower is imported, here and in the processes of simulations.
os.environ.update({"FLWR_TELEMETRY_ENABLED": "0", "RAY_USAGE_STATS_ENABLED":
                   "0", "FLWR_DISABLE_UPDATE_CHECK": "1",
                   "RAY_DEDUP_LOGS": "0"})


def pytest_configure(config):
    """Tests that start many processes of Flower."""
    config.addinivalue_line("markers", "slow: takes over 20 seconds")


@pytest.fixture(autouse=True)
def task_identity(monkeypatch, tmp_path):
    """The server's identity, which Flower's messages carry."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    try:
        from flwr.supercore.task_identity import TaskIdentity
    except ImportError:  # no Flower, or one without it
        return
    for name in ("_task_id", "_run_id", "_node_id"):
        monkeypatch.setattr(TaskIdentity, name, 1)
