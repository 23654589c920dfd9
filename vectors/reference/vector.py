# SPDX-License-Identifier: Apache-2.0
"""A client's vector while it is given (7.1, 7.3), and its parts (8.7)."""
import encoding
import planes
from errors import ARG, SIZE, STATE, VALUE, demand
from params import INTEGER, STOCHASTIC, WEIGHTED, BLOCK
from schedule import rounding_seed


class Vector:
    """The entries of one client; None where one was not given."""

    def __init__(self, p, prk):
        self.p, self.prk = p, prk
        self.entries = [[None] * s.length for s in p.segments]
        self.weight = None
        self.clipped = 0

    def untouched(self):
        """8.7: no entry was given yet."""
        return all(e is None for place in self.entries for e in place)

    def give_weight(self, w):
        """7.3: the weight, once."""
        demand(self.p.max_weight and self.weight is None, STATE, "weight")
        demand(0 <= w <= self.p.max_weight, VALUE, "weight")
        self.weight = w

    def words(self, segment, offset, count):
        """7.2: the rounding words of a piece."""
        seed = rounding_seed(self.prk, self.p.round, segment)
        return encoding.rounding_words(self.p.suite, seed, segment,
                                       offset + count)[offset:]

    def encode_piece(self, segment, offset, values):
        """7.1: values as entries, and the number of clipped ones."""
        s = self.p.segments[segment]
        if s.kind == INTEGER:
            return encoding.check_integers(values, s), 0
        words = None
        if s.rounding == STOCHASTIC:
            words = self.words(segment, offset, len(values))
        return encoding.encode_reals(values, s, words, self.weight)

    def give(self, segment, offset, values):
        """7.1, 9.1: a piece, each entry once."""
        demand(segment < len(self.entries), ARG, "segment")
        s, place = self.p.segments[segment], self.entries[segment]
        end = offset + len(values)
        demand(end <= s.length, SIZE, "beyond the segment")
        demand(s.kind != WEIGHTED or self.weight is not None, STATE, "weight")
        demand(all(e is None for e in place[offset:end]), STATE, "given")
        place[offset:end], clipped = self.encode_piece(segment, offset, values)
        self.clipped += clipped

    def all_entries(self):
        """2.1: entries of all segments, the hidden one last."""
        hidden = [[self.weight]] if self.p.max_weight else []
        return self.entries + hidden

    def masked(self, segment, offset, count, masks):
        """3.9: planes of a masked piece, ragged positions masked too."""
        s = self.p.every_segment[segment]
        entries = self.all_entries()[segment][offset:offset + count]
        demand(None not in entries, STATE, "not given yet")
        return planes.apply_masks(self.p.suite, masks, segment, s.bits,
                                  offset, planes.pack(entries, s.bits), count)

    def whole(self, masks):
        """8.6: the planes of the full vector."""
        return b"".join(self.masked(i, 0, s.length, masks)
                        for i, s in enumerate(self.p.every_segment))


def pieces_of_part(p, chunk, part):
    """8.7: (segment, offset, count) of a part, and whether it is the last.
    Entries are counted over all segments, a last block as 512."""
    begin, end = part * chunk, (part + 1) * chunk
    pieces, at = [], 0
    for i, s in enumerate(p.every_segment):
        size = -(-s.length // BLOCK) * BLOCK
        low, high = max(begin - at, 0), min(end - at, size)
        if low < high:
            pieces.append((i, low, min(high, s.length) - low))
        at += size
    return pieces, end >= at
