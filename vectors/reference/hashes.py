# SPDX-License-Identifier: Apache-2.0
"""Integers as bytes (1.3), the hash H and key derivation (3.1, 3.2)."""
import hashlib
import hmac

from errors import ARG, require


def u8(x):
    """1.3: write one unsigned byte."""
    return x.to_bytes(1, "big")


def be16(x):
    """1.3: write 16 bits, big-endian."""
    return x.to_bytes(2, "big")


def be32(x):
    """1.3: write 32 bits, big-endian."""
    return x.to_bytes(4, "big")


def be64(x):
    """1.3: write 64 bits, big-endian."""
    return x.to_bytes(8, "big")


def decode_be(data):
    """1.3: read an unsigned big-endian integer."""
    return int.from_bytes(data, "big")


def sha256(data):
    """3.1: compute SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def H(label, x):
    """3.1: compute the labelled hash H(label; data)."""
    return sha256(label.encode("ascii") + b"\0" + x)


def hmac_sha256(key, data):
    """3.2: compute HMAC-SHA-256 (RFC 2104)."""
    return hmac.new(key, data, hashlib.sha256).digest()


def extract(salt, ikm):
    """3.2: compute Extract(salt, ikm), which is HKDF-Extract."""
    return hmac_sha256(salt, ikm)


def hkdf_expand(prk, info, length):
    """3.2: compute HKDF-Expand (RFC 5869, section 2.3). More than 255 blocks
    of output are ARG."""
    require(length <= 255 * 32, ARG, "more than 255 blocks")
    out = block = b""
    counter = 1
    while len(out) < length:
        block = hmac_sha256(prk, block + info + u8(counter))
        out += block
        counter += 1
    return out[:length]


def derive(prk, name, context, length):
    """3.2: compute Derive(prk, name, context, length)."""
    label = b"LSA1 " + name.encode("ascii")
    info = be16(length) + u8(len(label)) + label + be16(len(context)) + context
    return hkdf_expand(prk, info, length)
