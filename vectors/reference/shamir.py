# SPDX-License-Identifier: Apache-2.0
"""Splitting and joining (4.3 to 4.5)."""
import field
from errors import ARG, demand
from field import ORDER
from suites import ZERO_NONCE, chacha_stream


def polynomial(root, poly_key, t):
    """4.3: coefficients, the root first."""
    stream = chacha_stream(poly_key, ZERO_NONCE, 64 * (t - 1)) if t > 1 else b""
    tail = [field.reduce(stream[i:i + 64]) for i in range(0, len(stream), 64)]
    return [root] + tail


def evaluate(coefficients, x):
    """4.3: f(x) by Horner's rule."""
    y = 0
    for a in reversed(coefficients):
        y = (y * x + a) % ORDER
    return y


def split(root, poly_key, t, n):
    """4.3: the shares at x = 1 to n."""
    demand(1 <= t <= n, ARG, "threshold")
    f = polynomial(root, poly_key, t)
    return [evaluate(f, x) for x in range(1, n + 1)]


def lagrange_at_zero(xs):
    """4.5: the factor of each share."""
    out = []
    for i, xi in enumerate(xs):
        up = down = 1
        for j, xj in enumerate(xs):
            if j != i:
                up = up * xj % ORDER
                down = down * (xj - xi) % ORDER
        out.append(up * field.inverse(down) % ORDER)
    return out


def join(points):
    """4.5: the root of t distinct points (x, y)."""
    xs = [x for x, _ in points]
    demand(points and len(set(xs)) == len(xs), ARG, "points")
    factors = lagrange_at_zero(xs)
    return sum(f * y for f, (_, y) in zip(factors, points)) % ORDER
