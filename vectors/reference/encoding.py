# SPDX-License-Identifier: Apache-2.0
"""Encoding and decoding of values (7.1 to 7.5). Python's floats are IEEE
754 doubles and every operation rounds once."""
import math

from errors import VALUE, demand
from hashes import L, be32, u8
from params import STOCHASTIC, WEIGHTED
from suites import STREAM_SECRET, keystream


def rounding_words(suite, seed, segment, count):
    """7.2: the words of entries 0 to count - 1."""
    secret = L(seed, "round", be32(segment) + u8(32), STREAM_SECRET[suite])
    stream = keystream(suite, secret, 4 * count)
    return [int.from_bytes(stream[i:i + 4], "little")
            for i in range(0, 4 * count, 4)]


def quantise(value, s, word):
    """7.1: (e, clipped); word is None where rounding is to nearest."""
    levels, clip = float(s.levels()), s.clip
    x = min(max(value, -clip), clip)
    scale = levels / (clip + clip)
    z = (x + clip) * scale
    if z > levels:
        z = levels
    i = math.floor(z)
    f = z - i
    if s.rounding == STOCHASTIC:
        up = word < math.floor(f * 2.0**32)
    else:
        up = f >= 0.5
    return i + up, x != value


def encode_reals(values, s, words, weight):
    """7.1: (entries, count of clipped) of a piece of reals."""
    demand(all(math.isfinite(v) for v in values), VALUE, "not finite")
    if words is None:
        words = [None] * len(values)
    pairs = [quantise(v, s, w) for v, w in zip(values, words)]
    factor = weight if s.kind == WEIGHTED else 1
    return [e * factor for e, _ in pairs], sum(c for _, c in pairs)


def check_integers(values, s):
    """7.1: entries of an INTEGER segment."""
    demand(all(0 <= v < 2**s.bits for v in values), VALUE, "out of range")
    return list(values)


def signed(value, bits):
    """7.5: a sum read as signed."""
    return value - 2**bits if value >= 2**(bits - 1) else value


def decode_sum(total, addends, s):
    """7.5: the sum of reals; addends is W."""
    exact = 2 * total - addends * s.levels()
    return float(exact) * (s.clip / float(s.levels()))


def decode_mean(total, addends, s):
    """7.5: the mean of reals."""
    demand(addends != 0, VALUE, "no weight at all")
    return decode_sum(total, addends, s) / float(addends)
