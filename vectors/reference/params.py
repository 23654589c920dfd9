# SPDX-License-Identifier: Apache-2.0
"""Parameters (2.1 to 2.4) and a client's policy (2.2)."""
import struct
from dataclasses import dataclass, field, replace

import choice
from errors import ARG, MESSAGE, POLICY, require
from hashes import H, be16, be32, be64, decode_be, u8
from lanes import BLOCK, Lanes

INTEGER, REAL, WEIGHTED, UNSIGNED, SIGNED = range(5)
REALS = (REAL, WEIGHTED)
STOCHASTIC, NEAREST = 0, 1
VALUE_BITS = {INTEGER: (0, 0), REAL: (2, 32), WEIGHTED: (2, 32),
              UNSIGNED: (1, 63), SIGNED: (2, 63)}


def encode_double(x):
    """2.3: encode the 64 bits of a double, big-endian."""
    return struct.pack(">d", x)


@dataclass(frozen=True)
class Segment:
    """2.1: a run of entries that are treated alike."""
    length: int
    kind: int = INTEGER
    bits: int = 0
    value_bits: int = 0
    rounding: int = 0
    clip: float = 0.0

    def zero(self):
        """7.1: return the code of the real 0."""
        return 2**(self.value_bits - 1) - 1

    def q_max(self):
        """7.1, 7.4: return the largest entry of a client with weight 1: q_max
        of reals, 2^q - 1 of UNSIGNED and SIGNED."""
        if self.kind in REALS:
            return 2 * self.zero()
        return 2**self.value_bits - 1

    def is_stochastic(self):
        """2.1: tell whether its values are rounded stochastically."""
        return self.kind in REALS and self.rounding == STOCHASTIC

    def encode(self):
        """2.3: encode the segment in 20 bytes."""
        clip = self.clip + 0.0
        return (be64(self.length) + u8(self.kind) + u8(self.bits)
                + u8(self.value_bits) + u8(self.rounding)
                + encode_double(clip))


@dataclass(frozen=True)
class Params:
    """2.1: the parameters that all parties of a session hold."""
    session: bytes
    clients: int
    threshold: int
    round: int = 0
    suite: int = 0
    mode: int = 0
    neighbours: int = 0
    corrupt: int = 0
    min_survivors: int = 0
    max_weight: int = 0
    min_weight: int = 0
    app_digest: bytes = bytes(32)
    segments: tuple = field(default_factory=tuple)

    @property
    def active(self):
        """2.1: tell whether the session is in active mode."""
        return self.mode == 1

    @property
    def effective_min(self):
        """2.2: return F, the effective minimum of survivors."""
        if self.neighbours:
            return self.min_survivors
        return max(self.threshold, self.min_survivors)

    @property
    def min_dealers(self):
        """9.4: return the minimum of |G_v| at RELAY and of |G_v cap U3| at
        SURVIVORS."""
        if self.active:
            return max(self.threshold, self.min_survivors)
        return self.threshold

    @property
    def all_segments(self):
        """2.1: return the segments, the hidden one last."""
        if not self.max_weight:
            return self.segments
        bits = (self.clients * self.max_weight).bit_length()
        return self.segments + (Segment(1, INTEGER, bits),)

    @property
    def lanes(self):
        """6.1: return the lanes."""
        return Lanes(self.all_segments)

    @property
    def vector_size(self):
        """6.1: return V, the number of bytes of the full vector."""
        return self.lanes.at(self.lanes.nblocks)

    @property
    def h_ctx(self):
        """2.4: compute H_ctx."""
        return H("LSA1 ctx", encode(self))


def least_modulus(p, s):
    """7.4: return the bits of the least modulus of a segment that is not
    INTEGER."""
    factor = p.max_weight if s.kind == WEIGHTED else 1
    return (p.clients * s.q_max() * factor).bit_length()


def fill_defaults(p):
    """2.1: replace members given as 0 by their defaults."""
    minimum = p.min_survivors
    if not minimum and not p.neighbours:
        minimum = max(3, p.threshold)
    segments = tuple(
        replace(s, bits=least_modulus(p, s))
        if s.bits == 0 and s.kind != INTEGER else s for s in p.segments)
    return replace(p, suite=p.suite or 1, min_survivors=minimum,
                   segments=segments)


def check_segment(p, s):
    """2.1, 2.2, 7.4: check the rules of one segment."""
    require(s.length >= 1, ARG, "length")
    require(s.kind in VALUE_BITS, ARG, "kind")
    require(1 <= s.bits <= 64, ARG, "bits")
    low, high = VALUE_BITS[s.kind]
    require(low <= s.value_bits <= high, ARG, "value bits")
    if s.kind in REALS:
        require(s.rounding in (STOCHASTIC, NEAREST), ARG, "rounding")
        require(2.0**-500 <= s.clip <= 2.0**500, ARG, "clip")
        require(s.kind == REAL or p.max_weight >= 1, ARG, "no weights")
    else:
        require(s.rounding == 0 and s.clip == 0, ARG, "not of integers")
    require(s.kind == INTEGER or least_modulus(p, s) <= s.bits, ARG, "modulus")


def check_lanes(p):
    """2.2: check the rules of the lanes, to which the hidden segment
    belongs."""
    counts = p.lanes.counts
    for b, count in counts.items():
        require(64 * b * -(-count // BLOCK) <= 2**36, ARG, "mask keystream")
    for s in p.segments:
        require(not s.is_stochastic() or counts[s.bits] <= 2**34, ARG,
                "rounding keystream")


def check_graph(p):
    """2.2: check the rules of clients, neighbours, threshold, corrupt and
    min_survivors."""
    require(p.clients >= 2, ARG, "clients")
    if p.neighbours == 0:
        maximum = choice.ACTIVE_MAX if p.active else choice.COMPLETE_MAX
        require(p.clients <= maximum, ARG, "clients of the complete graph")
        holders, largest = p.clients, p.clients
    else:
        require(not p.active, ARG, "active ring")
        require(4 <= p.clients <= 2**20, ARG, "clients of a ring")
        require(p.neighbours % 2 == 0, ARG, "odd neighbours")
        require(2 <= p.neighbours <= min(p.clients - 2, choice.NEIGHBOURS_MAX),
                ARG, "neighbours")
        holders, largest = p.neighbours + 1, p.neighbours
    require(2 <= p.threshold <= largest, ARG, "threshold")
    require(2 * p.threshold > holders + p.corrupt, ARG, "opens in two ways")
    require(p.corrupt + 2 <= p.min_survivors <= p.clients, ARG, "survivors")


def check_soundness(p):
    """2.2: raise ARG unless parameters without defaults are sound."""
    require(p.suite in (1, 2), ARG, "suite")
    require(p.mode in (0, 1), ARG, "mode")
    check_graph(p)
    require(p.max_weight < 2**32, ARG, "weights")
    require(p.min_weight <= (p.max_weight > 0), ARG, "min_weight")
    require(1 <= len(p.segments) <= 65535, ARG, "segments")
    for s in p.segments:
        check_segment(p, s)
    check_lanes(p)


def encode(p):
    """2.3: encode parameters without defaults."""
    head = (be16(1) + be16(p.suite) + u8(p.mode) + u8(p.neighbours > 0)
            + u8(p.min_weight) + u8(0) + p.session + be64(p.round) + be32(p.clients)
            + be32(p.neighbours) + be32(p.threshold) + be32(p.corrupt)
            + be32(p.min_survivors) + be64(p.max_weight) + p.app_digest)
    segments = b"".join(s.encode() for s in p.segments)
    return head + be32(len(p.segments)) + segments + be16(0)


def decode_segment(data):
    """2.3: decode the 20 bytes of a segment. A second encoding of the same
    segment is MESSAGE."""
    require(data[9] != 0, MESSAGE, "bits 0")
    require(data[12] < 0x80, MESSAGE, "sign of clip")
    return Segment(decode_be(data[:8]), data[8], data[9], data[10], data[11],
                   struct.unpack(">d", data[12:20])[0])


def decode_layout(data):
    """2.3: decode parameters without a check of their soundness. 13: this
    version knows no extension, so that it need not read the block."""
    require(len(data) >= 98, MESSAGE, "length")
    count = decode_be(data[92:96])
    end = 96 + 20 * count
    block = data[end + 2:]
    require(len(data) >= end + 2
            and len(block) == decode_be(data[end:end + 2]), MESSAGE, "length")
    require(data[:2] == be16(1), MESSAGE, "version")
    require(data[7] == 0, MESSAGE, "reserved")
    require(not block, MESSAGE, "extension")
    neighbours = decode_be(data[36:40])
    require(data[5] == (neighbours > 0), MESSAGE, "graph")
    suite, minimum = decode_be(data[2:4]), decode_be(data[48:52])
    require(suite != 0, MESSAGE, "suite 0")
    require(minimum != 0, MESSAGE, "min_survivors 0")
    segments = tuple(decode_segment(data[i:i + 20])
                     for i in range(96, 96 + 20 * count, 20))
    return Params(
        session=data[8:24], round=decode_be(data[24:32]), suite=suite,
        mode=data[4], clients=decode_be(data[32:36]), neighbours=neighbours,
        threshold=decode_be(data[40:44]), corrupt=decode_be(data[44:48]),
        min_survivors=minimum, max_weight=decode_be(data[52:60]),
        min_weight=data[6], app_digest=data[60:92], segments=segments)


def decode(data):
    """2.2, 2.3: decode sound parameters; others are MESSAGE or ARG."""
    p = decode_layout(data)
    check_soundness(p)
    return p


@dataclass(frozen=True)
class Policy:
    """2.2: the policy of a client; 0 is the default of every member, and
    min_corrupt below 0 lets nobody be corrupt."""
    min_clients: int = 0
    min_ring: int = 0
    min_survivors: int = 0
    min_corrupt: float = 0.0
    require_active: bool = False
    min_weight: int = 0
    app_digest: bytes = bytes(32)
    any_digest: bool = False

    @property
    def clients(self):
        return self.min_clients or 3

    @property
    def ring(self):
        return self.min_ring or 100

    def a_of(self, n):
        """2.2: A of the client."""
        if self.min_corrupt > 0:
            return choice.fraction_of(self.min_corrupt, n)
        if self.min_corrupt < 0:
            return 0
        return max(1, min(n // 3, 33), n // 20)

    def survivors_of(self, n):
        """2.2: the least F."""
        return self.min_survivors or max(3, (n + self.a_of(n)) // 2 + 1)

    def check(self):
        """2.2: ARG if a member is out of its range."""
        require(self.min_corrupt <= 1, ARG, "gamma, or NaN")
        require(self.min_weight in (0, 1), ARG, "min_weight")


NOBODY = -1.0
LAXEST_POLICY = Policy(2, 1, 2, NOBODY, any_digest=True)


def check_policy(policy, p):
    """2.2: raise POLICY if sound parameters are below the policy."""
    policy.check()
    n, a = p.clients, policy.a_of(p.clients)
    require(n >= policy.clients, POLICY, "clients")
    require(p.effective_min >= max(policy.survivors_of(n), a + 2), POLICY, "survivors")
    require(p.active or not policy.require_active, POLICY, "mode")
    require(p.min_weight >= policy.min_weight or not p.max_weight, POLICY,
           "weights")
    check_model_policy(policy, p)
    if p.neighbours:
        check_ring_policy(policy, p, a)
    else:
        require(p.corrupt >= a, POLICY, "corrupt")


def check_model_policy(policy, p):
    """2.2: the row "model"."""
    if any(policy.app_digest):
        require(p.app_digest == policy.app_digest, POLICY, "model")
    elif p.active and not policy.any_digest:
        require(any(p.app_digest), POLICY, "no model")


def check_ring_policy(policy, p, a):
    """2.2: the rules for a ring."""
    n, k, sigma = p.clients, p.neighbours, choice.POLICY_SIGMA
    require(n >= policy.ring, POLICY, "clients of a ring")
    require(p.corrupt >= choice.c_max_of(n, a, k, sigma), POLICY, "corrupt")
    require(choice.e2_holds(n, k, p.threshold, a, p.min_survivors, sigma),
           POLICY, "cut")
