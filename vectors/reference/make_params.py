# SPDX-License-Identifier: Apache-2.0
"""Make params.json."""
import math
from dataclasses import replace

import make_policy
import make_reserved
import params
from hashes import be16, be32, be64
from messages import InputPart, decode_input_part
from params import (INTEGER, NEAREST, REAL, SIGNED, UNSIGNED, WEIGHTED, Params,
                    Segment)
from vector_file import VectorFile, attempt, test_bytes, u32s, u64, u64s

REALS = Segment(1000, REAL, 0, 16, 0, 1.0)
WEIGHED = Segment(300, WEIGHTED, 0, 12, NEAREST, 0.5)
NUMBERS = Segment(10, INTEGER, 3)
COUNTS = Segment(9, UNSIGNED, 0, 10)
VOTES = Segment(5, SIGNED, 0, 2)
BASE = params.fill_defaults(Params(
    session=bytes(range(16)), round=7, suite=2, clients=5, threshold=4,
    corrupt=1, min_survivors=4, max_weight=100, app_digest=b"\xaa" * 32,
    segments=(REALS, NUMBERS)))
RING = params.fill_defaults(Params(
    session=bytes(range(16)), clients=100, neighbours=18, threshold=13,
    corrupt=5, min_survivors=95, segments=(NUMBERS, REALS)))
ACTIVE = params.fill_defaults(Params(
    session=b"\x55" * 16, mode=1, clients=9, threshold=7, corrupt=3,
    max_weight=2**32 - 1, segments=(WEIGHED,)))
NINE = Segment(10, INTEGER, 9)
REALS_19 = BASE.segments[0]
KINDS = {"complete": BASE, "ring": RING, "active": ACTIVE}


def add_params(out, comment, flags, text):
    """Add a test of Params."""
    p, error = attempt(params.decode, text)
    out.add(comment, flags, error, params=text,
            hCtx="" if error else p.h_ctx,
            floor=0 if error else p.effective_min,
            vectorSize=u64(0 if error else p.vector_size))


def changed(p, **members):
    """Encode parameters with some members replaced, without a check."""
    return params.encode(replace(p, **members))


def with_segment(p, at, **members):
    """Encode parameters with members of one segment replaced."""
    segments = list(p.segments)
    segments[at] = replace(segments[at], **members)
    return params.encode(replace(p, segments=tuple(segments)))


def valid(out):
    """Add sound parameters, some of them at a bound."""
    for name, p in KINDS.items():
        add_params(out, name, "Worked" if p is BASE else "Normal",
                   params.encode(p))
    rows = (
        (BASE, dict(clients=4095, threshold=3000, corrupt=1904,
                    min_survivors=4095, max_weight=0,
                    segments=(NUMBERS,))),
        (BASE, dict(clients=2, threshold=2, corrupt=0, min_survivors=2)),
        (BASE, dict(clients=5, threshold=5, corrupt=3, min_survivors=5)),
        (BASE, dict(clients=5, threshold=3, corrupt=0, min_survivors=2)),
        (BASE, dict(round=2**64 - 1)), (BASE, dict(suite=1)),
        (BASE, dict(max_weight=0)), (BASE, dict(max_weight=2**32 - 1)),
        (BASE, dict(min_weight=1)), (BASE, dict(min_weight=1, max_weight=1)),
        (RING, dict(min_weight=1, max_weight=7)),
        (RING, dict(clients=4, neighbours=2, threshold=2, corrupt=0,
                    min_survivors=2)),
        (RING, dict(clients=2**20, min_survivors=7,
                    segments=(NUMBERS,))),
        (RING, dict(clients=5000, neighbours=4094, threshold=2048, corrupt=0,
                    segments=(NUMBERS,))),
        (RING, dict(clients=20, neighbours=18, threshold=18, corrupt=16,
                    min_survivors=20)),
        (ACTIVE, dict(clients=2048, threshold=1025, corrupt=1,
                      min_survivors=3, max_weight=2**20)),
        (ACTIVE, dict(max_weight=1)))
    for p, members in rows:
        add_params(out, "at a bound", "EdgeCase", changed(p, **members))
    for members in (dict(clip=2.0**-500), dict(clip=2.0**500), dict(bits=64),
                    dict(length=1), dict(length=2**34, bits=32),
                    dict(rounding=1, length=2**34 + 512, bits=19)):
        add_params(out, "segment at a bound", "EdgeCase",
                   with_segment(BASE, 0, **members))
    for members in (dict(bits=1, length=2**39), dict(bits=64, length=2**33),
                    dict(bits=64), dict(bits=1)):
        add_params(out, "integers at a bound", "EdgeCase",
                   with_segment(BASE, 1, **members))
    for n, kind, q, bits in ((5, UNSIGNED, 10, 13), (5, SIGNED, 2, 4),
                             (2, UNSIGNED, 63, 64), (2, SIGNED, 63, 64),
                             (4, UNSIGNED, 62, 64), (3, UNSIGNED, 1, 2),
                             (4, UNSIGNED, 1, 3), (4, SIGNED, 1 + 1, 64)):
        add_params(out, "integers with a bound", "EdgeCase", changed(
            BASE, clients=n, threshold=n, min_survivors=n, corrupt=0,
            segments=(Segment(9, kind, bits, q),)))


def lane_limits(out):
    """2.2: add lanes at their limits and with one entry more, which is
    ARG."""
    masks_max = 512 * (2**36 // (64 * 9))
    rows = (
        ("mask keystream", 0, (NINE, Segment(masks_max - 10, INTEGER, 9))),
        ("mask keystream, with the hidden segment", 100,
         (NINE, Segment(masks_max - 11, INTEGER, 9))),
        ("rounding keystream, with integers", 0,
         (REALS_19, Segment(2**34 - 1000, INTEGER, 19))))
    for comment, max_weight, (first, last) in rows:
        longer = replace(last, length=last.length + 1)
        for flags, segments in (("EdgeCase", (first, last)),
                                ("Unsound", (first, longer)),
                                ("Unsound", (longer, first))):
            add_params(out, comment, flags, changed(
                BASE, max_weight=max_weight, segments=segments))
    add_params(out, "a long lane that is rounded to nearest", "EdgeCase",
               changed(BASE, max_weight=0, segments=(
                   replace(REALS_19, rounding=NEAREST),
                   Segment(2**34, INTEGER, 19))))


def add_lanes(out, comment, flags, p, times, segments, blocks):
    """Add a test of Lanes. The places of `segments` and At of `blocks` are
    asked."""
    many = replace(p, segments=p.segments * times)
    params.check_soundness(many)
    lanes = many.lanes
    out.add(comment, flags, params=params.encode(p), times=times,
            lanes=bytes(lanes.counts), counts=u64s(lanes.counts.values()),
            nblocks=u64(lanes.nblocks), vectorSize=u64(lanes.at(lanes.nblocks)),
            minPart=lanes.s_min, segments=u32s(segments),
            places=u64s(lanes.places[i] for i in segments),
            blocks=u64s(blocks), offsets=u64s(map(lanes.at, blocks)))


def lane_tests(out):
    """Add tests of Lanes."""
    out.group("Lanes")
    add_lanes(out, "A.1", "Worked", BASE, 1, range(3), range(5))
    mixed = tuple(Segment(length, INTEGER, b) for b in (9, 3, 64, 1)
                  for length in (513, 1, 512, 7, 511, 8))
    for max_weight, comment in ((0, "no hidden segment"),
                                (10, "hidden segment alone in lane 6"),
                                (100, "hidden segment last in lane 9")):
        p = replace(BASE, max_weight=max_weight, segments=mixed)
        count = len(p.all_segments)
        add_lanes(out, comment, "Normal", p, 1, range(count),
                  range(p.lanes.nblocks + 1))
    four = replace(BASE, segments=tuple(
        Segment(length, INTEGER, 19) for length in (16, 1, 31, 16)))
    add_lanes(out, "40,000 segments", "EdgeCase", four, 10000,
              (0, 1, 2, 3, 4, 20001, 39999, 40000), (0, 1, 2, 1250, 1251))
    five = replace(BASE, segments=(NUMBERS,) * 5)
    add_lanes(out, "65,535 segments", "EdgeCase", five, 13107,
              (0, 1, 65534, 65535), (0, 1, 1279, 1280))
    out.add("65,536 segments", "Unsound", "ARG", params=params.encode(
        replace(BASE, segments=(NUMBERS,))), times=65536, lanes=b"", counts="",
            nblocks=u64(0), vectorSize=u64(0), minPart=0, segments="",
            places="", blocks="", offsets="")
    for blocks in (65535, 65536, 2 * 65535, 2 * 65535 + 1, 2**30):
        p = replace(BASE, max_weight=0, segments=(
            Segment(512 * (blocks - 1), INTEGER, 1), Segment(1, INTEGER, 2)))
        add_lanes(out, "%d blocks" % blocks, "EdgeCase", p, 1, (0, 1),
                  (blocks - 2, blocks - 1, blocks))


def add_part(out, comment, p, accepted, first, blocks, more=0):
    """Add a test of Part, whose planes have `more` bytes than the layout."""
    lanes = p.lanes
    size = lanes.at(first + blocks) - lanes.at(first) + more
    body = InputPart(bytes(32), [], first, blocks, bytes(size)).encode()
    _, error = attempt(decode_input_part, p, body, accepted)
    out.add(comment, "WrongRange" if error else "Parts", error,
            params=params.encode(p), accepted=u64(accepted), first=u64(first),
            blocks=blocks, planeBytes=size)


def part_tests(out):
    """8.7: add tests of Part. Only the last part may have less than s_min
    blocks."""
    out.group("Part")
    for blocks in (1, 65535, 65536, 65537, 2 * 65535 + 1):
        p = replace(BASE, max_weight=0, segments=(
            Segment(512 * (blocks - 1) + 1, INTEGER, 1),))
        least = p.lanes.s_min
        for left in range(min(least + 1, blocks) + 1):
            for size in range(least + 3):
                add_part(out, "%d of %d blocks, %d left" % (
                    size, blocks, left), p, blocks - left, blocks - left, size)
        add_part(out, "the first part", p, 0, 0, least)
        for first in sorted({0, blocks - 2, blocks} - {blocks - 1, -1}):
            add_part(out, "block %d, not %d" % (first, blocks - 1), p,
                     blocks - 1, first, 1)
        for more, comment in ((-1, "no planes"), (1, "a byte too many")):
            add_part(out, comment, p, blocks - 1, blocks - 1, 1, more)


def layouts(out):
    """2.3: add bytes that are not an encoding (MESSAGE)."""
    for name, p in KINDS.items():
        good = params.encode(p)
        for size in (0, 1, 95, 97, 98, len(good) - 20, len(good) - 1):
            add_params(out, name + ", cut", "WrongLength", good[:size])
        add_params(out, name + ", a byte too many", "WrongLength",
                   good + b"\0")
        for at, text, what in ((0, be16(0), "version 0"),
                               (0, be16(2), "version 2"),
                               (2, be16(0), "suite 0"),
                               (6, be16(1), "reserved"),
                               (6, be16(255), "reserved"),
                               (6, be16(0x201), "reserved"),
                               (48, be32(0), "min_survivors 0"),
                               (92, be32(0), "no segments but bytes"),
                               (92, be32(len(p.segments) + 1), "count"),
                               (92, be32(2**32 - 1), "count"),
                               (105, b"\0", "bits 0"),
                               (len(good) - 2, be16(1), "extension"),
                               (len(good) - 2, be16(256), "extension")):
            add_params(out, "%s, %s" % (name, what), "WrongHeader",
                       good[:at] + text + good[at + len(text):])
        for graph in (1 - good[5], 3, 255):
            add_params(out, "%s, graph %d" % (name, graph), "WrongHeader",
                       good[:5] + bytes([graph]) + good[6:])
    for comment, data in make_reserved.reserved_rows(KINDS):
        add_params(out, comment, "Reserved", data)
        assert out.tests()[-1]["error"] == "MESSAGE"
    add_params(out, "clip is -0", "NonCanonical",
               params.encode(BASE)[:-10] + b"\x80" + bytes(9))
    good = params.encode(BASE)
    add_params(out, "clip below 0", "NonCanonical",
               good[:108] + be64(0xbff0000000000000) + good[116:])
    add_params(out, "clip is a NaN with a sign", "NonCanonical",
               good[:108] + be64(0xfff8000000000000) + good[116:])


def unsound(out):
    """2.1, 2.2, 7.4: add parameters that break one rule (ARG)."""
    complete = (
        dict(suite=3), dict(suite=0x101), dict(suite=0x201), dict(mode=2), dict(mode=255),
        dict(clients=0), dict(clients=1, threshold=1),
        dict(clients=1, threshold=2, min_survivors=1, corrupt=0),
        dict(clients=4096, threshold=4000, max_weight=0),
        dict(clients=2**32 - 1, threshold=2**32 - 2),
        dict(threshold=0), dict(threshold=1, clients=2, corrupt=0),
        dict(threshold=6), dict(threshold=3),
        dict(threshold=3, corrupt=1), dict(corrupt=3),
        dict(corrupt=2**32 - 1), dict(min_survivors=2),
        dict(min_survivors=1, corrupt=0), dict(min_survivors=6),
        dict(min_survivors=2**32 - 1), dict(max_weight=2**32),
        dict(max_weight=2**64 - 1), dict(segments=()),
        dict(min_weight=2), dict(min_weight=255),
        dict(min_weight=1, max_weight=0),
        dict(clients=4, threshold=2, corrupt=0, min_survivors=2),
        dict(segments=BASE.segments + ACTIVE.segments, max_weight=0))
    for members in complete:
        add_params(out, "complete, " + ", ".join(
            k for k in members), "Unsound", changed(BASE, **members))
    ring = (
        dict(mode=1), dict(clients=2**20 + 1, segments=(NUMBERS,)),
        dict(clients=2**20 + 2, segments=(NUMBERS,)),
        dict(clients=5000, neighbours=4096, threshold=2100, corrupt=0,
             segments=(NUMBERS,)),
        dict(neighbours=17), dict(neighbours=1), dict(neighbours=99),
        dict(neighbours=100), dict(neighbours=2**32 - 2),
        dict(clients=19, min_survivors=19),
        dict(clients=3, neighbours=2, threshold=2, corrupt=0,
             min_survivors=3),
        dict(threshold=19), dict(threshold=12), dict(threshold=1),
        dict(threshold=0), dict(corrupt=7), dict(corrupt=2**32 - 1),
        dict(min_survivors=6), dict(min_survivors=101))
    for members in ring:
        add_params(out, "ring, " + ", ".join(members), "Unsound",
                   changed(RING, **members))
    for members in (dict(clients=2049, threshold=1030), dict(neighbours=0,
                    clients=2048, threshold=1024, corrupt=0)):
        add_params(out, "active, " + ", ".join(members), "Unsound",
                   changed(ACTIVE, **members, max_weight=1))


def bad_segments(out):
    """2.1, 2.2, 7.4: add segments that break one rule (ARG)."""
    reals = (
        dict(length=0), dict(kind=UNSIGNED), dict(kind=SIGNED), dict(kind=5),
        dict(kind=255), dict(bits=65), dict(value_bits=1),
        dict(bits=255), dict(bits=18), dict(bits=1), dict(value_bits=0),
        dict(value_bits=33, bits=64), dict(value_bits=255, bits=64),
        dict(value_bits=17), dict(rounding=2), dict(rounding=255),
        dict(clip=0.0), dict(clip=math.nextafter(2.0**-500, 0)),
        dict(clip=math.nextafter(2.0**500, math.inf)), dict(clip=math.inf),
        dict(clip=math.nan), dict(clip=5e-324), dict(length=2**34 + 1),
        dict(length=2**34 + 512), dict(length=2**64 - 1),
        dict(rounding=1, length=2**36), dict(bits=64, length=2**33 + 1),
        dict(bits=33, length=2**34), dict(kind=INTEGER))
    for members in reals:
        add_params(out, "reals, " + ", ".join(members), "Unsound",
                   with_segment(BASE, 0, **members))
    integers = (
        dict(length=0), dict(bits=65), dict(value_bits=1), dict(rounding=1),
        dict(clip=1.0), dict(clip=math.nan), dict(clip=5e-324),
        dict(bits=1, length=2**39 + 1), dict(bits=64, length=2**33 + 1),
        dict(bits=3, length=2**64 - 1), dict(kind=REAL), dict(kind=WEIGHTED))
    for members in integers:
        add_params(out, "integers, " + ", ".join(members), "Unsound",
                   with_segment(BASE, 1, **members))
    bounded = (
        (5, UNSIGNED, 12, dict()), (5, UNSIGNED, 13, dict(value_bits=11)),
        (5, UNSIGNED, 64, dict(value_bits=0)),
        (2, UNSIGNED, 64, dict(value_bits=64)),
        (3, UNSIGNED, 64, dict(value_bits=63)),
        (5, UNSIGNED, 64, dict(value_bits=62)),
        (5, UNSIGNED, 13, dict(rounding=1)), (5, UNSIGNED, 13, dict(clip=1.0)),
        (5, UNSIGNED, 13, dict(clip=5e-324)), (5, SIGNED, 12, dict()),
        (5, SIGNED, 64, dict(value_bits=1)),
        (2, SIGNED, 64, dict(value_bits=64)),
        (3, SIGNED, 64, dict(value_bits=63)), (5, SIGNED, 13, dict(length=0)),
        (5, SIGNED, 65, dict()), (5, SIGNED, 13, dict(rounding=1)))
    for n, kind, bits, members in bounded:
        s = replace(Segment(9, kind, bits, 10), **members)
        add_params(out, "integers with a bound, " + ", ".join(members),
                   "Unsound", changed(BASE, clients=n, threshold=n,
                                      min_survivors=n, corrupt=0,
                                      segments=(s,)))
    weighed = (dict(bits=47), dict(value_bits=13), dict(value_bits=32,
               bits=64), dict(clip=0.0), dict(bits=1))
    for members in weighed:
        add_params(out, "weighted, " + ", ".join(members), "Unsound",
                   with_segment(ACTIVE, 0, **members))
    add_params(out, "weighted, no weights", "Unsound",
               changed(ACTIVE, max_weight=0))


def fills(out):
    """Add tests of Fill."""
    out.group("Fill")
    bare = Params(session=test_bytes("fill", 16), clients=7, threshold=5,
                  corrupt=2, max_weight=1000,
                  segments=(REALS, NUMBERS, WEIGHED))
    rows = [bare, replace(bare, max_weight=0, segments=(REALS,)),
            replace(bare, clients=2, threshold=2,
                    corrupt=0, segments=(REALS,)),
            replace(bare, suite=2, mode=1, min_survivors=6),
            replace(RING, suite=0, segments=(REALS,)),
            replace(RING, min_survivors=0),
            replace(bare, segments=(replace(REALS, bits=30),)),
            replace(bare, segments=(Segment(3, INTEGER, 0),)),
            replace(bare, segments=(Segment(3, INTEGER, 0, 5),)),
            replace(bare, segments=(Segment(3, INTEGER, 9, 0, 0, -0.0),))]
    rows += [replace(bare, segments=(replace(REALS, value_bits=q),))
             for q in (1, 2, 31, 32)]
    rows += [replace(bare, segments=(replace(s, value_bits=q),))
             for s in (COUNTS, VOTES) for q in (1, 2, 10, 61, 62, 63)]
    rows += [replace(bare, clients=n, threshold=n, corrupt=0,
                     segments=(Segment(4, WEIGHTED, 0, q, 0, 1.0),),
                     max_weight=2**32 - 1)
             for n, q in ((4, 30), (5, 30), (2, 31), (3, 31), (2, 32))]
    rows += [replace(bare, clients=n, threshold=n, corrupt=0, max_weight=0,
                     segments=(replace(REALS, value_bits=2),))
             for n in (3, 4, 7, 8, 31, 32)]
    rows.append(replace(bare, min_weight=1))
    for p in rows:
        filled = params.fill_defaults(p)
        _, error = attempt(params.check_soundness, filled)
        out.add("", "Unsound" if error else "Normal", error,
                unfilled=params.encode(p),
                params="" if error else params.encode(filled))


def make_params():
    """Make params.json."""
    out = VectorFile("params")
    out.group("Params")
    valid(out)
    layouts(out)
    unsound(out)
    bad_segments(out)
    lane_limits(out)
    fills(out)
    make_policy.policies(out, KINDS)
    lane_tests(out)
    part_tests(out)
    return out
