# SPDX-License-Identifier: Apache-2.0
"""The drop-in for SecAgg+ of Flower's older API, over a grid in memory."""
import copy
import itertools
import logging

import numpy as np
import pytest

pytest.importorskip("flwr")

from flwr.app import ArrayRecord, ConfigRecord, Context, Error, Message
from flwr.app import MessageType, RecordDict
from flwr.client import ClientApp, NumPyClient
from flwr.common import ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server import LegacyContext, ServerConfig, SimpleClientManager
from flwr.server import workflow as theirs
from flwr.server.client_proxy import ClientProxy
from flwr.server.strategy import FedAvg, FaultTolerantFedAvg
from flwr.server.workflow.constant import (MAIN_CONFIGS_RECORD,
                                           MAIN_PARAMS_RECORD)
from flwr.server.workflow.secure_aggregation.secaggplus_workflow import (
    WorkflowState)

import secagg
from secagg import Phase
from secagg.flower import legacy
from secagg.flower._legacy_shares import share_number, threshold_number
from secagg.flower._legacy_wire import KEY, compat

CLIP = 8.0
MODEL = [np.linspace(-1, 1, 12, dtype="f4").reshape(3, 4),
         np.zeros(2, np.int64), np.float32(.5).reshape(())]


@pytest.fixture(autouse=True)
def identity(monkeypatch):
    """What the process of a ServerApp knows of itself."""
    try:
        from flwr.supercore.task_identity import TaskIdentity
    except ImportError:  # an older flwr
        return
    for name in ("_task_id", "_run_id", "_node_id"):
        monkeypatch.setattr(TaskIdentity, name, 1)


class App(NumPyClient):
    """Training that a test can compute again."""

    def __init__(self, grid, node):
        self.grid, self.node = grid, node

    def fit(self, parameters, config):
        self.grid.trained[self.node] += 1
        assert config == {"lr": 0.5}
        return self.grid.fit(self.node, parameters)


class Proxy(ClientProxy):
    def __init__(self, node):
        super().__init__(str(node))
        self.node_id = node

    def _none(self, *args):
        raise NotImplementedError

    get_properties = get_parameters = fit = evaluate = reconnect = _none


class MemoryGrid:
    """Real ClientApps behind a Grid in memory, with losses.

    `silent` maps a node to the phase whose packet it does not answer, and
    `failing` to one in which its process raises."""

    def __init__(self, count, folder, **options):
        self.nodes = [1000 + i for i in range(count)]
        self.trained = dict.fromkeys(self.nodes, 0)
        self.silent, self.failing, self.replies = {}, {}, {}
        self.seen = []  # what nodes answered
        self.sent = 0
        self.app = ClientApp(
            lambda context: App(self, context.node_id).to_client(),
            mods=[legacy.SecAggPlusMod(store=folder, **options)])

    def fit(self, node, parameters):
        i = node - 1000
        rng = np.random.default_rng(i)
        new = [p + rng.uniform(-1, 1, p.shape).astype("f4")
               for p in parameters[:1]]
        new += [parameters[1] + i, parameters[2] * np.float32(.5)]
        return new, 10 * i + 3, {"loss": float(i), "secret": 42.5}

    def get_node_ids(self):
        return self.nodes

    def push_messages(self, messages):
        ids = []
        for message in messages:
            self.sent += 1
            id_ = f"m{self.sent}"
            message.metadata.__dict__["_message_id"] = id_
            ids.append(id_)
            self._deliver(id_, message)
        return ids

    def _deliver(self, id_, message):
        node = message.metadata.dst_node_id
        phase = phase_of(message.content[KEY])
        if phase is not None and self.silent.get(node) is phase:
            return
        context = Context(7, node, {}, RecordDict(), {})
        try:
            if phase is not None and self.failing.get(node) is phase:
                raise RuntimeError("lost")
            reply = self.app(message, context)
            self.seen.append(reply.content)
        except Exception as error:  # as the engine does
            reply = Message(Error(1, str(error)), reply_to=message)
        reply.metadata.__dict__["_src_node_id"] = node
        self.replies[id_] = reply

    def pull_messages(self, ids):
        return [self.replies.pop(i) for i in list(ids) if i in self.replies]


def phase_of(record):
    """The phase of a packet; None for one that asks whether a node runs."""
    if "params" in record:
        return Phase.KEYS
    if "message" not in record:
        return None
    return {"ROSTER": Phase.SHARES, "RELAY": Phase.INPUT,
            "SURVIVORS": Phase.UNMASK}.get(secagg.peek(record["message"]).name)


def context_of(grid, strategy=None, model=MODEL, rounds=1):
    manager = SimpleClientManager()
    for node in grid.nodes:
        manager.register(Proxy(node))
    strategy = strategy or FedAvg(
        fraction_fit=1.0, min_fit_clients=2, min_available_clients=2,
        on_fit_config_fn=lambda r: {"lr": .5},
        fit_metrics_aggregation_fn=means)
    context = LegacyContext(Context(7, 0, {}, RecordDict(), {}),
                            ServerConfig(rounds), strategy, manager)
    context.state.array_records[MAIN_PARAMS_RECORD] = (
        compat.parameters_to_arrayrecord(ndarrays_to_parameters(model), True))
    context.state.config_records[MAIN_CONFIGS_RECORD] = ConfigRecord(
        {"current_round": 1})
    return context


def means(results):
    """Weighted means of what the strategy sees of the metrics."""
    total = sum(n for n, _ in results)
    return {"total": total, "results": len(results), **{
        k: sum(n * m[k] for n, m in results) / total for k in results[0][1]}}


def model_of(context):
    return parameters_to_ndarrays(compat.arrayrecord_to_parameters(
        context.state.array_records[MAIN_PARAMS_RECORD], True))


def plain(grid, who, model=MODEL):
    """The weighted mean of plain NumPy."""
    fits = [grid.fit(1000 + i, model) for i in who]
    w = np.array([n for _, n, _ in fits], "f8")
    return [sum(x * f[0][j].astype("f8") for x, f in zip(w, fits)) / w.sum()
            for j in range(len(model))], fits


def workflow(**options):
    options = {"num_shares": 1.0, "reconstruction_threshold": .8,
               "timeout": 1.0, **options}
    return legacy.SecAggPlusWorkflow(**options)


@pytest.mark.parametrize("phase", [Phase.KEYS, Phase.SHARES, Phase.INPUT,
                                   Phase.UNMASK])
@pytest.mark.parametrize("how", ["silent", "failing"])
def test_the_mean_is_that_of_the_survivors(tmp_path, phase, how):
    grid = MemoryGrid(8, tmp_path)
    setattr(grid, how, {1002: phase, 1005: phase})
    context = context_of(grid)
    flow = workflow(metrics={"loss": 10.0}, timeout=.3)
    flow(grid, context)
    alive = [i for i in range(8)
             if phase is Phase.UNMASK or i not in (2, 5)]
    mean, fits = plain(grid, alive)
    got = model_of(context)
    assert [g.dtype for g in got] == [np.float32, np.float64, np.float32]
    step = secagg.step(flow.outcome.params.segments[0])
    assert step < 2 * CLIP / 2 ** 21.9
    for one, other in zip(got, mean):
        assert one.shape == other.shape
        # The library's step, and FedAvg's sum of equal parts in float32.
        assert np.abs(one - other).max() <= step + 8 * 2 ** -24
    assert {1002, 1005} == set(flow.outcome.lost)
    (_, seen), = context.history.metrics_distributed_fit["total"]
    assert seen == sum(f[1] for f in fits)
    (_, loss), = context.history.metrics_distributed_fit["loss"]
    w = np.array([f[1] for f in fits])
    assert abs(loss - (w * alive).sum() / w.sum()) < 10.0 * 2 ** -22
    assert context.history.metrics_distributed_fit["results"] == [
        (1, len(alive))]


def test_nothing_of_a_client_is_in_its_answers_but_messages(tmp_path):
    grid = MemoryGrid(5, tmp_path)
    workflow(reconstruction_threshold=4)(grid, context_of(grid))
    assert len(grid.seen) >= 4 * 5
    for content in grid.seen:
        assert list(content) == [KEY]  # no FitRes, so no number of examples
        assert set(content[KEY]) <= {"messages"}
        assert all(secagg.peek(m) for m in content[KEY].get("messages", []))


def test_differences_need_a_small_clip_only(tmp_path):
    model = [m + 100 if m.dtype.kind == "f" else m for m in MODEL[:1]]
    model += [MODEL[1], np.float32(0).reshape(())]
    grid = MemoryGrid(6, tmp_path)
    context = context_of(grid, model=model)
    flow = workflow(differences=True, clipping_range=5.0,
                    quantization_range=2 ** 16)
    flow(grid, context)
    mean, _ = plain(grid, range(6), model)
    for one, other in zip(model_of(context), mean):
        assert np.abs(one - other).max() <= (
            10.0 / (2 ** 16 - 2) + 6 * 2 ** -17)  # units of floats below 128


def test_parameters_are_clipped_as_flower_does(tmp_path):
    grid = MemoryGrid(5, tmp_path)
    context = context_of(grid)
    workflow(reconstruction_threshold=4, clipping_range=.25)(grid, context)
    fits = [grid.fit(n, MODEL) for n in grid.nodes]
    w = np.array([f[1] for f in fits], "f8")
    want = sum(x * np.clip(f[0][0].astype("f8"), -.25, .25)
               for x, f in zip(w, fits)) / w.sum()
    assert np.abs(model_of(context)[0] - want).max() < 2 ** -20


class Recorder:
    """A grid on which nobody answers."""

    def send_and_receive(self, messages, timeout=None):
        return []


@pytest.mark.parametrize("clients", [3, 5, 10, 40])
def test_shares_are_counted_as_by_flower(tmp_path, clients):
    context, compared = context_of(MemoryGrid(clients, tmp_path)), 0
    for shares, threshold in itertools.product(
            [1, 1.0, .05, .3, .5, .72, 3, 5, 9, 21],
            [.5, .7, .81, 1.0, 2, 7]):
        if shares > clients or type(threshold) is int and (
                type(shares) is int and 1 < shares <= threshold):
            continue  # has no meaning, or Flower refuses it
        state = WorkflowState()
        theirs.SecAggPlusWorkflow(shares, threshold).setup_stage(
            Recorder(), context, state)
        assert share_number(shares, clients) == state.num_shares
        assert threshold_number(threshold, state.num_shares) == (
            state.threshold)
        compared += 1
    assert compared >= 30


def test_a_ring_has_the_shares_and_a_sound_minimum_of_survivors():
    flow = workflow(num_shares=61, reconstruction_threshold=50)
    layout = flow.task.layout({"0": MODEL[0]})
    params = flow.setup.params(layout, 120, 1, b"")
    assert (params.neighbours, params.threshold) == (60, 50)
    assert params.corrupt == 2 * 50 - 61 - 1
    params.check(secagg.Policy())
    fewer = secagg.Params(
        params.segments, clients=120, threshold=50, neighbours=60,
        corrupt=params.corrupt, min_survivors=params.min_survivors - 1,
        max_weight=params.max_weight)
    with pytest.raises((secagg.PolicyError, secagg.ArgumentError)):
        fewer.check(secagg.Policy())


@pytest.mark.parametrize("clients, shares, threshold", [
    (5, 3, 2), (10, 1.0, .5), (10, 5, 4), (120, 31, 16), (10, 1.0, 11)])
def test_a_refused_combination_names_numbers_that_work(
        tmp_path, clients, shares, threshold):
    grid = MemoryGrid(clients, tmp_path)
    with pytest.raises(ValueError) as caught:
        workflow(num_shares=shares, reconstruction_threshold=threshold)(
            grid, context_of(grid))
    words = str(caught.value)
    assert f"num_shares={shares}" in words and f"{clients} clients" in words
    advice = words.rsplit(". num_shares=")[1].split()
    number = float(advice[0]) if "." in advice[0] else int(advice[0])
    limit = int(advice[2].split("=")[1])
    flow = workflow(num_shares=number, reconstruction_threshold=limit)
    flow.setup.params(flow.task.layout({"0": MODEL[0]}), clients, 1, b"")


@pytest.mark.parametrize("clients", [*range(3, 31), 50, 99, 150])
def test_proportions_of_the_documentation_are_accepted(clients):
    for threshold in (.85, .75):
        flow = workflow(reconstruction_threshold=threshold)
        layout = flow.task.layout({"0": MODEL[0]})
        if threshold == .75 and clients in (3, 6):
            with pytest.raises(ValueError):
                flow.setup.params(layout, clients, 1, b"")
        else:
            params = flow.setup.params(layout, clients, 1, b"")
            assert params.neighbours == 0


@pytest.mark.parametrize("options, error", [
    (dict(num_shares="3"), TypeError), (dict(num_shares=2), ValueError),
    (dict(num_shares=0.0), ValueError), (dict(num_shares=True), TypeError),
    (dict(reconstruction_threshold=1.5), ValueError),
    (dict(reconstruction_threshold=float("nan")), ValueError),
    (dict(max_weight=.5), ValueError), (dict(max_weight=2 ** 32), ValueError),
    (dict(quantization_range=1), ValueError),
    (dict(clipping_range=0), ValueError),
    (dict(metrics={"loss": float("nan")}), ValueError),
    (dict(quantization_range=2.0 ** 22), TypeError)])
def test_parameters_without_a_meaning_are_refused(options, error):
    with pytest.raises(error):
        workflow(**options)


def test_the_modulus_is_chosen_and_the_log_says_so(caplog):
    with caplog.at_level(logging.INFO, "flwr"):
        logging.getLogger("flwr").propagate = True
        flow = workflow(modulus_range=2 ** 32)
    assert "modulus_range=4294967296 is ignored" in caplog.text
    params = flow.setup.params(flow.task.layout({"0": MODEL[0]}), 10, 1, b"")
    # 10 clients of weight at most 1000 and values below 2**22.
    assert params.resolve().segments[0].bits == (
        10 * 1000 * (2 ** 22 - 2)).bit_length()


def lost_by(grid, context, flow, node):
    """The words of a node that is not in the sum."""
    flow(grid, context)
    assert node not in flow.outcome.survivors
    return " ".join(text for who, text in flow.outcome.refused if who == node)


def test_a_client_with_too_large_a_weight_drops_out(tmp_path):
    grid = MemoryGrid(6, tmp_path)
    words = lost_by(grid, context_of(grid), workflow(
        max_weight=50, timeout=.3), 1005)  # it has 53 examples
    assert "RangeError" in words


@pytest.mark.parametrize("break_it, words", [
    (lambda fit: (fit[0][:2], fit[1], fit[2]), None),
    (lambda fit: ([np.full((3, 4), np.nan), *fit[0][1:]], *fit[1:]), "Range"),
    (lambda fit: (fit[0], fit[1], {}), "returned no number 'loss'"),
    (lambda fit: (fit[0], fit[1], {"loss": "x"}), "returned no number"),
    (lambda fit: (fit[0], fit[1], {"loss": float("inf")}), "Range")])
def test_a_client_whose_training_is_unusable_drops_out(
        tmp_path, break_it, words):
    grid = MemoryGrid(6, tmp_path)
    fit = grid.fit
    grid.fit = lambda node, p: (break_it(fit(node, p)) if node == 1003
                                else fit(node, p))
    context = context_of(grid)
    got = lost_by(grid, context, workflow(metrics={"loss": 8.0}, timeout=.3),
                  1003)
    assert words is None or words in got
    grid.fit = fit
    mean, _ = plain(grid, [0, 1, 2, 4, 5])
    assert np.abs(model_of(context)[0] - mean[0]).max() < 2 ** -17


def test_training_without_a_session_is_refused(tmp_path):
    grid = MemoryGrid(1, tmp_path)
    message = Message(RecordDict(), 1000, MessageType.TRAIN)
    with pytest.raises(Exception, match="without secure aggregation"):
        grid.app(message, Context(7, 1000, {}, RecordDict(), {}))
    assert grid.trained == {1000: 0}


def test_an_input_without_its_model_is_refused(tmp_path):
    grid = MemoryGrid(5, tmp_path)
    deliver = grid._deliver

    def strip(id_, message):
        for name in list(message.content.array_records):
            del message.content[name]
        deliver(id_, message)
    grid._deliver = strip
    flow = workflow(reconstruction_threshold=4, attempts=1)
    flow(grid, context_of(grid))
    assert flow.outcome.mean is None and not any(grid.trained.values())
    assert any("no model" in text for _, text in flow.outcome.refused)


def test_another_model_is_refused_before_training(tmp_path):
    grid = MemoryGrid(5, tmp_path)
    deliver = grid._deliver

    def swap(id_, message):
        record = message.content.array_records.get("fitins.parameters")
        if record is not None:
            message.content["fitins.parameters"] = (
                compat.parameters_to_arrayrecord(ndarrays_to_parameters(
                    [m + 1 for m in MODEL]), True))
        deliver(id_, message)
    grid._deliver = swap
    flow = workflow(reconstruction_threshold=4, attempts=1)
    flow(grid, context_of(grid))
    assert flow.outcome.mean is None and not any(grid.trained.values())


def test_a_round_without_a_sum_keeps_the_model(tmp_path):
    grid = MemoryGrid(6, tmp_path)
    grid.failing = dict.fromkeys(grid.nodes[:4], Phase.UNMASK)
    called = []
    strategy = FedAvg(fraction_fit=1.0, on_fit_config_fn=lambda r: {"lr": .5})
    strategy.aggregate_fit = lambda *a: called.append(a)
    context = context_of(grid, strategy)
    flow = workflow()
    flow(grid, context)
    assert flow.outcome.mean is None and not called
    assert all(np.array_equal(a, b) for a, b in zip(model_of(context), MODEL))
    # The inputs are spent: the same model is not trained on again ...
    grid.failing = {}
    flow(grid, context)
    assert flow.outcome.mean is None
    assert any("randomised_training" in t for _, t in flow.outcome.refused)
    assert set(grid.trained.values()) == {1}


def test_randomised_training_goes_on_after_a_lost_round(tmp_path):
    grid = MemoryGrid(6, tmp_path, randomised_training=True)
    grid.failing = dict.fromkeys(grid.nodes[:4], Phase.UNMASK)
    context, flow = context_of(grid), workflow()
    flow(grid, context)
    grid.failing = {}
    flow(grid, context)
    mean, _ = plain(grid, range(6))
    assert np.abs(model_of(context)[0] - mean[0]).max() < 2 ** -17


def test_losses_before_anything_was_opened_cost_a_session_only(tmp_path):
    grid = MemoryGrid(9, tmp_path)
    grid.failing = dict.fromkeys(grid.nodes[:4], Phase.INPUT)
    context, flow = context_of(grid), workflow(reconstruction_threshold=.75)
    flow(grid, context)
    assert flow.outcome.sessions == 2
    mean, _ = plain(grid, range(4, 9))
    assert np.abs(model_of(context)[0] - mean[0]).max() < 2 ** -17


def test_too_few_clients_end_the_first_run_and_later_only_the_round(tmp_path):
    grid = MemoryGrid(6, tmp_path)
    flow, context = workflow(reconstruction_threshold=5), context_of(grid)
    flow(grid, context)
    for node in grid.nodes[3:]:
        context.client_manager.unregister(Proxy(node))
    before = model_of(context)
    flow(grid, context)
    assert flow.outcome is None
    assert np.array_equal(model_of(context)[0], before[0])
    with pytest.raises(ValueError, match="of 3 clients"):
        workflow(reconstruction_threshold=5)(grid, context)


def test_a_strategy_that_counts_failures_sees_them(tmp_path):
    grid = MemoryGrid(8, tmp_path)
    grid.failing = {1001: Phase.KEYS, 1002: Phase.INPUT}
    strategy = FaultTolerantFedAvg(
        fraction_fit=1.0, min_completion_rate_fit=.76,
        on_fit_config_fn=lambda r: {"lr": .5})
    context = context_of(grid, strategy)
    workflow()(grid, context)  # 6 of 8 are not enough for this strategy
    assert np.array_equal(model_of(context)[0], MODEL[0])


def test_a_strategy_with_a_model_for_each_client_is_refused(tmp_path):
    grid = MemoryGrid(5, tmp_path)

    strategy = FedAvg(fraction_fit=1.0)
    base = FedAvg(fraction_fit=1.0)

    def personal(*args):
        out = [(p, copy.copy(f)) for p, f in base.configure_fit(*args)]
        out[1][1].parameters = ndarrays_to_parameters([np.zeros(3)])
        return out
    strategy.configure_fit = personal
    with pytest.raises(ValueError, match="the same for all"):
        workflow(reconstruction_threshold=4)(grid, context_of(grid, strategy))


def test_new_nodes_are_woken_once_before_the_first_phase(tmp_path):
    grid = MemoryGrid(5, tmp_path)
    asked, push = [], grid.push_messages

    def watch(messages):
        messages = list(messages)
        if messages:
            asked.append((phase_of(messages[0].content[KEY]), len(messages)))
        return push(messages)
    grid.push_messages = watch
    flow, context = workflow(reconstruction_threshold=4), context_of(grid)
    flow(grid, context)
    assert asked[:2] == [(None, 5), (Phase.KEYS, 5)]
    flow(grid, context)
    assert asked.count((None, 5)) == 1
    assert asked.count((Phase.KEYS, 5)) == 2


def test_a_secret_is_neither_in_the_log_nor_in_a_repr(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    grid = MemoryGrid(5, tmp_path)
    flow = workflow(reconstruction_threshold=4)
    flow(grid, context_of(grid))
    keys = [p.read_bytes() for p in tmp_path.glob("*/key")]
    assert len(keys) == 5
    for text in (caplog.text, repr(vars(flow)), repr(flow.outcome)):
        for key in keys:
            assert key.hex() not in text and repr(key) not in text


def test_sessions_may_be_active(tmp_path):
    people = {i: secagg.Identity.generate() for i in range(5)}
    trusted = {i: one.public_key for i, one in people.items()}
    grid = MemoryGrid(5, tmp_path)
    apps = {node: ClientApp(
        lambda context: App(grid, context.node_id).to_client(),
        mods=[legacy.SecAggPlusMod(
            store=tmp_path, identity=people[i], trust=lambda p: trusted)])
        for i, node in enumerate(grid.nodes)}
    grid.app = lambda m, context: apps[context.node_id](m, context)
    asked = []

    def trust(params, nodes):
        asked.append(list(nodes))
        return {nodes.index(node): trusted[i]
                for i, node in enumerate(grid.nodes)}
    # The indices of a session follow the order of the strategy's sample.
    strategy = FedAvg(fraction_fit=1.0, on_fit_config_fn=lambda r: {"lr": .5})
    sample = strategy.configure_fit
    strategy.configure_fit = lambda *a: sorted(
        sample(*a), key=lambda pair: pair[0].node_id)
    context = context_of(grid, strategy)
    flow = workflow(reconstruction_threshold=4, mode="active", trust=trust)
    flow(grid, context)
    assert flow.outcome.error is None, flow.outcome.refused
    assert flow.outcome.params.mode is secagg.Mode.ACTIVE
    assert asked == [grid.nodes]
    mean, _ = plain(grid, range(5))
    assert np.abs(model_of(context)[0] - mean[0]).max() < 2 ** -17
