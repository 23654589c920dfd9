# SPDX-License-Identifier: Apache-2.0
"""The lanes of a full vector and its blocks (6.1), and the sizes of parts
(8.7)."""

BLOCK = 512
PARTS_MAX = 65535


class Lanes:
    """The lanes of a list of segments, the hidden one included. `counts` maps
    the bits b of each lane to m_b, in ascending order of b."""

    def __init__(self, segments):
        """6.1: lay the segments of each modulus end to end."""
        ends, self.places = {}, []
        for s in segments:
            self.places.append(ends.get(s.bits, 0))
            ends[s.bits] = self.places[-1] + s.length
        self.counts = dict(sorted(ends.items()))

    def blocks_of(self, b):
        """6.1: return the number of blocks of lane b."""
        return -(-self.counts[b] // BLOCK)

    @property
    def nblocks(self):
        """6.1: return the number of blocks of the full vector."""
        return sum(map(self.blocks_of, self.counts))

    def first_block(self, b):
        """6.1: return the number of the first block of lane b."""
        return sum(self.blocks_of(low) for low in self.counts if low < b)

    def at(self, i):
        """6.1: return At(i), the bytes before block i of the full vector."""
        size = 0
        for b, count in self.counts.items():
            if i < self.blocks_of(b):
                return size + 64 * b * i
            size += b * ((count + 7) // 8)
            i -= self.blocks_of(b)
        return size

    def ranges(self, first, end):
        """6.1: return the (b, offset, count) of the entries in blocks `first`
        to `end` - 1 of the full vector, one for each lane that they touch."""
        out = []
        for b, total in self.counts.items():
            base = self.first_block(b)
            low = max(first - base, 0) * BLOCK
            high = min((end - base) * BLOCK, total)
            if low < high:
                out.append((b, low, high - low))
        return out

    def blocks_of_range(self, b, offset, count):
        """6.1: return the numbers of the first and the last block that a
        range of at least one entry of lane b touches."""
        base = self.first_block(b)
        return base + offset // BLOCK, base + (offset + count - 1) // BLOCK

    @property
    def s_min(self):
        """8.7: return the least size of a part, in blocks."""
        return -(-self.nblocks // PARTS_MAX)
