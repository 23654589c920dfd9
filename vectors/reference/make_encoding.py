# SPDX-License-Identifier: Apache-2.0
"""Make encoding.json."""
import math

import encoding
import planes
from params import NEAREST, REAL, STOCHASTIC, WEIGHTED, Segment
from vector_file import (VectorFile, attempt, double, doubles, single,
                         test_bytes, test_number, u32s, u64, u64s)

TINY = 5e-324
SETTINGS = ((1, 1.0), (2, 1.0), (8, 1.0), (8, 0.1), (10, 3.0), (16, 1.0),
            (16, 1e-3), (24, 1.0), (24, 7.5), (31, 1.0), (32, 1.0),
            (32, 1e6), (32, 2.0**-500), (32, 2.0**500), (1, 2.0**500),
            (13, 1 / 3))


def edge_values(s):
    """Return values at the clip, at ties and at zeros, and denormals."""
    c, step = s.clip, 2 * s.clip / s.q_max()
    out = [0.0, -0.0, TINY, -TINY, 2.2250738585072014e-308, c, -c,
           math.nextafter(c, 0), math.nextafter(c, math.inf),
           math.nextafter(-c, 0), math.nextafter(-c, -math.inf),
           2 * c, -2 * c, 1.7976931348623157e308, -1.7976931348623157e308,
           c / 2, -c / 2, c / 3, -c / 3]
    for k in (0.5, 1.0, 1.5, 2.5, s.q_max() / 2, s.q_max() - 0.5):
        x = -c + k * step
        out += [x, math.nextafter(x, 0), math.nextafter(x, math.inf)]
    return out


def some_values(s, name, count):
    """Return values over the whole range and a little beyond."""
    xs = [test_number("%s %d" % (name, i), 2**53) for i in range(count)]
    return [s.clip * (x / 2**52 - 1) * 1.05 for x in xs]


def add_quantise(out, comment, flags, s, values, suite, bits=64, offset=0,
                 weight=1):
    """Add a test of Quantise."""
    seed = test_bytes("rounding %s %d" % (comment, bits), 32)
    words = None
    if s.rounding == STOCHASTIC:
        words = encoding.rounding_words(suite, seed, bits, offset,
                                        len(values))
    found, error = attempt(encoding.encode_reals, values, s, words, weight)
    entries, clipped = found or ([], 0)
    out.add(comment, flags, error, suite=suite, roundingSeed=seed,
            bits=bits, offset=offset, weight=u64(weight),
            words=u32s(words or []), values=doubles(values),
            entries=u64s(entries), clipped=clipped)


def quantise_group(out, kind, rounding, q, clip):
    """Add the tests of Quantise for one segment."""
    s = Segment(2**20, kind, 64, q, rounding, clip)
    out.group("Quantise", kind=kind, valueBits=q, rounding=rounding,
              clip=double(clip))
    weight = 1 if kind == REAL else 2**32 - 1
    suite = 1 + q % 2
    add_quantise(out, "ties, zeros, clip", "Rounding Clipped", s,
                 edge_values(s), suite, 64, 0, weight)
    add_quantise(out, "over the range", "Normal", s,
                 some_values(s, "q%d" % q, 12), 3 - suite, 47, 512 + q, weight)
    if kind == WEIGHTED:
        add_quantise(out, "weight 0", "EdgeCase", s,
                     some_values(s, "w%d" % q, 3), suite, 1, 0, 0)
    for bad in (math.nan, math.inf, -math.inf):
        add_quantise(out, "not finite", "NotFinite", s,
                     [0.0, bad, clip], suite, 64, 0, weight)


def worked(out):
    """Add the values of appendix A.4."""
    seed = bytes.fromhex("63ce8b35e271f9b597e24331694bcff9"
                         "0018e8a81914cbaaaa7a0e59f0e12c8d")
    values = [0.5, -0.25, 2.0, -1.0]
    for rounding in (STOCHASTIC, NEAREST):
        s = Segment(1000, REAL, 19, 16, rounding, 1.0)
        words = encoding.rounding_words(2, seed, 19, 0, 4)
        assert u32s(words) == "50ba26043105fbb3a52b43d60b579c72"
        entries, clipped = encoding.encode_reals(values, s, words, 1)
        assert entries == [49151, 24576, 65535, 0]
        out.group("Quantise", kind=REAL, valueBits=16, rounding=rounding,
                  clip=double(1.0))
        out.add("A.4", "Worked", suite=2, roundingSeed=seed, bits=19,
                offset=0, weight=u64(1),
                words="" if rounding else u32s(words),
                values=doubles(values), entries=u64s(entries),
                clipped=clipped)


def integers(out):
    """Add tests of Integers."""
    out.group("Integers")
    for b in (1, 2, 8, 31, 32, 33, 63, 64):
        s = Segment(20, bits=b)
        for values in ([0, 2**b - 1, 1 % 2**b], [2**(b - 1)] * 9):
            encoding.check_integers(values, s)
            out.add("", "EdgeCase", bits=b, values=u64s(values),
                    planes=planes.pack(values, b))
        for bad in (2**b, 2**b + 1, 2**64 - 1):
            if bad >= 2**64 or bad < 2**b:
                continue
            _, error = attempt(encoding.check_integers, [0, bad], s)
            out.add("over the modulus", "WrongRange", error, bits=b,
                    values=u64s([0, bad]), planes="")


def add_decode(out, comment, flags, s, addends, total):
    """Add a test of Decode."""
    mean, error = attempt(encoding.decode_mean, total, addends, s)
    sum_ = encoding.decode_sum(total, addends, s)
    mean = 0.0 if error else mean
    out.add(comment, flags, error, addends=u64(addends), total=u64(total),
            sum=double(sum_), sumSingle=single(sum_), mean=double(mean),
            meanSingle=single(mean))


def decodes(out):
    """Add tests of Decode and Signed."""
    for q, clip in SETTINGS:
        s = Segment(1, REAL, 64, q, NEAREST, clip)
        n = s.q_max()
        out.group("Decode", valueBits=q, clip=double(clip))
        for w in (1, 2, 3, 4095, 2**31 - 1, min(2**32 - 1, 2**64 // n - 1)):
            for total in (0, w * n, w * n // 2, w * n // 2 + 1,
                          test_number("sum %d %d" % (q, w), w * n)):
                add_decode(out, "", "Normal", s, w, total)
        add_decode(out, "no addend", "EdgeCase", s, 0, 0)
    out.group("Signed")
    for b in (1, 2, 8, 31, 32, 33, 63, 64):
        for total in sorted({0, 2**b - 1, 2**(b - 1), 2**(b - 1) - 1}):
            value = encoding.signed(total, b) % 2**64
            out.add("", "EdgeCase", bits=b, total=u64(total),
                    value=u64(value))


def make_encoding():
    """Make encoding.json."""
    out = VectorFile("encoding")
    out.group("Words")
    for suite in (1, 2):
        for b, offset in ((19, 0), (19, 1), (19, 15), (19, 16), (1, 0),
                          (64, 1000), (33, 2**34 - 20)):
            seed = test_bytes("words %d" % b, 32)
            words = encoding.rounding_words(suite, seed, b, offset, 20)
            out.add("", "Normal", suite=suite, roundingSeed=seed, bits=b,
                    offset=offset, words=u32s(words))
    worked(out)
    for q, clip in SETTINGS:
        for kind in (REAL, WEIGHTED):
            for rounding in (STOCHASTIC, NEAREST):
                quantise_group(out, kind, rounding, q, clip)
    integers(out)
    decodes(out)
    return out
