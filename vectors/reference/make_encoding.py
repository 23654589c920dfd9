# SPDX-License-Identifier: Apache-2.0
"""Make encoding.json."""
import math
from dataclasses import replace

import encoding
import planes
from params import (INTEGER, NEAREST, REAL, SIGNED, STOCHASTIC, UNSIGNED,
                    WEIGHTED, Params, Segment, least_modulus)
from vector_file import (VectorFile, attempt, double, doubles, test_bytes,
                         test_number, twos_complement, u32s, u64, u64s)

TINY = 5e-324
FLOAT_MAX = (2 - 2.0**-23) * 2.0**127
SETTINGS = ((2, 1.0), (3, 0.3), (8, 1.0), (8, 0.1), (10, 3.0), (16, 1.0),
            (16, 1e-3), (24, 1.0), (24, 7.5), (31, 1.0), (32, 1.0),
            (32, 1e6), (32, 2.0**-500), (32, 2.0**500), (2, 2.0**500),
            (13, 1 / 3), (16, 0.3), (32, 0.3), (2, FLOAT_MAX),
            (32, 6.1), (32, 1.7))  # clip * scale is above zero; below it
EDGE_WORDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)


def edge_values(s):
    """Return values of both signs at zero, at steps and half steps, at the
    clip and beyond it, and denormals."""
    c, step = s.clip, s.clip / s.zero()
    out = [0.0, TINY, 2.2250738585072014e-308, c, math.nextafter(c, 0),
           math.nextafter(c, math.inf), 2 * c, 1.7976931348623157e308,
           c / 2, c / 3, step * 2.0**-32, math.nextafter(step * 2.0**-32, 0),
           step * 2.0**-33]
    for k in (0.5, 1.0, 1.5, 2.5, s.zero() / 2, s.zero() - 0.5):
        x = k * step
        out += [x, math.nextafter(x, 0), math.nextafter(x, math.inf)]
    return [x for value in out for x in (value, -value)]


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
    if kind == REAL:
        add_quantise(out, "a weight without effect", "EdgeCase", s,
                     some_values(s, "r%d" % q, 3), suite, 1, 0, 7)
    if kind == WEIGHTED:
        add_quantise(out, "weight 0", "EdgeCase", s,
                     some_values(s, "w%d" % q, 3), suite, 1, 0, 0)
    bad_values = (math.nan, math.inf, -math.inf) if q == 8 else (math.nan,)
    for bad in bad_values:
        add_quantise(out, "not finite", "NotFinite", s,
                     [0.0, bad, clip], suite, 64, 0, weight)


def words_group(out):
    """Add tests of Rounded: values and the words that decide about them."""
    out.group("Rounded")
    for q, clip in SETTINGS:
        s = Segment(1, REAL, 64, q, STOCHASTIC, clip)
        values = edge_values(s)
        for word in EDGE_WORDS:
            entries, _ = encoding.encode_reals(values, s,
                                               [word] * len(values), 1)
            out.add("", "Rounding", valueBits=q, clip=double(clip), word=word,
                    values=doubles(values), entries=u64s(entries))
            assert entries[:2] == [s.zero()] * 2
            assert all(a + b == s.q_max()
                       for a, b in zip(entries[::2], entries[1::2]))


def worked(out):
    """Add the values of appendix A.4."""
    seed = bytes.fromhex("63ce8b35e271f9b597e24331694bcff9"
                         "0018e8a81914cbaaaa7a0e59f0e12c8d")
    values = [0.5, -0.25, 2.0, -1.0]
    for rounding in (STOCHASTIC, NEAREST):
        s = Segment(1000, REAL, 19, 16, rounding, 1.0)
        words = encoding.rounding_words(2, seed, 19, 0, 4)
        assert u32s(words) == "50ba26043105fbb3a52b43d60b579c72"
        entries, clipped = encoding.encode_reals(
            values, s, None if rounding else words, 1)
        assert entries == [49151, 24575, 65534, 0]
        out.group("Quantise", kind=REAL, valueBits=16, rounding=rounding,
                  clip=double(1.0))
        out.add("A.4", "Worked", suite=2, roundingSeed=seed, bits=19,
                offset=0, weight=u64(1),
                words="" if rounding else u32s(words),
                values=doubles(values), entries=u64s(entries),
                clipped=clipped)


# Integers

def integer_segments():
    """Return segments of each kind of integers, most with the least
    modulus."""
    out = [Segment(1, INTEGER, b) for b in (1, 8, 32, 33, 63, 64)]
    p = Params(bytes(16), 3, 2)
    for kind, low in ((UNSIGNED, 1), (SIGNED, 2)):
        for q in (low, 8, 32, 33, 62):
            s = Segment(1, kind, 0, q)
            out.append(replace(s, bits=least_modulus(p, s)))
        out += [Segment(1, kind, 64, 63), Segment(1, kind, 64, 7)]
    return out


def add_integers(out, s, is_signed, values):
    """Add a test of Integers."""
    found, error = attempt(encoding.encode_integers, values, s, is_signed)
    out.add("", "WrongRange" if error else "EdgeCase", error,
            signed=is_signed, values=twos_complement(values),
            planes=planes.pack(found or [], s.bits))


def integers(out):
    """Add tests of Integers: each kind, given as signed and as unsigned
    integers."""
    for s in integer_segments():
        out.group("Integers", kind=s.kind, bits=s.bits,
                  valueBits=s.value_bits)
        q = s.value_bits or s.bits
        edges = {0, 1, 2**q - 1, 2**q, 2**q + 1, 2**(q - 1) - 1, 2**(q - 1),
                 2**(q - 1) + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 2**(q - 1)}
        for x in sorted(x for x in edges if x < 2**64):
            add_integers(out, s, False, [0, x])
        edges |= {-x for x in edges}
        for x in sorted(x for x in edges if -2**63 <= x < 2**63):
            add_integers(out, s, True, [0, x])
        add_integers(out, s, False, [2**(q - 1) - 1] * 9)


def add_total(out, s, survivors, total):
    """Add a test of Total."""
    value, error = attempt(encoding.integer_sum, total, survivors, s)
    results = []
    for convert in (encoding.as_unsigned, encoding.as_signed):
        number = value
        if s.kind == INTEGER and convert == encoding.as_signed:
            number = encoding.signed(total, s.bits)
        _, over = ("", error) if error else attempt(convert, number)
        results.append("" if over else twos_complement([number]))
    out.add("", "WrongRange" if error else "EdgeCase", error,
            survivors=survivors, total=u64(total), unsigned=results[0],
            signed=results[1])


def totals(out):
    """Add tests of Total: totals about the bounds of what inputs can have,
    about 0 and about the bounds of signed integers."""
    for s in integer_segments():
        out.group("Total", kind=s.kind, bits=s.bits, valueBits=s.value_bits)
        for survivors in (1, 2, 3):
            top = survivors * s.q_max()
            if top >= 2**64:
                continue
            middle = survivors * 2**(s.value_bits - 1) if s.value_bits else 0
            near = {0, 2**s.bits - 1, 2**(s.bits - 1), 2**(s.bits - 1) - 1,
                    2**63, top // 3}
            near |= {x + i for x in (top, middle) for i in (-1, 0, 1)}
            for total in sorted(x for x in near if 0 <= x < 2**s.bits):
                add_total(out, s, survivors, total)


def weight_sums(out):
    """Add tests of WeightSum."""
    for min_weight, max_weight in ((0, 1), (1, 1), (0, 100), (1, 100),
                                   (0, 2**32 - 1), (1, 2**32 - 1)):
        p = Params(bytes(16), 5, 3, min_weight=min_weight,
                   max_weight=max_weight)
        bits = p.all_segments[0].bits
        out.group("WeightSum", minWeight=min_weight, maxWeight=max_weight,
                  bits=bits)
        for survivors in (3, 5):
            low, high = survivors * min_weight, survivors * max_weight
            for total in sorted({0, low - 1, low, high, high + 1}):
                if 0 <= total < 2**bits:
                    _, error = attempt(encoding.check_weight_sum, p, total,
                                       survivors)
                    out.add("", "WrongRange" if error else "EdgeCase", error,
                            survivors=survivors, total=u64(total))


# Decoding of reals

def add_decode(out, comment, flags, s, addends, total):
    """Add tests of Decode: the sum and the mean."""
    for mean, decode in ((False, encoding.decode_sum),
                         (True, encoding.decode_mean)):
        value, error = attempt(decode, total, addends, s)
        single, over = (None, error) if error else attempt(
            encoding.to_single, value)
        out.add(comment, flags, error, mean=mean, addends=u64(addends),
                total=u64(total), value=double(0.0 if error else value),
                single=b"" if over else single)


def decodes(out):
    """Add tests of Decode."""
    for q, clip in SETTINGS:
        s = Segment(1, REAL, 64, q, NEAREST, clip)
        n = s.q_max()
        out.group("Decode", valueBits=q, clip=double(clip))
        for w in (1, 3, min(2**32 - 1, 2**64 // n - 1)):
            add_decode(out, "a sum of zeros", "EdgeCase", s, w, w * s.zero())
            add_decode(out, "over all inputs", "WrongRange", s, w, w * n + 1)
            for total in (0, w * n, w * s.zero() - 1, w * s.zero() + 1,
                          test_number("sum %d %d" % (q, w), w * n)):
                add_decode(out, "", "Normal", s, w, total)
        add_decode(out, "no addend", "EdgeCase", s, 0, 0)
        add_decode(out, "no addend, but a total", "WrongRange", s, 0, 1)
    half_over = FLOAT_MAX + 2.0**103
    for clip in (FLOAT_MAX, math.nextafter(half_over, 0), half_over,
                 math.nextafter(half_over, math.inf), 2.0**128):
        out.group("Decode", valueBits=2, clip=double(clip))
        for total in (0, 1, 2):
            add_decode(out, "about the largest f32", "EdgeCase",
                       Segment(1, REAL, 64, 2, NEAREST, clip), 1, total)


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
    words_group(out)
    integers(out)
    totals(out)
    weight_sums(out)
    decodes(out)
    return out
