# SPDX-License-Identifier: Apache-2.0
"""Integers as bytes (1.3) and hashing (3.1, 3.2)."""
import hashlib
import hmac

from errors import ARG, demand


def u8(x):
    """1.3: one unsigned byte."""
    return x.to_bytes(1, "big")


def be16(x):
    """1.3: 16 bits, big-endian."""
    return x.to_bytes(2, "big")


def be32(x):
    """1.3: 32 bits, big-endian."""
    return x.to_bytes(4, "big")


def be64(x):
    """1.3: 64 bits, big-endian."""
    return x.to_bytes(8, "big")


def number(data):
    """1.3: an unsigned big-endian integer read."""
    return int.from_bytes(data, "big")


def sha256(data):
    """FIPS 180-4."""
    return hashlib.sha256(data).digest()


def H(label, x):
    """3.1: the labelled hash."""
    return sha256(label.encode("ascii") + b"\0" + x)


def hmac_sha256(key, data):
    """RFC 2104 with SHA-256."""
    return hmac.new(key, data, hashlib.sha256).digest()


def extract(salt, ikm):
    """3.2: HKDF-Extract."""
    return hmac_sha256(salt, ikm)


def expand(prk, info, length):
    """RFC 5869, section 2.3: HKDF-Expand."""
    demand(length <= 255 * 32, ARG, "more than 255 blocks")
    out = block = b""
    counter = 1
    while len(out) < length:
        block = hmac_sha256(prk, block + info + u8(counter))
        out += block
        counter += 1
    return out[:length]


def L(prk, name, context, length):
    """3.2: a secret derived for one name and context."""
    label = b"LSA1 " + name.encode("ascii")
    info = be16(length) + u8(len(label)) + label + be16(len(context)) + context
    return expand(prk, info, length)
