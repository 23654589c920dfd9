# SPDX-License-Identifier: Apache-2.0
"""The phases without training, and the filters around the training."""
from __future__ import annotations

import math
from typing import Any, Mapping

import numpy as np
import numpy.typing as npt
from nvflare.apis.dxo import DataKind, from_shareable
from nvflare.apis.executor import Executor
from nvflare.apis.filter import ContentBlockedException, Filter
from nvflare.apis.fl_constant import FLMetaKey, ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable, make_reply
from nvflare.apis.signal import Signal
from nvflare.app_common.abstract.fl_model import FLModel, ParamsType
from nvflare.app_common.utils.fl_model_utils import FLModelUtils

from .._client import Client
from .._errors import StateError
from ..host import Layout, Packet
from ._names import HEADER, SITE_ID, TASK, arrays, task_bytes
from ._site import SecAggSite

STARTED = "secagg_started"  # property of the context of one task
Started = tuple[Packet, dict[str, npt.NDArray[Any]], bytes]


class SecAggExecutor(Executor):  # type: ignore[misc]
    """Answers the phases in which nobody trains.

    Parameters
    ----------
    site_id : str
        The id of the component `SecAggSite`.
    """

    def __init__(self, site_id: str = SITE_ID) -> None:
        super().__init__()
        self.site_id = site_id

    def execute(self, task_name: str, shareable: Shareable, fl_ctx: FLContext,
                abort_signal: Signal) -> Shareable:
        """Answer the packet of a task."""
        if task_name != TASK:
            return make_reply(ReturnCode.TASK_UNKNOWN)
        packet = _packet(shareable)
        if packet is None:
            self.log_error(fl_ctx, "secagg: the task has no packet")
            return make_reply(ReturnCode.BAD_TASK_DATA)
        site = _site(fl_ctx, self.site_id)
        return _reply(site.answer(fl_ctx, packet, supply=_no_training))


class SecAggModelFilter(Filter):  # type: ignore[misc]
    """Takes the packet out of a training task, before the training.

    It blocks a task that has none, or whose model is not that of the session.

    Parameters
    ----------
    task : str
        The training task.
    site_id : str
        The id of the component `SecAggSite`.
    """

    def __init__(self, task: str, site_id: str = SITE_ID) -> None:
        super().__init__()
        self.task, self.site_id = task, site_id

    def process(self, shareable: Shareable, fl_ctx: FLContext) -> Shareable:
        """Check the task, and remember the model that it starts from."""
        packet = _packet(shareable)
        if packet is None:
            raise ContentBlockedException(
                f"the task {self.task} came without secure aggregation: the "
                "server would see the model of this client")
        shareable.pop(HEADER)
        dxo = from_shareable(shareable)
        if dxo.data_kind != DataKind.WEIGHTS:
            raise ContentBlockedException(
                f"the task has {dxo.data_kind}, and no model")
        # The training may change the arrays in place.
        model = {k: np.array(v) for k, v in arrays(dxo.data).items()}
        site = _site(fl_ctx, self.site_id)
        digest = site.layout(model).digest(model, task_bytes(self.task))
        site.member(fl_ctx).expect(packet, digest)
        _remember(fl_ctx, (packet, model, digest))
        return shareable


class SecAggUpdateFilter(Filter):  # type: ignore[misc]
    """Replaces the result of a training task by messages of the session.

    It must be the last filter of the task. Nothing else of the result leaves
    the client.

    Parameters
    ----------
    task : str
        The training task.
    site_id : str
        The id of the component `SecAggSite`.
    """

    def __init__(self, task: str, site_id: str = SITE_ID) -> None:
        super().__init__()
        self.task, self.site_id = task, site_id

    def process(self, shareable: Shareable, fl_ctx: FLContext) -> Shareable:
        """Give the update to the session, and return its messages."""
        started: Started | None = fl_ctx.get_prop(STARTED)
        _remember(fl_ctx, None)
        code = shareable.get_return_code()
        if code != ReturnCode.OK:
            return make_reply(code)
        if started is None:
            raise ContentBlockedException(
                f"there is a result of {self.task}, and no session to put it "
                "into")
        packet, old, digest = started
        site = _site(fl_ctx, self.site_id)
        supply = Update(FLModelUtils.from_shareable(shareable), old,
                        site.layout(old))
        return _reply(site.answer(fl_ctx, packet, supply=supply,
                                  digest=digest))


class Update:
    """Gives a client the result of a training.

    Parameters
    ----------
    result : FLModel
        The result of the training: a model, or the difference to `old`.
    old : mapping of str to ndarray
        The model before the training.
    layout : Layout
        The layout of the session.

    Raises
    ------
    ValueError, TypeError
        The result has other arrays, or lacks a metric.
    """

    def __init__(self, result: FLModel, old: Mapping[str, npt.NDArray[Any]],
                 layout: Layout) -> None:
        self._layout = layout
        self._new = arrays(result.params)
        layout.check(self._new)
        self._old = (None if result.params_type == ParamsType.DIFF
                     else dict(old))
        self._weight = weight_of(result.meta or {})
        self._metrics = _metrics(result.metrics, layout)

    def __call__(self, client: Client) -> None:
        self._layout.supply(client, self._new, self._old, self._weight,
                            self._metrics)


def weight_of(meta: Mapping[str, Any]) -> int:
    """The weight of a result, which FedAvg finds in the same place.

    A result without a positive number has weight 1; a fraction is rounded,
    and is at least 1.
    """
    value = meta.get(FLMetaKey.NUM_STEPS_CURRENT_ROUND)
    if isinstance(value, bool):
        return 1
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 1
    if not math.isfinite(number) or number <= 0:
        return 1
    return max(1, round(number))


def _metrics(found: Any, layout: Layout) -> dict[str, float]:
    """The metrics that the session averages."""
    found = found if isinstance(found, Mapping) else {}
    missing = sorted(set(layout.metrics) - set(found))
    if missing:
        raise ValueError(f"the result lacks the metrics {missing}: all "
                         "clients must send them")
    return {name: float(found[name]) for name in layout.metrics}


def _no_training(client: Client) -> None:
    raise StateError("the server asks for an input outside of the training "
                     "task")


def _site(fl_ctx: FLContext, site_id: str) -> SecAggSite:
    site = fl_ctx.get_engine().get_component(site_id)
    if not isinstance(site, SecAggSite):
        raise ContentBlockedException(f"there is no component {site_id}")
    return site


def _packet(shareable: Shareable) -> Packet | None:
    packet = shareable.get(HEADER)
    return packet if isinstance(packet, dict) else None


def _reply(packet: Mapping[str, Any]) -> Shareable:
    out = Shareable()
    out[HEADER] = dict(packet)
    return out


def _remember(fl_ctx: FLContext, started: Started | None) -> None:
    fl_ctx.set_prop(STARTED, started, private=True, sticky=False)
