# SPDX-License-Identifier: Apache-2.0
"""Lanes, blocks and bytes of a full vector (PROTOCOL.md 6.1)."""
from __future__ import annotations

import bisect
import dataclasses

import numpy as np

from ._arrays import Array
from ._errors import MessageError
from ._masks import BLOCK, planar_size
from ._message import peek
from ._params import Params, Place

HEADER = 48  # bytes of the header of a message (PROTOCOL.md 8.1)


@dataclasses.dataclass(frozen=True)
class Lane:
    """All segments of one modulus, end to end, and where the lane begins."""

    bits: int
    entries: int
    block: int  # of the full vector, with which the lane begins
    byte: int  # likewise

    @property
    def blocks(self) -> int:
        """Blocks, of which the last may be shorter."""
        return -(-self.entries // BLOCK)

    @property
    def size(self) -> int:
        """Bytes."""
        return planar_size(self.entries, self.bits)

    def at(self, block: int) -> int:
        """The byte of the full vector at which a block of the lane begins."""
        return self.byte + min(64 * self.bits * (block - self.block),
                               self.size)


@dataclasses.dataclass(frozen=True)
class Piece:
    """A run of entries of one lane, and where it lies in a range of blocks."""

    bits: int
    entry: int  # of the lane, with which the piece begins: a multiple of 512
    count: int
    byte: int  # of the range, with which the piece begins

    @property
    def size(self) -> int:
        """Bytes."""
        return planar_size(self.count, self.bits)


class Layout:
    """The full vector of a session.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    """

    def __init__(self, params: Params) -> None:
        self.params = params.resolve()
        self.segments = self.params.segments
        self.hidden = bool(self.params.max_weight)
        lengths = [s.length for s in self.segments] + [1] * self.hidden
        self.places: list[Place] = [self.params.place(i)
                                    for i in range(len(lengths))]
        entries: dict[int, int] = {}
        for place, length in zip(self.places, lengths):
            entries[place.bits] = entries.get(place.bits, 0) + length
        self.lanes: list[Lane] = []
        self.blocks = self.size = 0
        for bits in sorted(entries):
            lane = Lane(bits, entries[bits], self.blocks, self.size)
            self.lanes.append(lane)
            self.blocks += lane.blocks
            self.size += lane.size

    def at(self, block: int) -> int:
        """The bytes before a block; all of them for the number of blocks."""
        which = bisect.bisect_right(self.lanes, block,
                                    key=lambda lane: lane.block) - 1
        return self.lanes[which].at(block)

    def split(self, workers: int) -> list[tuple[int, int]]:
        """Split the blocks into ranges of about the same number of bytes.

        Parameters
        ----------
        workers : int
            The largest number of ranges: no range is empty.
        """
        bounds = [0]
        for worker in range(1, workers):
            target = self.size * worker // workers
            block = bisect.bisect_left(range(self.blocks), target, key=self.at)
            bounds.append(max(bounds[-1], block))
        bounds.append(self.blocks)
        return [(a, b) for a, b in zip(bounds, bounds[1:]) if a < b]

    def pieces(self, first: int, last: int) -> list[Piece]:
        """The entries of the blocks from `first` to before `last`."""
        out = []
        for lane in self.lanes:
            a = max(first, lane.block)
            b = min(last, lane.block + lane.blocks)
            if a < b:
                entry = (a - lane.block) * BLOCK
                end = min((b - lane.block) * BLOCK, lane.entries)
                out.append(Piece(lane.bits, entry, end - entry,
                                 lane.at(a) - self.at(first)))
        return out

    def within(self, segment: int, piece: Piece, offset: int, count: int
               ) -> tuple[int, int]:
        """The entries of a range of a segment that lie in a piece.

        Returns
        -------
        tuple of int
            The first such entry of the segment, and their number.
        """
        place = self.places[segment]
        if place.bits != piece.bits:
            return 0, 0
        first = max(offset, piece.entry - place.entry)
        end = min(offset + count, piece.entry + piece.count - place.entry)
        return first, max(0, end - first)


def read_planes(layout: Layout, message: bytes) -> tuple[int, int, Array]:
    """The blocks and planes of an INPUT or INPUT_PART (PROTOCOL.md 8.6, 8.7).

    Parameters
    ----------
    layout : Layout
        The full vector.
    message : bytes
        The message; its header was read already.

    Returns
    -------
    tuple
        The first block, the block after the last, and their bytes, which are
        not copied.

    Raises
    ------
    MessageError
        The message has another length than its fields say, or blocks that the
        vector has not.
    """
    part = peek(message).name == "INPUT_PART"
    bad = int.from_bytes(message[HEADER + 32:HEADER + 36], "big")
    begin = HEADER + 36 + 4 * bad
    first, end = 0, layout.blocks
    if part:
        first = int.from_bytes(message[begin:begin + 8], "big")
        end = first + int.from_bytes(message[begin + 8:begin + 12], "big")
        begin += 12
    if not 0 <= first < end <= layout.blocks:
        raise MessageError(f"blocks {first} to {end} are no part of "
                           f"{layout.blocks} blocks")
    size = layout.at(end) - layout.at(first)
    if len(message) - begin != size:
        raise MessageError(f"the message has {len(message) - begin} bytes of "
                           f"planes: {end - first} blocks have {size}")
    return first, end, np.frombuffer(message, np.uint8)[begin:]
