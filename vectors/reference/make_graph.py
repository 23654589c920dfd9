# SPDX-License-Identifier: Apache-2.0
"""Make graph.json."""
import graph
from graph import Graph
from schedule import bitmap
from vector_file import VectorFile, attempt, test_bytes, test_number, u32s


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
    rejected_word(out, test_bytes("perm rejected 3183", 32), 1500)
    rejected_word(out, test_bytes("perm limit 236689", 32), 3000, True)


def rejected_word(out, seed, n, is_least=False):
    """5.3: add a test of Permutation one of whose words is rejected; tell
    whether it is the least such word."""
    stream = graph.draws(seed)
    words = [next(stream) for _ in range(n - 1)]
    over = next(w - (2**32 - 2**32 % bound)
                for w, bound in zip(words, range(n, 1, -1))
                if w >= 2**32 - 2**32 % bound)
    assert is_least == (over == 0)
    out.add("the least word that is rejected" if is_least
            else "a word is rejected", "EdgeCase", graphSeed=seed, clients=n,
            permutation=u32s(graph.permutation(seed, n)))


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
    add_connected(out, "complete, two are gone", "EdgeCase",
                  Graph(9, 0, bytes(32)), bytes(32), [1, 4])


def make_graph():
    """Make graph.json."""
    out = VectorFile("graph")
    permutations(out)
    peers(out)
    connectivity(out)
    return out
