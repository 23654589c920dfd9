# SPDX-License-Identifier: Apache-2.0
"""Make shamir.json and decode.json."""
import reed_solomon
import scalar
import schedule
import shamir
from errors import ARG, VALUE, require
from scalar import ELL
from graph import Graph
from suites import pk
from vector_file import (VectorFile, attempt, scalars, test_bytes, test_number,
                         u32s, u64)

SIZES = ((1, 1), (1, 2), (2, 2), (2, 3), (3, 5), (5, 5), (4, 12), (7, 12),
         (12, 12), (33, 64), (51, 100))


def split(secret, poly_seed, t, count):
    """4.3: check the arguments, then split a secret."""
    require(1 <= count <= 4096, ARG, "count")
    require(int.from_bytes(secret, "little") < ELL, VALUE, "secret")
    return shamir.split(int.from_bytes(secret, "little"), poly_seed, t, count)


def join(ranks, shares):
    """4.5: check the arguments, then join shares."""
    require(all(r < 4096 for r in ranks), ARG, "rank")
    ys = [scalar.decode(shares[i:i + 32]) for i in range(0, len(shares), 32)]
    return shamir.join([(r + 1, y) for r, y in zip(ranks, ys)])


def add_split(out, comment, flags, secret, t, count):
    """Add a test of Split."""
    seed = test_bytes("poly %d %d" % (t, count), 32)
    shares, error = attempt(split, secret, seed, t, count)
    out.add(comment, flags, error, threshold=t, count=count, secret=secret,
            polySeed=seed, shares=scalars(shares or []))


def add_join(out, comment, flags, ranks, shares):
    """Add a test of Join."""
    secret, error = attempt(join, ranks, shares)
    out.add(comment, flags, error, ranks=u32s(ranks), shares=shares,
            secret="" if error else scalar.encode(secret))


def splits(out):
    """Add tests of Split: sizes, bounds, refused arguments."""
    out.group("Split")
    for t, count in SIZES:
        secret = scalar.encode(test_number("secret %d %d" % (t, count), ELL))
        add_split(out, "", "Normal", secret, t, count)
    for x in (0, 1, ELL - 1):
        add_split(out, "root at a bound", "EdgeCase", scalar.encode(x), 3, 5)
    add_split(out, "2000 shares", "EdgeCase",
              scalar.encode(test_number("2000", ELL)), 1001, 2000)
    good = scalar.encode(7)
    for t, count in ((0, 5), (6, 5), (0, 0), (1, 0), (1, 4097), (4097, 4097)):
        add_split(out, "threshold or count", "WrongRange", good, t, count)
    for x in (ELL, ELL + 1, 2**255, 2**256 - 1):
        add_split(out, "root not below L", "NonCanonical", scalar.encode(x),
                  3, 5)


def joins(out):
    """Add tests of Join: subsets, orders, refused arguments."""
    out.group("Join")
    worked = {2: 1942, 4: 3402, 5: 4414}
    add_join(out, "A.5", "Worked", [x - 1 for x in worked],
             b"".join(map(scalar.encode, worked.values())))
    for t, count in SIZES + ((1001, 2000),):
        secret = test_number("join %d %d" % (t, count), ELL)
        all_ = shamir.split(secret, test_bytes("join", 32), t, count)
        step = [i * 7 % count for i in range(count)]
        ranks = list(dict.fromkeys(step + list(range(count))))[:t]
        add_join(out, "any order", "Normal", ranks,
                 b"".join(scalar.encode(all_[r]) for r in ranks))
    shares = [test_number("free %d" % i, ELL) for i in range(4)]
    free = b"".join(map(scalar.encode, shares))
    add_join(out, "shares of nothing", "EdgeCase", [0, 9, 4095, 100], free)
    add_join(out, "zeros", "EdgeCase", [0, 1, 2], bytes(96))
    for bad in (ELL, ELL + shares[3] % 1000, 2**255, 2**256 - 1):
        add_join(out, "a share not below L", "NonCanonical", [0, 9, 7, 100],
                 free[:96] + scalar.encode(bad))
    add_join(out, "a rank twice", "Duplicate", [0, 9, 0, 100], free)
    add_join(out, "a rank twice", "Duplicate", [5, 9, 11, 11], free)
    add_join(out, "rank out of range", "WrongRange", [0, 9, 4096, 100], free)
    add_join(out, "rank out of range", "WrongRange", [0, 9, 2**32 - 1, 100],
             free)
    add_join(out, "no share", "TooFew", [], b"")


def ranks(out):
    """Add tests of Rank on both graphs."""
    out.group("Rank")
    seed = b"\x22" * 32
    for n, k in ((5, 0), (12, 0), (12, 4), (12, 6), (40, 10)):
        graph = Graph(n, k, seed if k else bytes(32))
        for u in range(0, n, 5):
            for v in graph.holders(u):
                out.add("", "Worked" if (n, k, u, v) == (12, 4, 5, 5)
                        else "Normal", graphSeed=seed if k else bytes(32),
                        clients=n, neighbours=k, dealer=u, holder=v,
                        x=graph.x(u, v))


def make_shamir():
    """Make shamir.json."""
    out = VectorFile("shamir")
    splits(out)
    joins(out)
    ranks(out)
    return out


def add_decode(out, comment, flags, kind, t, xs, errors, other_secret=False):
    """Add a test of Decode. `errors` maps the x of each wrong share to the
    number that is added to it; with `other_secret`, the dealer committed to
    another secret."""
    name = "%s %d %d %s" % (comment, kind, t, sorted(xs))
    h_ctx, h_ros = test_bytes(name + "ctx", 32), test_bytes(name + "ros", 32)
    u, round_ = 3, test_number(name + "round", 2**64)
    secret = test_number(name, ELL)
    f = shamir.polynomial(secret, test_bytes(name, 32), t)
    shares = [(x, (shamir.evaluate(f, x) + errors.get(x, 0)) % ELL)
              for x in sorted(xs)]
    committed = (secret + other_secret) % ELL
    com = schedule.commitment(h_ros, round_, u, committed)
    mask = pk(schedule.derive_mask_sk(h_ctx, committed, u))

    def fits(candidate):
        if kind == 0:
            return schedule.commitment(h_ros, round_, u, candidate) == com
        return pk(schedule.derive_mask_sk(h_ctx, candidate, u)) == mask

    found, error = attempt(reed_solomon.recover, shares, t, fits)
    found_secret, wrong = found or (0, [])
    out.add(comment, flags, error, threshold=t, kind=kind, hCtx=h_ctx,
            hRos=h_ros, round=u64(round_), dealer=u,
            com="" if kind else com, maskPoint=mask if kind else "",
            xs=u32s(x for x, _ in shares), shares=scalars(
                y for _, y in shares),
            root="" if error else scalar.encode(found_secret),
            wrong=u32s(wrong))


def make_decode():
    """Make decode.json."""
    out = VectorFile("decode")
    out.group("Decode")
    for kind in (0, 1):
        for t, count in ((1, 1), (2, 2), (3, 5), (4, 7), (7, 12), (20, 40)):
            xs = range(1, count + 1)
            max_wrong = (count - t) // 2
            add_decode(out, "all right", "Normal", kind, t, xs, {})
            for wrong in range(1, min(max_wrong, 4) + 1):
                for first in (1, count - wrong + 1):
                    errors = {first + i: test_number("s%d" % i, ELL - 1) + 1
                              for i in range(wrong)}
                    add_decode(out, "%d wrong from %d" % (wrong, first),
                               "WrongShare", kind, t, xs, errors)
            errors = {count - i: 1 + i for i in range(max_wrong)}
            add_decode(out, "as many wrong as may be", "WrongShare EdgeCase",
                       kind, t, xs, errors)
            errors = {count - i: 1 + i for i in range(max_wrong + 1)}
            add_decode(out, "one more wrong than may be",
                       "WrongShare EdgeCase", kind, t, xs, errors)
            add_decode(out, "too few", "TooFew", kind, t, xs[:t - 1], {})
            add_decode(out, "another root was told", "WrongShare", kind, t,
                       xs, {}, True)
        add_decode(out, "t + 1 points, one wrong", "WrongShare EdgeCase",
                   kind, 4, (1, 3, 4, 7, 9), {7: 5})
        add_decode(out, "t + 2 points, one wrong", "WrongShare EdgeCase",
                   kind, 4, (1, 3, 4, 7, 9, 11), {7: 5})
        add_decode(out, "t points, one wrong", "WrongShare EdgeCase", kind, 4,
                   (2, 3, 4, 9), {2: 1})
        add_decode(out, "t points, far apart", "EdgeCase", kind, 3,
                   (1, 2000, 4096), {})
    return out
