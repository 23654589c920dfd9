# SPDX-License-Identifier: Apache-2.0
"""Flows of OpenFL with secure rounds, against plain means."""
import os
import sys

import numpy as np
import pytest

import secagg

# Not "openfl" alone: this folder has that name.
pytest.importorskip("openfl.experimental")
from flows import CLIP, Flow, runtime, update  # noqa: E402

STEP = CLIP / (2 ** 15 - 1)


def run(tmp_path, monkeypatch, count=6, fails=(), backend="single_process",
        **options):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    flow = Flow(**options)
    flow.runtime = runtime(tmp_path, count, fails, backend)
    flow.run()
    return flow


def plain(names, round):
    adds, weights = zip(*(update(name, round) for name in names))
    weights = np.array(weights, "f8")
    return (weights[:, None, None] * np.array(adds, "f8")).sum(0) / (
        weights.sum()), weights.sum()


def check(flow, survivors):
    """Each round of the log, and the model, against plain sums."""
    model = np.zeros((2, 5))
    for (number, names, weight, metrics, _, error), wanted in zip(
            flow.log, survivors, strict=True):
        assert error == "" and names == wanted
        mean, total = plain(names, number)
        assert weight == total
        squares = sum(update(name, number)[1] ** 2 for name in names)
        assert abs(metrics["loss"] - squares / 10 / total) < 1e-5
        model += mean
    assert np.abs(flow.model["w"] - model).max() < len(survivors) * STEP


NAMES = [f"c{i}" for i in range(6)]


def test_two_rounds_are_plain_means(tmp_path, monkeypatch):
    check(run(tmp_path, monkeypatch), [NAMES, NAMES])


def test_training_that_fails_costs_its_collaborator_the_round(
        tmp_path, monkeypatch):
    flow = run(tmp_path, monkeypatch, fails={"c4"})
    check(flow, [NAMES, [n for n in NAMES if n != "c4"]])
    assert flow.log[1][4] == {"c4": secagg.Phase.INPUT}


ASKS = {"ROSTER": secagg.Phase.SHARES, "RELAY": secagg.Phase.INPUT,
        "SURVIVORS": secagg.Phase.UNMASK}


@pytest.mark.parametrize("phase", [secagg.Phase.KEYS, *ASKS.values()])
def test_a_collaborator_may_fall_silent_in_each_phase(tmp_path, monkeypatch,
                                                      phase):
    from secagg.openfl import _rounds
    plain_answer = _rounds.answer

    def answer(member, packet, model, metrics, train):
        if "params" in packet:
            asked = secagg.Phase.KEYS
            number = secagg.Params.decode(packet["params"]).round
        else:
            head = secagg.peek(packet["message"])
            asked, number = ASKS.get(head.name), head.round
        if number == 2 and asked is phase and "c1" in str(member._store):
            return None
        return plain_answer(member, packet, model, metrics, train)

    monkeypatch.setattr(_rounds, "answer", answer)
    flow = run(tmp_path, monkeypatch)
    late = phase is secagg.Phase.UNMASK
    check(flow, [NAMES, [n for n in NAMES if late or n != "c1"]])
    assert flow.log[1][4] == {"c1": phase}


def test_another_session_is_tried_without_the_silent(tmp_path, monkeypatch):
    fails = {"c0", "c1", "c2"}  # too many: the first session has no sum
    flow = run(tmp_path, monkeypatch, count=7, fails=fails)
    seven = [f"c{i}" for i in range(7)]
    check(flow, [seven, [n for n in seven if n not in fails]])


def test_active_mode_signs_with_identities(tmp_path, monkeypatch):
    keys = {name: tmp_path / name / "identity" for name in NAMES}
    from secagg.host.credentials import identity_file
    public = {i: identity_file(keys[n]).public_key
              for i, n in enumerate(NAMES)}

    plain_runtime = runtime

    def private(folder, count, fails, backend="single_process"):
        made = plain_runtime(folder, count, fails, backend)
        for name, one in made._LocalRuntime__collaborators.items():
            one.private_attributes.update(
                secagg_identity=str(keys[name]),
                secagg_trust=lambda params: public)
        made._aggregator.private_attributes["secagg_trust"] = (
            lambda params, members: public)
        return made

    monkeypatch.setitem(run.__globals__, "runtime", private)
    check(run(tmp_path, monkeypatch, rounds=1, mode="active"), [NAMES])


@pytest.mark.skipif(not os.environ.get("SECAGG_LONG"),
                    reason="starts a cluster: set SECAGG_LONG=1")
def test_the_ray_backend_runs_the_same_flow(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False,
             runtime_env={"env_vars": {"PYTHONPATH": ":".join(sys.path)}})
    try:
        check(run(tmp_path, monkeypatch, backend="ray", rounds=1), [NAMES])
    finally:
        ray.shutdown()


def test_nothing_but_packets_returns(tmp_path, monkeypatch):
    from openfl.experimental.workflow.interface import FLSpec
    run(tmp_path, monkeypatch, rounds=1)
    for clone in FLSpec._clones.values():
        kept = {k for k in vars(clone) if not k.startswith("_")}
        assert not kept & {"left_behind", "secagg_dir", "fails", "model"}


def test_too_few_members_is_an_error_with_numbers(tmp_path, monkeypatch):
    with pytest.raises(secagg.ArgumentError, match="2"):
        run(tmp_path, monkeypatch, count=2)
