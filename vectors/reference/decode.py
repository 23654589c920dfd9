# SPDX-License-Identifier: Apache-2.0
"""Decoding with wrong shares (4.6), by the extended Euclidean algorithm
over polynomials (Gao's decoder). Polynomials are lists, constant first."""
import field
from errors import CHEAT, THRESHOLD, demand
from field import ORDER
from shamir import evaluate


def trim(p):
    """A polynomial without leading zeros."""
    while p and p[-1] == 0:
        p = p[:-1]
    return p


def add(p, q, factor=1):
    """p + factor q."""
    size = max(len(p), len(q))
    p = p + [0] * (size - len(p))
    q = q + [0] * (size - len(q))
    return trim([(a + factor * b) % ORDER for a, b in zip(p, q)])


def multiply(p, q):
    """p q."""
    if not p or not q:
        return []
    out = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] = (out[i + j] + a * b) % ORDER
    return trim(out)


def divide(p, q):
    """Quotient and remainder of p by q."""
    p = list(p)
    quotient = [0] * max(len(p) - len(q) + 1, 0)
    lead = field.inverse(q[-1])
    for shift in reversed(range(len(quotient))):
        c = p[shift + len(q) - 1] * lead % ORDER
        quotient[shift] = c
        for i, b in enumerate(q):
            p[shift + i] = (p[shift + i] - c * b) % ORDER
    return trim(quotient), trim(p)


def interpolate(points):
    """The polynomial through all points, and the product of x - x_i."""
    p, product = [], [1]
    for x, y in points:
        gap = (y - evaluate(p, x)) % ORDER
        scale = gap * field.inverse(evaluate(product, x)) % ORDER
        p = add(p, product, scale)
        product = multiply(product, [(-x) % ORDER, 1])
    return p, product


def closest(points, t):
    """4.6: the polynomial of degree < t that misses at most
    floor((N' - t) / 2) of the points, or None."""
    count = len(points)
    wrong = (count - t) // 2
    p, product = interpolate(points)
    a, b, va, vb = product, p, [], [1]
    while 2 * (len(b) - 1) >= count + t and b:
        q, r = divide(a, b)
        a, b = b, r
        va, vb = vb, add(va, multiply(q, vb), ORDER - 1)
    f, rest = divide(b, vb)
    if rest or len(f) > t:
        return None
    missed = [x for x, y in points if evaluate(f, x) != y]
    return f if len(missed) <= wrong else None


def recover(points, t, fits):
    """4.6: the root and the x of each wrong share. THRESHOLD if there are
    too few points, CHEAT if no root is recovered."""
    demand(len(points) >= t, THRESHOLD, "points")
    f = closest(points, t)
    demand(f is not None, CHEAT, "no polynomial is close enough")
    root = evaluate(f, 0)
    demand(fits(root), CHEAT, "the root does not fit")
    return root, [x for x, y in points if evaluate(f, x) != y]
