# SPDX-License-Identifier: Apache-2.0
"""The scalar field (4.1, 4.2)."""
from errors import MESSAGE, require

ELL = 2**252 + 27742317777372353535851937790883648493


def encode(x):
    """1.3: write a scalar as 32 bytes, little-endian."""
    return x.to_bytes(32, "little")


def decode(data):
    """1.3: read a canonical scalar. Any other encoding is MESSAGE."""
    require(len(data) == 32, MESSAGE, "length of a scalar")
    x = int.from_bytes(data, "little")
    require(x < ELL, MESSAGE, "scalar not below L")
    return x


def reduce(data):
    """4.2: reduce 64 bytes to an integer below ell."""
    assert len(data) == 64
    return int.from_bytes(data, "little") % ELL


def inverse(x):
    """4.1: return 1 / x modulo ell, for x other than 0."""
    return pow(x, ELL - 2, ELL)
