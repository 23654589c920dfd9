# SPDX-License-Identifier: Apache-2.0
"""The tests of Policy in params.json: each row of 2.2, met and missed by
one."""
import math
from dataclasses import replace

import choice
import params
from client import Client
from params import INTEGER, Params, Policy, Segment
from vector_file import attempt, double

NUMBERS = Segment(10, INTEGER, 3)


def add_policy(out, comment, p, policy, index=0):
    """A test of Policy."""
    params.check_soundness(p)
    _, error = attempt(Client, p, index, bytes(32), policy)
    flags = {"": "Normal", "POLICY": "UnderPolicy", "ARG": "WrongRange"}
    out.add(comment, flags[error], error,
            params=params.encode(p), index=index, minRing=policy.min_ring,
            minClients=policy.min_clients, minSurvivors=policy.min_survivors,
            minCorrupt=double(policy.min_corrupt),
            requireActive=policy.require_active, minWeight=policy.min_weight,
            appDigest=policy.app_digest, anyDigest=policy.any_digest)


def least(n, policy=Policy(), **members):
    """Complete graph: just what a policy accepts."""
    a, f = policy.a_of(n), policy.survivors_of(n)
    return Params(session=bytes(16), suite=1, clients=n,
                  threshold=(n + a) // 2 + 1, corrupt=a,
                  min_survivors=max(f, a + 2), segments=(NUMBERS,), **members)


def ring_of(n, delta=0.05, policy=Policy()):
    """Ring: just what a policy accepts, as it is chosen."""
    k, t, c, f = choice.choose(n, 0.0, delta, 40, 20, False, policy)
    assert k > 0
    return Params(session=bytes(16), suite=1, clients=n, neighbours=k,
                  threshold=t, corrupt=c, min_survivors=f, segments=(NUMBERS,))


def policy_members(out, kinds):
    """Policy: each member at what the parameters have, and one over it."""
    for name, p in kinds.items():
        f, n = p.effective_min, p.clients
        rows = [Policy(), params.LAXEST_POLICY]
        rows += [replace(params.LAXEST_POLICY, **m) for m in (
            dict(min_clients=n), dict(min_clients=n + 1),
            dict(min_ring=n), dict(min_ring=n + 1), dict(min_survivors=f),
            dict(min_survivors=f + 1), dict(min_survivors=0),
            dict(min_ring=0), dict(require_active=True),
            dict(any_digest=False), dict(app_digest=p.app_digest),
            dict(app_digest=b"\xaa" * 31 + b"\xab"),
            dict(app_digest=bytes(31) + b"\1"))]
        rows += [replace(params.LAXEST_POLICY, min_corrupt=g) for g in (
            0.0, -0.0, 1e-9, 5e-324, 0.05, 0.06, 0.2, 0.4, 0.41, 1.0, -1e-9,
            -1.0, -math.inf, math.nan, math.nextafter(1.0, 2), math.inf)]
        for policy in rows:
            add_policy(out, name, p, policy)
    base = kinds["complete"]
    for weight in (0, 1):
        p = replace(base, min_weight=weight)
        for least_weight in (0, 1):
            for q in (p, replace(p, min_weight=0, max_weight=0)):
                add_policy(out, "weights", q, replace(
                    params.LAXEST_POLICY, min_weight=least_weight))
    add_policy(out, "min_weight 2", base, Policy(min_weight=2))
    for u in base.clients - 1, base.clients, 2**32 - 1:
        add_policy(out, "client %d" % u, base, params.LAXEST_POLICY, u)
    digest = replace(least(9), mode=1, app_digest=b"\1" + bytes(31))
    for app in (bytes(32), digest.app_digest, bytes(31) + b"\1"):
        for waived in (False, True):
            for p in (digest, replace(digest, app_digest=bytes(32)),
                      replace(digest, mode=0),
                      replace(digest, mode=0, app_digest=bytes(32))):
                add_policy(out, "model", p, Policy(app_digest=app,
                                                   any_digest=waived))


def policy_complete(out):
    """Policy: the complete graph under the default, just accepted and missed
    by one."""
    for n in (2, 3, 4, 5, 6, 20, 39, 99, 100, 679, 680, 1000, 4095):
        p = least(max(n, 3))
        if n == 2:
            p = replace(p, clients=2, threshold=2, corrupt=0, min_survivors=2)
        name = "%d clients" % n
        add_policy(out, name, p, Policy())
        if n == 2:
            add_policy(out, name + " allowed", p, params.LAXEST_POLICY)
            add_policy(out, name + ", min_clients 0", p,
                       replace(params.LAXEST_POLICY, min_clients=0))
            add_policy(out, name + ", one corrupt", p,
                       replace(params.LAXEST_POLICY, min_corrupt=0.0))
            continue
        add_policy(out, name + ", corrupt", replace(p, corrupt=p.corrupt - 1),
                   Policy())
        add_policy(out, name + ", nobody", replace(p, corrupt=0),
                   Policy(min_corrupt=params.NOBODY))
        # F is the larger of threshold and min_survivors; for three clients no
        # sound parameters have less
        low = replace(p, corrupt=0, threshold=p.clients // 2 + 1)
        need = (p.clients + 0) // 2 + 1
        for f in (need - 1, need):
            if f >= 2 and low.threshold <= f:
                add_policy(out, name + ", survivors %d" % f,
                           replace(low, min_survivors=f),
                           Policy(min_corrupt=params.NOBODY))
    p = replace(least(12), corrupt=3, threshold=8, min_survivors=8)
    for f in (8, 9, 10):
        add_policy(out, "12 clients, a quarter", replace(p, min_survivors=f),
                   Policy(min_corrupt=0.25, min_survivors=9))
    # F >= A + 2, whatever min_survivors of the policy is
    p = replace(least(10), corrupt=7, threshold=9, min_survivors=9)
    for gamma in (0.7, 0.8):
        add_policy(out, "min_survivors 2", p, Policy(min_corrupt=gamma,
                                                     min_survivors=2))


def policy_ring(out, five_percent):
    """Policy: rings under the default, just accepted and missed by one."""
    for n, k, t, c in ((19, 2, 2, 0), (39, 4, 4, 1), (50, 10, 8, 3)):
        p = replace(ring_of(100), clients=n, neighbours=k, threshold=t,
                    corrupt=c, min_survivors=n)
        for policy in (Policy(), Policy(min_ring=n), Policy(min_ring=n + 1),
                       Policy(min_corrupt=params.NOBODY),
                       Policy(min_ring=4, min_corrupt=params.NOBODY)):
            add_policy(out, "ring of %d" % n, p, policy)
    small = replace(ring_of(100), clients=99, min_survivors=95)
    add_policy(out, "ring of 99", small, Policy())
    add_policy(out, "ring of 99 allowed", small, Policy(min_ring=99))
    add_policy(out, "ring for 5 %", five_percent, Policy(min_corrupt=0.05))
    for n, delta in ((100, 0.05), (150, 0.1), (300, 0.05), (1000, 0.05),
                     (1000, 0.3), (10000, 0.05)):
        p = ring_of(n, delta)
        name = "ring of %d" % n
        add_policy(out, name, p, Policy())
        add_policy(out, name + ", corrupt",
                   replace(p, corrupt=p.corrupt - 1), Policy())
        high = replace(p, threshold=p.neighbours)
        add_policy(out, name + ", threshold k", high, Policy())
        policy_cut(out, name, p)
    p = ring_of(1000, 0.3)
    for f in (526, 525):  # of 1000 clients and 50 corrupt ones
        add_policy(out, "ring of 1000, survivors %d" % f,
                   replace(p, min_survivors=f), Policy())


def policy_cut(out, name, p):
    """E2' missed by one: the least min_survivors, and the least threshold."""
    a, sigma = Policy().a_of(p.clients), choice.POLICY_SIGMA
    sound = (p.neighbours + 1 + p.corrupt) // 2 + 1
    for t in range(p.threshold, sound - 1, -1):
        add_policy(out, name + ", threshold", replace(p, threshold=t),
                   Policy())
        if not choice.e2_holds(p.clients, p.neighbours, t, a,
                               p.min_survivors, sigma):
            break
    lax = Policy(min_survivors=3)
    f = p.min_survivors
    while f > a + 2 and choice.e2_holds(p.clients, p.neighbours, p.threshold,
                                        a, f - 1, sigma):
        f -= 1
    for less in (f, f - 1):
        if less >= p.corrupt + 2:
            add_policy(out, name + ", survivors", replace(
                p, min_survivors=less), lax)


def policies(out, kinds):
    """Add tests of Policy. `kinds` has parameters of each kind of session."""
    out.group("Policy")
    policy_members(out, kinds)
    policy_complete(out)
    policy_ring(out, kinds["ring"])
