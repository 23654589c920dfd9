# SPDX-License-Identifier: Apache-2.0
"""Splitting a secret and joining shares (4.3 to 4.5)."""
import scalar
from errors import ARG, require
from scalar import ELL
from suites import ZERO_NONCE, chacha20_keystream


def polynomial(secret, poly_seed, t):
    """4.3: return the coefficients of f; the secret is the first."""
    size = 64 * (t - 1)
    stream = chacha20_keystream(poly_seed, ZERO_NONCE, size) if size else b""
    tail = [scalar.reduce(stream[i:i + 64]) for i in range(0, len(stream), 64)]
    return [secret] + tail


def evaluate(coefficients, x):
    """4.3: compute f(x) by Horner's rule."""
    y = 0
    for a in reversed(coefficients):
        y = (y * x + a) % ELL
    return y


def split(secret, poly_seed, t, count):
    """4.3: split a secret into the shares at x = 1 to count."""
    require(1 <= t <= count, ARG, "threshold")
    f = polynomial(secret, poly_seed, t)
    return [evaluate(f, x) for x in range(1, count + 1)]


def lagrange_at_zero(xs):
    """4.5: return the factor by which each share is multiplied."""
    out = []
    for i, xi in enumerate(xs):
        numerator = denominator = 1
        for j, xj in enumerate(xs):
            if j != i:
                numerator = numerator * xj % ELL
                denominator = denominator * (xj - xi) % ELL
        out.append(numerator * scalar.inverse(denominator) % ELL)
    return out


def join(shares):
    """4.5: join shares (x, y) with distinct x to the secret."""
    xs = [x for x, _ in shares]
    require(shares and len(set(xs)) == len(xs), ARG, "shares")
    factors = lagrange_at_zero(xs)
    return sum(f * y for f, (_, y) in zip(factors, shares)) % ELL
