# SPDX-License-Identifier: Apache-2.0
"""Choosing parameters (2.5), in exact rational arithmetic."""
import math
from fractions import Fraction
from math import comb

from errors import ARG, require

COMPLETE_MAX, ACTIVE_MAX = 4095, 2048


def fraction_of(gamma, n):
    """2.2: compute A, the number of clients that a fraction gives."""
    return math.floor((gamma + 1e-14) * n)


def c_max_of(n, corrupt, k, sigma):
    """2.5: compute c_max of event E1, the least j with Pr[X > j] <= 2^-(sigma
    + 1) / n, where X ~ Hyp(n - 1, corrupt, k)."""
    total = comb(n - 1, k)
    tail = 0
    for x in range(min(k, corrupt), -1, -1):
        tail += comb(corrupt, x) * comb(n - 1 - corrupt, k - x)
        if tail * n * 2**(sigma + 1) > total:
            return x
    return 0


def p_disc(n, k, b):
    """2.5: compute P_disc of event E2; b is B."""
    if k > b:
        return Fraction(0)
    return Fraction(n * (n - k - 1), 2) * Fraction(comb(b, k), comb(n, k))


def e2_holds(n, k, b, sigma):
    """2.5: tell whether E2 holds, so that honest survivors stay connected."""
    return p_disc(n, k, b) < Fraction(1, 2**(sigma + 1))


def e3_holds(n, survivors, k, t, eta):
    """2.5: tell whether E3 holds: Pr[Y <= t - 1] <= 2^-eta / n, where Y ~
    Hyp(n, survivors, k)."""
    low = sum(comb(survivors, y) * comb(n - survivors, k - y)
              for y in range(t) if k - y <= n - survivors)
    return low * n * 2**eta <= comb(n, k)


def try_ring(n, k, corrupt, survivors, sigma, eta):
    """2.5: return (t, c_max) of a ring with k neighbours, or None if it does
    not meet the conditions."""
    if survivors < corrupt + 2:
        return None
    if not e2_holds(n, k, corrupt + n - survivors, sigma):
        return None
    c_max = c_max_of(n, corrupt, k, sigma)
    t = max(2, (k + 1 + c_max) // 2 + 1)
    if t > k or not e3_holds(n, survivors, k, t, eta):
        return None
    return t, c_max


def choose_complete(n, corrupt, survivors, active):
    """2.5: return the numbers of the complete graph, or raise ARG."""
    threshold = (n + corrupt) // 2 + 1
    min_survivors = max(3, threshold)
    require(survivors >= min_survivors, ARG, "too many drop out")
    require(min_survivors >= corrupt + 2, ARG, "too few honest inputs")
    require(n <= (ACTIVE_MAX if active else COMPLETE_MAX), ARG, "clients")
    return 0, threshold, corrupt, min_survivors


def in_range(share):
    """2.5: tell whether a fraction is in [0, 1), which a NaN is not."""
    return 0 <= share < 1


def choose(n, gamma, delta, sigma, eta, active):
    """2.5: return (neighbours, threshold, corrupt, min_survivors), or raise
    ARG."""
    require(2 <= n <= 10**8, ARG, "clients")
    require(in_range(gamma) and in_range(delta), ARG, "share")
    require(1 <= sigma <= 128 and 1 <= eta <= 128, ARG, "bits")
    corrupt, survivors = fraction_of(gamma, n), n - fraction_of(delta, n)
    if not active and n >= 100:
        for k in range(2, n - 1, 2):
            found = try_ring(n, k, corrupt, survivors, sigma, eta)
            if found:
                return k, found[0], found[1], survivors
    return choose_complete(n, corrupt, survivors, active)
