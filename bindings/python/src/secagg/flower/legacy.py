# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation for Flower's older API (strategies with `FitRes`).

`SecAggPlusWorkflow` and `secaggplus_mod` take the place of Flower's own, with
the same parameters::

    from secagg.flower.legacy import SecAggPlusWorkflow    # in the ServerApp
    from secagg.flower.legacy import secaggplus_mod        # in the ClientApp
"""
from __future__ import annotations

import math
from logging import ERROR, INFO
from typing import Any, Callable, Mapping, Sequence, cast

from flwr.app import Context
from flwr.common import Code, FitIns, FitRes, Parameters, Status
from flwr.common.logger import log
from flwr.server import LegacyContext
from flwr.server.client_proxy import ClientProxy
from flwr.server.workflow.constant import (MAIN_CONFIGS_RECORD,
                                           MAIN_PARAMS_RECORD, Key)
from flwr.serverapp import Grid

from .._enums import Mode, Phase, Suite
from .._errors import ArgumentError
from .._identity import Trust
from .._params import Params, Policy
from ..host import Outcome, Rounds
from ._legacy_mod import SecAggPlusMod, secaggplus_mod
from ._legacy_post import Post
from ._legacy_shares import (MAX_LEVELS, MAX_WEIGHT, MIN_LEVELS, Share,
                             Shares, level_bits)
from ._legacy_wire import (Arrays, Task, arrays_of, compat, join_logs,
                           parameters_of)

__all__ = ["SecAggPlusMod", "SecAggPlusWorkflow", "SecAggWorkflow",
           "secagg_mod", "secaggplus_mod"]

#: The name of the mod beside `SecAggWorkflow`.
secagg_mod = secaggplus_mod


class SecAggPlusWorkflow:
    """Trains one round so that the server learns the mean alone.

    The strategy is given one `FitRes` a survivor. All of them have the
    weighted mean of the parameters, an equal part of the sum of
    ``num_examples``, and the weighted means of `metrics`. If there is no sum,
    the strategy is not called and the model stays as it is.

    Parameters
    ----------
    num_shares : int or float
        Shares of a client's secrets, its own one counted; a float is a
        proportion of the sampled clients. 1 and 1.0 mean all clients: the
        complete graph. Fewer make a sparse graph.
    reconstruction_threshold : int or float
        Shares that open a secret; a float is a proportion of `num_shares`.
        Twice this number must exceed `num_shares` and the number of clients
        that may collude with the server.
    max_weight : float
        The largest ``num_examples``. A client that has more drops out.
    clipping_range : float
        Parameters (with `differences`: their changes) are clipped to
        [-clipping_range, clipping_range].
    quantization_range : int
        Levels of a value; its binary logarithm, rounded up, is the number of
        bits.
    modulus_range : int, optional
        Is ignored: the library selects the smallest modulus that no sum can
        overflow.
    timeout : float, optional
        Seconds that each phase waits; None waits for all clients.
    metrics : mapping of str to float
        Metrics of `fit` whose weighted means the strategy sees, with the
        largest absolute value of each: a larger one is clipped.
    differences : bool
        Sum what training changed instead of the parameters. A much smaller
        `clipping_range` then suffices.
    timeouts : mapping of Phase to float
        Seconds of single phases; that of INPUT contains the training.
    warm_up : float, optional
        Seconds that a round waits for the apps of new clients to start before
        its first phase begins, if there is a timeout; None does not wait.
    attempts : int
        Sessions that are tried for one round.
    policy : Policy, optional
        The policy of the clients, if it is not the default one.
    mode : Mode or str
        ``"semi-honest"`` or ``"active"``.
    suite : Suite or str
        ``"aes"`` or ``"chacha"``.
    trust : callable, optional
        Makes what decides whom the server trusts, in active mode: called with
        the parameters and the node ids of a session.

    Attributes
    ----------
    outcome : Outcome or None
        What became of the last round, with node ids as members.

    Raises
    ------
    TypeError, ValueError
        A parameter has no meaning.
    """

    def __init__(self, num_shares: Share, reconstruction_threshold: Share, *,
                 max_weight: float = 1000.0, clipping_range: float = 8.0,
                 quantization_range: int = 4194304,
                 modulus_range: int | None = None,
                 timeout: float | None = None,
                 metrics: Mapping[str, float] | None = None,
                 differences: bool = False,
                 timeouts: Mapping[Phase, float] | None = None,
                 warm_up: float | None = 60.0, attempts: int = 2,
                 policy: Policy | None = None,
                 mode: Mode | str = Mode.SEMI_HONEST,
                 suite: Suite | str = Suite.AES,
                 trust: Callable[[Params, Sequence[int]], Trust] | None = None
                 ) -> None:
        metrics = {k: float(bound) for k, bound in (metrics or {}).items()}
        _check_shares(num_shares, reconstruction_threshold)
        _check_values(max_weight, quantization_range, {
            "clipping_range": clipping_range, **metrics})
        join_logs()
        if modulus_range is not None:
            log(INFO, "secagg: modulus_range=%s is ignored: the modulus is "
                "the smallest one that no sum can overflow", modulus_range)
        setup = Shares(
            float(clipping_range), value_bits=level_bits(quantization_range),
            max_weight=int(max_weight), mode=mode, suite=suite, policy=policy,
            timeout=timeout, timeouts=dict(timeouts or {}), attempts=attempts,
            num_shares=num_shares,
            reconstruction_threshold=reconstruction_threshold)
        self.task = Task(differences, metrics)
        self.outcome: Outcome[int] | None = None
        self._begun = False  # these parameters have made a session
        self._post = Post(self.task)
        self._warm_up = None if timeout is None else warm_up
        self._rounds = Rounds(setup, self._post.exchange, self._post.tell,
                              trust=trust)

    @property
    def setup(self) -> Shares:
        """What is the same in all rounds."""
        return cast(Shares, self._rounds.setup)

    def __call__(self, grid: Grid, context: Context) -> None:
        """Run a round.

        Parameters
        ----------
        grid : Grid
            Carries messages to nodes.
        context : LegacyContext
            With strategy, model and history.

        Raises
        ------
        TypeError
            The context is not that of the older API.
        ArgumentError
            The clients of the first round cannot form a session with these
            parameters. The sentence has the numbers.
        """
        if not isinstance(context, LegacyContext):
            raise TypeError("a LegacyContext is needed, not a "
                            f"{type(context).__name__}")
        config = context.state.config_records[MAIN_CONFIGS_RECORD]
        number = cast(int, config[Key.CURRENT_ROUND])
        sampled = context.strategy.configure_fit(
            number, _model(context), context.client_manager)
        if not sampled:
            log(INFO, "configure_fit: no clients selected, cancel")
            return
        log(INFO, "configure_fit: strategy sampled %s clients (out of %s)",
            len(sampled), context.client_manager.num_available())
        log(INFO, "Secure aggregation commencing.")
        arrays = arrays_of(_common(sampled))
        self.outcome = self._sum(grid, number, dict(
            (proxy.node_id, fitins) for proxy, fitins in sampled), arrays)
        if self.outcome is None or self.outcome.mean is None:
            log(INFO, "Secure aggregation halted.")
            return
        mean = self.task.layout(arrays).join(
            self.outcome.mean, arrays if self.task.differences else None)
        _aggregate(context, number, self.outcome, parameters_of(mean),
                   {proxy.node_id: proxy for proxy, _ in sampled})
        log(INFO, "Secure aggregation completed.")

    def _sum(self, grid: Grid, number: int, nodes: dict[int, FitIns],
             arrays: Arrays) -> Outcome[int] | None:
        """Run the sessions of a round; None if there cannot be one."""
        self._post.begin(grid, number, nodes)
        try:
            if self._warm_up is not None:
                self._post.wake(self._warm_up)
            outcome = self._rounds.run(
                list(nodes), self.task.layout(arrays),
                self.task.digest(arrays), number)
        except ArgumentError as error:
            if not self._begun:
                raise
            log(ERROR, "secagg: round %s: %s", number, error)
            return None
        finally:
            self._post.end()
        self._begun = True
        return outcome


class SecAggWorkflow(SecAggPlusWorkflow):
    """`SecAggPlusWorkflow` in which every client has a share of every other.

    Parameters
    ----------
    reconstruction_threshold : int or float
        Shares that open a secret; a float is a proportion of the clients.
    **options
        The other parameters of `SecAggPlusWorkflow`.
    """

    def __init__(self, reconstruction_threshold: Share, **options: Any
                 ) -> None:
        super().__init__(1.0, reconstruction_threshold, **options)


def _check_shares(num_shares: Share, threshold: Share) -> None:
    """Raise if a number has no meaning, for any number of clients."""
    for name, value in (("num_shares", num_shares),
                        ("reconstruction_threshold", threshold)):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}: it must be an int or a "
                            "float")
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}: it must be above 0")
    if isinstance(num_shares, int) and num_shares == 2:
        raise ValueError("num_shares is 2: as an int it must be at least 3, "
                         "or 1 for all clients")
    if isinstance(threshold, float) and threshold > 1:
        raise ValueError(f"reconstruction_threshold is {threshold}: as a "
                         "float it is at most 1.0")


def _check_values(max_weight: float, quantization_range: int,
                  bounds: Mapping[str, float]) -> None:
    """Raise if a number has no meaning."""
    if not 1 <= max_weight <= MAX_WEIGHT:
        raise ValueError(f"max_weight is {max_weight}: it must be 1 to "
                         f"{MAX_WEIGHT}")
    if not isinstance(quantization_range, int):
        raise TypeError("quantization_range must be an int")
    if not MIN_LEVELS <= quantization_range <= MAX_LEVELS:
        raise ValueError(f"quantization_range is {quantization_range}: it "
                         f"must be {MIN_LEVELS} to {MAX_LEVELS}")
    for name, bound in bounds.items():
        if not 0 < bound < math.inf:
            raise ValueError(f"the bound of {name} is {bound}: it must be "
                             "above 0")


def _model(context: LegacyContext) -> Parameters:
    """The current parameters."""
    return compat.arrayrecord_to_parameters(
        context.state.array_records[MAIN_PARAMS_RECORD], keep_input=True)


def _common(sampled: list[tuple[ClientProxy, FitIns]]) -> Parameters:
    """The parameters that all clients start from."""
    first = sampled[0][1].parameters
    for proxy, fitins in sampled[1:]:
        if fitins.parameters is not first and fitins.parameters != first:
            raise ValueError(
                f"the strategy sends other parameters to node {proxy.node_id} "
                f"than to node {sampled[0][0].node_id}: a sum needs the same "
                "for all")
    return first


def _aggregate(context: LegacyContext, number: int, outcome: Outcome[int],
               mean: Parameters, proxies: Mapping[int, ClientProxy]) -> None:
    """Give the mean to the strategy, and keep what it makes of it."""
    count = len(outcome.survivors)
    each, more = divmod(outcome.weight, count)
    results = [(proxies[node], FitRes(
        Status(Code.OK, "in the sum"), mean, each + (place < more),
        dict(outcome.metrics)))
        for place, node in enumerate(outcome.survivors)]
    failures: list[tuple[ClientProxy, FitRes] | BaseException] = [
        RuntimeError(f"node {node} dropped out in {outcome.lost[node].phase}"
                     if node in outcome.lost else f"node {node} was left out")
        for node in proxies if node not in outcome.survivors]
    log(INFO, "aggregate_fit: received %s results and %s failures", count,
        len(failures))
    parameters, metrics = context.strategy.aggregate_fit(
        number, results, failures)
    if parameters:
        context.state.array_records[MAIN_PARAMS_RECORD] = (
            compat.parameters_to_arrayrecord(parameters, True))
        context.history.add_metrics_distributed_fit(
            server_round=number, metrics=metrics)
