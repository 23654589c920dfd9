# SPDX-License-Identifier: Apache-2.0
"""Parameter choice (2.5), in exact rationals."""
import math
from fractions import Fraction
from math import comb

from errors import ARG, demand

COMPLETE_MOST, ACTIVE_MOST = 4095, 2048


def share_of(gamma, n):
    """2.2: A, the number of clients in a share gamma."""
    return math.floor((gamma + 1e-14) * n)


def most_corrupt(n, corrupt, k, sigma):
    """2.5, E1: c_max, the least x with P[X > x] <= 2^-(sigma + 1) / n,
    X of Hyp(n - 1, corrupt, k)."""
    total = comb(n - 1, k)
    tail = 0
    for x in range(min(k, corrupt), -1, -1):
        tail += comb(corrupt, x) * comb(n - 1 - corrupt, k - x)
        if tail * n * 2**(sigma + 1) > total:
            return x
    return 0


def disconnects(n, k, lost):
    """2.5, E2: P_disc, lost is B."""
    if k > lost:
        return Fraction(0)
    return Fraction(n * (n - k - 1), 2) * Fraction(comb(lost, k), comb(n, k))


def stays_connected(n, k, lost, sigma):
    """2.5, E2."""
    return disconnects(n, k, lost) < Fraction(1, 2**(sigma + 1))


def keeps_threshold(n, survivors, k, t, eta):
    """2.5, E3: P[Y <= t - 1] <= 2^-eta / n, Y of Hyp(n, survivors, k)."""
    low = sum(comb(survivors, y) * comb(n - survivors, k - y)
              for y in range(t) if k - y <= n - survivors)
    return low * n * 2**eta <= comb(n, k)


def try_ring(n, k, corrupt, survivors, sigma, eta):
    """2.5: (t, c_max) where k serves, else None."""
    if survivors < corrupt + 2:
        return None
    if not stays_connected(n, k, corrupt + n - survivors, sigma):
        return None
    c_max = most_corrupt(n, corrupt, k, sigma)
    t = max(2, (k + 1 + c_max) // 2 + 1)
    if t > k or not keeps_threshold(n, survivors, k, t, eta):
        return None
    return t, c_max


def choose_complete(n, corrupt, survivors, active):
    """2.5: the complete graph, or ARG."""
    threshold = (n + corrupt) // 2 + 1
    least = max(3, threshold)
    demand(survivors >= least, ARG, "too many drop out")
    demand(least >= corrupt + 2, ARG, "too few honest inputs")
    demand(n <= (ACTIVE_MOST if active else COMPLETE_MOST), ARG, "clients")
    return 0, threshold, corrupt, least


def in_range(share):
    """2.5: a share in [0, 1), no NaN."""
    return 0 <= share < 1


def choose(n, gamma, delta, sigma, eta, active):
    """2.5: (neighbours, threshold, corrupt, min_survivors), or ARG."""
    demand(2 <= n <= 10**8, ARG, "clients")
    demand(in_range(gamma) and in_range(delta), ARG, "share")
    demand(1 <= sigma <= 128 and 1 <= eta <= 128, ARG, "bits")
    corrupt, survivors = share_of(gamma, n), n - share_of(delta, n)
    if not active and n >= 100:
        for k in range(2, n - 1, 2):
            found = try_ring(n, k, corrupt, survivors, sigma, eta)
            if found:
                return k, found[0], found[1], survivors
    return choose_complete(n, corrupt, survivors, active)
