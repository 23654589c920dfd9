# SPDX-License-Identifier: Apache-2.0
"""INPUT_PARTs, valid and altered (8.7). A row is (comment, flags, client,
message)."""
import messages as m
from altered_any_message import altered_in_common, flip_bit, overwrite
from altered_client_messages import altered_counts
from hashes import be32


def part_rows(session, u, good, number):
    """8.7: yield the next part and altered ones."""
    p = session.p
    given = m.decode_input_part(p, good[48:])

    def with_members(part=number, **members):
        body = m.InputPart(**{**vars(given), **members})
        return u, m.encode_message(p, m.INPUT_PART, u, body.encode(), part)
    yield "good", "Parts", u, good
    for comment, flags, altered in altered_in_common(good, True, False):
        yield comment, flags, u, altered
    for part in {0, number - 2, number + 1, 2**32 - 1} - {number, -1, -2}:
        yield "part %d" % part, "WrongPhase", *with_members(part)
    for last in (1 - given.last, 2, 255):
        yield "last %d" % last, "WrongRange", *with_members(last=last)
    yield "h_u2", "WrongDigest", *with_members(h_u2=bytes(32))
    yield "a complaint too many", "TooFew", *with_members(bad=[0])
    for comment, flags, altered in altered_counts(good, 80):
        yield comment, flags, u, altered
    for comment, flags, altered in altered_counts(good, 85):
        yield comment, flags, u, altered
    yield "no piece", "WrongCount", *with_members(pieces=[])
    for comment, pieces in piece_rows(p, given.pieces):
        yield comment, "WrongRange", *with_members(pieces=pieces)
    yield "whole INPUT", "WrongPhase" if number else "Normal", u, \
        m.encode_message(p, m.INPUT, u, m.Input(given.h_u2, [], bytes(
            p.vector_size)).encode())
    if number:
        before = session.server.staged[u]["data"]
        yield "the part before once more", "Repeat", u, before
        yield "the part before, altered", "WrongPhase", u, flip_bit(before, -1)


def piece_rows(p, pieces):
    """8.7, check 3: yield pieces that break a rule."""
    s, o, c, d = pieces[0]
    rest = pieces[1:]
    bits = p.all_segments[s].bits
    yield "segment %d" % (s + 1), [(s + 1, o, c, d)] + rest
    yield "segment out of range", [(2**32 - 1, o, c, d)] + rest
    yield "offset + 512", [(s, o + 512, c, d)] + rest
    yield "offset + 1", [(s, o + 1, c, d)] + rest
    yield "count 0", [(s, o, 0, b"")] + rest
    yield "count 0 before", [(s, o, 0, b"")] + pieces
    yield "count + 8", [(s, o, c + 8, d + bytes(bits))] + rest
    yield "count 2^64 - 1", [(s, o, 2**64 - 1, d)] + rest
    if c > 8:
        yield "no whole blocks", [(s, o, 8, d[:bits])] + rest
    yield "a piece twice", pieces + pieces[-1:]
    yield "planes too short", [(s, o, c, d[:-1])] + rest
    yield "planes too long", [(s, o, c, d + b"\0")] + rest


def after_parts(session, u, last):
    """8.7: yield messages that follow the last part."""
    p = session.p
    yield "the last part once more", "Repeat", u, last
    yield "one part more", "WrongPhase", u, overwrite(
        last, 36, be32(int.from_bytes(last[36:40], "big") + 1))
    yield "INPUT", "WrongPhase", u, m.encode_message(
        p, m.INPUT, u, last[48:80] + bytes(4) + bytes(p.vector_size))
