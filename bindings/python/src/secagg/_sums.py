# SPDX-License-Identifier: Apache-2.0
"""The sum of a session, as the server gives it out."""
from __future__ import annotations

from typing import Any, Callable

import numpy as np
import numpy.typing as npt

from . import _arrays
from ._enums import Kind
from ._errors import RangeError, check
from ._handle import Handle
from ._params import Params
from ._ranges import in_ranges
from ._secagg import ffi, lib


class Sums(Handle):
    """A server whose session is over."""

    _params: Params

    @property
    def weight(self) -> int:
        """The sum of the survivors' weights; 0 before it is known."""
        return int(self._call(lib.secagg_server_weight))

    def sum(self, segment: int = 0, *, out: _arrays.Array | None = None,
            dtype: npt.DTypeLike | None = None, offset: int = 0,
            count: int | None = None, threads: int | None = None
            ) -> _arrays.Array:
        """The sum of a segment, or of a range of it.

        Parameters
        ----------
        segment : int
            The number of the segment.
        out : ndarray, optional
            Where to write, in C order: any shape whose values lie at a
            constant distance.
        dtype : dtype, optional
            Of a new array: float32 or float64 for reals, int64 or uint64 for
            any kind. The default is float32 for reals, int64 for signed and
            uint64 for other integers.
        offset, count : int
            The range; by default all that follows `offset`.
        threads : int, optional
            Threads that read ranges at the same time; by default as many as
            there are processors, of 262,144 entries or more each.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension.

        Raises
        ------
        RangeError
            No inputs can have this sum: a client has cheated.
        StateError
            There is no sum, or none yet.
        ArgumentError
            The segment does not exist, or has no such type.
        SizeError
            The range extends beyond the segment.
        """
        return self._read(lib.secagg_server_sum_strided, segment, out, dtype,
                          offset, count, threads)

    def mean(self, segment: int = 0, *, out: _arrays.Array | None = None,
             dtype: npt.DTypeLike | None = None, offset: int = 0,
             count: int | None = None, threads: int | None = None
             ) -> _arrays.Array:
        """The mean of a segment of reals, or of a range of it.

        The sum is divided by the number of survivors, or for a weighted
        segment by the sum of their weights. In all else it works as `sum`.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension: float32 or float64.
        """
        return self._read(lib.secagg_server_mean_strided, segment, out, dtype,
                          offset, count, threads)

    def _read(self, function: Callable[..., int], segment: int,
              out: _arrays.Array | None, dtype: npt.DTypeLike | None,
              offset: int, count: int | None, threads: int | None
              ) -> _arrays.Array:
        segments = self._params.segments
        if not 0 <= segment < len(segments):
            check(lib.SECAGG_ERR_ARG, f"there is no segment {segment}: there "
                  f"are {len(segments)}")
        part = segments[segment]
        if out is None:
            rest = max(0, part.length - offset)
            if count is not None and not 0 <= count <= rest:
                check(lib.SECAGG_ERR_SIZE, f"there are {rest} entries from "
                      f"entry {offset} on, and not {count}", got=count,
                      needed=rest)
            out = np.empty(rest if count is None else count,
                           dtype or _default(Kind.of(part.kind)))
        run = _arrays.write(out)
        if count is not None and count != run.count:
            check(lib.SECAGG_ERR_SIZE, f"out has {run.count} entries: the "
                  f"range has {count}", got=run.count, needed=count)

        def piece(c: Any, first: int, size: int) -> int:
            return function(c, segment, offset + first, ffi.cast(
                "char *", run.pointer) + first * run.stride, run.type, size,
                run.stride)

        try:
            self._try(lambda c: in_ranges(
                lambda first, size: piece(c, first, size), run.count,
                threads))
        except RangeError:
            out.fill(0)  # other threads may have read their ranges
            raise
        return out

    def masks(self) -> bytes:
        """The masks that remain in the sum, encoded, for `Masks` of workers.

        They are as secret as the inputs.
        """
        return self._written(lib.secagg_server_masks_size,
                             lib.secagg_server_masks)


def _default(kind: Kind) -> str:
    if kind in (Kind.REAL, Kind.WEIGHTED):
        return "f4"
    return "i8" if kind is Kind.SIGNED else "u8"
