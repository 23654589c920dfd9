# SPDX-License-Identifier: Apache-2.0
"""Sums of encoded entries as numbers of the host (PROTOCOL.md 7.5).

A server decodes in C. Workers that hold ranges of a sum have no server, and
decode here: the results are the same, bit by bit.
"""
from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from ._arrays import Array
from ._enums import Kind
from ._errors import ArgumentError, RangeError, StateError
from ._params import Params, Segment

REALS = (Kind.REAL, Kind.WEIGHTED)


@dataclasses.dataclass(frozen=True)
class Reading:
    """How to read a segment of a sum.

    Parameters
    ----------
    segment : Segment
        The segment, with its bits filled in.
    survivors : int
        Inputs in the sum.
    weight : int
        The sum of the survivors' weights; 0 if there are none.
    dtype : dtype
        float32, float64, int64 or uint64.
    mean : bool
        Divide by the number of survivors, or by their weight.
    """

    segment: Segment
    survivors: int
    weight: int
    dtype: np.dtype[np.generic]
    mean: bool = False

    def __post_init__(self) -> None:
        real = self.dtype in (np.dtype("f4"), np.dtype("f8"))
        if not real and self.dtype not in (np.dtype("i8"), np.dtype("u8")):
            raise TypeError("a sum has float32, float64, int64 or uint64: "
                            f"not {self.dtype}")
        if (real and self.kind not in REALS) or (self.mean and not real):
            raise ArgumentError("only a segment of reals can be read as "
                                "reals, or as a mean")
        if self.mean and not self.addends:
            raise RangeError("the sum of the weights is 0: there is no mean")

    @property
    def kind(self) -> Kind:
        """The kind of the segment."""
        return Kind.of(self.segment.kind)

    @property
    def addends(self) -> int:
        """Values in the sum, each counted as often as its weight says."""
        return self.weight if self.kind is Kind.WEIGHTED else self.survivors

    @property
    def largest(self) -> int:
        """The largest sum of honest inputs, as it is encoded."""
        if self.kind is Kind.INTEGER:
            return (1 << self.segment.bits) - 1
        levels = (1 << self.segment.value_bits) - 1
        return self.addends * (levels - 1 if self.kind in REALS else levels)

    def decode(self, total: Array, first: int = 0) -> Array:
        """Decode a range of the sum.

        Parameters
        ----------
        total : ndarray of uint64
            The encoded entries.
        first : int
            The number of the first one in its segment, for messages.

        Returns
        -------
        ndarray of `dtype`
            A new array, or `total` as other integers.

        Raises
        ------
        RangeError
            No honest inputs have this sum, or `dtype` cannot represent it.
        """
        self._refuse(total > np.uint64(self.largest), first,
                     "no inputs can have this sum: a client has cheated")
        if self.kind in REALS and self.dtype.kind == "f":
            return self._reals(total, first)
        if self.kind is Kind.SIGNED:
            return self._signed(total, first)
        if self.kind is Kind.UNSIGNED:
            if self.dtype.kind == "i":
                self._refuse(total > np.uint64(2 ** 63 - 1), first,
                             "the sum exceeds int64")
            return total.view(self.dtype)
        if self.dtype.kind == "i":
            spare = 64 - self.segment.bits  # the sign is in the highest bit
            return (total << np.uint64(spare)).view("i8") >> np.int64(spare)
        return total

    def _reals(self, total: Array, first: int) -> Array:
        zero = 2 ** (self.segment.value_bits - 1) - 1
        # The difference fits 63 bits and a sign, and is exact modulo 2**64.
        centred = (total - np.uint64(self.addends * zero)).view("i8")
        out = centred.astype("f8")
        out *= self.segment.clip / zero
        if self.mean:
            out /= float(self.addends)
        if self.dtype == np.dtype("f8"):
            return out
        with np.errstate(over="ignore"):
            out = out.astype("f4")
        self._refuse(~np.isfinite(out), first, "the result exceeds float32")
        return out

    def _signed(self, total: Array, first: int) -> Array:
        shift = self.survivors << (self.segment.value_bits - 1)
        if self.dtype.kind == "u":
            self._refuse(total < np.uint64(shift), first,
                         "the sum is negative, and uint64 is asked for")
        return (total - np.uint64(shift)).view(self.dtype)

    def _refuse(self, wrong: npt.NDArray[np.bool_], first: int, why: str
                ) -> None:
        if wrong.any():
            entry = first + int(np.argmax(wrong))
            raise RangeError(f"entry {entry}: {why}")


def default_type(kind: Kind | str) -> np.dtype[np.generic]:
    """The type of a sum if the host asks for none, as for `Server.sum`."""
    if kind in REALS:
        return np.dtype("f4")
    return np.dtype("i8" if kind is Kind.SIGNED else "u8")


def check_weight(params: Params, survivors: int, weight: int) -> None:
    """Check that survivors can have this sum of weights.

    Raises
    ------
    RangeError
        They cannot: a client has cheated, and weighted segments are lost.
    """
    low, high = survivors * params.min_weight, survivors * params.max_weight
    if not low <= weight <= high:
        raise RangeError(f"the sum of {survivors} weights is {weight}: it "
                         f"must be {low} to {high}; a client has cheated")


def check_environment() -> None:
    """Check that this thread rounds to nearest and keeps subnormal numbers.

    Some libraries change this when they are loaded, and results would differ
    in the last bit from those of a server.

    Raises
    ------
    StateError
        It does not.
    """
    one, part = np.ones(1), np.array([0.25, 1.5]) * 2.0 ** -52
    up, down = one + part, -one - part
    tiny = np.array([2.0 ** -149]).astype("f4")
    nearest = [1.0, 1.0 + 2.0 ** -51]
    if (list(up) != nearest or list(-down) != nearest
            or not tiny.view("u4")[0]):
        raise StateError("the floating-point environment of this thread does "
                         "not round to nearest, or flushes subnormal numbers "
                         "to zero")
