# SPDX-License-Identifier: Apache-2.0
"""INPUT_PARTs, valid and altered (8.7). A row is (comment, flags, client,
message)."""
import messages as m
from altered_any_message import (altered_in_common, flip_bit, overwrite,
                                 with_body)
from altered_client_messages import altered_counts
from hashes import be32


def part_rows(session, u, good, number):
    """8.7: yield the next part and altered ones."""
    p, stage = session.p, session.server.staged.get(u)
    accepted = stage["blocks"] if stage else 0
    given = m.decode_input_part(p, good[48:], accepted)

    def with_members(part=number, **members):
        body = m.InputPart(**{**vars(given), **members})
        return u, m.encode_message(p, m.INPUT_PART, u, body.encode(), part)
    yield "good", "Parts", u, good
    for comment, flags, altered in altered_in_common(good, True, False):
        yield comment, flags, u, altered
    for part in sorted({0, number - 2, number + 1, 2**32 - 1}
                       - {number, -1, -2}):
        yield "part %d" % part, "WrongPhase", *with_members(part)
        yield "part %d with half a body" % part, "WrongPhase", u, \
            m.encode_message(p, m.INPUT_PART, u, good[48:80], part)
        yield "part %d without a body" % part, "WrongPhase", u, \
            m.encode_message(p, m.INPUT_PART, u, b"", part)
    yield "h_u2", "WrongDigest", *with_members(h_u2=bytes(32))
    for comment, flags, altered in altered_counts(good, 80):
        yield comment, flags, u, altered
    yield "a complaint", "WrongSet" if number else "Complaint", \
        *with_members(bad=[0])
    yield "two complaints, one too many", "TooFew", *with_members(bad=[0, 1])
    for comment, flags, members in run_rows(p, given):
        yield comment, flags, *with_members(**members)
    yield "whole INPUT", "WrongPhase" if number else "Normal", u, \
        m.encode_message(p, m.INPUT, u, m.Input(given.h_u2, [], bytes(
            p.vector_size)).encode())
    if number:
        before = stage["data"]
        yield "the part before once more", "Repeat", u, before
        yield from repeated_part_rows(u, before)


def repeated_part_rows(u, before):
    """8.7, check 1: yield the part accepted last, altered."""
    first = m.compared_bytes(before)
    for at in (48, 80, first - 1):
        yield "the part before, byte %d altered" % at, "WrongPhase", u, \
            flip_bit(before, at)
    for at in (first, len(before) - 1):
        yield "the part before, other planes", "Repeat", u, \
            flip_bit(before, at)
    yield "the part before, one byte more", "WrongPhase", u, \
        with_body(before, before[48:] + b"\0")


def run_rows(p, given):
    """8.7, checks 2 and 3: yield other runs of blocks."""
    lanes, first, planes = p.lanes, given.first, given.planes
    for wrong in sorted({0, first - 1, first + 1, lanes.nblocks, 2**64 - 1}
                        - {first, -1}):
        yield "first %d" % wrong, "WrongRange", dict(first=wrong)
    for wrong in sorted(set(range(lanes.nblocks)) - {first}):
        size = lanes.at(wrong + 1) - lanes.at(wrong)
        yield "first %d, and planes of that block" % wrong, "WrongRange", \
            dict(first=wrong, blocks=1, planes=bytes(size))
    yield "no block", "WrongCount", dict(blocks=0, planes=b"")
    yield "blocks 0", "WrongCount", dict(blocks=0)
    yield "blocks 2^32 - 1", "WrongCount", dict(blocks=2**32 - 1)
    for blocks in range(1, lanes.nblocks - first + 1):
        size = lanes.at(first + blocks) - lanes.at(first)
        yield "a part of %d blocks" % blocks, "Parts", dict(
            blocks=blocks, planes=bytes(size))
    over = lanes.nblocks - first + 1
    yield "a block beyond the last", "WrongCount", dict(
        blocks=over, planes=bytes(lanes.at(lanes.nblocks) - lanes.at(first)))
    yield "planes too short", "WrongLength", dict(planes=planes[:-1])
    yield "planes too long", "WrongLength", dict(planes=planes + b"\0")


def short_part_rows(session, u):
    """8.7, check 2: yield parts about the least size, where it is more than
    one block."""
    p, lanes = session.p, session.p.lanes
    for blocks in range(1, lanes.s_min + 2):
        body = m.InputPart(session.server.h_u2, [], 0, blocks,
                           bytes(lanes.at(blocks)))
        flags = "Parts" if blocks >= lanes.s_min else "WrongRange"
        yield "a part of %d blocks" % blocks, flags, u, m.encode_message(
            p, m.INPUT_PART, u, body.encode())


def after_parts(session, u, last):
    """8.7: yield messages that follow the last part."""
    p = session.p
    yield "the last part once more", "Repeat", u, last
    yield "the last part, other planes", "Repeat", u, flip_bit(last, -1)
    yield "the last part, another first block", "WrongPhase", u, \
        flip_bit(last, m.compared_bytes(last) - 5)
    yield "one part more", "WrongPhase", u, overwrite(
        last, 36, be32(int.from_bytes(last[36:40], "big") + 1))
    yield "INPUT", "WrongPhase", u, m.encode_message(
        p, m.INPUT, u, last[48:80] + bytes(4) + bytes(p.vector_size))
