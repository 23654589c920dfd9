# SPDX-License-Identifier: Apache-2.0
"""Alterations that suit messages of any type."""
from hashes import be16, be32, be64

UP_TYPES = (1, 3, 5, 7, 9, 11, 15)
DOWN_TYPES = (2, 4, 6, 8, 12)
RESERVED = (0, 10, 13, 14, *range(16, 49), 128, 255)
MEMBERS = 2**31     # 13: indices from here on are reserved


def overwrite(message, at, text):
    """Replace the bytes from `at` on."""
    return message[:at] + text + message[at + len(text):]


def flip_bit(message, at, bit=1):
    """Flip one bit; a negative `at` counts from the end."""
    at %= len(message)
    return overwrite(message, at, bytes([message[at] ^ bit]))


def with_body(message, body):
    """Replace the body and set body_len to its length."""
    return message[:40] + be64(len(body)) + body


def header_rows(message, to_server):
    """8.1: make each field of the header wrong, with several values."""
    yield "version 0", overwrite(message, 0, be16(0))
    yield "version 2", overwrite(message, 0, be16(2))
    yield "version 257", overwrite(message, 0, be16(257))
    for type_ in RESERVED:
        yield "type %d" % type_, overwrite(message, 2, bytes([type_]))
    for type_ in DOWN_TYPES if to_server else UP_TYPES:
        yield "type %d, of the other direction" % type_, \
            overwrite(message, 2, bytes([type_]))
    for flags in (1, 128):
        yield "flags", overwrite(message, 3, bytes([flags]))
    for suite in (0, 3 - message[5], 3, 0x101, 0x201):
        yield "suite %d" % suite, overwrite(message, 4, be16(suite))
    yield "cell", overwrite(message, 6, be16(1))
    yield "cell", overwrite(message, 6, be16(256))
    for at in (8, 15, 23):
        yield "session", flip_bit(message, at)
    for at in (24, 31):
        yield "round", flip_bit(message, at)
    yield "index of another", flip_bit(message, 35)
    yield "index over all", overwrite(message, 32, b"\xff" * 4)
    yield "index 2^31", overwrite(message, 32, be32(MEMBERS))
    yield "index, reserved", flip_bit(message, 32, 128)
    if message[2] != 15:
        yield "part 1", overwrite(message, 36, be32(1))
        yield "part 2^24", overwrite(message, 36, be32(2**24))
    size = len(message) - 48
    for wrong in {0, size - 1, size + 1, size + 2**32, 2**64 - 1} - {size}:
        yield "body_len %d" % wrong, overwrite(message, 40, be64(wrong))


def short_header_rows(message, to_server):
    """8.1: make each field of the header wrong, with one value."""
    seen = set()
    for comment, altered in header_rows(message, to_server):
        name = comment.split()[0]
        if name not in seen:
            seen.add(name)
            yield comment, altered


def length_rows(message):
    """8.1, 8.2: cut the message or extend it."""
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


def wrong_counts(message, at):
    """Replace the count at `at` by wrong ones."""
    count = int.from_bytes(message[at:at + 4], "big")
    for wrong in sorted({0, count - 1, count + 1, 2**16, 2**31, 2**32 - 1}
                        - {count, -1}):
        yield "count %d for %d" % (wrong, count), \
            overwrite(message, at, be32(wrong))


def is_reserved(comment):
    """13: tell whether a field of the header has a reserved value."""
    name, value = (comment.split() + [""])[:2]
    return name == "cell" or comment.startswith(("index 2^31", "index, res")) \
        or (name == "type" and value.isdigit() and int(value) in RESERVED) \
        or (name == "suite" and value in ("257", "513"))


def altered_in_common(message, to_server, whole_header):
    """Yield (comment, flags, message) for all these alterations."""
    rows = header_rows if whole_header else short_header_rows
    for comment, altered in rows(message, to_server):
        yield comment, "Reserved" if is_reserved(comment) else "WrongHeader", \
            altered
    for comment, altered in length_rows(message):
        yield comment, "WrongLength", altered
