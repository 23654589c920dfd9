# SPDX-License-Identifier: Apache-2.0
"""A sum over workers that are actors of Ray.

Set ``RAY_USE_TLS=1`` on clusters of several machines: the masks travel to the
workers, and are as secret as the inputs. Without it Ray does not encrypt.
"""
from __future__ import annotations

from typing import Any, Mapping

import ray

from . import workers
from ._errors import StateError
from ._params import Params
from ._shard import Shard
from .workers import Part

__all__ = ["Part", "Sum"]


class Sum(workers.Sum):
    """A sum over actors of Ray.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    workers : int
        Number of actors. There are fewer if the vector has fewer blocks of 512
        entries.
    options : mapping, optional
        Options of the actors, for example ``{"num_cpus": 1,
        "scheduling_strategy": "SPREAD"}``, which is the default. An actor uses
        one processor.
    timeout : float, optional
        Seconds to wait for an answer of an actor, then TimeoutError. Without
        it, a cluster that has no place for an actor makes the sum wait.

    Raises
    ------
    StateError
        Ray was not started: call ``ray.init``.

    Notes
    -----
    All else is as for `secagg.workers.Sum`. If an actor dies,
    ``ray.exceptions.RayActorError`` is raised, and the sum is read from the
    server. `parts` has references to objects of Ray.
    """

    def __init__(self, params: Params, workers: int, *,
                 options: Mapping[str, Any] | None = None,
                 timeout: float | None = None) -> None:
        if not ray.is_initialized():
            raise StateError("Ray was not started: call ray.init()")
        chosen = {"num_cpus": 1, "scheduling_strategy": "SPREAD"}
        # An actor that is made anew would have an empty sum.
        chosen |= {**(options or {}), "max_restarts": 0, "max_task_retries": 0,
                   "max_concurrency": 1}
        self._actor = ray.remote(Shard).options(**chosen)
        super().__init__(params, workers, timeout=timeout)

    def _start(self, params: Params, first: int, last: int) -> Any:
        return self._actor.remote(params, first, last)

    def _ask(self, worker: Any, method: str, *args: Any) -> Any:
        return getattr(worker, method).remote(*args)

    def _result(self, future: Any) -> Any:
        try:
            return ray.get(future, timeout=self._timeout)
        except ray.exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            raise cause if isinstance(cause, Exception) else error

    def _end(self, worker: Any) -> None:
        ray.kill(worker)
