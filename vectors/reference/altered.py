# SPDX-License-Identifier: Apache-2.0
"""Messages altered in ways that suit any type."""
from hashes import be16, be32, be64

UP_TYPES = (1, 3, 5, 7, 9, 11, 15)
DOWN_TYPES = (2, 4, 6, 8, 12)
RESERVED = (0, 10, 13, 14, 16, 128, 255)


def put(message, at, text):
    """Bytes put over others."""
    return message[:at] + text + message[at + len(text):]


def turn(message, at, bit=1):
    """One bit turned; `at` may count from the end."""
    at %= len(message)
    return put(message, at, bytes([message[at] ^ bit]))


def with_body(message, body):
    """Another body; body_len is right."""
    return message[:40] + be64(len(body)) + body


def header_rows(message, up):
    """8.1: each field of the header wrong."""
    yield "version 0", put(message, 0, be16(0))
    yield "version 2", put(message, 0, be16(2))
    yield "version 257", put(message, 0, be16(257))
    for kind in RESERVED:
        yield "type %d" % kind, put(message, 2, bytes([kind]))
    for kind in DOWN_TYPES if up else UP_TYPES:
        yield "type %d, of the other direction" % kind, \
            put(message, 2, bytes([kind]))
    for flags in (1, 128):
        yield "flags", put(message, 3, bytes([flags]))
    for suite in (0, 3 - message[5], 3, 0x101):
        yield "suite %d" % suite, put(message, 4, be16(suite))
    yield "cell", put(message, 6, be16(1))
    yield "cell", put(message, 6, be16(256))
    for at in (8, 15, 23):
        yield "session", turn(message, at)
    for at in (24, 31):
        yield "round", turn(message, at)
    yield "index of another", turn(message, 35)
    yield "index over all", put(message, 32, b"\xff" * 4)
    if message[2] != 15:
        yield "part 1", put(message, 36, be32(1))
        yield "part 2^24", put(message, 36, be32(2**24))
    size = len(message) - 48
    for wrong in {0, size - 1, size + 1, size + 2**32, 2**64 - 1} - {size}:
        yield "body_len %d" % wrong, put(message, 40, be64(wrong))


def short_header_rows(message, up):
    """8.1: the fields again, one value each."""
    seen = set()
    for comment, altered in header_rows(message, up):
        name = comment.split()[0]
        if name not in seen:
            seen.add(name)
            yield comment, altered


def length_rows(message):
    """8: bodies that are too short or too long."""
    for size in sorted({0, 24, 47}):
        yield "%d bytes of a header" % size, message[:size]
    yield "header alone", message[:48]
    yield "last byte missing", message[:-1]
    yield "a byte too many", message + b"\0"
    body = message[48:]
    if len(body) > 1:
        yield "empty body", with_body(message, b"")
        yield "half a body", with_body(message, body[:len(body) // 2])
    yield "body one byte shorter", with_body(message, body[:-1])
    yield "body one byte longer", with_body(message, body + b"\0")


def count_rows(message, at):
    """Counts that lie; `at` is that of the count in the message."""
    count = int.from_bytes(message[at:at + 4], "big")
    for wrong in sorted({0, count - 1, count + 1, 2**16, 2**31, 2**32 - 1}
                        - {count, -1}):
        yield "count %d for %d" % (wrong, count), put(message, at, be32(wrong))


def common(message, up, whole_header):
    """(comment, flags, bytes) that suit every type."""
    rows = header_rows if whole_header else short_header_rows
    for comment, altered in rows(message, up):
        yield comment, "WrongHeader", altered
    for comment, altered in length_rows(message):
        yield comment, "WrongLength", altered
