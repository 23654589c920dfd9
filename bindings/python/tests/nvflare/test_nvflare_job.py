# SPDX-License-Identifier: Apache-2.0
"""One line that changes a job: what is in its configuration."""
import json

import numpy as np
import pytest

pytest.importorskip("nvflare.apis.fl_context")
from nvflare.app_common.np.recipes.fedavg import (  # noqa: E402
    NumpyFedAvgRecipe)
from nvflare.app_common.filters.exclude_vars import ExcludeVars  # noqa: E402
from nvflare.app_common.workflows.cyclic import Cyclic  # noqa: E402
from nvflare.app_common.workflows.fedavg import FedAvg  # noqa: E402
from nvflare.job_config.base_fed_job import BaseFedJob  # noqa: E402
from nvflare.job_config.script_runner import (  # noqa: E402
    FrameworkType, ScriptRunner)

import secagg  # noqa: E402
from secagg.nvflare import SecAggFedAvg, add_secagg  # noqa: E402


@pytest.fixture
def script(tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text("import nvflare.client as flare\n")
    monkeypatch.chdir(tmp_path)
    return "train.py"


def recipe(script, **more):
    return NumpyFedAvgRecipe(name="job", model=[[0.0, 0.0]], min_clients=5,
                             num_rounds=3, train_script=script, **more)


def exported(job, folder):
    """The configurations of server and client that a job is exported to."""
    job.export(str(folder)) if hasattr(job, "export") else job.export_job(
        str(folder))
    found = {}
    for side in ("server", "client"):
        path, = folder.rglob(f"config_fed_{side}.json")
        found[side] = json.loads(path.read_text())
    custom = [p.name for p in folder.rglob("*.py")]
    assert custom == ["train.py"]  # the package is not copied into the job
    return found


def paths(chains):
    return {tuple(c["tasks"]): [f["path"].rsplit(".", 1)[1]
                                for f in c["filters"]] for c in chains}


def assert_secure(config, task="train"):
    workflow, = config["server"]["workflows"]
    assert workflow["path"].endswith("SecAggFedAvg")
    executors = {tuple(e["tasks"]): e["executor"]["path"]
                 for e in config["client"]["executors"]}
    assert set(executors) == {(task,), ("secagg",)}
    assert paths(config["client"]["task_data_filters"])[(task,)][-1] == (
        "SecAggModelFilter")
    assert paths(config["client"]["task_result_filters"])[(task,)][-1] == (
        "SecAggUpdateFilter")
    # Nothing of a single client is streamed to the server.
    components = [c["path"] for c in config["client"]["components"]]
    assert not any("ConvertToFedEvent" in p for p in components)
    return workflow["args"]


def test_a_recipe_becomes_secure(tmp_path, script):
    job = recipe(script)
    add_secagg(job, clip=0.5, metrics={"accuracy": 1}, dropout=0.1,
               timeouts={secagg.Phase.INPUT: 600}, mode=secagg.Mode.ACTIVE,
               policy=secagg.Policy(min_clients=4))
    config = exported(job, tmp_path / "out")
    args = assert_secure(config)
    # The settings of the controller are kept.
    assert args["num_rounds"] == 3 and args["num_clients"] == 5
    assert args["secagg"]["timeouts"] == {
        "keys": 300.0, "shares": 300.0, "input": 600.0, "confirm": 300.0,
        "unmask": 300.0}
    assert args["secagg"]["mode"] == "active"
    # The controller can be made again of what is in the file.
    made = SecAggFedAvg(**args)
    assert made.secagg == args["secagg"] and made.num_rounds == 3


def test_a_job_of_the_older_interface_becomes_secure(tmp_path, script):
    job = BaseFedJob(name="job", min_clients=5)
    job.to_server(FedAvg(num_clients=5, num_rounds=2, persistor_id="",
                         model={"w": [0.0]}))
    for site in ("site-1", "site-2"):
        job.to(ScriptRunner(script, framework=FrameworkType.NUMPY), site)
    add_secagg(job, clip=1.0)
    job.export_job(str(tmp_path / "out"))
    clients = list((tmp_path / "out").rglob("config_fed_client.json"))
    server, = (tmp_path / "out").rglob("config_fed_server.json")
    assert len(clients) == 2
    for path in clients:
        assert_secure({"client": json.loads(path.read_text()),
                       "server": json.loads(server.read_text())})


def test_filters_of_the_job_run_before(tmp_path, script):
    job = recipe(script)
    job.add_client_output_filter(ExcludeVars(), tasks=["train", "validate"])
    add_secagg(job, clip=0.5)
    found = paths(exported(job, tmp_path / "o")["client"][
        "task_result_filters"])
    assert found == {("validate",): ["ExcludeVars"],
                     ("train",): ["ExcludeVars", "SecAggUpdateFilter"]}


def test_other_tasks_are_served_if_they_are_named(tmp_path, script):
    job = recipe(script)
    add_secagg(job, clip=0.5, tasks=["validate"], analytics=True)
    client = exported(job, tmp_path / "o")["client"]
    assert ["train", "validate"] in [e["tasks"] for e in client["executors"]]
    assert any("ConvertToFedEvent" in c["path"]
               for c in client["components"])


def test_a_difference_stays_one(tmp_path, script):
    job = recipe(script, params_transfer_type="DIFF")
    add_secagg(job, clip=0.5)
    assert exported(job, tmp_path / "o")["server"]["workflows"][0]["args"][
        "secagg"]["result"] == "diff"


def test_what_cannot_work_is_refused(script):
    class Other(FedAvg):
        pass

    def job(controller):
        made = BaseFedJob(name="job", min_clients=5)
        made.to_server(controller)
        made.to_clients(ScriptRunner(script, framework=FrameworkType.NUMPY))
        return made

    for controller, text in (
            (Other(num_clients=5), "derive a class"),
            (Cyclic(num_rounds=2), "0 controllers"),
            (FedAvg(num_clients=5, aggregation_weights={"site-1": 2.0}),
             "aggregation_weights")):
        with pytest.raises(ValueError, match=text):
            add_secagg(job(controller), clip=0.5)
    empty = BaseFedJob(name="job", min_clients=5)
    empty.to_server(FedAvg(num_clients=5))
    with pytest.raises(ValueError, match="call add_secagg last"):
        add_secagg(empty, clip=0.5)
    for wrong in ({"cilp": 1}, {"mode": "activ"}, {"timeouts": {"inptu": 3}},
                  {"policy": secagg.Policy(app_digest=b"x" * 32)}):
        with pytest.raises((ValueError, TypeError)):
            add_secagg(recipe(script), clip=0.5, **wrong)


def test_values_of_the_configuration_are_json(script):
    job = recipe(script)
    add_secagg(job, clip=np.float32(0.5), metrics={"loss": np.float64(3)},
               suite=secagg.Suite.CHACHA, rounding="nearest")
    app = job._job._deploy_map["server"].app_config
    json.dumps(app.workflows[0].controller.secagg)
