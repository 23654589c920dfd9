# SPDX-License-Identifier: Apache-2.0
"""Make choice.json and graph.json."""
import math

import choice
import graph
from graph import Graph
from schedule import bitmap
from vector_file import (VectorFile, attempt, double, test_bytes, test_number,
                         u32s)

TABLE = ((12, 0.25, 0.1), (99, 0.05, 0.05), (100, 0.05, 0.05),
         (100, 1 / 3, 0.05), (1000, 0.05, 0.05), (1000, 0.1, 0.1),
         (1000, 0.05, 0.33), (10000, 0.05, 0.05))


def add_choice(out, flags, n, gamma, delta, sigma=40, eta=20, active=False):
    """Add a test of Choice."""
    found, error = attempt(choice.choose, n, gamma, delta, sigma, eta, active)
    k, t, c, min_survivors = found or (0, 0, 0, 0)
    out.add("", flags, error, clients=n, active=active, gamma=double(gamma),
            delta=double(delta), sigma=sigma, eta=eta, neighbours=k,
            threshold=t, corrupt=c, minSurvivors=min_survivors)


def make_choice():
    """Make choice.json."""
    out = VectorFile("choice")
    out.group("Choice")
    for n, gamma, delta in TABLE:
        add_choice(out, "Worked", n, gamma, delta)
    for n in (2, 3, 4, 10, 50, 99, 101, 128, 200, 333, 500, 2000, 5000):
        for gamma, delta in ((0.0, 0.0), (0.05, 0.1), (0.2, 0.2), (0.1, 0.3)):
            add_choice(out, "Normal" if n > 2 else "TooFew", n, gamma, delta)
            if n <= 2048:
                add_choice(out, "Normal" if n > 2 else "TooFew", n, gamma,
                           delta, active=True)
    for n in (100, 1000):
        for sigma, eta in ((1, 1), (20, 10), (40, 40), (64, 20), (80, 40),
                           (128, 128)):
            add_choice(out, "Normal", n, 0.05, 0.05, sigma, eta)
    for n in (20000, 100000, 2**20, 2**20 + 1, 10**6):
        add_choice(out, "Normal", n, 0.05, 0.05)
    for gamma in (0.1, 0.3, 0.7, 0.29, 0.58):
        add_choice(out, "EdgeCase", 10, gamma, 0.1)
        add_choice(out, "EdgeCase", 100, gamma, 0.1)
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
    return out


def permutations(out):
    """Add tests of GraphSeed and Permutation."""
    out.group("GraphSeed")
    for i in range(4):
        parts = [test_bytes("graph %d %d" % (i, j), 32) for j in range(3)]
        out.add("", "Normal", serverSeed=parts[0], hCtx=parts[1],
                root=parts[2], graphSeed=graph.derive_graph_seed(*parts))
    out.group("Permutation")
    worked = b"\x22" * 32
    sizes = (4, 5, 6, 7, 8, 16, 17, 33, 100, 257, 1000, 3000)
    for n, seed in [(12, worked)] + [(n, test_bytes("perm %d" % n, 32))
                                     for n in sizes]:
        out.add("", "Worked" if seed == worked else "Normal", graphSeed=seed,
                clients=n, permutation=u32s(graph.permutation(seed, n)))


def peers(out):
    """Add tests of Peers."""
    out.group("Peers")
    for n, k in ((12, 4), (5, 2), (4, 2), (12, 10), (100, 18)):
        seed = b"\x22" * 32 if n == 12 else test_bytes("peers %d" % n, 32)
        for u in range(0, n, 1 if n <= 12 else 9):
            out.add("", "Normal", graphSeed=seed, clients=n, neighbours=k,
                    index=u, peers=u32s(sorted(Graph(n, k, seed).peers(u))))
    for n in (2, 5, 9):
        out.add("complete", "Normal", graphSeed=bytes(32), clients=n,
                neighbours=0, index=1,
                peers=u32s(sorted(Graph(n, 0, bytes(32)).peers(1))))


def add_connected(out, comment, flags, g, seed, absent):
    """Add a test of Connected; `absent` lists positions."""
    present = set(range(g.n)) - {g.perm[p % g.n] for p in absent}
    out.add(comment, flags, graphSeed=seed, clients=g.n, neighbours=g.k,
            u3=bitmap(g.n, present), connected=g.connected(present))


def connectivity(out):
    """Add tests of Connected."""
    out.group("Connected")
    for n, k in ((12, 4), (12, 2), (30, 6), (5, 2), (100, 18)):
        seed = test_bytes("connected %d %d" % (n, k), 32)
        g, half = Graph(n, k, seed), k // 2
        far = n // 2
        rows = (
            ("nobody is gone", []),
            ("one run of k / 2", range(3, 3 + half)),
            ("two runs of k / 2", [*range(half), *range(far, far + half)]),
            ("k / 2 and k / 2 - 1",
             [*range(half), *range(far, far + half - 1)]),
            ("a run over the end", range(-1, half - 1)),
            ("two runs, one over the end",
             [*range(-1, half - 1), *range(far, far + half)]),
            ("one long run", range(1, n - 1)),
            ("one run of k", range(k)),
            ("nobody is left but one", range(1, n)))
        for comment, absent in rows:
            add_connected(out, comment, "EdgeCase", g, seed, absent)
        for i in range(12):
            absent = [p for p in range(n)
                      if test_number("gone %d %d %d" % (n, i, p), 100) < 8 * i]
            add_connected(out, "", "Normal", g, seed, absent)


def make_graph():
    """Make graph.json."""
    out = VectorFile("graph")
    permutations(out)
    peers(out)
    connectivity(out)
    return out
