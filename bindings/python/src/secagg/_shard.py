# SPDX-License-Identifier: Apache-2.0
"""What a worker does: it holds the sum of a range of blocks."""
from __future__ import annotations

from typing import Iterator, cast

import numpy as np

from ._arrays import Array
from ._decoding import Reading, check_environment
from ._errors import SizeError
from ._lanes import Layout
from ._masks import BLOCK, Masks, planar_add, planar_unpack
from ._params import Params
from ._secagg import ffi, lib

UNPACK = 1 << 18  # entries that are decoded at a time


class Shard:
    """The sum of a range of blocks of the full vector, in one worker.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    first, last : int
        The blocks from `first` to before `last`, of all lanes.
    """

    def __init__(self, params: Params, first: int, last: int) -> None:
        self._layout = Layout(params)
        self._pieces = self._layout.pieces(first, last)
        self._size = sum(piece.size for piece in self._pieces)
        self._planes = np.zeros(self._size, np.uint8)
        self._staged: dict[int, Array] = {}
        self._masks = bytearray()
        self._survivors = 0

    def add(self, planes: Array) -> None:
        """Add the range of an input to the sum.

        Parameters
        ----------
        planes : ndarray of uint8
            The bytes of the range in the full vector of an INPUT message.
        """
        if planes.size != self._size:
            raise SizeError(f"the range has {planes.size} bytes: it must have "
                            f"{self._size}", got=planes.size,
                            needed=self._size)
        for piece in self._pieces:
            part = slice(piece.byte, piece.byte + piece.size)
            planar_add(self._planes[part], planes[part], piece.count,
                       piece.bits)

    def stage(self, index: int, byte: int, planes: Array) -> None:
        """Keep a part of the range until the input of a client is complete.

        Parameters
        ----------
        index : int
            The client.
        byte : int
            The byte of the range with which the part begins.
        planes : ndarray of uint8
            The bytes of the part.
        """
        if not 0 <= byte <= self._size - planes.size:
            raise SizeError("the part extends beyond the range")
        if index not in self._staged:
            self._staged[index] = np.zeros(self._size, np.uint8)
        self._staged[index][byte:byte + planes.size] = planes

    def commit(self, index: int) -> None:
        """Add the parts of a client, whose input is complete."""
        self.add(self._staged.pop(index))

    def secret(self, masks: bytes) -> None:
        """Receive the next bytes of the mask set."""
        self._masks += masks

    def unmask(self, survivors: int) -> int | None:
        """Remove the masks from the range.

        Parameters
        ----------
        survivors : int
            Number of inputs in the sum.

        Returns
        -------
        int or None
            The sum of the weights, if it lies in this range.
        """
        self._staged.clear()
        try:
            with Masks.decode(cast(bytes, self._masks)) as masks:
                for piece in self._pieces:
                    part = slice(piece.byte, piece.byte + piece.size)
                    masks.apply(self._planes[part], piece.count,
                                bits=piece.bits, offset=piece.entry)
        finally:
            lib.secagg_wipe(ffi.from_buffer(self._masks), len(self._masks))
            self._masks = bytearray()
        self._survivors = survivors
        if not self._layout.hidden:
            return None
        for _, total in self._totals(len(self._layout.segments), 0, 1):
            return int(total[0])
        return None

    def read(self, segment: int, offset: int, count: int, dtype: str,
             mean: bool, weight: int) -> Array:
        """Decode the entries of a range of a segment that this worker has.

        Parameters
        ----------
        segment, offset, count : int
            The range of the segment.
        dtype : str
            ``"f4"``, ``"f8"``, ``"i8"`` or ``"u8"``.
        mean : bool
            Read the mean, not the sum.
        weight : int
            The sum of the weights.

        Returns
        -------
        ndarray
            The entries that lie in this worker's range, in their order.

        Raises
        ------
        RangeError
            No inputs can have this sum, or `dtype` cannot represent it.
        """
        check_environment()
        reading = Reading(self._layout.segments[segment], self._survivors,
                          weight, np.dtype(dtype), mean)
        size = sum(self._layout.within(segment, piece, offset, count)[1]
                   for piece in self._pieces)
        out, done = np.empty(size, dtype), 0
        for first, total in self._totals(segment, offset, count):
            out[done:done + total.size] = reading.decode(total, first)
            done += total.size
        return out

    def _totals(self, segment: int, offset: int, count: int
                ) -> Iterator[tuple[int, Array]]:
        """Encoded entries of a segment, each run with its first number."""
        entry = self._layout.places[segment].entry
        for piece in self._pieces:
            first, left = self._layout.within(segment, piece, offset, count)
            while left > 0:
                # Planes can be cut between blocks only.
                at = first + entry - piece.entry
                start = at - at % BLOCK
                size = min(UNPACK, piece.count - start)
                low = piece.byte + start // 8 * piece.bits
                high = piece.byte + min(
                    piece.size, (start + UNPACK) // 8 * piece.bits)
                total = planar_unpack(self._planes[low:high], size, piece.bits)
                total = total[at - start:at - start + left]
                yield first, total
                first, left = first + total.size, left - total.size
