# SPDX-License-Identifier: Apache-2.0
"""The server's side: rounds of a controller that sends models."""
from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import numpy.typing as npt
from nvflare.apis.client import Client
from nvflare.apis.fl_constant import FLContextKey, FLMetaKey, ReservedKey
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable
from nvflare.app_common.abstract.fl_model import FLModel, ParamsType
from nvflare.app_common.app_constant import AppConstants
from nvflare.app_common.app_event_type import AppEventType
from nvflare.app_common.utils.fl_model_utils import FLModelUtils
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.app_common.workflows.model_controller import ModelController

from .._enums import Mode, Phase
from .._errors import ArgumentError
from .._identity import Trust
from .._params import Params, Policy
from ..host import Layout, Outcome, Rounds, Setup
from ._names import TASK, arrays, task_bytes
from ._pki import Kit
from ._transport import Transport

COHORT = "secagg"  # the name of the client that a sum seems to come from


def setup_of(secagg: Mapping[str, Any]) -> Setup:
    """The set-up in the configuration of a job, which is JSON."""
    options = dict(secagg)
    for name in ("metrics", "failed_rounds"):
        options.pop(name, None)
    if options.get("policy") is not None:
        options["policy"] = Policy(**options["policy"])
    options["timeouts"] = {Phase.of(name): float(seconds) for name, seconds
                           in (options.get("timeouts") or {}).items()}
    return Setup(**options)


class SecAggRounds(ModelController):  # type: ignore[misc]
    """Makes each `send_model` of a controller one secure sum.

    Put it before the controller: ``class C(SecAggRounds, FedAvg)``. The
    controller then gets one result a round, the mean over the clients, in the
    place of theirs.

    Parameters
    ----------
    secagg : mapping
        The members of `Setup`, with the names of phases as keys of
        `timeouts`, and besides:

        metrics : mapping of str to float
            Metrics of which the mean is computed, with the bound of each.
        failed_rounds : int
            How many rounds in a row may end without a sum, which leaves the
            model as it is, before the job is aborted; 1 by default.
        result : str
            ``"full"`` or ``"diff"``: the kind of result that the controller
            expects.
    """

    def __init__(self, *args: Any, secagg: dict[str, Any] | None = None,
                 **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secagg = secagg or {}

    # ---- called by the controller -------------------------------------------

    def send_model(self, task_name: str = "train",
                   data: FLModel | None = None, targets: Any = None,
                   min_responses: int | None = None, timeout: int = 0,
                   callback: Callable[[FLModel], Any] | None = None) -> None:
        """Run a round, and pass its mean to `callback`."""
        for result in self.send_model_and_wait(task_name, data, targets,
                                               min_responses, timeout):
            if callback is not None:
                callback(result)

    def send_model_and_wait(self, task_name: str = "train",
                            data: FLModel | None = None, targets: Any = None,
                            min_responses: int | None = None, timeout: int = 0
                            ) -> list[FLModel]:
        """Run a round, and return its mean as the only result."""
        if data is None:
            raise ValueError("there is no model to send")
        self.set_fl_context(data)
        outcome = self._round(task_name, data, _names(
            targets or self.engine.get_clients()), timeout)
        if self.abort_signal.triggered:
            return []
        result = self._result(data, outcome)
        if outcome is not None and outcome.mean is not None:
            self._announce(result)
        return [result]

    def get_num_standing_tasks(self) -> int:
        """Tasks that a round waits for: not those that nobody answers."""
        own = self.__dict__.get("_transport")
        return max(0, int(super().get_num_standing_tasks())
                   - (own.unanswered() if own else 0))

    def process_result_of_unknown_task(
            self, client: Client, task_name: str, client_task_id: str,
            result: Shareable, fl_ctx: FLContext) -> None:
        """A result that came too late: its client has dropped out."""
        self.log_info(fl_ctx, f"secagg: {client.name} answered too late")

    # ---- a round ------------------------------------------------------------

    def _round(self, task_name: str, data: FLModel, names: list[str],
               timeout: int) -> Outcome[str] | None:
        model = arrays(data.params)
        layout = Layout.of(model, self.secagg.get("metrics"))
        transport = self._transport_to(task_name, data, timeout)
        digest = layout.digest(model, task_bytes(task_name))
        try:
            outcome = self._rounds(transport).run(
                names, layout, digest, data.current_round or 0)
        except ArgumentError as error:
            self.error(f"secagg: {error}")
            return None
        return outcome

    def _transport_to(self, task_name: str, data: FLModel, timeout: int
                      ) -> Transport:
        self._transport = Transport(
            self, self.fl_ctx, self.abort_signal,
            lambda phase: (self._build_shareable(data) if phase is Phase.INPUT
                           else Shareable()),
            lambda phase: task_name if phase is Phase.INPUT else TASK,
            timeout)
        return self._transport

    def _rounds(self, transport: Transport) -> Rounds[str]:
        """The rounds of this job, over the transport of this round."""
        made: Rounds[str] | None = self.__dict__.get("_secagg_rounds")
        if made is None:
            setup = setup_of({k: v for k, v in self.secagg.items()
                              if k != "result"})
            made = Rounds(setup, lambda *a: self._transport.exchange(*a),
                          lambda packets: self._transport.tell(packets),
                          trust=self._trust, report=self._log)
            if setup.mode in (Mode.ACTIVE, "active") and not self._kit():
                raise ArgumentError("active mode needs the certificates of a "
                                    "provisioned project")
            self._secagg_rounds = made
        return made

    def _kit(self) -> Kit | None:
        return Kit.of(self.engine.get_workspace())

    def _trust(self, params: Params, members: Sequence[str]) -> Trust:
        kit = self._kit()
        assert kit is not None
        return kit.trust(dict(enumerate(members)))

    # ---- its result ---------------------------------------------------------

    def _result(self, data: FLModel, outcome: Outcome[str] | None) -> FLModel:
        """The mean as the result of one client."""
        meta: dict[str, Any] = {"client_name": COHORT,
                                FLMetaKey.NUM_STEPS_CURRENT_ROUND: 1}
        diff = self.secagg.get("result") == "diff"
        kind = ParamsType.DIFF if diff else ParamsType.FULL
        old = arrays(data.params)
        metrics = None
        params: dict[str, npt.NDArray[Any]] = (
            {k: v * 0 for k, v in old.items()} if diff else dict(old))
        if outcome is None or outcome.mean is None:
            self._failed_round()
        else:
            self._failed = 0
            layout = Layout.of(old, self.secagg.get("metrics"))
            params = layout.join(outcome.mean, None if diff else old)
            metrics = outcome.metrics or None
            meta[FLMetaKey.NUM_STEPS_CURRENT_ROUND] = outcome.weight
        return FLModel(params_type=kind, params=params, metrics=metrics,
                       current_round=data.current_round, meta=meta)

    def _failed_round(self) -> None:
        self._failed = self.__dict__.get("_failed", 0) + 1
        most = int(self.secagg.get("failed_rounds", 1))
        if self._failed > most:
            self.panic(f"secagg: {self._failed} rounds in a row ended without "
                       "a sum; the reasons are in the log")
        else:
            self.warning("secagg: the model stays as it is in this round")

    def _announce(self, result: FLModel) -> None:
        """Let components that watch results (the selection of the best model,
        writers of metrics) see the mean."""
        shareable = FLModelUtils.to_shareable(result)
        shareable.add_cookie(AppConstants.CONTRIBUTION_ROUND,
                             result.current_round)
        with self.engine.new_context() as fl_ctx:
            peer = FLContext()
            peer.set_prop(FLContextKey.SHAREABLE, shareable, private=True)
            peer.set_prop(ReservedKey.IDENTITY_NAME, COHORT, private=True)
            fl_ctx.set_peer_context(peer)
            for key, value in (
                    (AppConstants.CURRENT_ROUND, result.current_round),
                    (AppConstants.TRAINING_RESULT, shareable),
                    (AppConstants.AGGREGATION_ACCEPTED, True)):
                self._set_ctx_prop_preserving_attrs(fl_ctx, key, value)
            self.fire_event(AppEventType.BEFORE_CONTRIBUTION_ACCEPT, fl_ctx)
            self.fire_event(AppEventType.AFTER_CONTRIBUTION_ACCEPT, fl_ctx)

    def _log(self, outcome: Outcome[str]) -> None:
        for member, text in outcome.refused:
            self.warning(f"secagg: {member}: {text}")
        for member, lost in outcome.lost.items():
            why = f" ({lost.error.__name__})" if lost.error else ""
            self.warning(f"secagg: {member} dropped out in {lost.phase}{why}")
        for member, blame in outcome.blamed.items():
            self.error(f"secagg: {member} is blamed ({blame.error.__name__}) "
                       "and is invited to no further round")
        if outcome.mean is None:
            self.error(f"secagg: there is no sum: {outcome.error}")
        else:
            took = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds
                             in outcome.seconds.items())
            self.info(f"secagg: the mean of {len(outcome.survivors)} of "
                      f"{len(outcome.members)} clients, weight "
                      f"{outcome.weight} ({took})")


class SecAggFedAvg(SecAggRounds, FedAvg):  # type: ignore[misc]
    """FedAvg whose server sees the mean over the clients, and no update.

    Parameters
    ----------
    secagg : mapping
        See `SecAggRounds`.
    *args, **kwargs
        Those of ``nvflare.app_common.workflows.fedavg.FedAvg``.
    """

    def __init__(self, *args: Any, secagg: dict[str, Any] | None = None,
                 **kwargs: Any) -> None:
        super().__init__(*args, secagg=secagg, **kwargs)


def _names(targets: Sequence[Client | str]) -> list[str]:
    return sorted(t.name if isinstance(t, Client) else str(t)
                  for t in targets)
