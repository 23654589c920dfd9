# SPDX-License-Identifier: Apache-2.0
"""Recovery with wrong shares (4.6), by Gao's Reed-Solomon decoder, which runs
the extended Euclidean algorithm over polynomials. A polynomial is a list of
coefficients, the constant first."""
import scalar
from errors import CHEAT, THRESHOLD, require
from scalar import ELL
from shamir import evaluate


def trim(p):
    """Remove leading zero coefficients."""
    while p and p[-1] == 0:
        p = p[:-1]
    return p


def add(p, q, factor=1):
    """Return p + factor q."""
    size = max(len(p), len(q))
    p = p + [0] * (size - len(p))
    q = q + [0] * (size - len(q))
    return trim([(a + factor * b) % ELL for a, b in zip(p, q)])


def multiply(p, q):
    """Return p q."""
    if not p or not q:
        return []
    out = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] = (out[i + j] + a * b) % ELL
    return trim(out)


def divide(p, q):
    """Return quotient and remainder of p by q."""
    p = list(p)
    quotient = [0] * max(len(p) - len(q) + 1, 0)
    lead = scalar.inverse(q[-1])
    for shift in reversed(range(len(quotient))):
        c = p[shift + len(q) - 1] * lead % ELL
        quotient[shift] = c
        for i, b in enumerate(q):
            p[shift + i] = (p[shift + i] - c * b) % ELL
    return trim(quotient), trim(p)


def interpolate(shares):
    """Return the polynomial through all shares, and the product of all x -
    x_i."""
    p, product = [], [1]
    for x, y in shares:
        gap = (y - evaluate(p, x)) % ELL
        scale = gap * scalar.inverse(evaluate(product, x)) % ELL
        p = add(p, product, scale)
        product = multiply(product, [(-x) % ELL, 1])
    return p, product


def closest_polynomial(shares, t):
    """4.6: return the polynomial of degree < t that misses at most
    floor((nshares - t) / 2) of the shares, or None."""
    count = len(shares)
    max_wrong = (count - t) // 2
    p, product = interpolate(shares)
    a, b, va, vb = product, p, [], [1]
    while 2 * (len(b) - 1) >= count + t and b:
        q, r = divide(a, b)
        a, b = b, r
        va, vb = vb, add(va, multiply(q, vb), ELL - 1)
    f, rest = divide(b, vb)
    if rest or len(f) > t:
        return None
    missed = [x for x, y in shares if evaluate(f, x) != y]
    return f if len(missed) <= max_wrong else None


def recover(shares, t, fits):
    """4.6: return the secret and the x of each wrong share. Too few shares are
    THRESHOLD; CHEAT means that no secret is recovered. `fits` tells whether a
    secret agrees with what its dealer committed to."""
    require(len(shares) >= t, THRESHOLD, "points")
    f = closest_polynomial(shares, t)
    require(f is not None, CHEAT, "no polynomial is close enough")
    secret = evaluate(f, 0)
    require(fits(secret), CHEAT, "the secret does not fit")
    return secret, [x for x, y in shares if evaluate(f, x) != y]
