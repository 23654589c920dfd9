# SPDX-License-Identifier: Apache-2.0
"""The curve of Ed25519 (3.5; RFC 8032, 5.1), on integers alone: validity of
keys, and both equations by which verifiers in use test a signature."""
import functools
import hashlib

from scalar import ELL

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
IDENTITY = (0, 1)


def _add(a, b):
    """Add two points in extended coordinates (RFC 8032, 5.1.4)."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2)
    f = (y1 + x1) * (y2 + x2)
    g = 2 * t1 * D * t2
    h = 2 * z1 * z2
    e, f, g, h = (f - e) % P, (h - g) % P, (h + g) % P, (f + e) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def _affine(a):
    x, y, z, _ = a
    inverse = pow(z, P - 2, P)
    return x * inverse % P, y * inverse % P


def _extended(a):
    return a[0], a[1], 1, a[0] * a[1] % P


def add(a, b):
    """Add two affine points."""
    return _affine(_add(_extended(a), _extended(b)))


def negative(a):
    """Return the inverse of a point."""
    return -a[0] % P, a[1]


def multiple(scalar, a):
    """Compute a multiple of an affine point."""
    out, a = _extended(IDENTITY), _extended(a)
    for bit in bin(scalar)[2:]:
        out = _add(out, out)
        if bit == "1":
            out = _add(out, a)
    return _affine(out)


def encode(a):
    """Encode a point (RFC 8032, 5.1.2)."""
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


def decode(data, canonical=True):
    """Decode a point, or return None (RFC 8032, 5.1.3). With canonical=False
    y is reduced and the sign of x = 0 ignored, as lenient decoders do."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if canonical and y >= P:
        return None
    y %= P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != xx or (canonical and x == 0 and sign):
        return None
    return (-x % P if x & 1 != sign else x), y


BASE = decode(b"\x58" + b"\x66" * 31)


@functools.lru_cache(maxsize=None)
def torsion():
    """Return the points j T, j = 0 to 7, of a point T of order 8. [ell] times
    any point is one of them."""
    for y in range(2, 100):
        found = decode(y.to_bytes(32, "little"))
        if found is None:
            continue
        t = multiple(ELL, found)
        if multiple(4, t) != IDENTITY:
            return [multiple(j, t) for j in range(8)]
    raise AssertionError


@functools.lru_cache(maxsize=None)
def valid_key(public):
    """3.5: tell whether 32 bytes are the canonical encoding of a point of
    order ell."""
    point = decode(public) if len(public) == 32 else None
    return (point is not None and point != IDENTITY
            and multiple(ELL, point) == IDENTITY)


def hash_scalar(r, public, text):
    """Return h of the equation."""
    digest = hashlib.sha512(r + public + text).digest()
    return int.from_bytes(digest, "little") % ELL


def right_side(public, signature, text):
    """Compute [S] B - [h] A. A lenient decoder reads A."""
    s = int.from_bytes(signature[32:], "little")
    h = hash_scalar(signature[:32], public, text)
    key = decode(public, canonical=False)
    return add(multiple(s, BASE), negative(multiple(h, key)))


def holds_without_cofactor(public, signature, text):
    """Tell whether the encoding of [S] B - [h] A is R, byte for byte."""
    return encode(right_side(public, signature, text)) == signature[:32]


def holds_with_cofactor(public, signature, text):
    """Tell whether [8] R = [8] ([S] B - [h] A)."""
    r = decode(signature[:32], canonical=False)
    if r is None:
        return False
    return multiple(8, r) == multiple(8, right_side(public, signature, text))


def verify(public, signature, text):
    """3.5: tell whether a signature is valid, by the equation without the
    cofactor."""
    return (valid_key(public)
            and int.from_bytes(signature[32:], "little") < ELL
            and signature[:32] != encode(IDENTITY)
            and holds_without_cofactor(public, signature, text))


def verify_with_cofactor(public, signature, text):
    """3.5: the same as verify, by the equation with the cofactor and a test
    that R is a point of order ell."""
    return (valid_key(public)
            and int.from_bytes(signature[32:], "little") < ELL
            and valid_key(signature[:32])
            and holds_with_cofactor(public, signature, text))
