# SPDX-License-Identifier: Apache-2.0
"""Choosing parameters (2.5), in exact rational arithmetic."""
import math
from fractions import Fraction
from math import comb, perm

from errors import ARG, require

COMPLETE_MAX, ACTIVE_MAX = 4095, 2048
RING_MIN = 100          # 2.5: fewer clients get the complete graph
NEIGHBOURS_MAX = 4094  # 2.2
POLICY_SIGMA = 40       # 2.2: bits that a client's policy asks of a ring


def count_of(fraction, n):
    """2.5: the number of clients that a fraction gives, rounded down."""
    return math.floor((fraction + 1e-14) * n)


def fraction_of(gamma, n):
    """2.2: A(gamma), which no fraction above 0 rounds to nobody."""
    return max(1, count_of(gamma, n)) if gamma else 0


def least_bound(population, marked, draws, inverse):
    """2.5: the least j with Pr[X > j] <= 1 / inverse, where X ~
    Hyp(population, marked, draws), summed from the top down. Each weight
    follows from the one above it."""
    total = comb(population, draws)
    x = min(draws, marked)
    weight = comb(marked, x) * comb(population - marked, draws - x)
    tail = weight
    while x > 0 and tail * inverse <= total:
        weight = (weight * x * (population - marked - draws + x)
                  // ((marked - x + 1) * (draws - x + 1)))
        tail += weight
        x -= 1
    return x


def c_max_of(n, a, k, sigma):
    """2.5: c_max of event E1."""
    return least_bound(n - 1, min(a, n - 1), k, n * 2**(sigma + 1))


def p_cut(n, k, t, a, min_survivors):
    """2.5: P_cut of event E2', summed over s = i + j. binom(n - k, A - s) /
    binom(n, A) is the quotient of the falling factorials A^(s)
    (n - A)^(k - s) and n^(k)."""
    half = k // 2
    low = max(0, t - 1 - half)
    gap = max(1, k - (n - min_survivors))
    row = [comb(half, i) for i in range(half + 1)]
    total = 0
    for s in range(max(gap, 2 * low), min(k, a) + 1):
        ways = sum(row[i] * row[s - i] for i in
                   range(max(low, s - half), min(half, s - low) + 1))
        total += ways * perm(a, s) * perm(n - a, k - s)
    return Fraction(n * (n - k - 1) * total, 2 * perm(n, k))


def e2_holds(n, k, t, a, min_survivors, sigma):
    """2.5: tell whether E2' holds."""
    return p_cut(n, k, t, a, min_survivors) <= Fraction(1, 2**(sigma + 1))


def t_high_of(n, survivors, k, eta):
    """2.5: the greatest t for which E3 holds. t - 1 or fewer of k neighbours
    survive if more than k - t drop out."""
    return k - least_bound(n, n - survivors, k, n * 2**eta)


def ring_of(n, k, a, survivors, sigma, eta):
    """2.5: return (t, c_max) of a ring with k neighbours, or None if it does
    not meet the conditions."""
    c_max = c_max_of(n, a, k, sigma)
    t_low = max(2, (k + 1 + c_max) // 2 + 1)
    t_high = t_high_of(n, survivors, k, eta)
    if t_low > t_high or not e2_holds(n, k, t_high, a, survivors, sigma):
        return None
    while t_low < t_high:  # P_cut falls as t rises
        t = (t_low + t_high) // 2
        if e2_holds(n, k, t, a, survivors, sigma):
            t_high = t
        else:
            t_low = t + 1
    return t_high, c_max


def choose_complete(n, a, survivors, active, required):
    """2.5: the complete graph, or ARG."""
    threshold = (n + a) // 2 + 1
    min_survivors = max(3, threshold, required)
    require(survivors >= min_survivors, ARG, "too many drop out")
    require(min_survivors >= a + 2, ARG, "too few honest inputs")
    require(n <= (ACTIVE_MAX if active else COMPLETE_MAX), ARG, "clients")
    return 0, threshold, a, min_survivors


def in_range(fraction):
    """2.5: tell whether a fraction is in [0, 1), which a NaN is not."""
    return 0 <= fraction < 1


def choose_for(n, a, survivors, bits, active, min_ring, required):
    """2.5: the numbers for A corrupt clients, or ARG. bits are sigma and
    eta."""
    if not active and n >= max(RING_MIN, min_ring) \
            and survivors >= max(required, a + 2):
        for k in range(2, min(n - 2, NEIGHBOURS_MAX) + 1, 2):
            found = ring_of(n, k, a, survivors, *bits)
            if found:
                return k, found[0], found[1], survivors
    return choose_complete(n, a, survivors, active, required)


def choose(n, gamma, delta, sigma, eta, active, policy=None):
    """2.5: (neighbours, threshold, corrupt, min_survivors), or ARG; with a
    policy, numbers that it accepts."""
    require(2 <= n <= 10**8, ARG, "clients")
    require(in_range(gamma) and in_range(delta), ARG, "fraction")
    require(1 <= sigma <= 128 and 1 <= eta <= 128, ARG, "bits")
    a, survivors = fraction_of(gamma, n), n - count_of(delta, n)
    if policy is None:
        return choose_for(n, a, survivors, (sigma, eta), active, 0, 0)
    policy.check()
    require(n >= policy.clients, ARG, "policy, clients")
    require(active or not policy.require_active, ARG, "policy, mode")
    if policy.a_of(n):
        a, sigma = max(a, policy.a_of(n)), max(sigma, POLICY_SIGMA)
    return choose_for(n, a, survivors, (sigma, eta), active, policy.ring,
                      policy.survivors_of(n))
