# SPDX-License-Identifier: Apache-2.0
"""The graph (5.1 to 5.5) and ranks (4.4)."""
from hashes import L
from suites import ZERO_NONCE, chacha_stream

COMPLETE_SEED = bytes(32)


def graph_seed(server_seed, h_ctx, root):
    """5.2: the seed of a ring."""
    return L(server_seed, "graph", h_ctx + root, 32)


def words(seed):
    """5.3: the words of the stream, without end."""
    size = 256
    start = 0
    while True:
        stream = chacha_stream(seed, ZERO_NONCE, size)
        for i in range(start, size, 4):
            yield int.from_bytes(stream[i:i + 4], "little")
        start, size = size, 4 * size


def uniform(source, m):
    """5.3: a number below m."""
    while True:
        w = next(source)
        if w < 2**32 - 2**32 % m:
            return w % m


def permutation(seed, n):
    """5.3: perm[p] is the client at position p."""
    source = words(seed)
    perm = list(range(n))
    for i in range(n - 1, 0, -1):
        j = uniform(source, i + 1)
        perm[i], perm[j] = perm[j], perm[i]
    return perm


class Graph:
    """The peers of every client: k = 0 is the complete graph."""

    def __init__(self, n, k, seed):
        self.n, self.k = n, k
        self.perm = permutation(seed, n) if k else list(range(n))
        self.position = {u: p for p, u in enumerate(self.perm)}

    def peers(self, u):
        """5.1, 5.4: N(u)."""
        if self.k == 0:
            return set(range(self.n)) - {u}
        p = self.position[u]
        steps = range(1, self.k // 2 + 1)
        return ({self.perm[(p + d) % self.n] for d in steps}
                | {self.perm[(p - d) % self.n] for d in steps})

    def holders(self, u):
        """4.4: N(u) + {u}, ascending."""
        return sorted(self.peers(u) | {u})

    def x(self, u, v):
        """4.4: where v's share of u lies, rank + 1."""
        return self.holders(u).index(v) + 1

    def runs(self, present):
        """5.5: lengths of the maximal circular runs of marked positions."""
        marks = [u not in present for u in self.perm]
        if all(marks):
            return [self.n]
        first = marks.index(False)
        runs, length = [], 0
        for mark in marks[first:] + marks[:first] + [False]:
            if mark:
                length += 1
            elif length:
                runs.append(length)
                length = 0
        return runs

    def connected(self, present):
        """5.5; the complete graph always is."""
        if self.k == 0:
            return True
        return sum(r >= self.k // 2 for r in self.runs(present)) <= 1
