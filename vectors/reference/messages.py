# SPDX-License-Identifier: Apache-2.0
"""Messages as bytes: the header (8.1) and the layouts of the bodies (8.2 to
8.12). Client and server check what a body means."""
from dataclasses import dataclass

from errors import MESSAGE, require
from hashes import be16, be32, be64, decode_be, u8
from schedule import encode_proof, roster_entry

KEYS, ROSTER, SHARES, RELAY, INPUT, SURVIVORS = 1, 2, 3, 4, 5, 6
CONFIRM, SIGNATURES, UNMASK = 7, 8, 9
ABORT_FROM_CLIENT, ABORT_FROM_SERVER = 11, 12
INPUT_PART = 15
UP = {KEYS, SHARES, INPUT, CONFIRM, UNMASK, ABORT_FROM_CLIENT, INPUT_PART}
DOWN = {ROSTER, RELAY, SURVIVORS, SIGNATURES, ABORT_FROM_SERVER}
NOBODY = 2**32 - 1
HEADER = 48
CREDENTIAL_MAX = 2048


def encode_message(p, type_, index, body, part=0):
    """8.1: return a message: header and body."""
    return (be16(1) + u8(type_) + u8(0) + be16(p.suite) + be16(0) + p.session
            + be64(p.round) + be32(index) + be32(part) + be64(len(body))
            + body)


def decode_header(p, data, index, allowed):
    """8.1: return type, part and body of a message, or raise MESSAGE.
    `allowed` is the set of types of the right direction."""
    require(len(data) >= HEADER, MESSAGE, "no header")
    type_, part, body = data[2], decode_be(data[36:40]), data[HEADER:]
    require(decode_be(data[0:2]) == 1, MESSAGE, "version")
    require(type_ in allowed, MESSAGE, "type")
    require(data[3] == 0, MESSAGE, "flags")
    require(decode_be(data[4:6]) == p.suite, MESSAGE, "suite")
    require(decode_be(data[6:8]) == 0, MESSAGE, "cell")
    require(data[8:24] == p.session, MESSAGE, "session")
    require(decode_be(data[24:32]) == p.round, MESSAGE, "round")
    require(decode_be(data[32:36]) == index, MESSAGE, "index")
    require(part == 0 or type_ == INPUT_PART, MESSAGE, "part")
    require(decode_be(data[40:48]) == len(body), MESSAGE, "length")
    return type_, part, body


class Reader:
    """A reader of the fields of a body, from the front."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def require_left(self, size):
        """Require that so many bytes are left, else MESSAGE."""
        require(size <= len(self.body) - self.at, MESSAGE, "body too short")

    def take(self, size):
        """Return the next bytes; too few of them are MESSAGE."""
        self.require_left(size)
        self.at += size
        return self.body[self.at - size:self.at]

    def u32(self):
        """Return the next be32."""
        return decode_be(self.take(4))

    def u64(self):
        """Return the next be64."""
        return decode_be(self.take(8))

    def items(self, count, size):
        """Return `count` items of `size` bytes, after a check that all of them
        are there."""
        rows = self.take(count * size)
        return [rows[i:i + size] for i in range(0, len(rows), size)]

    def end(self):
        """8.2: require that no byte follows the last field."""
        require(self.at == len(self.body), MESSAGE, "body too long")


def check_list(indices, n):
    """1.4: check the list rule: indices are below n and strictly ascend."""
    require(all(i < n for i in indices), MESSAGE, "index")
    require(all(a < b for a, b in zip(indices, indices[1:])), MESSAGE, "order")


def decode_bitmap(data, n):
    """1.4: return the members of a bitmap over n; unused bits must be 0."""
    value = int.from_bytes(data, "little")
    require(value < 2**n, MESSAGE, "bits beyond n")
    return {i for i in range(n) if value >> i & 1}


@dataclass
class Keys:
    """8.2: the fields of KEYS; `proof` is (id, sig, credential), or nothing in
    a semi-honest session."""
    h_ctx: bytes
    enc: bytes
    mask: bytes
    proof: tuple

    def encode(self):
        proof = encode_proof(*self.proof) if self.proof else b""
        return self.h_ctx + self.enc + self.mask + proof


def decode_proof(p, r):
    """8.2, 8.3: decode id, sig and credential."""
    if not p.active:
        return ()
    identity, sig, size = r.take(32), r.take(64), decode_be(r.take(2))
    require(size <= CREDENTIAL_MAX, MESSAGE, "credential too long")
    return identity, sig, r.take(size)


def decode_keys(p, body):
    """8.2: decode the layout of KEYS."""
    r = Reader(body)
    out = Keys(r.take(32), r.take(32), r.take(32), decode_proof(p, r))
    r.end()
    return out


@dataclass
class Roster:
    """8.3: the fields of ROSTER. An entry is (index, enc, mask), in active
    mode (index, enc, mask, id, sig, credential)."""
    graph_seed: bytes
    roster_root: bytes
    present: int
    entries: list

    def encode(self):
        rows = b"".join(roster_entry(*entry) for entry in self.entries)
        return (self.graph_seed + self.roster_root + be32(self.present)
                + be32(len(self.entries)) + rows)


def decode_roster(p, body):
    """8.3: decode the layout of ROSTER."""
    r = Reader(body)
    seed, roster_root = r.take(32), r.take(32)
    present, count = r.u32(), r.u32()
    r.require_left(count * (166 if p.active else 68))
    entries = [(r.u32(), r.take(32), r.take(32), *decode_proof(p, r))
               for _ in range(count)]
    r.end()
    return Roster(seed, roster_root, present, entries)


def encode_pairs(pairs):
    """8.4: encode the (peer, sealed beta, sealed omega) after their count."""
    rows = b"".join(be32(v) + b + o for v, b, o in pairs)
    return be32(len(pairs)) + rows


def decode_pairs(r):
    """8.4: decode the pairs at the end of SHARES and RELAY."""
    rows = r.items(r.u32(), 100)
    r.end()
    return [(decode_be(x[:4]), x[4:52], x[52:]) for x in rows]


@dataclass
class Shares:
    """8.4: the fields of SHARES."""
    h_ros: bytes
    com: bytes
    pairs: list

    def encode(self):
        return self.h_ros + self.com + encode_pairs(self.pairs)


def decode_shares(body):
    """8.4: decode the layout of SHARES."""
    r = Reader(body)
    return Shares(r.take(32), r.take(32), decode_pairs(r))


@dataclass
class Relay:
    """8.5: the fields of RELAY; u2 is the bitmap of U2."""
    u2: bytes
    pairs: list

    def encode(self):
        return self.u2 + encode_pairs(self.pairs)


def decode_relay(p, body):
    """8.5: decode the layout of RELAY."""
    r = Reader(body)
    return Relay(r.take((p.clients + 7) // 8), decode_pairs(r))


@dataclass
class Input:
    """8.6: the fields of INPUT."""
    h_u2: bytes
    bad: list
    planes: bytes

    def encode(self):
        rows = b"".join(map(be32, self.bad))
        return self.h_u2 + be32(len(self.bad)) + rows + self.planes


def decode_input(p, body):
    """8.6: decode the layout of INPUT."""
    r = Reader(body)
    digest, count = r.take(32), r.u32()
    bad = [decode_be(x) for x in r.items(count, 4)]
    planes = r.take(p.vector_size)
    r.end()
    return Input(digest, bad, planes)


@dataclass
class InputPart:
    """8.7: the fields of INPUT_PART."""
    h_u2: bytes
    bad: list
    first: int
    blocks: int
    planes: bytes

    def encode(self):
        rows = b"".join(map(be32, self.bad))
        return (self.h_u2 + be32(len(self.bad)) + rows + be64(self.first)
                + be32(self.blocks) + self.planes)


def decode_input_part(p, body, accepted):
    """8.7, checks 2 and 3: decode the layout of INPUT_PART, where `accepted`
    blocks were accepted before."""
    r = Reader(body)
    digest, count = r.take(32), r.u32()
    bad = [decode_be(x) for x in r.items(count, 4)]
    first, blocks = r.u64(), r.u32()
    lanes = p.lanes
    require(first == accepted and blocks >= 1, MESSAGE, "first and blocks")
    require(first + blocks <= lanes.nblocks, MESSAGE, "blocks beyond the last")
    require(blocks >= lanes.s_min or first + blocks == lanes.nblocks, MESSAGE,
            "below s_min")
    planes = r.take(lanes.at(first + blocks) - lanes.at(first))
    r.end()
    return InputPart(digest, bad, first, blocks, planes)


def compared_bytes(accepted):
    """9.3: return how many bytes of an accepted message a repeat must have in
    common with it: all before the planes."""
    bad = decode_be(accepted[80:84])
    return {INPUT: 84 + 4 * bad, INPUT_PART: 96 + 4 * bad}.get(
        accepted[2], len(accepted))


def repeats(message, accepted):
    """9.3: tell whether a message repeats an accepted one."""
    count = compared_bytes(accepted)
    return (len(message) == len(accepted)
            and message[:count] == accepted[:count])


def decode_survivors(p, body):
    """8.8: decode the bitmap of SURVIVORS."""
    require(len(body) == (p.clients + 7) // 8, MESSAGE, "length")
    return decode_bitmap(body, p.clients)


def encode_signatures(rows):
    """8.10: encode the (signer, signature) after their count."""
    return be32(len(rows)) + b"".join(be32(u) + s for u, s in rows)


def decode_signatures(body):
    """8.10: decode the layout of SIGNATURES."""
    r = Reader(body)
    rows = r.items(r.u32(), 68)
    r.end()
    return [(decode_be(x[:4]), x[4:]) for x in rows]


@dataclass
class Unmask:
    """8.11: the fields of UNMASK. A revealed key is (kind, dealer, key)."""
    own: bytes
    revealed: list

    def encode(self):
        rows = b"".join(be32(kind << 24 | u) + key
                        for kind, u, key in self.revealed)
        return self.own + be32(len(self.revealed)) + rows


def decode_unmask(body):
    """8.11: decode the layout of UNMASK."""
    r = Reader(body)
    own = r.take(32)
    rows = r.items(r.u32(), 36)
    r.end()
    return Unmask(own, [(x[0], decode_be(x[1:4]), x[4:]) for x in rows])


@dataclass
class Abort:
    """8.12: the fields of ABORT; dealers is the list of complaints."""
    code: int
    blamed: int = NOBODY
    dealers: tuple = ()

    def encode(self):
        rows = b"".join(map(be32, self.dealers))
        return (be16(self.code) + be32(self.blamed)
                + be32(len(self.dealers)) + rows)


def decode_abort(body):
    """8.12: decode the layout of ABORT."""
    r = Reader(body)
    code, blamed, count = decode_be(r.take(2)), r.u32(), r.u32()
    dealers = [decode_be(x) for x in r.items(count, 4)]
    r.end()
    return Abort(code, blamed, dealers)
