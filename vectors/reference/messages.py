# SPDX-License-Identifier: Apache-2.0
"""Messages as bytes: headers (8.1) and the layouts of bodies (8.2 to 8.12).
What a body means is judged by client and server."""
from dataclasses import dataclass

from errors import MESSAGE, demand
from hashes import be16, be32, be64, number, u8

KEYS, ROSTER, SHARES, RELAY, INPUT, SURVIVORS = 1, 2, 3, 4, 5, 6
CONFIRM, SIGNATURES, UNMASK, ABORT_UP, ABORT_DOWN = 7, 8, 9, 11, 12
INPUT_PART = 15
UP = {KEYS, SHARES, INPUT, CONFIRM, UNMASK, ABORT_UP, INPUT_PART}
DOWN = {ROSTER, RELAY, SURVIVORS, SIGNATURES, ABORT_DOWN}
NOBODY = 2**32 - 1
HEADER = 48


def message(p, kind, index, body, part=0):
    """8.1: a whole message."""
    return (be16(1) + u8(kind) + u8(0) + be16(p.suite) + be16(0) + p.session
            + be64(p.round) + be32(index) + be32(part) + be64(len(body))
            + body)


def read_header(p, data, index, known):
    """8.1: (type, part, body), or MESSAGE."""
    demand(len(data) >= HEADER, MESSAGE, "no header")
    kind, part, body = data[2], number(data[36:40]), data[HEADER:]
    demand(number(data[0:2]) == 1, MESSAGE, "version")
    demand(kind in known, MESSAGE, "type")
    demand(data[3] == 0, MESSAGE, "flags")
    demand(number(data[4:6]) == p.suite, MESSAGE, "suite")
    demand(number(data[6:8]) == 0, MESSAGE, "cell")
    demand(data[8:24] == p.session, MESSAGE, "session")
    demand(number(data[24:32]) == p.round, MESSAGE, "round")
    demand(number(data[32:36]) == index, MESSAGE, "index")
    demand(part == 0 or kind == INPUT_PART, MESSAGE, "part")
    demand(number(data[40:48]) == len(body), MESSAGE, "length")
    return kind, part, body


class Reader:
    """A body read from the front."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, size):
        """The next bytes, or MESSAGE."""
        demand(size <= len(self.body) - self.at, MESSAGE, "body too short")
        self.at += size
        return self.body[self.at - size:self.at]

    def u32(self):
        """The next be32."""
        return number(self.take(4))

    def u64(self):
        """The next be64."""
        return number(self.take(8))

    def items(self, count, size):
        """A list of equal items; its length is looked at first."""
        whole = self.take(count * size)
        return [whole[i:i + size] for i in range(0, len(whole), size)]

    def end(self):
        """8: no byte after the last field."""
        demand(self.at == len(self.body), MESSAGE, "body too long")


def check_list(indices, n):
    """1.4: indices below n, strictly ascending."""
    demand(all(i < n for i in indices), MESSAGE, "index")
    demand(all(a < b for a, b in zip(indices, indices[1:])), MESSAGE, "order")


def read_bitmap(data, n):
    """1.4: the members of a bitmap, bits beyond n being zero."""
    value = int.from_bytes(data, "little")
    demand(value < 2**n, MESSAGE, "bits beyond n")
    return {i for i in range(n) if value >> i & 1}


@dataclass
class Keys:
    """8.2."""
    h_ctx: bytes
    enc: bytes
    mask: bytes
    sig: bytes

    def encode(self):
        return self.h_ctx + self.enc + self.mask + self.sig


def read_keys(p, body):
    """8.2: the layout of KEYS."""
    r = Reader(body)
    out = Keys(r.take(32), r.take(32), r.take(32),
               r.take(64 if p.active else 0))
    r.end()
    return out


@dataclass
class Roster:
    """8.3; entries are (index, enc, mask, sig)."""
    graph_seed: bytes
    root: bytes
    present: int
    entries: list

    def encode(self):
        rows = b"".join(be32(u) + e + m + s for u, e, m, s in self.entries)
        return (self.graph_seed + self.root + be32(self.present)
                + be32(len(self.entries)) + rows)


def read_roster(p, body):
    """8.3: the layout of ROSTER."""
    r = Reader(body)
    seed, root, present, count = r.take(32), r.take(32), r.u32(), r.u32()
    rows = r.items(count, 132 if p.active else 68)
    r.end()
    entries = [(number(x[:4]), x[4:36], x[36:68], x[68:]) for x in rows]
    return Roster(seed, root, present, entries)


def encode_pairs(pairs):
    """8.4: (peer, sealed beta, sealed omega) with their count."""
    rows = b"".join(be32(v) + b + o for v, b, o in pairs)
    return be32(len(pairs)) + rows


def read_pairs(r):
    """8.4: the pairs at the end of SHARES and RELAY."""
    rows = r.items(r.u32(), 100)
    r.end()
    return [(number(x[:4]), x[4:52], x[52:]) for x in rows]


@dataclass
class Shares:
    """8.4."""
    h_ros: bytes
    com: bytes
    pairs: list

    def encode(self):
        return self.h_ros + self.com + encode_pairs(self.pairs)


def read_shares(body):
    """8.4: the layout of SHARES."""
    r = Reader(body)
    return Shares(r.take(32), r.take(32), read_pairs(r))


@dataclass
class Relay:
    """8.5; u2 is the bitmap."""
    u2: bytes
    pairs: list

    def encode(self):
        return self.u2 + encode_pairs(self.pairs)


def read_relay(p, body):
    """8.5: the layout of RELAY."""
    r = Reader(body)
    return Relay(r.take((p.clients + 7) // 8), read_pairs(r))


@dataclass
class Input:
    """8.6."""
    h_u2: bytes
    bad: list
    planes: bytes

    def encode(self):
        rows = b"".join(map(be32, self.bad))
        return self.h_u2 + be32(len(self.bad)) + rows + self.planes


def read_input(p, body):
    """8.6: the layout of INPUT."""
    r = Reader(body)
    digest, count = r.take(32), r.u32()
    bad = [number(x) for x in r.items(count, 4)]
    planes = r.take(p.vector_size)
    r.end()
    return Input(digest, bad, planes)


@dataclass
class InputPart:
    """8.7; pieces are (segment, offset, count, planes)."""
    h_u2: bytes
    bad: list
    last: int
    pieces: list

    def encode(self):
        rows = b"".join(map(be32, self.bad))
        pieces = b"".join(be32(s) + be64(o) + be64(c) + d
                          for s, o, c, d in self.pieces)
        return (self.h_u2 + be32(len(self.bad)) + rows + u8(self.last)
                + be32(len(self.pieces)) + pieces)


def read_piece(p, r):
    """8.7: one piece; its segment says how long it is."""
    segment, offset, count = r.u32(), r.u64(), r.u64()
    every = p.every_segment
    demand(segment < len(every), MESSAGE, "segment")
    size = every[segment].bits * ((count + 7) // 8)
    return segment, offset, count, r.take(size)


def read_input_part(p, body):
    """8.7: the layout of INPUT_PART."""
    r = Reader(body)
    digest, count = r.take(32), r.u32()
    bad = [number(x) for x in r.items(count, 4)]
    last, pieces = number(r.take(1)), r.u32()
    rows = []
    for _ in range(pieces):
        rows.append(read_piece(p, r))
    r.end()
    return InputPart(digest, bad, last, rows)


def read_survivors(p, body):
    """8.8: the bitmap of SURVIVORS."""
    demand(len(body) == (p.clients + 7) // 8, MESSAGE, "length")
    return read_bitmap(body, p.clients)


def encode_signatures(rows):
    """8.10: (signer, signature) with their count."""
    return be32(len(rows)) + b"".join(be32(u) + s for u, s in rows)


def read_signatures(body):
    """8.10: the layout of SIGNATURES."""
    r = Reader(body)
    rows = r.items(r.u32(), 68)
    r.end()
    return [(number(x[:4]), x[4:]) for x in rows]


@dataclass
class Unmask:
    """8.11; revealed are (kind, dealer, key)."""
    own: bytes
    revealed: list

    def encode(self):
        rows = b"".join(be32(kind << 24 | u) + key
                        for kind, u, key in self.revealed)
        return self.own + be32(len(self.revealed)) + rows


def read_unmask(body):
    """8.11: the layout of UNMASK."""
    r = Reader(body)
    own = r.take(32)
    rows = r.items(r.u32(), 36)
    r.end()
    return Unmask(own, [(x[0], number(x[1:4]), x[4:]) for x in rows])


def encode_abort(code, blamed=NOBODY):
    """8.12: the body of ABORT."""
    return be16(code) + be32(blamed)


def read_abort(body):
    """8.12: (code, blamed)."""
    demand(len(body) == 6, MESSAGE, "length")
    return number(body[:2]), number(body[2:])
