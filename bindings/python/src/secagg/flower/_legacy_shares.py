# SPDX-License-Identifier: Apache-2.0
"""Sessions as the parameters of Flower's `SecAggPlusWorkflow` describe them.
"""
from __future__ import annotations

import dataclasses
from typing import Callable, Union

from .._enums import Rounding
from .._errors import ArgumentError, Error, PolicyError
from .._params import Params, Policy
from ..host import Layout, Setup

Share = Union[int, float]
MAX_WEIGHT = (1 << 32) - 1  # PROTOCOL.md 2.1
MIN_LEVELS, MAX_LEVELS = 4, 1 << 32


def share_number(num_shares: Share, clients: int) -> int:
    """How many shares a secret has among so many clients.

    Parameters
    ----------
    num_shares : int or float
        A number, or a proportion of the clients. 1 and 1.0 are all clients.
    clients : int
        The sampled clients.

    Returns
    -------
    int
        An odd number below `clients`, or `clients`: then every client has a
        share of every other.
    """
    if isinstance(num_shares, float):
        count = round(num_shares * clients)
    else:
        count = clients if num_shares == 1 else num_shares
    if count < clients:  # as many neighbours on the left as on the right
        count |= 1
    return count if 2 < count < clients else clients


def threshold_number(threshold: Share, shares: int) -> int:
    """How many shares determine a secret.

    Parameters
    ----------
    threshold : int or float
        A number, or a proportion of the shares. 1 and 1.0 are all shares.
    shares : int
        The shares of a secret.
    """
    if isinstance(threshold, float):
        return max(2, round(threshold * shares))
    return shares if threshold == 1 else threshold


def level_bits(quantization_range: int) -> int:
    """Bits of a value that has about so many levels."""
    return max(2, (quantization_range - 1).bit_length())


@dataclasses.dataclass(frozen=True)
class Shares(Setup):
    """A `Setup` by number of shares and threshold, not by fractions.

    Parameters
    ----------
    num_shares, reconstruction_threshold : int or float
        See `SecAggPlusWorkflow`.
    """

    num_shares: Share = 1.0
    reconstruction_threshold: Share = 0.75

    def params(self, layout: Layout, clients: int, round: int,
               digest: bytes) -> Params:
        """The parameters of a session of so many clients.

        Raises
        ------
        ArgumentError
            These clients cannot form a session with these shares; the
            sentence has the numbers, and numbers that are possible.
        """
        holders = share_number(self.num_shares, clients)
        threshold = threshold_number(self.reconstruction_threshold, holders)

        def make(min_survivors: int = 0) -> Params:
            params = Params(
                layout.segments(clip=self.clip, value_bits=self.value_bits,
                                rounding=Rounding.of(self.rounding)),
                clients=clients, threshold=threshold,
                corrupt=_corrupt(threshold, holders, clients),
                neighbours=0 if holders == clients else holders - 1,
                min_survivors=min_survivors, max_weight=self.max_weight,
                mode=self.mode, suite=self.suite, round=round,
                app_digest=digest)
            return params.check(self.policy or Policy())

        try:
            if holders == clients:
                return make()
            return make(_least(make, clients))
        except (ArgumentError, PolicyError) as error:
            raise ArgumentError(
                f"num_shares={self.num_shares} and reconstruction_threshold="
                f"{self.reconstruction_threshold} of {clients} clients: "
                f"{error}{self._advice(layout, clients)}") from error

    def _advice(self, layout: Layout, clients: int) -> str:
        """Numbers that these clients accept, with some dropouts if that is
        possible."""
        for dropout in (0.2, 0.1, 0.0):
            try:
                params = Params(layout.segments(
                    clip=self.clip, value_bits=self.value_bits),
                    clients=clients, max_weight=self.max_weight,
                    mode=self.mode).choose(0.0, dropout,
                                           policy=self.policy or Policy())
            except Error:
                continue
            shares = params.neighbours + 1 if params.neighbours else 1.0
            return (f". num_shares={shares} and reconstruction_threshold="
                    f"{params.threshold} is accepted")
        return ""


def _corrupt(threshold: int, holders: int, clients: int) -> int:
    """The most clients that may be corrupt: 2 t > shares + c, and two honest
    inputs are in a sum."""
    most = 2 * threshold - holders - 1
    if holders == clients:
        most = min(most, max(3, threshold) - 2)
    return max(0, most)


def _least(make: Callable[[int], Params], clients: int) -> int:
    """The fewest survivors with which clients accept a sparse graph."""
    low, high = 2, clients
    while low < high:
        middle = (low + high) // 2
        try:
            make(middle)
            high = middle
        except (ArgumentError, PolicyError):
            low = middle + 1
    return high
