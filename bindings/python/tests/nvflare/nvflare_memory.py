# SPDX-License-Identifier: Apache-2.0
"""NVFLARE without its processes: clients that run the filters and executors of
a job in memory, and a controller that sends them tasks."""
import copy
import threading

import numpy as np
from nvflare.apis.client import Client
from nvflare.apis.controller_spec import ClientTask, TaskCompletionStatus
from nvflare.apis.fl_constant import ReservedKey, ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import make_reply
from nvflare.apis.signal import Signal
from nvflare.apis.workspace import Workspace
from nvflare.app_common.abstract.fl_model import FLModel, ParamsType
from nvflare.app_common.utils.fl_model_utils import FLModelUtils

from secagg import peek
from secagg.nvflare import (SecAggExecutor, SecAggFedAvg, SecAggModelFilter,
                            SecAggSite, SecAggUpdateFilter)

SHAPES = {"w": (3, 5), "b": (5,)}
METRICS = {"loss": 8.0}


def model(dtype="f4"):
    return {name: np.zeros(shape, dtype) for name, shape in SHAPES.items()}


def update(site, round, clip=0.4):
    """What a client adds to the model, in the range of the clip."""
    rng = np.random.default_rng([site, round])
    return {name: rng.uniform(-clip, clip, shape)
            for name, shape in SHAPES.items()}


def weighted_mean(sites, round, weight=lambda site: site + 1):
    """The plain mean of the updates."""
    total = sum(weight(s) for s in sites)
    return {name: sum(weight(s) * update(s, round)[name]
                      for s in sites) / total for name in SHAPES}


class Engine:
    """What components ask an engine for."""

    def __init__(self, root, name, job="job"):
        root.mkdir(parents=True, exist_ok=True)
        for folder in ("startup", "local"):
            (root / folder).mkdir(exist_ok=True)
        self.workspace = Workspace(str(root), name)
        self.name, self.job, self.components = name, job, {}
        self.clients, self.events = [], []

    def get_workspace(self):
        return self.workspace

    def get_component(self, name):
        return self.components.get(name)

    def get_clients(self):
        return self.clients

    def fire_event(self, event_type, fl_ctx):
        self.events.append(event_type)

    def new_context(self):
        fl_ctx = FLContext()
        fl_ctx.set_prop(ReservedKey.ENGINE, self, private=True, sticky=False)
        fl_ctx.set_prop(ReservedKey.IDENTITY_NAME, self.name, private=True,
                        sticky=False)
        fl_ctx.set_prop(ReservedKey.RUN_NUM, self.job, private=True,
                        sticky=False)
        return fl_ctx


class Site:
    """A client. Its components are new for each task, as in the simulator."""

    def __init__(self, root, number, **options):
        self.number, self.name = number, f"site-{number}"
        self.root, self.options = root / self.name, options
        self.trained = 0
        self.spoil = None  # changes the result of the training
        self.train = self._train

    def run(self, name, data):
        """What the runner of a client does with a task."""
        engine = Engine(self.root, self.name)
        engine.components["secagg_site"] = SecAggSite(METRICS, **self.options)
        with engine.new_context() as fl_ctx:
            if name == "secagg":
                return SecAggExecutor().execute(name, data, fl_ctx, Signal())
            try:
                data = SecAggModelFilter(name).process(data, fl_ctx)
            except Exception:
                return make_reply(ReturnCode.TASK_DATA_FILTER_ERROR)
            result = self.train(data)
            try:
                return SecAggUpdateFilter(name).process(result, fl_ctx)
            except Exception:
                return make_reply(ReturnCode.TASK_RESULT_FILTER_ERROR)

    def _train(self, data):
        self.trained += 1
        assert "secagg" not in data
        got = FLModelUtils.from_shareable(data)
        new = update(self.number, got.current_round)
        for name, array in got.params.items():
            array += new[name].astype(array.dtype)  # in place, as some do
        result = FLModel(
            params_type=ParamsType.FULL, params=got.params,
            metrics={"loss": float(self.number), "other": 3.0},
            meta={"NUM_STEPS_CURRENT_ROUND": self.number + 1})
        if self.spoil is not None:
            self.spoil(result)
        return FLModelUtils.to_shareable(result)


class Bus:
    """The communicator of a controller: runs the clients in threads.

    `faults` maps (site, phase's message) to ``"silent"`` or to a function of
    the reply.
    """

    def __init__(self, sites):
        self.sites = {site.name: site for site in sites}
        self.faults, self.seen, self.standing = {}, [], []

    def send(self, task, fl_ctx, targets):
        site, = targets
        data = copy.deepcopy(task.data)
        self.standing.append(task)
        packet = data.get("secagg")
        message = (peek(packet["message"]).name if "message" in packet
                   else "PARAMS")
        fault = self.faults.get((site, message))
        if fault == "silent":
            return
        reply = self.sites[site].run(task.name, data)
        self.seen.append((site, message, reply))
        if fault is not None:
            reply = fault(reply)
        client_task = ClientTask(Client(site, ""), task)
        client_task.result = reply
        threading.Thread(target=self._received, daemon=True,
                         args=(client_task, fl_ctx)).start()

    def _received(self, client_task, fl_ctx):
        task = client_task.task
        task.result_received_cb(client_task=client_task, fl_ctx=fl_ctx)
        task.completion_status = TaskCompletionStatus.OK

    def cancel_task(self, task, completion_status=None, fl_ctx=None):
        task.completion_status = TaskCompletionStatus.CANCELLED

    def get_num_standing_tasks(self):
        return sum(t.completion_status is None for t in self.standing)


class Controller(SecAggFedAvg):
    """Sends tasks over a bus in the place of a communicator."""

    bus = None

    def send(self, task, fl_ctx, targets):
        self.bus.send(task, fl_ctx, targets)

    def cancel_task(self, task):
        self.bus.cancel_task(task)

    @property
    def communicator(self):
        return self.bus

    @communicator.setter
    def communicator(self, _):
        pass


class Server:
    """A controller with its engine."""

    def __init__(self, root, sites, **secagg):
        self.bus = Bus(sites)
        options = {"clip": 0.5, "metrics": METRICS, "timeout": 60,
                   "corrupt": 0.1, "dropout": 0.3, **secagg}
        self.controller = Controller(num_clients=len(sites), num_rounds=1,
                                       persistor_id="", secagg=options)
        self.engine = Engine(root / "server", "server")
        self.engine.clients = [Client(site.name, "") for site in sites]
        c = self.controller
        c.engine, c.abort_signal = self.engine, Signal()
        c.fl_ctx = self.engine.new_context()
        c.bus = self.bus
        self.panics = []
        c.panic = self.panics.append

    def round(self, params, number=0):
        """One round; the result that the controller sees."""
        found = []
        self.controller.send_model(
            "train", FLModel(params=params, params_type=ParamsType.FULL,
                             current_round=number, total_rounds=9),
            callback=found.append)
        result, = found
        return result
