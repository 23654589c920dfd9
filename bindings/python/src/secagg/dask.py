# SPDX-License-Identifier: Apache-2.0
"""A sum over workers that are actors of Dask.

Use TLS (``distributed.Security``) on clusters of several machines: the masks
travel to the workers, and are as secret as the inputs.
"""
from __future__ import annotations

import itertools
from typing import Any

import distributed

from . import workers
from ._errors import StateError
from ._params import Params
from ._shard import Shard
from .workers import Part

__all__ = ["Part", "Sum"]


class Sum(workers.Sum):
    """A sum over actors of Dask.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    workers : int
        Number of actors, which the workers of the cluster take in turn. There
        are fewer if the vector has fewer blocks of 512 entries.
    client : distributed.Client, optional
        The cluster; by default the current one.
    timeout : float, optional
        Seconds to wait for an answer of an actor, then TimeoutError.

    Raises
    ------
    StateError
        The cluster has no workers.

    Notes
    -----
    All else is as for `secagg.workers.Sum`. If a worker of the cluster ends,
    its range is lost, and the sum is read from the server. The futures of
    `parts` are those of actors.
    """

    def __init__(self, params: Params, workers: int, *,
                 client: distributed.Client | None = None,
                 timeout: float | None = None) -> None:
        self._client = client or distributed.get_client()
        there = sorted(self._client.scheduler_info(n_workers=-1)["workers"])
        if not there:
            raise StateError("the cluster has no workers")
        self._places = itertools.cycle(there)
        super().__init__(params, workers, timeout=timeout)

    def _start(self, params: Params, first: int, last: int) -> Any:
        future = self._client.submit(
            Shard, params, first, last, actor=True, pure=False,
            workers=[next(self._places)], allow_other_workers=False)
        with self._client.as_current():  # to which the actor is bound
            actor = future.result(timeout=self._timeout)
        return future, actor  # the actor lives as long as its future

    def _ask(self, worker: Any, method: str, *args: Any) -> Any:
        with self._client.as_current():
            return getattr(worker[1], method)(*args)

    def _result(self, future: Any) -> Any:
        return future.result(timeout=self._timeout)

    def _end(self, worker: Any) -> None:
        worker[0].release()
