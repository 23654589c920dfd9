# SPDX-License-Identifier: Apache-2.0
"""SecAggGrid and secagg_mod on a Grid in memory, against plain numpy means."""
import logging

import numpy as np
import pytest

flwr = pytest.importorskip("flwr")

from flwr.app import (Array, ArrayRecord, ConfigRecord, Message,  # noqa: E402
                      MetricRecord, RecordDict)
from flwr.serverapp.strategy import FedAdam, FedAvg, FedProx  # noqa: E402

import secagg  # noqa: E402
from secagg import Phase  # noqa: E402
from secagg.flower import SecAggGrid  # noqa: E402

from flower_fake import (STEP, FakeGrid, check_model,  # noqa: E402
                         grid_of, model, strategy, weighted)


def train(fake, rounds=1, kind=FedAvg, options=None, **strategy_options):
    grid = grid_of(fake, **(options or {}))
    result = strategy(fake, kind, **strategy_options).start(
        grid=grid, initial_arrays=model(), num_rounds=rounds)
    return grid, result


def test_fedavg_gets_the_mean_of_two_rounds(tmp_path):
    fake = FakeGrid(tmp_path, 6)
    grid, result = train(fake, rounds=2)
    check_model(result, fake.nodes, rounds=2)
    assert list(result.arrays) == ["w", "b"]
    loss = weighted(fake.nodes)[2]
    for number in (1, 2):
        metrics = result.train_metrics_clientapp[number]
        assert abs(metrics["loss"] - loss) < 1e-5
        assert set(metrics) == {"loss"}  # not what a client keeps
    assert [len(o.survivors) for o in grid.history] == [6, 6]
    assert grid.history[0].weight == weighted(fake.nodes)[1]
    assert fake.trained() == [2] * 6


def test_the_server_sees_no_weight_metric_or_array_of_a_node(tmp_path):
    fake, seen = FakeGrid(tmp_path, 4), []

    def look(phase, node, reply):
        seen.append(reply)
        return reply
    fake.twist = look
    train(fake)
    assert seen
    for reply in seen:
        assert list(reply.content) == ["secagg"]
        assert set(reply.content["secagg"]) <= {"messages", "hello"}


@pytest.mark.parametrize("phase", [Phase.KEYS, Phase.SHARES, Phase.INPUT,
                                   Phase.UNMASK])
def test_a_node_may_be_lost_in_each_phase(tmp_path, phase):
    fake = FakeGrid(tmp_path, 6)
    fake.silent = {104: {phase}}
    grid, result = train(fake)
    alive = [n for n in fake.nodes if n != 104 or phase is Phase.UNMASK]
    check_model(result, alive)
    outcome, = grid.history
    assert sorted(outcome.survivors) == alive
    assert {n: lost.phase for n, lost in outcome.lost.items()} == {104: phase}
    # The model comes with the request for the input.
    assert fake.trained()[4] == (phase is Phase.UNMASK)


def test_other_strategies_run_unchanged(tmp_path):
    fake = FakeGrid(tmp_path / "prox", 4)
    _, result = train(fake, kind=FedProx, proximal_mu=0.1)
    check_model(result, fake.nodes)
    fake = FakeGrid(tmp_path / "adam", 4)
    # With these constants a step of FedAdam is the mean over |mean| + tau.
    _, result = train(fake, kind=FedAdam, eta=1.0, tau=0.5, beta_1=0.0,
                      beta_2=0.0)
    mean = weighted(fake.nodes)[0]
    for name, first in model().items():
        want = first.numpy() + mean[name] / (np.abs(mean[name]) + 0.5)
        assert np.abs(result.arrays[name].numpy() - want).max() < 1e-3


def test_a_lost_session_is_tried_again_with_the_others(tmp_path):
    fake = FakeGrid(tmp_path, 8)
    fake.silent = {n: {Phase.INPUT} for n in fake.nodes[:4]}
    grid, result = train(fake)
    check_model(result, fake.nodes[4:])
    # Nothing was opened: these gave their input a second time.
    assert grid.history[0].sessions == 2
    assert fake.trained() == [0] * 4 + [2] * 4


def test_a_round_without_a_sum_leaves_the_model_as_it_is(tmp_path):
    fake = FakeGrid(tmp_path, 6)
    fake.silent = {n: {Phase.UNMASK} for n in fake.nodes[:4]}
    grid, result = train(fake, rounds=2, options={"attempts": 1})
    assert not len(result.arrays)
    # The vectors of round 1 are spent: in round 2, on the same model, the
    # nodes refuse, although its config has another number.
    assert all(isinstance(o.error, secagg.ThresholdError)
               for o in grid.history)
    assert any("randomised_training" in text
               for _, text in grid.history[1].refused)
    assert fake.trained() == [1] * 6


def test_with_randomised_training_a_model_is_trained_on_again(tmp_path):
    fake = FakeGrid(tmp_path, 6, randomised_training=True)
    fake.silent = {n: {Phase.UNMASK} for n in fake.nodes[:4]}
    grid = grid_of(fake, attempts=1)
    first = strategy(fake).start(grid=grid, initial_arrays=model(),
                                 num_rounds=1)
    assert not len(first.arrays)
    fake.silent = {}
    second = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    check_model(second, fake.nodes)


def garbage(reply, value):
    return Message(RecordDict({"secagg": value}), reply_to=_ask(reply))


def _ask(reply):
    """A message to which the same reply could be given."""
    ask = Message(RecordDict(), reply.metadata.src_node_id, "train")
    ask.metadata.__dict__["_message_id"] = reply.metadata.reply_to_message_id
    return ask


def another(reply):
    reply.metadata.__dict__["_src_node_id"] = 101
    return reply


BAD = {
    "no record": lambda r: Message(RecordDict(), reply_to=_ask(r)),
    "arrays": lambda r: garbage(r, ArrayRecord([np.ones(2)])),
    "a text": lambda r: garbage(r, ConfigRecord({"messages": "KEYS"})),
    "texts": lambda r: garbage(r, ConfigRecord({"messages": ["KEYS"]})),
    "numbers": lambda r: garbage(r, ConfigRecord({"messages": [1, 2]})),
    "bytes": lambda r: garbage(r, ConfigRecord({"messages": [b"\xff" * 99]})),
    "an empty message": lambda r: garbage(r, ConfigRecord(
        {"messages": [b""]})),
    "many": lambda r: garbage(r, ConfigRecord({"messages": [b"x"] * 99})),
    "an error that is no text": lambda r: garbage(r, ConfigRecord(
        {"error": 3.0})),
    "another node": another}


@pytest.mark.parametrize("phase", [Phase.KEYS, Phase.INPUT, Phase.UNMASK])
@pytest.mark.parametrize("bad", BAD, ids=lambda name: name.replace(" ", "-"))
def test_garbage_costs_its_node_alone(bad, phase):
    fake = FakeGrid(None, 5)
    fake.twist = lambda now, node, reply: (
        BAD[bad](reply) if node == 103 and now is phase else reply)
    grid, result = train(fake)
    alive = [n for n in fake.nodes if n != 103 or phase is Phase.UNMASK]
    check_model(result, alive)
    assert set(grid.history[0].lost) == {103}


def test_an_app_that_fails_is_a_dropout(tmp_path):
    fake = FakeGrid(tmp_path, 5)
    fake.contexts[102].node_id = 10 ** 6  # its weight is out of range
    grid, result = train(fake)
    outcome, = grid.history
    assert outcome.lost[102].phase is Phase.INPUT
    assert len(outcome.survivors) == 4
    assert any(n == 102 for n, _ in outcome.refused)


def test_nodes_without_the_mod_are_left_out(tmp_path):
    fake = FakeGrid(tmp_path, 5)
    fake.twist = lambda phase, node, reply: (
        Message(RecordDict(), reply_to=_ask(reply)) if node == 104 else reply)
    grid, result = train(fake)
    check_model(result, fake.nodes[:4])
    assert set(grid.history[0].members) == set(fake.nodes[:4])


def test_a_round_whose_nodes_do_not_start_is_no_end(tmp_path):
    fake = FakeGrid(tmp_path, 4)
    started, app = set(), fake.app

    def late(message, context):
        if context.node_id not in started and context.node_id != 100:
            started.add(context.node_id)
            raise RuntimeError("not yet")
        return app(message, context)
    fake.app = late
    grid, result = train(fake, rounds=2, options={"corrupt": 0.0})
    check_model(result, fake.nodes)
    assert [o.params.round for o in grid.history] == [2]


def test_only_new_nodes_are_woken(tmp_path):
    fake = FakeGrid(tmp_path, 4)
    train(fake, rounds=2)
    hello = [m for m in fake.seen if "hello" in m.content["secagg"]]
    assert sorted(m.metadata.dst_node_id for m in hello) == fake.nodes
    fake = FakeGrid(tmp_path / "none", 4)
    train(fake, options={"warm_up": None})
    assert not [m for m in fake.seen if "hello" in m.content["secagg"]]


def test_a_plain_server_gets_no_update(tmp_path):
    fake = FakeGrid(tmp_path, 3)
    result = strategy(fake).start(grid=fake, initial_arrays=model(),
                                  num_rounds=1)
    assert not len(result.arrays) and fake.trained() == [0] * 3
    fake = FakeGrid(tmp_path, 3, allow_plain=True)
    result = strategy(fake).start(grid=fake, initial_arrays=model(),
                                  num_rounds=1)
    check_model(result, fake.nodes)


def test_evaluation_passes_through_with_a_warning(tmp_path):
    fake, said = FakeGrid(tmp_path, 3), []
    flower, handler = logging.getLogger("flwr"), logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    flower.addHandler(handler)
    try:
        result = FedAvg(min_train_nodes=3, min_available_nodes=3).start(
            grid=grid_of(fake, corrupt=0.0), initial_arrays=model(),
            num_rounds=2)
    finally:
        flower.removeHandler(handler)
    assert result.evaluate_metrics_clientapp[1]["acc"] == 0.5
    assert sum("evaluation is not summed" in text for text in said) == 1
    # The log of the library is among Flower's.
    assert any("3 of 3 inputs" in text for text in said)


def test_options_that_cannot_work_are_errors_at_once(tmp_path):
    fake = FakeGrid(tmp_path, 3)
    with pytest.raises(secagg.ArgumentError):
        train(fake, options={"policy": secagg.Policy(min_clients=50)})
    with pytest.raises(secagg.ArgumentError, match="no entry"):
        grid = grid_of(fake)
        strategy(fake).start(grid=grid, initial_arrays=ArrayRecord(
            {"w": Array(np.zeros((0, 3)))}))
    with pytest.raises(secagg.ArgumentError, match="bool"):
        strategy(fake).start(grid=grid, initial_arrays=ArrayRecord(
            {"w": Array(np.zeros(3, bool))}))
    with pytest.raises(secagg.ArgumentError, match="send_and_receive"):
        grid.push_messages([Message(RecordDict(), 100, "train")])


def test_nodes_must_get_the_same_model_and_config(tmp_path):
    fake = FakeGrid(tmp_path, 4)

    def content(rate, seed=0):
        return RecordDict({"arrays": model(seed),
                           "config": ConfigRecord({"rate": rate})})
    for odd in (content(0.5), content(0.1, seed=1)):
        messages = [Message(content(0.1), n, "train") for n in fake.nodes]
        messages[2] = Message(odd, 102, "train")
        with pytest.raises(secagg.ArgumentError, match="different"):
            grid_of(fake).send_and_receive(messages)
    messages = [Message(content(0.1), n, "train") for n in fake.nodes]
    reply, = grid_of(fake).send_and_receive(messages)
    assert reply.has_content()


def test_one_of_several_array_records_is_trained(tmp_path):
    fake = FakeGrid(None, 4)

    messages = [Message(RecordDict({
        "arrays": model(), "control": model(seed=3),
        "config": ConfigRecord({"x": [1, 2], "y": True})}), n, "train")
        for n in fake.nodes]
    with pytest.raises(secagg.ArgumentError, match="2 ArrayRecords"):
        grid_of(fake).send_and_receive(messages)
    del fake.app._registered_funcs["train.default"]

    def train(message, context):
        assert list(message.content) == ["arrays", "control", "config"]
        new = {k: Array(a.numpy() + np.float32(context.node_id - 100) / 16)
               for k, a in message.content["arrays"].items()}
        return Message(RecordDict({
            "arrays": ArrayRecord(new),
            "metrics": MetricRecord({"num-examples": 1})}), reply_to=message)
    fake.app.train()(train)
    reply, = grid_of(fake, arrays="arrays", metrics=None).send_and_receive(
        messages)
    assert list(reply.content) == ["arrays", "metrics"]
    for name, first in model().items():
        want = first.numpy() + 1.5 / 16
        got = reply.content["arrays"][name].numpy()
        assert np.abs(got - want).max() < STEP + 1e-6


def test_a_run_config_sets_options(tmp_path):
    fake = FakeGrid(tmp_path, 4)
    grid = SecAggGrid.from_run_config(
        fake, {"secagg-clip": 0.25, "secagg-timeout": 1,
               "secagg-train-timeout": 2.5, "other": True}, clip=1.0)
    assert grid._rounds.setup.clip == 0.25
    assert grid._timeouts == {Phase.INPUT: 2.5}
    with pytest.raises(secagg.ArgumentError, match="secagg-clipp"):
        SecAggGrid.from_run_config(fake, {"secagg-clipp": 0.25}, clip=1.0)
