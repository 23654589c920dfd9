# SPDX-License-Identifier: Apache-2.0
"""A client's input vector (7.1, 7.3) and its division into parts (8.7)."""
import encoding
import planes
from errors import ARG, SIZE, STATE, VALUE, require
from params import INTEGER, STOCHASTIC, WEIGHTED, BLOCK
from schedule import derive_rounding_seed


class InputVector:
    """The entries of one client. An entry is None until it is supplied."""

    def __init__(self, p, prk):
        self.p, self.prk = p, prk
        self.entries = [[None] * s.length for s in p.segments]
        self.weight = None
        self.clipped = 0

    def is_empty(self):
        """8.7: tell whether no entry was supplied yet."""
        return all(e is None for entries in self.entries for e in entries)

    def supply_weight(self, w):
        """7.3: accept the weight, once."""
        require(self.p.max_weight and self.weight is None, STATE, "weight")
        require(0 <= w <= self.p.max_weight, VALUE, "weight")
        self.weight = w

    def rounding_words(self, segment, offset, count):
        """7.2: return the random words that round a run of entries."""
        seed = derive_rounding_seed(self.prk, self.p.round, segment)
        return encoding.rounding_words(self.p.suite, seed, segment,
                                       offset + count)[offset:]

    def encode_piece(self, segment, offset, values):
        """7.1: return the entries that encode the values, and the number of
        clipped ones."""
        s = self.p.segments[segment]
        if s.kind == INTEGER:
            return encoding.check_integers(values, s), 0
        rounding_words = None
        if s.rounding == STOCHASTIC:
            rounding_words = self.rounding_words(segment, offset, len(values))
        return encoding.encode_reals(values, s, rounding_words, self.weight)

    def supply(self, segment, offset, values):
        """7.1, 9.1: accept a run of entries; each entry is supplied once."""
        require(segment < len(self.entries), ARG, "segment")
        s, entries = self.p.segments[segment], self.entries[segment]
        end = offset + len(values)
        require(end <= s.length, SIZE, "beyond the segment")
        require(s.kind != WEIGHTED or self.weight is not None, STATE, "weight")
        require(all(e is None for e in entries[offset:end]), STATE, "given")
        entries[offset:end], clipped = self.encode_piece(
            segment, offset, values)
        self.clipped += clipped

    def all_entries(self):
        """2.1: return the entries of all segments, the hidden one last."""
        hidden = [[self.weight]] if self.p.max_weight else []
        return self.entries + hidden

    def masked_planes(self, segment, offset, count, masks):
        """3.9: return the planes of a run of masked entries; ragged positions
        are masked too."""
        s = self.p.all_segments[segment]
        entries = self.all_entries()[segment][offset:offset + count]
        require(None not in entries, STATE, "not given yet")
        return planes.apply_masks(self.p.suite, masks, segment, s.bits,
                                  offset, planes.pack(entries, s.bits), count)

    def full_vector(self, masks):
        """8.6: return the planes of the full masked vector."""
        return b"".join(self.masked_planes(i, 0, s.length, masks)
                        for i, s in enumerate(self.p.all_segments))


def spans_of_part(p, part_size, part):
    """8.7: return the (segment, offset, count) of a part's pieces and whether
    it is the last part. The last block of a segment counts as 512 entries."""
    begin, end = part * part_size, (part + 1) * part_size
    spans, at = [], 0
    for i, s in enumerate(p.all_segments):
        size = -(-s.length // BLOCK) * BLOCK
        low, high = max(begin - at, 0), min(end - at, size)
        if low < high:
            spans.append((i, low, min(high, s.length) - low))
        at += size
    return spans, end >= at
