# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation for a job that averages models already."""
from __future__ import annotations

import dataclasses
from typing import Any, Iterable, Mapping

from nvflare.apis.analytix import ANALYTIC_EVENT_TYPE
from nvflare.app_common.widgets.convert_to_fed_event import ConvertToFedEvent
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import ClientApp, FedJob, ServerApp
from nvflare.recipe.spec import Recipe

from .._enums import Mode, Rounding, Suite
from .._params import Policy
from ._controller import SecAggFedAvg, SecAggRounds, setup_of
from ._executor import (SecAggExecutor, SecAggModelFilter,
                        SecAggUpdateFilter)
from ._names import SITE_ID, TASK
from ._site import SecAggSite

PACKAGE = "secagg"  # is installed at each site, and not copied into the job
WAITS = {"keys": 300.0, "shares": 300.0, "confirm": 300.0, "unmask": 300.0}
Chains = list[tuple[set[str], list[Any]]]


def add_secagg(job: Recipe | FedJob, *, clip: float,
               metrics: Mapping[str, float] | None = None,
               policy: Policy | None = None,
               randomised_training: bool = False, failed_rounds: int = 1,
               analytics: bool = False, tasks: Iterable[str] = (),
               **setup: Any) -> None:
    """Give a FedAvg job secure aggregation.

    Call it last, when the job is complete: filters that are added later would
    see messages in the place of models. The training scripts and the model
    persistor stay as they are.

    Parameters
    ----------
    job : Recipe or FedJob
        A recipe (``FedAvgRecipe`` and those that derive from it), or a job
        whose server has one `FedAvg` or `SecAggRounds` controller.
    clip : float
        Entries of an update (new weight minus old weight) are clipped to
        [-clip, clip].
    metrics : mapping of str to float, optional
        The metrics that clients send, with the largest absolute value of
        each. The server learns their weighted mean. Others are not sent.
    policy : Policy, optional
        The minimum that clients accept. A site replaces it with its file
        ``local/secagg.json``.
    randomised_training : bool
        Each training draws new randomness, so that a client may give an input
        for the same model again; see `secagg.host.Member`.
    failed_rounds : int
        How many rounds in a row may end without a sum before the job is
        aborted.
    analytics : bool
        Let clients stream values to the server (``SummaryWriter``,
        ``flare.log``). The server sees those of each client.
    tasks : iterable of str
        Tasks besides the training task that clients still serve, such as
        ``"validate"``. Their results are in the clear.
    **setup
        Members of `secagg.host.Setup`, such as `corrupt`, `dropout`,
        `value_bits`, `max_weight`, `mode`, `timeout`, `timeouts` (by the name
        of the phase) and `attempts`. Without `timeout`, the phases without
        training wait for 300 seconds, and the training has no limit.

    Raises
    ------
    ValueError
        The controller is no FedAvg, or works with single updates.
    """
    bounds = {k: float(v) for k, v in (metrics or {}).items()}
    secagg = {"clip": float(clip), "metrics": bounds,
              "failed_rounds": failed_rounds, **_plain(setup)}
    if policy is not None:
        secagg["policy"] = _members(policy)
    setup_of(secagg)  # raises if a name or a value is wrong
    if getattr(job, "params_transfer_type", None) == "DIFF":
        secagg["result"] = "diff"
    if isinstance(job, Recipe):
        job._ensure_client_apps_prepared()
    fed_job = job._job if isinstance(job, Recipe) else job
    task = _controller(_server(fed_job), secagg)
    allowed = {task, *tasks}
    for app in _clients(fed_job):
        _client(app, task, allowed, SecAggSite(
            bounds, secagg.get("policy"), randomised_training))
        if not analytics:
            _no_analytics(app)
    fed_job.set_app_packages([*fed_job.job.app_packages, PACKAGE])


def _controller(app: ServerApp, secagg: dict[str, Any]) -> str:
    """Give the controller of a job its new class; the training task."""
    found = [w.controller for w in app.app_config.workflows
             if isinstance(w.controller, (FedAvg, SecAggRounds))]
    if len(found) != 1:
        raise ValueError(f"the job has {len(found)} controllers that can sum "
                         "securely: it must have one FedAvg or SecAggRounds")
    controller = found[0]
    if not isinstance(controller, SecAggRounds):
        if type(controller) is not FedAvg:
            raise ValueError(
                f"{type(controller).__name__} is not FedAvg: derive a class "
                f"from SecAggRounds and {type(controller).__name__}, and use "
                "it in the job")
        controller.__class__ = SecAggFedAvg
    for name, why in (("aggregator", "an aggregator sees single updates"),
                      ("aggregation_weights", "the server weighs no single "
                       "updates: scale the weights at the clients")):
        if getattr(controller, name, None):
            raise ValueError(f"the controller has {name}: {why}")
    controller.secagg = secagg
    return str(getattr(controller, "task_name", "train"))


def _client(app: ClientApp, task: str, allowed: set[str], site: SecAggSite
            ) -> None:
    config = app.app_config
    for one in config.executors:
        # A task with another name would pass by the filters.
        one.tasks = sorted(
            allowed if "*" in one.tasks else set(one.tasks) & allowed)
    config.executors = [one for one in config.executors if one.tasks]
    if not any(task in one.tasks for one in config.executors):
        raise ValueError(f"the clients have no executor for the task {task}")
    app.add_component(site, SITE_ID)
    app.add_executor(SecAggExecutor(), [TASK])
    # The packet leaves the task before the training sees it, and the result
    # is replaced after all other filters.
    _chain(config.task_data_filters, task).append(SecAggModelFilter(task))
    _chain(config.task_result_filters, task).append(SecAggUpdateFilter(task))


def _chain(chains: Chains, task: str) -> list[Any]:
    """The filters of this task alone, which keep their order."""
    for i, (names, filters) in enumerate(chains):
        if task in names:
            own = list(filters)
            if names == {task}:
                return filters
            chains[i] = (names - {task}, filters)
            chains.append(({task}, own))
            return own
    chains.append(({task}, []))
    return chains[-1][1]


def _no_analytics(app: ClientApp) -> None:
    """Keep the values of single clients from the server."""
    config = app.app_config
    for name, one in list(config.components.items()):
        if isinstance(one, ConvertToFedEvent) and (
                ANALYTIC_EVENT_TYPE in one.events_to_convert):
            del config.components[name]
            if one in config.handlers:
                config.handlers.remove(one)


def _server(job: FedJob) -> ServerApp:
    for app in job._deploy_map.values():
        if isinstance(app, ServerApp):
            return app
    raise ValueError("the job has no controller yet: call add_secagg last")


def _clients(job: FedJob) -> list[ClientApp]:
    found = [app for app in job._deploy_map.values()
             if isinstance(app, ClientApp)]
    if not found:
        raise ValueError("the job has no clients yet: call add_secagg last")
    return found


def _members(policy: Policy) -> dict[str, Any]:
    """The members of a policy that JSON has; a job has no digest."""
    if policy.app_digest:
        raise ValueError("a job cannot have a policy with an app_digest: it "
                         "is another one for each model")
    out = dataclasses.asdict(policy)
    del out["app_digest"]
    return out


def _plain(setup: Mapping[str, Any]) -> dict[str, Any]:
    """Values that JSON has, as the configuration of a job is JSON."""
    out = dict(setup)
    for name, kind in (("mode", Mode), ("suite", Suite),
                       ("rounding", Rounding)):
        if name in out:
            out[name] = str(kind.of(out[name]))
    given = {str(phase): float(seconds) for phase, seconds
             in (out.get("timeouts") or {}).items()}
    out["timeouts"] = given if "timeout" in out else {**WAITS, **given}
    return out
