# SPDX-License-Identifier: Apache-2.0
"""Planar vectors and masks (6.1 to 6.6). A list of entries is as long as its
planes have bits: it includes the ragged positions."""
from errors import ARG, MESSAGE, SIZE, require
from hashes import be16, be32, decode_be, derive, u8
from lanes import BLOCK
from suites import KEY_NONCE_LEN, keystream

PLUS, MINUS = 0, 1


def padded_count(count):
    """6.1: return the number of entries and ragged positions of a vector of
    `count` entries."""
    return (count + 7) // 8 * 8


def pack_block(entries, b):
    """6.1: lay out one block; the number of entries is a multiple of 8."""
    out = bytearray(b * len(entries) // 8)
    plane_len = len(entries) // 8
    for e, x in enumerate(entries):
        for j in range(b):
            out[plane_len * j + e // 8] |= (x >> j & 1) << e % 8
    return bytes(out)


def unpack_block(data, b):
    """6.1: read the entries of one block, ragged positions included."""
    plane_len = len(data) // b
    entries = [0] * (8 * plane_len)
    for j in range(b):
        plane = data[plane_len * j:plane_len * (j + 1)]
        for i, byte in enumerate(plane):
            for e in range(8 * i, 8 * i + 8):
                entries[e] |= (byte & 1) << j
                byte >>= 1
    return entries


def pack(entries, b):
    """6.1: lay out a vector in planes; ragged bits become zeros."""
    full = list(entries) + [0] * (padded_count(len(entries)) - len(entries))
    blocks = (full[i:i + BLOCK] for i in range(0, len(full), BLOCK))
    return b"".join(pack_block(block, b) for block in blocks)


def unpack(data, b):
    """6.1: read all entries of a vector, ragged positions included."""
    step = 64 * b
    blocks = (data[i:i + step] for i in range(0, len(data), step))
    return [x for block in blocks for x in unpack_block(block, b)]


def mask_range(suite, seed, b, offset, count):
    """6.2, 6.3: compute the mask of a range of `count` entries of lane b,
    ragged positions included."""
    key_nonce = derive(seed, "stream", u8(b), KEY_NONCE_LEN[suite])
    first, blocks = offset // BLOCK, -(-count // BLOCK)
    stream = keystream(suite, key_nonce, 64 * b * blocks, 64 * b * first)
    return unpack(trim_last_block(stream, b, count), b)


def trim_last_block(stream, b, count):
    """6.3: keep the first ceil(cnt / 8) bytes of each plane of the last
    block."""
    full, plane_len = count // BLOCK * 64 * b, padded_count(count % BLOCK) // 8
    last = (stream[full + 64 * j:full + 64 * j + plane_len] for j in range(b))
    return stream[:full] + b"".join(last)


def add(x, y, b):
    """6.4: add entry by entry modulo 2^b."""
    return [(p + q) % 2**b for p, q in zip(x, y)]


def subtract(x, y, b):
    """6.4: subtract entry by entry modulo 2^b."""
    return [(p - q) % 2**b for p, q in zip(x, y)]


def check_range(b, offset, count):
    """6.5: check the bits, the beginning and the end of a range."""
    require(1 <= b <= 64, ARG, "bits")
    require(offset % BLOCK == 0, ARG, "offset")
    blocks = -(-(offset + count) // BLOCK)
    require(64 * b * blocks <= 2**36, SIZE, "stream")


def apply_masks(suite, mask_set, b, offset, planes, count):
    """6.3, 6.4: apply the masks of all (sign, seed) of a mask set to the
    planes of a range of lane b."""
    check_range(b, offset, count)
    entries = unpack(planes, b)
    for sign, seed in mask_set:
        masks = mask_range(suite, seed, b, offset, count)
        entries = (add if sign == PLUS else subtract)(entries, masks, b)
    return pack(entries, b)


def encode_mask_set(suite, mask_set):
    """6.6: encode a mask set."""
    body = b"".join(u8(sign) + seed for sign, seed in mask_set)
    return b"LSAM" + be16(1) + be16(suite) + be32(len(mask_set)) + body


def decode_mask_set(data):
    """6.6: return the suite and the (sign, seed) pairs, or raise MESSAGE."""
    require(len(data) >= 12, MESSAGE, "length")
    require(data[:4] == b"LSAM" and data[4:6] == be16(1), MESSAGE, "version")
    suite, count = decode_be(data[6:8]), decode_be(data[8:12])
    require(suite in KEY_NONCE_LEN, MESSAGE, "suite")
    require(count <= 2**24, MESSAGE, "count")
    require(len(data) == 12 + 33 * count, MESSAGE, "length")
    mask_set = [(data[i], data[i + 1:i + 33])
                for i in range(12, len(data), 33)]
    require(all(s in (PLUS, MINUS) for s, _ in mask_set), MESSAGE, "sign")
    return suite, mask_set
