# SPDX-License-Identifier: Apache-2.0
"""choice.json."""
import math
import pathlib
from fractions import Fraction
from math import comb

import choice
from params import NOBODY, Params, Policy, check_policy
from vector_file import VectorFile, attempt, double

WORKED = ((12, 0.25, 0.1), (99, 0.05, 0.05), (100, 0.05, 0.05),
          (100, 1 / 3, 0.05), (1000, 0.05, 0.05), (1000, 0.1, 0.1),
          (1000, 0.05, 0.33), (10000, 0.05, 0.05), (100000, 0.05, 0.05))
ROWS = ((0.05, 0.05), (0.05, 0.1), (0.1, 0.1), (0.2, 0.1))


# PROTOCOL.md 12.6: clients, gamma, delta, and bits of secrecy and reliability
RECOMMENDED = ((100, 1 / 3, 0.05, 47, None), (1000, 0.05, 0.05, 41, 22),
               (10000, 0.05, 0.05, 41, 22), (100000, 0.05, 0.05, 43, 20))
PROTOCOL = pathlib.Path(__file__).resolve().parents[1] / "PROTOCOL.md"


def tail_above(population, marked, draws, bound):
    """2.5: Pr[X > bound], where X ~ Hyp(population, marked, draws)."""
    return sum(Fraction(comb(marked, x)
                        * comb(population - marked, draws - x),
                        comb(population, draws))
               for x in range(bound + 1, min(marked, draws) + 1))


def bits_of(p):
    """Return the greatest b with p <= 2^-b, or None if p is 0."""
    return math.floor(-math.log2(p)) if p else None


def check_recommended_complete(text):
    """12.6: the complete graphs are the least that the default policy
    accepts."""
    for n in (5, 10, 20, 50, 100, 1000):
        c = Policy().a_of(n)
        t = (n + c) // 2 + 1
        check_policy(Policy(), Params(bytes(16), clients=n, threshold=t,
                                      corrupt=c, min_survivors=t))
        row = " | 0, {}, {}, {} | {} | {} | 0 | 0 |".format(t, c, t, c, n - t)
        assert any(line.startswith("| {:,} | complete".format(n))
                   and line.endswith(row) for line in text.splitlines()), row


def check_recommended():
    """12.6: compute the advantages in the table of the rings."""
    text = PROTOCOL.read_text()
    check_recommended_complete(text)
    for n, gamma, delta, *bits in RECOMMENDED:
        k, t, c, survivors = choice.choose(n, gamma, delta, 40, 20, False)
        check_policy(Policy(), Params(
            bytes(16), clients=n, neighbours=k, threshold=t, corrupt=c,
            min_survivors=survivors))
        a, absent = choice.fraction_of(gamma, n), n - survivors
        secrecy = (n * tail_above(n - 1, a, k, c)
                   + choice.p_cut(n, k, t, a, survivors))
        no_sum = n * tail_above(n, absent, k, k - t)
        assert bits == [bits_of(secrecy), bits_of(no_sum)]
        row = "| {:,} | ring | {}, {}, {}, {} | {:,} | {:,} | {} | {} |".format(
            n, k, t, c, survivors, a, absent,
            *("0" if b is None else "2^-%d" % b for b in bits))
        assert row in text, row


def asked(n, gamma, delta, sigma, eta, active):
    """The members of CHOICE_IN."""
    return dict(clients=n, active=active, gamma=double(gamma),
                delta=double(delta), sigma=sigma, eta=eta)


def chosen(found):
    """The members of CHOICE_OUT."""
    k, t, c, min_survivors = found or (0, 0, 0, 0)
    return dict(neighbours=k, threshold=t, corrupt=c,
                minSurvivors=min_survivors)


def add_choice(out, flags, n, gamma, delta, sigma=40, eta=20, active=False):
    """A test of Choice."""
    found, error = attempt(choice.choose, n, gamma, delta, sigma, eta, active)
    out.add("", flags, error, **asked(n, gamma, delta, sigma, eta, active),
            **chosen(found))


def choices(out):
    """Choice, with no policy."""
    out.group("Choice")
    for n, gamma, delta in WORKED:
        add_choice(out, "Worked", n, gamma, delta)
    for n in (2, 3, 4, 10, 50, 99, 101, 128, 200, 333, 500, 2000, 5000):
        for gamma, delta in ((0.0, 0.0), (0.05, 0.1), (0.2, 0.2), (0.1, 0.3)):
            add_choice(out, "Normal" if n > 2 else "TooFew", n, gamma, delta)
            if n <= 2048:
                add_choice(out, "Normal" if n > 2 else "TooFew", n, gamma,
                           delta, active=True)
    for n in (100, 300, 1000, 3000, 10**4, 10**5, 10**6):
        for gamma, delta in ROWS:
            add_choice(out, "Normal", n, gamma, delta)
    for n in (100, 1000):
        for sigma, eta in ((1, 1), (20, 10), (40, 40), (64, 20), (80, 40),
                           (128, 128)):
            add_choice(out, "Normal", n, 0.05, 0.05, sigma, eta)
    for n in (20000, 2**20, 2**20 + 1, 10**7, 10**8):
        add_choice(out, "Normal", n, 0.05, 0.05)
    choice_bounds(out)


def choice_bounds(out):
    """Choice, at and over the bounds."""
    for gamma in (0.1, 0.3, 0.7, 0.29, 0.58, 1e-9, 5e-324, -0.0):
        add_choice(out, "EdgeCase", 10, gamma, 0.1)
        add_choice(out, "EdgeCase", 100, gamma, 0.1)
    for n in (3, 10, 1000, 10**6):  # a fraction of dropouts may be nobody
        add_choice(out, "EdgeCase", n, 1e-9, 1e-9)
    for n in (0, 1, 10**8 + 1, 2**32 - 1):
        add_choice(out, "WrongRange", n, 0.05, 0.05)
    for bad in (-0.1, 1.0, 1.5, math.nan, math.inf, -math.inf):
        add_choice(out, "WrongRange", 100, bad, 0.05)
        add_choice(out, "WrongRange", 100, 0.05, bad)
    for sigma, eta in ((0, 20), (40, 0), (129, 20), (40, 129)):
        add_choice(out, "WrongRange", 100, 0.05, 0.05, sigma, eta)
    add_choice(out, "TooFew", 10, 0.5, 0.5)
    add_choice(out, "TooFew", 50, 0.4, 0.4)
    add_choice(out, "TooFew", 50, 0.0, 0.6)
    add_choice(out, "TooFew", 2, 0.0, 0.5)
    add_choice(out, "EdgeCase", 500, 0.9, 0.0)
    add_choice(out, "TooFew", 2049, 0.05, 0.05, active=True)


def add_policy_choice(out, policy, n, gamma, delta, sigma=40, eta=20,
                      active=False):
    """A test of PolicyChoice."""
    found, error = attempt(choice.choose, n, gamma, delta, sigma, eta, active,
                           policy)
    out.add("", "UnderPolicy" if error else "Normal", error,
            **asked(n, gamma, delta, sigma, eta, active),
            policyClients=policy.min_clients, policyRing=policy.min_ring,
            policySurvivors=policy.min_survivors,
            policyCorrupt=double(policy.min_corrupt),
            policyActive=policy.require_active, **chosen(found))


def policy_choices(out):
    """PolicyChoice."""
    out.group("PolicyChoice")
    policies = (
        Policy(), Policy(min_corrupt=NOBODY), Policy(min_corrupt=0.2),
        Policy(min_corrupt=1e-9), Policy(min_ring=300), Policy(min_ring=4),
        Policy(min_clients=200), Policy(min_survivors=190),
        Policy(2, 1, 2, NOBODY), Policy(require_active=True))
    for policy in policies:
        for n in (3, 10, 99, 100, 200, 1000):
            for gamma, delta in ((0.0, 0.0), (0.05, 0.05), (0.3, 0.2)):
                add_policy_choice(out, policy, n, gamma, delta)
        add_policy_choice(out, policy, 500, 0.05, 0.05, 20, 20)
        add_policy_choice(out, policy, 500, 0.05, 0.05, 64, 30)
        add_policy_choice(out, policy, 500, 0.05, 0.45)
        add_policy_choice(out, policy, 500, 0.05, 0.05, active=True)
    for gamma in (math.nan, math.nextafter(1.0, 2), math.inf, 1.0, -math.inf):
        add_policy_choice(out, Policy(min_corrupt=gamma), 100, 0.05, 0.05)


def accepted(out):
    """Accepted: the default policy for 3 to 200 clients and some more."""
    out.group("Accepted")
    for n in (*range(3, 201), 300, 660, 679, 680, 1000, 4095):
        a = Policy().a_of(n)
        t = Policy().survivors_of(n)
        ring = choice.choose(n, 0.0, 0.05, 40, 20, False, Policy())
        if ring[0] == 0:
            ring = (0, 0, 0, 0)
        out.add("", "Normal", clients=n, corrupt=a, threshold=t,
                dropouts=n - t, neighbours=ring[0], ringThreshold=ring[1],
                ringCorrupt=ring[2], ringSurvivors=ring[3])


def sigma_of(p):
    """The greatest sigma up to 128 with p <= 2^-(sigma + 1)."""
    return max([s for s in range(1, 129) if p * 2**(s + 1) <= 1], default=0)


def as_hex(x):
    """An integer, big-endian."""
    return x.to_bytes(max(1, -(-x.bit_length() // 8)), "big").hex()


def add_cut(out, *arguments):
    """A test of Cut."""
    p = choice.p_cut(*arguments)
    n, k, t, a, min_survivors = arguments
    out.add("", "Normal" if p else "EdgeCase", clients=n, neighbours=k,
            threshold=t, corrupt=a, minSurvivors=min_survivors,
            numerator=as_hex(p.numerator), denominator=as_hex(p.denominator),
            sigma=sigma_of(p))


def cuts(out):
    """Cut: every chosen ring, that with one neighbour pair or one vote less,
    and others."""
    out.group("Cut")
    for n, gamma, delta in WORKED[2:] + ((10**6, 0.2, 0.1),):
        k, t, _, min_survivors = choice.choose(n, gamma, delta, 40, 20, False)
        a = choice.fraction_of(gamma, n)
        for less in ((k, t), (k, t - 1), (k - 2, t - 1), (k, k), (k, 2)):
            add_cut(out, n, *less, a, min_survivors)
    for n, k, t in ((4, 2, 2), (10, 4, 3), (10, 4, 4), (12, 8, 8), (19, 2, 2),
                    (39, 4, 4), (50, 20, 14)):
        for a in (0, 1, n // 4, n // 2, n):
            for min_survivors in (2, n // 2, n - 1, n):
                add_cut(out, n, k, t, a, min_survivors)
    for k in (2, 58, 400):  # k > D + A, = D + A, below
        for a in (k // 2 - 1, k // 2):
            add_cut(out, 5000, k, k, a, 5000 - k // 2)
            add_cut(out, 5000, k, k // 2, a, 5000 - k // 2)


def make_choice():
    """choice.json."""
    check_recommended()
    out = VectorFile("choice")
    choices(out)
    policy_choices(out)
    accepted(out)
    cuts(out)
    return out
