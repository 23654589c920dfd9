# SPDX-License-Identifier: Apache-2.0
"""Parameters (2.1 to 2.4) and a client's policy (2.2)."""
import math
import struct
from dataclasses import dataclass, field, replace

import choice
from errors import ARG, MESSAGE, POLICY, demand
from hashes import H, be16, be32, be64, number, u8

INTEGER, REAL, WEIGHTED = 0, 1, 2
STOCHASTIC, NEAREST = 0, 1
BLOCK = 512


def double_bits(x):
    """2.3: the 64 bits of a double, big-endian."""
    return struct.pack(">d", x)


@dataclass(frozen=True)
class Segment:
    """2.1: entries that are treated alike."""
    length: int
    kind: int = INTEGER
    bits: int = 0
    value_bits: int = 0
    rounding: int = 0
    clip: float = 0.0

    def levels(self):
        """7.1: N."""
        return 2**self.value_bits - 1

    def size(self):
        """6.1: bytes of its planes."""
        return self.bits * ((self.length + 7) // 8)

    def encode(self):
        """2.3: 20 bytes."""
        clip = self.clip + 0.0
        return (be64(self.length) + u8(self.kind) + u8(self.bits)
                + u8(self.value_bits) + u8(self.rounding) + double_bits(clip))


@dataclass(frozen=True)
class Params:
    """2.1: what all parties hold."""
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
        return self.mode == 1

    @property
    def floor(self):
        """2.2: F."""
        if self.neighbours:
            return self.min_survivors
        return max(self.threshold, self.min_survivors)

    @property
    def opened_floor(self):
        """9.4: dealers that a client needs among U2 or U3."""
        if self.active:
            return max(self.threshold, self.min_survivors)
        return self.threshold

    @property
    def every_segment(self):
        """2.1: the segments, the hidden one last."""
        if not self.max_weight:
            return self.segments
        bits = (self.clients * self.max_weight).bit_length()
        return self.segments + (Segment(1, INTEGER, bits),)

    @property
    def vector_size(self):
        """1.1: V."""
        return sum(s.size() for s in self.every_segment)

    @property
    def h_ctx(self):
        """2.4: H_ctx."""
        return H("LSA1 ctx", encode(self))


def least_bits(p, s):
    """7.4: the least modulus of a segment that is not INTEGER."""
    factor = p.max_weight if s.kind == WEIGHTED else 1
    return (p.clients * s.levels() * factor).bit_length()


def fill(p):
    """2.1: every default filled in."""
    least = p.min_survivors
    if not least and not p.neighbours:
        least = max(3, p.threshold)
    segments = tuple(
        replace(s, bits=least_bits(p, s))
        if s.bits == 0 and s.kind != INTEGER else s for s in p.segments)
    return replace(p, suite=p.suite or 1, min_survivors=least,
                   segments=segments)


def check_segment(p, s):
    """2.1, 2.2, 7.4: the rules of one segment."""
    demand(s.length >= 1, ARG, "length")
    demand(s.kind in (INTEGER, REAL, WEIGHTED), ARG, "kind")
    demand(1 <= s.bits <= 64, ARG, "bits")
    demand(64 * s.bits * -(-s.length // BLOCK) <= 2**36, ARG, "stream")
    if s.kind == INTEGER:
        demand(s.value_bits == 0 and s.rounding == 0, ARG, "not of integers")
        demand(s.clip == 0, ARG, "clip of integers")
        return
    demand(1 <= s.value_bits <= 32, ARG, "value bits")
    demand(s.rounding in (STOCHASTIC, NEAREST), ARG, "rounding")
    demand(2.0**-500 <= s.clip <= 2.0**500, ARG, "clip")
    demand(s.rounding == NEAREST or s.length <= 2**34, ARG, "rounding words")
    demand(s.kind == REAL or p.max_weight >= 1, ARG, "no weights")
    demand(least_bits(p, s) <= s.bits, ARG, "modulus")


def check_graph(p):
    """2.2: clients, neighbours and threshold."""
    demand(p.clients >= 2, ARG, "clients")
    if p.neighbours == 0:
        most = choice.ACTIVE_MOST if p.active else choice.COMPLETE_MOST
        demand(p.clients <= most, ARG, "clients of the complete graph")
        holders, largest = p.clients, p.clients
    else:
        demand(not p.active, ARG, "active ring")
        demand(4 <= p.clients <= 2**20, ARG, "clients of a ring")
        demand(p.neighbours % 2 == 0, ARG, "odd neighbours")
        demand(2 <= p.neighbours <= p.clients - 2, ARG, "neighbours")
        holders, largest = p.neighbours + 1, p.neighbours
    demand(2 <= p.threshold <= largest, ARG, "threshold")
    demand(2 * p.threshold > holders + p.corrupt, ARG, "opens in two ways")
    demand(p.corrupt + 2 <= p.min_survivors <= p.clients, ARG, "survivors")


def check(p):
    """2.2: the soundness of filled parameters, else ARG."""
    demand(p.suite in (1, 2), ARG, "suite")
    demand(p.mode in (0, 1), ARG, "mode")
    check_graph(p)
    demand(0 <= p.max_weight < 2**32, ARG, "weights")
    demand(1 <= len(p.segments) <= 65535, ARG, "segments")
    for s in p.segments:
        check_segment(p, s)


def encode(p):
    """2.3: the bytes of filled parameters."""
    head = (be16(1) + be16(p.suite) + u8(p.mode) + u8(p.neighbours > 0)
            + be16(0) + p.session + be64(p.round) + be32(p.clients)
            + be32(p.neighbours) + be32(p.threshold) + be32(p.corrupt)
            + be32(p.min_survivors) + be64(p.max_weight) + p.app_digest)
    segments = b"".join(s.encode() for s in p.segments)
    return head + be32(len(p.segments)) + segments + be16(0)


def decode_segment(data):
    """2.3: a segment of 20 bytes; MESSAGE for what has another spelling."""
    demand(data[9] != 0, MESSAGE, "bits 0")
    demand(data[12] < 0x80, MESSAGE, "sign of clip")
    return Segment(number(data[:8]), data[8], data[9], data[10], data[11],
                   struct.unpack(">d", data[12:20])[0])


def decode_layout(data):
    """2.3: parameters read, their soundness not looked at."""
    demand(len(data) >= 98, MESSAGE, "length")
    count = number(data[92:96])
    demand(len(data) == 98 + 20 * count, MESSAGE, "length")
    demand(data[:2] == be16(1), MESSAGE, "version")
    demand(data[6:8] == be16(0), MESSAGE, "reserved")
    demand(data[-2:] == be16(0), MESSAGE, "extension")
    neighbours = number(data[36:40])
    demand(data[5] == (neighbours > 0), MESSAGE, "graph")
    suite, least = number(data[2:4]), number(data[48:52])
    demand(suite != 0, MESSAGE, "suite 0")
    demand(least != 0, MESSAGE, "min_survivors 0")
    segments = tuple(decode_segment(data[i:i + 20])
                     for i in range(96, 96 + 20 * count, 20))
    return Params(
        session=data[8:24], round=number(data[24:32]), suite=suite,
        mode=data[4], clients=number(data[32:36]), neighbours=neighbours,
        threshold=number(data[40:44]), corrupt=number(data[44:48]),
        min_survivors=least, max_weight=number(data[52:60]),
        app_digest=data[60:92], segments=segments)


def decode(data):
    """2.2, 2.3: sound parameters, else MESSAGE or ARG."""
    p = decode_layout(data)
    check(p)
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
        gamma = self.min_corrupt
        demand(not math.isnan(gamma) and gamma <= 1, ARG, "gamma")
        demand(self.min_weight in (0, 1), ARG, "min_weight")


NOBODY = -1.0
LAXEST = Policy(2, 1, 2, NOBODY, any_digest=True)


def check_policy(policy, p):
    """2.2: raise POLICY if sound parameters are below the policy."""
    policy.check()
    n, a = p.clients, policy.a_of(p.clients)
    demand(n >= policy.clients, POLICY, "clients")
    demand(p.floor >= max(policy.survivors_of(n), a + 2), POLICY, "survivors")
    demand(p.active or not policy.require_active, POLICY, "mode")
    demand(p.min_weight >= policy.min_weight or not p.max_weight, POLICY,
           "weights")
    check_model_policy(policy, p)
    if p.neighbours:
        check_ring_policy(policy, p, a)
    else:
        demand(p.corrupt >= a, POLICY, "corrupt")


def check_model_policy(policy, p):
    """2.2: the row "model"."""
    if any(policy.app_digest):
        demand(p.app_digest == policy.app_digest, POLICY, "model")
    elif p.active and not policy.any_digest:
        demand(any(p.app_digest), POLICY, "no model")


def check_ring_policy(policy, p, a):
    """2.2: the rules for a ring."""
    n, k, sigma = p.clients, p.neighbours, choice.POLICY_SIGMA
    demand(n >= policy.ring, POLICY, "clients of a ring")
    demand(p.corrupt >= choice.c_max_of(n, a, k, sigma), POLICY, "corrupt")
    demand(choice.e2_holds(n, k, p.threshold, a, p.min_survivors, sigma),
           POLICY, "cut")
