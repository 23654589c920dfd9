# SPDX-License-Identifier: Apache-2.0
"""Named arrays of a model, and metrics, as the vector of a session."""
from __future__ import annotations

import dataclasses
import hashlib
import math
from typing import Any, Mapping

import numpy as np
import numpy.typing as npt

from .._client import Client
from .._enums import Kind, Rounding
from .._params import Segment

Arrays = Mapping[str, npt.NDArray[Any]]
#: Metrics of which the weighted mean is computed, with the largest absolute
#: value of each: a larger one is clipped.
Metrics = Mapping[str, float]

METRIC_BITS = 24  # levels of a metric
PIECE = 1 << 20  # entries of a difference that are made at a time


@dataclasses.dataclass(frozen=True)
class Layout:
    """The arrays of a model, end to end, and the metrics after them.

    The first segment of a session has the arrays, a second one the metrics,
    each divided by its bound. Both are weighted.

    Parameters
    ----------
    shapes : mapping of str to tuple
        Shape of each array, in their order.
    dtypes : mapping of str to dtype
        Type of each array.
    metrics : mapping of str to float
        Bound of each metric.
    """

    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, np.dtype[Any]]
    metrics: Metrics = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, arrays: Arrays, metrics: Metrics | None = None) -> Layout:
        """The layout of the arrays of a model."""
        return cls({k: tuple(a.shape) for k, a in arrays.items()},
                   {k: a.dtype for k, a in arrays.items()},
                   dict(metrics or {}))

    @property
    def length(self) -> int:
        """Number of entries of all arrays."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def segments(self, *, clip: float, value_bits: int,
                 rounding: Rounding | str = Rounding.STOCHASTIC
                 ) -> list[Segment]:
        """The segments of a session with this layout.

        Parameters
        ----------
        clip : float
            Entries of an update are clipped to [-clip, clip].
        value_bits : int
            An entry has 2**value_bits - 1 levels.
        rounding : Rounding or str
            How entries are rounded to levels.
        """
        out = [Segment(self.length, Kind.WEIGHTED, clip=clip,
                       value_bits=value_bits, rounding=rounding)]
        if self.metrics:
            out.append(Segment(len(self.metrics), Kind.WEIGHTED, clip=1.0,
                               value_bits=METRIC_BITS, rounding=rounding))
        return out

    def digest(self, arrays: Arrays, task: bytes = b"") -> bytes:
        """Digest of the model, its layout and the task, for `app_digest`.

        Clients with another model, or that understand the vector in another
        way, then cannot form a sum.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The model that the clients start from.
        task : bytes
            What else must be the same, such as the round and the code.
        """
        out = hashlib.sha256()
        for part in (b"secagg layout 1", task,
                     repr(sorted(self.metrics.items())).encode()):
            _add(out, part)
        for name, array in arrays.items():
            _add(out, name.encode())
            _add(out, array.dtype.newbyteorder("<").str.encode())
            _add(out, repr(tuple(array.shape)).encode())
            _add(out, np.ascontiguousarray(array.astype(
                array.dtype.newbyteorder("<"), copy=False)).tobytes())
        return out.digest()

    def check(self, arrays: Arrays) -> None:
        """Raise ValueError if arrays have other names or shapes."""
        got = {k: tuple(a.shape) for k, a in arrays.items()}
        if got != dict(self.shapes):
            raise ValueError(f"the arrays are {got}: they must be "
                             f"{dict(self.shapes)}")

    def supply(self, client: Client, new: Arrays, old: Arrays | None,
               weight: int, metrics: Mapping[str, float]) -> None:
        """Give a client its input.

        Parameters
        ----------
        client : Client
            The client, in a session with the segments of this layout.
        new : mapping of str to ndarray
            The arrays after training.
        old : mapping of str to ndarray or None
            The arrays before it: the differences are the input. None: the
            arrays themselves are.
        weight : int
            The weight, such as the number of examples.
        metrics : mapping of str to float
            The metrics; each name of the layout is needed.
        """
        self.check(new)
        values = [metrics[name] / bound
                  for name, bound in self.metrics.items()]
        client.weight(weight)
        at = 0
        for name in self.shapes:  # in this order, whatever that of `new` is
            flat = np.ascontiguousarray(new[name]).reshape(-1)
            base = None if old is None else np.ascontiguousarray(
                old[name]).reshape(-1)
            for first in range(0, flat.size, PIECE):
                client.input(_piece(flat, base, first), 0, at + first)
            at += flat.size
        if values:
            client.input(np.array(values, np.float64), 1)

    def join(self, mean: npt.NDArray[Any], old: Arrays | None
             ) -> dict[str, npt.NDArray[Any]]:
        """The new model: the old arrays and the mean of the differences.

        Parameters
        ----------
        mean : ndarray
            The mean of the first segment.
        old : mapping of str to ndarray or None
            As for `supply`.

        Returns
        -------
        dict of str to ndarray
            The arrays, in the types of the layout; integers are rounded.
        """
        out, at = {}, 0
        for name, shape in self.shapes.items():
            size, dtype = math.prod(shape), self.dtypes[name]
            part = mean[at:at + size].reshape(shape)
            if old is not None:
                part = old[name] + part
            if dtype.kind in "iu":
                part = np.rint(part)
            out[name], at = part.astype(dtype), at + size
        return out

    def named(self, mean: npt.NDArray[Any]) -> dict[str, float]:
        """The metrics of the mean of the second segment, by name."""
        return {name: float(value) * bound for value, (name, bound) in zip(
            mean, self.metrics.items())}


def _piece(new: npt.NDArray[Any], old: npt.NDArray[Any] | None,
           first: int) -> npt.NDArray[Any]:
    """A piece of the input, in a type that a segment of reals accepts."""
    part = new[first:first + PIECE]
    wide = np.float64 if part.dtype.itemsize > 4 else np.float32
    if old is None:
        return part.astype(wide) if part.dtype.itemsize > 4 else part
    out: npt.NDArray[Any] = np.subtract(part, old[first:first + PIECE],
                                        dtype=wide)
    return out


def _add(out: Any, part: bytes) -> None:
    """Add a part with its length, so that parts cannot be shifted."""
    out.update(len(part).to_bytes(8, "big"))
    out.update(part)
