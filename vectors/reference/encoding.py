# SPDX-License-Identifier: Apache-2.0
"""Encoding and decoding of values (7.1 to 7.5). A Python float is an IEEE 754
double, and each operation rounds once."""
import math
import struct

from errors import VALUE, require
from hashes import derive, u8
from params import INTEGER, SIGNED, UNSIGNED, WEIGHTED
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
    """7.1: return the code of a value and whether it was clipped. rnd is None
    if rounding is to nearest."""
    zero = s.zero()
    scale = float(zero) / s.clip
    scaled = min(min(abs(value), s.clip) * scale, float(zero))
    fixed = math.floor(scaled * 2.0**32)
    r = 2**31 - 1 if rnd is None else rnd
    steps = (fixed + 2**32 - 1 - r) // 2**32
    code = zero + steps if value >= 0 else zero - steps
    return code, abs(value) > s.clip


def encode_reals(values, s, rnds, weight):
    """7.1: return the entries of a run of reals and the number of clipped
    ones."""
    require(all(math.isfinite(v) for v in values), VALUE, "not finite")
    if rnds is None:
        rnds = [None] * len(values)
    pairs = [quantise(v, s, w) for v, w in zip(values, rnds)]
    factor = weight if s.kind == WEIGHTED else 1
    return [e * factor for e, _ in pairs], sum(c for _, c in pairs)


def encode_integers(values, s, is_signed=False):
    """7.1: return the entries of a run of integers. Signed integers of an
    INTEGER segment are given modulo 2^b."""
    if s.kind == SIGNED:
        half = 2**(s.value_bits - 1)
        require(all(-half <= v < half for v in values), VALUE, "out of range")
        return [v + half for v in values]
    if s.kind == UNSIGNED:
        require(all(0 <= v < 2**s.value_bits for v in values), VALUE,
                "out of range")
        return list(values)
    require(is_signed or all(0 <= v < 2**s.bits for v in values), VALUE,
            "out of range")
    return [v % 2**s.bits for v in values]


# Decoding. `survivors` is |U3|; `addends` is W, for WEIGHTED the sum of the
# weights and else |U3|.

def check_weight_sum(p, total, survivors):
    """7.5, check 1: raise VALUE if no weights of the survivors have this
    sum."""
    require(survivors * p.min_weight <= total <= survivors * p.max_weight,
            VALUE, "sum of the weights")


def check_total(total, addends, s):
    """7.5, check 2: raise VALUE if no entries have this total."""
    require(s.kind == INTEGER or total <= addends * s.q_max(), VALUE,
            "no inputs have this total")


def integer_sum(total, addends, s):
    """7.5: decode the total of integers, of INTEGER as unsigned; or return
    that of the entries of reals."""
    check_total(total, addends, s)
    if s.kind == SIGNED:
        return total - addends * 2**(s.value_bits - 1)
    return total


def signed(value, bits):
    """7.5: read an INTEGER sum as signed."""
    return value - 2**bits if value >= 2**(bits - 1) else value


def as_unsigned(value):
    """7.5, check 4: raise VALUE if 64 bits cannot represent the result."""
    require(0 <= value < 2**64, VALUE, "no unsigned integer")
    return value


def as_signed(value):
    """7.5, check 4: the same for signed integers."""
    require(-2**63 <= value < 2**63, VALUE, "no signed integer")
    return value


def decode_sum(total, addends, s):
    """7.5: decode the sum of reals."""
    check_total(total, addends, s)
    centred = total - addends * s.zero()
    return float(centred) * (s.clip / float(s.zero()))


def decode_mean(total, addends, s):
    """7.5: decode the mean of reals. W = 0 is VALUE."""
    total = decode_sum(total, addends, s)
    require(addends != 0, VALUE, "no weight at all")
    return total / float(addends)


def to_single(value):
    """7.5, check 4: convert a double to the bits of an f32, once."""
    try:
        return struct.pack(">f", value)
    except OverflowError:
        raise VALUE("no f32") from None
