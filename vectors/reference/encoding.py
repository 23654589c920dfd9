# SPDX-License-Identifier: Apache-2.0
"""Encoding and decoding of values (7.1 to 7.5). A Python float is an IEEE 754
double, and each operation rounds once."""
import math

from errors import VALUE, require
from hashes import derive, u8
from params import STOCHASTIC, WEIGHTED
from suites import KEY_NONCE_LEN, keystream


def rounding_words(suite, rounding, b, offset, count):
    """7.2: return the random words that round `count` entries of lane b, from
    entry `offset` on."""
    key_nonce = derive(rounding, "rounding words", u8(b),
                       KEY_NONCE_LEN[suite])
    skip = offset % 16
    stream = keystream(suite, key_nonce, 4 * (skip + count),
                       4 * (offset - skip))
    return [int.from_bytes(stream[i:i + 4], "little")
            for i in range(4 * skip, len(stream), 4)]


def quantise(value, s, rnd):
    """7.1: return the quantised value and whether it was clipped. rnd is None
    if rounding is to nearest."""
    q_max, clip = float(s.q_max()), s.clip
    clipped = min(max(value, -clip), clip)
    scale = q_max / (clip + clip)
    scaled = (clipped + clip) * scale
    if scaled > q_max:
        scaled = q_max
    whole = math.floor(scaled)
    frac = scaled - whole
    if s.rounding == STOCHASTIC:
        up = rnd < math.floor(frac * 2.0**32)
    else:
        up = frac >= 0.5
    return whole + up, clipped != value


def encode_reals(values, s, rnds, weight):
    """7.1: return the entries of a run of reals and the number of clipped
    ones."""
    require(all(math.isfinite(v) for v in values), VALUE, "not finite")
    if rnds is None:
        rnds = [None] * len(values)
    pairs = [quantise(v, s, w) for v, w in zip(values, rnds)]
    factor = weight if s.kind == WEIGHTED else 1
    return [e * factor for e, _ in pairs], sum(c for _, c in pairs)


def check_integers(values, s):
    """7.1: require entries of an INTEGER segment to be in range, else
    VALUE."""
    require(all(0 <= v < 2**s.bits for v in values), VALUE, "out of range")
    return list(values)


def signed(value, bits):
    """7.5: read an INTEGER sum as signed."""
    return value - 2**bits if value >= 2**(bits - 1) else value


def decode_sum(total, addends, s):
    """7.5: decode the sum of reals; addends is W."""
    exact = 2 * total - addends * s.q_max()
    return float(exact) * (s.clip / float(s.q_max()))


def decode_mean(total, addends, s):
    """7.5: decode the mean of reals. W = 0 is VALUE."""
    require(addends != 0, VALUE, "no weight at all")
    return decode_sum(total, addends, s) / float(addends)
