# SPDX-License-Identifier: Apache-2.0
"""The share field (4.1, 4.2)."""
from errors import MESSAGE, demand

ORDER = 2**252 + 27742317777372353535851937790883648493


def encode(x):
    """1.3: a scalar as 32 bytes, little-endian."""
    return x.to_bytes(32, "little")


def decode(data):
    """1.3: a canonical scalar; anything else is MESSAGE."""
    demand(len(data) == 32, MESSAGE, "length of a scalar")
    x = int.from_bytes(data, "little")
    demand(x < ORDER, MESSAGE, "scalar not below L")
    return x


def reduce(data):
    """4.2: 64 bytes to an integer below L."""
    assert len(data) == 64
    return int.from_bytes(data, "little") % ORDER


def inverse(x):
    """4.1: 1 / x, x not 0."""
    return pow(x, ORDER - 2, ORDER)
