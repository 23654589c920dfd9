# SPDX-License-Identifier: Apache-2.0
"""A client's input vector (7.1 to 7.3) and its division into parts (8.7)."""
import encoding
import planes
from errors import ARG, SIZE, STATE, VALUE, require
from params import BLOCK, REALS, WEIGHTED


class InputVector:
    """The entries of one client. `entries` has a dictionary for each segment,
    which maps a position to the entry that was supplied for it."""

    def __init__(self, p, rounding):
        self.p, self.lanes, self.rounding = p, p.lanes, rounding
        self.entries = [{} for s in p.segments]
        self.weight = None
        self.clipped = 0
        self.part_blocks = self.lanes.nblocks
        self.part = 0

    # Parts

    def set_part_size(self, entries):
        """8.7: divide the input into parts of this many entries."""
        require(self.weight is None and not any(self.entries), STATE,
                "input was supplied")
        require(entries % BLOCK == 0, ARG, "entries")
        require(self.lanes.s_min <= entries // BLOCK < 2**32, ARG, "blocks")
        self.part_blocks = entries // BLOCK

    def is_made(self, more=0):
        """8.7: tell whether the last part was made, if `more` parts were made
        than are counted."""
        return (self.part + more) * self.part_blocks >= self.lanes.nblocks

    def is_complete(self):
        """9.1: tell whether the part that is due has all its entries, and the
        weight is there."""
        return (not self.p.max_weight or self.weight is not None) and all(
            None not in self.lane_entries(*lane)
            for lane in self.lanes.ranges(*self.due_part()))

    def is_begun(self):
        """9.3: tell whether an entry of the part that is due was supplied."""
        first, end = self.due_part()
        return any(self.lanes.blocks_of_range(s.bits, place + e, 1)[0] in
                   range(first, end)
                   for s, place, entries in zip(self.p.segments,
                                                self.lanes.places,
                                                self.entries)
                   for e in entries)

    def due_part(self):
        """8.7: return the first block of the part that is due, and the block
        after its last."""
        first = self.part * self.part_blocks
        return first, min(first + self.part_blocks, self.lanes.nblocks)

    # Calls by the host

    def supply_weight(self, w):
        """7.3: accept the weight, once."""
        require(self.p.max_weight and self.weight is None, STATE, "weight")
        require(self.p.min_weight <= w <= self.p.max_weight, VALUE, "weight")
        self.weight = w

    def check_due(self, segment, offset, count):
        """9.1: require a range of a segment to belong to the part that is
        due."""
        if count == 0:
            return
        low, high = self.lanes.blocks_of_range(
            self.p.segments[segment].bits, self.lanes.places[segment] + offset,
            count)
        first, end = self.due_part()
        require(first <= low and high < end, STATE, "another part")

    def encode_piece(self, segment, offset, values):
        """7.1: return the entries that encode the values, and the number of
        clipped ones."""
        s = self.p.segments[segment]
        if s.kind not in REALS:
            return encoding.encode_integers(values, s), 0
        rnds = None
        if s.is_stochastic():
            rnds = encoding.rounding_words(
                self.p.suite, self.rounding, s.bits,
                self.lanes.places[segment] + offset, len(values))
        return encoding.encode_reals(values, s, rnds, self.weight)

    def supply(self, segment, offset, values):
        """7.1, 9.1: accept a piece; each entry is supplied once. The checks
        are in the order of 9.1."""
        require(segment < len(self.entries), ARG, "segment")
        s, entries = self.p.segments[segment], self.entries[segment]
        require(offset + len(values) <= s.length, SIZE, "beyond the segment")
        self.check_due(segment, offset, len(values))
        require(s.kind != WEIGHTED or self.weight is not None, STATE, "weight")
        encoded, clipped = self.encode_piece(segment, offset, values)
        places = range(offset, offset + len(values))
        require(not any(e in entries for e in places), STATE, "given")
        entries.update(zip(places, encoded))
        self.clipped += clipped

    # Planes

    def lane_entries(self, b, offset, count):
        """6.1: return a range of entries of lane b. The weight is the entry of
        the hidden segment."""
        hidden = [{0: self.weight}] if self.p.max_weight else []
        out = []
        for s, place, entries in zip(self.p.all_segments, self.lanes.places,
                                     self.entries + hidden):
            if s.bits == b:
                first = max(offset - place, 0)
                end = min(offset + count - place, s.length)
                out += [entries.get(e) for e in range(first, end)]
        return out

    def masked_planes(self, first, end, masks):
        """3.9: return the masked planes of blocks `first` to `end` - 1, which
        have all their entries; ragged positions are masked too."""
        out = b""
        for b, offset, count in self.lanes.ranges(first, end):
            entries = self.lane_entries(b, offset, count)
            out += planes.apply_masks(self.p.suite, masks, b, offset,
                                      planes.pack(entries, b), count)
        return out
