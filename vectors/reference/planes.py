# SPDX-License-Identifier: Apache-2.0
"""Planar vectors and masks (6.1 to 6.6). Entries are lists of integers, as
long as their planes have bits: the ragged ones are entries too."""
from errors import ARG, MESSAGE, SIZE, demand
from hashes import L, be16, be32, number, u8
from suites import STREAM_SECRET, keystream

BLOCK = 512
PLUS, MINUS = 0, 1


def padded(m):
    """6.1: entries and ragged positions of a vector of m entries."""
    return (m + 7) // 8 * 8


def pack_block(entries, b):
    """6.1: the planes of one block; a multiple of 8 of entries."""
    out = bytearray(b * len(entries) // 8)
    w = len(entries) // 8
    for e, x in enumerate(entries):
        for j in range(b):
            out[w * j + e // 8] |= (x >> j & 1) << e % 8
    return bytes(out)


def unpack_block(data, b):
    """6.1: the entries of one block, ragged positions included."""
    w = len(data) // b
    entries = [0] * (8 * w)
    for j in range(b):
        for i, byte in enumerate(data[w * j:w * j + w]):
            for e in range(8 * i, 8 * i + 8):
                entries[e] |= (byte & 1) << j
                byte >>= 1
    return entries


def pack(entries, b):
    """6.1: the planes of a vector; what is missing of a byte is zeros."""
    full = list(entries) + [0] * (padded(len(entries)) - len(entries))
    blocks = (full[i:i + BLOCK] for i in range(0, len(full), BLOCK))
    return b"".join(pack_block(block, b) for block in blocks)


def unpack(data, b):
    """6.1: all entries, ragged positions included."""
    step = 64 * b
    blocks = (data[i:i + step] for i in range(0, len(data), step))
    return [x for block in blocks for x in unpack_block(block, b)]


def mask(suite, seed, segment, b, offset, m):
    """6.2, 6.3: the mask of a range of m entries, ragged ones included."""
    secret = L(seed, "stream", be32(segment) + u8(b), STREAM_SECRET[suite])
    first, blocks = offset // BLOCK, -(-m // BLOCK)
    stream = keystream(suite, secret, 64 * b * blocks, 64 * b * first)
    return unpack(cut(stream, b, m), b)


def cut(stream, b, m):
    """6.3: the first ceil(r / 8) bytes of each plane of the last block."""
    full, w = m // BLOCK * 64 * b, padded(m % BLOCK) // 8
    last = (stream[full + 64 * j:full + 64 * j + w] for j in range(b))
    return stream[:full] + b"".join(last)


def add(x, y, b):
    """6.4: sum modulo 2^b, entry by entry."""
    return [(p + q) % 2**b for p, q in zip(x, y)]


def subtract(x, y, b):
    """6.4: difference modulo 2^b, entry by entry."""
    return [(p - q) % 2**b for p, q in zip(x, y)]


def check_range(b, offset, count):
    """6.5: bits, the beginning and the end of a range."""
    demand(1 <= b <= 64, ARG, "bits")
    demand(offset % BLOCK == 0, ARG, "offset")
    blocks = -(-(offset + count) // BLOCK)
    demand(64 * b * blocks <= 2**36, SIZE, "stream")


def apply_masks(suite, seeds, segment, b, offset, planes, count):
    """6.3, 6.4: (sign, seed) pairs put on the planes of a range."""
    check_range(b, offset, count)
    entries = unpack(planes, b)
    for sign, seed in seeds:
        masks = mask(suite, seed, segment, b, offset, count)
        entries = (add if sign == PLUS else subtract)(entries, masks, b)
    return pack(entries, b)


def encode_set(suite, seeds):
    """6.6: a mask set in bytes."""
    body = b"".join(u8(sign) + seed for sign, seed in seeds)
    return b"LSAM" + be16(1) + be16(suite) + be32(len(seeds)) + body


def decode_set(data):
    """6.6: (suite, seeds), or MESSAGE."""
    demand(len(data) >= 12, MESSAGE, "length")
    demand(data[:4] == b"LSAM" and data[4:6] == be16(1), MESSAGE, "version")
    suite, count = number(data[6:8]), number(data[8:12])
    demand(suite in STREAM_SECRET, MESSAGE, "suite")
    demand(count <= 2**24, MESSAGE, "count")
    demand(len(data) == 12 + 33 * count, MESSAGE, "length")
    seeds = [(data[i], data[i + 1:i + 33]) for i in range(12, len(data), 33)]
    demand(all(s in (PLUS, MINUS) for s, _ in seeds), MESSAGE, "sign")
    return suite, seeds
