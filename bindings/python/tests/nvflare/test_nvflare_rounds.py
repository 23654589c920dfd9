# SPDX-License-Identifier: Apache-2.0
"""Controller, executor and filters of NVFLARE, without its processes."""
import json
import logging

import numpy as np
import pytest

pytest.importorskip("nvflare.apis.fl_context")
from nvflare.apis.event_type import EventType  # noqa: E402
from nvflare.apis.fl_constant import FLContextKey, ReturnCode  # noqa: E402
from nvflare.apis.shareable import Shareable, make_reply  # noqa: E402
from nvflare.app_common.abstract.fl_model import ParamsType  # noqa: E402

from secagg import Segment, step  # noqa: E402
from secagg.nvflare import SecAggSite  # noqa: E402
from nvflare_memory import (  # noqa: E402
    Engine, Server, Site, model, update, weighted_mean)

STEP = step(Segment(1, "weighted", clip=0.5, value_bits=16))


def cohort(tmp_path, count=6, site=None, **secagg):
    sites = [Site(tmp_path, i + 1, **(site or {})) for i in range(count)]
    return sites, Server(tmp_path, sites, **secagg)


def assert_mean(result, sites, number=0, old=None):
    """The result is the plain mean of these sites, within a step."""
    expected = weighted_mean([s.number for s in sites], number)
    for name, array in (old or model()).items():
        error = np.abs(result.params[name] - array - expected[name]).max()
        assert error <= STEP + 1e-6, name
        assert result.params[name].dtype == array.dtype


def test_a_round_is_the_plain_weighted_mean(tmp_path):
    sites, server = cohort(tmp_path)
    result = server.round(model())
    assert_mean(result, sites)
    weights = np.array([s.number + 1 for s in sites])
    assert result.meta["NUM_STEPS_CURRENT_ROUND"] == weights.sum()
    loss = (weights * [s.number for s in sites]).sum() / weights.sum()
    assert abs(result.metrics["loss"] - loss) < 1e-5
    assert set(result.metrics) == {"loss"}
    assert [s.trained for s in sites] == [1] * 6
    assert server.engine.events.count("_before_contribution_accept") == 1


@pytest.mark.parametrize("message, in_the_sum", [
    ("PARAMS", False), ("ROSTER", False), ("RELAY", False),
    ("SURVIVORS", True)])
@pytest.mark.parametrize("how", ["silent", "error"])
def test_a_loss_in_each_phase(tmp_path, message, in_the_sum, how):
    sites, server = cohort(tmp_path, timeout=3 if how == "silent" else 60)
    server.bus.faults[("site-3", message)] = (
        "silent" if how == "silent" else
        lambda reply: make_reply(ReturnCode.EXECUTION_EXCEPTION))
    result = server.round(model())
    assert_mean(result, [s for s in sites
                         if in_the_sum or s.name != "site-3"])
    assert not server.controller.get_num_standing_tasks()


def packet(messages, **more):
    out = Shareable()
    out["secagg"] = {"messages": messages, **more}
    return out


GARBAGE = [
    lambda reply: None, lambda reply: "text", lambda reply: Shareable(),
    lambda reply: packet("no list"), lambda reply: packet([b"junk"]),
    lambda reply: packet([b""]), lambda reply: packet([7]),
    lambda reply: packet([], error=b"\xff"),
    lambda reply: packet([b"x" * 999]), lambda reply: packet([]),
    lambda reply: packet([m[:-1] for m in reply["secagg"]["messages"]]),
    lambda reply: packet(None), lambda reply: packet([], error="x" * 10**6)]


@pytest.mark.parametrize("message", ["PARAMS", "ROSTER", "RELAY"])
def test_a_garbage_reply_costs_its_client_only(tmp_path, message):
    # Each kind of garbage in one phase or another.
    first = ["PARAMS", "ROSTER", "RELAY"].index(message)
    sites, server = cohort(tmp_path, 20, dropout=0.25)
    bad = {site.name: kind for site, kind in zip(sites, GARBAGE[first::3])}
    server.bus.faults = {(name, message): kind for name, kind in bad.items()}
    result = server.round(model())
    assert_mean(result, [s for s in sites if s.name not in bad])


SPOIL = [
    lambda r: r.params.pop("b"), lambda r: r.params.update(c=np.zeros(2)),
    lambda r: r.params.update(b=np.zeros(6)), lambda r: r.params.clear(),
    lambda r: r.params.update(b=["a"] * 5),
    lambda r: r.params.update(b=np.array(["a"] * 5)),
    lambda r: r.params.update(b=np.full(5, np.nan)),
    lambda r: r.metrics.clear(), lambda r: r.metrics.update(loss="high"),
    lambda r: r.metrics.update(loss=np.inf),
    lambda r: r.meta.update(NUM_STEPS_CURRENT_ROUND=10**12)]


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_wrong_result_stays_at_its_client(tmp_path, first):
    sites, server = cohort(tmp_path, 20, dropout=0.25)
    kinds = SPOIL[first::3]
    for site, kind in zip(sites, kinds):
        site.spoil = kind
    result = server.round(model())
    assert_mean(result, sites[len(kinds):])
    # Nothing of a result is in a reply.
    assert all(set(reply) <= {"secagg", "__headers__"}
               for _, _, reply in server.bus.seen)


def test_a_difference_is_taken_as_it_is(tmp_path):
    sites, server = cohort(tmp_path)

    def differ(site):
        def spoil(result):
            result.params_type = ParamsType.DIFF
            result.params = update(site.number, 0)
        return spoil

    for site in sites:
        site.spoil = differ(site)
    old = {name: array + 7 for name, array in model().items()}
    assert_mean(server.round(old), sites, old=old)


def test_the_result_is_a_difference_where_the_job_wants_one(tmp_path):
    sites, server = cohort(tmp_path, result="diff")
    old = {name: array + 7 for name, array in model().items()}
    result = server.round(old)
    assert result.params_type == ParamsType.DIFF
    assert_mean(result, sites)


@pytest.mark.parametrize("meta, weight", [
    ({}, 1), ({"NUM_STEPS_CURRENT_ROUND": 2.6}, 3),
    ({"NUM_STEPS_CURRENT_ROUND": 0.2}, 1),
    ({"NUM_STEPS_CURRENT_ROUND": -5}, 1),
    ({"NUM_STEPS_CURRENT_ROUND": float("nan")}, 1),
    ({"NUM_STEPS_CURRENT_ROUND": "many"}, 1),
    ({"NUM_STEPS_CURRENT_ROUND": True}, 1)])
def test_weights_are_those_of_fedavg(meta, weight):
    from secagg.nvflare._executor import weight_of
    assert weight_of(meta) == weight


def test_a_training_task_without_a_packet_is_blocked(tmp_path):
    from nvflare.app_common.abstract.fl_model import FLModel
    from nvflare.app_common.utils.fl_model_utils import FLModelUtils
    site = Site(tmp_path, 1)
    data = FLModelUtils.to_shareable(FLModel(params=model()))
    reply = site.run("train", data)
    assert reply.get_return_code() == ReturnCode.TASK_DATA_FILTER_ERROR
    assert site.trained == 0


def test_a_session_about_another_model_is_not_trained_on(tmp_path):
    sites, server = cohort(tmp_path)
    build = server.controller._build_shareable

    def other(data):
        return build(_data({"w": np.ones((3, 5), "f4"), "b": np.zeros(5)}))

    server.controller._build_shareable = other
    result = server.round(model())
    assert [s.trained for s in sites] == [0] * 6
    assert all((result.params[k] == v).all() for k, v in model().items())


def test_a_client_gives_no_second_input_for_a_model(tmp_path, caplog):
    sites, server = cohort(tmp_path, attempts=1, failed_rounds=1, timeout=3)
    for site in sites[:4]:
        server.bus.faults[(site.name, "SURVIVORS")] = "silent"
    result = server.round(model(), 0)
    assert all((result.params[k] == v).all() for k, v in model().items())
    assert result.metrics is None and not server.panics
    server.bus.faults.clear()
    with caplog.at_level(logging.WARNING):
        server.round(model(), 1)  # another round, with the same model
    assert [s.trained for s in sites] == [1] * 6
    assert "randomised_training" in caplog.text
    assert len(server.panics) == 1


def test_randomised_training_may_go_on(tmp_path):
    sites, server = cohort(tmp_path, attempts=1, timeout=3,
                           site={"randomised_training": True})
    for site in sites[:4]:
        server.bus.faults[(site.name, "SURVIVORS")] = "silent"
    server.round(model(), 0)
    server.bus.faults.clear()
    assert_mean(server.round(model(), 1), sites, 1)


def test_the_policy_of_the_site_replaces_that_of_the_job(tmp_path, caplog):
    sites, server = cohort(tmp_path, site={"policy": {"min_clients": 2}})
    for site in sites:
        (site.root / "local").mkdir(parents=True)
        (site.root / "local" / "secagg.json").write_text(
            json.dumps({"min_clients": 50}))
    with caplog.at_level(logging.WARNING):
        result = server.round(model())
    assert "50" in caplog.text
    assert all((result.params[k] == v).all() for k, v in model().items())


def test_too_few_clients_end_a_round_with_the_reason(tmp_path, caplog):
    sites, server = cohort(tmp_path, 2)
    with caplog.at_level(logging.ERROR):
        server.round(model())
    assert "clients" in caplog.text and [s.trained for s in sites] == [0, 0]


def test_an_abort_ends_all_waiting(tmp_path):
    sites, server = cohort(tmp_path, timeout=None)
    server.bus.faults = {(s.name, "PARAMS"): "silent" for s in sites}
    server.controller.abort_signal.trigger(True)
    found = server.controller.send_model_and_wait("train", _data(model()))
    assert found == []


def _data(params):
    from nvflare.app_common.abstract.fl_model import FLModel
    return FLModel(params=params, current_round=0)


@pytest.mark.parametrize("simulated", [False, True])
def test_the_end_of_a_job_removes_its_states(tmp_path, simulated):
    sites, server = cohort(tmp_path, 10, timeout=3)
    for message in ("SURVIVORS", "ABORT"):
        server.bus.faults[("site-4", message)] = "silent"
        server.bus.faults[("site-5", message)] = "silent"
    del server.bus.faults[("site-5", "ABORT")]
    assert_mean(server.round(model()), sites)
    # Who gave the last answer, or heard that it is out, has no state.
    assert [p.parent.parent.name for p in tmp_path.rglob("*.state")] == [
        "site-4"]
    engine = Engine(sites[3].root, "site-4")
    with engine.new_context() as fl_ctx:
        fl_ctx.set_prop(FLContextKey.SIMULATE_MODE, simulated, private=True)
        SecAggSite().handle_event(EventType.END_RUN, fl_ctx)
    assert bool(list(tmp_path.rglob("*.state"))) is simulated
    # What is spent is remembered.
    assert list(tmp_path.rglob("site-4/job/spent.note"))


def test_jobs_of_a_client_share_what_is_spent(tmp_path):
    from secagg.nvflare._site import JobStore
    one, two = JobStore(tmp_path, "a"), JobStore(tmp_path, "b")
    one.note("spent", b'{"m1": "s1"}')
    two.note("spent", b'{"m1": "s1", "m2": "s2"}')
    one.note("spent", b'{"m1": "s3"}')
    assert json.loads(two.noted("spent")) == {"m1": "s3", "m2": "s2"}
    assert one.noted("other") == b""


@pytest.mark.parametrize("name", ["", "..", "a/b", ".x"])
def test_a_client_name_cannot_leave_the_folder(tmp_path, name):
    from nvflare.apis.workspace import Workspace
    from secagg.nvflare._site import folder_of
    for folder in ("startup", "local"):
        (tmp_path / folder).mkdir()
    with pytest.raises(ValueError):
        folder_of(Workspace(str(tmp_path), "x"), name)
