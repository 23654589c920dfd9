# SPDX-License-Identifier: Apache-2.0
"""The graph (5.1 to 5.5) and the ranks of holders (4.4)."""
from hashes import derive
from suites import ZERO_NONCE, chacha20_keystream

COMPLETE_SEED = bytes(32)


def derive_graph_seed(server_seed, h_ctx, roster_root):
    """5.2: derive the seed of a ring."""
    return derive(server_seed, "graph", h_ctx + roster_root, 32)


def draws(seed):
    """5.3: yield the 4-byte words of the stream, without end."""
    size = 256
    start = 0
    while True:
        stream = chacha20_keystream(seed, ZERO_NONCE, size)
        for i in range(start, size, 4):
            yield int.from_bytes(stream[i:i + 4], "little")
        start, size = size, 4 * size


def uniform(stream, bound):
    """5.3: draw a number below `bound`."""
    while True:
        w = next(stream)
        if w < 2**32 - 2**32 % bound:
            return w % bound


def permutation(seed, n):
    """5.3: shuffle the clients; perm[p] is the client at position p."""
    stream = draws(seed)
    perm = list(range(n))
    for i in range(n - 1, 0, -1):
        j = uniform(stream, i + 1)
        perm[i], perm[j] = perm[j], perm[i]
    return perm


class Graph:
    """The peers of all clients. k = 0 means the complete graph."""

    def __init__(self, n, k, seed):
        self.n, self.k = n, k
        self.perm = permutation(seed, n) if k else list(range(n))
        self.position = {u: p for p, u in enumerate(self.perm)}

    def peers(self, u):
        """5.1, 5.4: return the set N(u)."""
        if self.k == 0:
            return set(range(self.n)) - {u}
        p = self.position[u]
        steps = range(1, self.k // 2 + 1)
        return ({self.perm[(p + d) % self.n] for d in steps}
                | {self.perm[(p - d) % self.n] for d in steps})

    def holders(self, u):
        """4.4: return the holders N(u) + {u} in ascending order."""
        return sorted(self.peers(u) | {u})

    def x(self, u, v):
        """4.4: return the x-coordinate of v's share of u, its rank + 1."""
        return self.holders(u).index(v) + 1

    def marked_runs(self, present):
        """5.5: return the lengths of the maximal circular runs of positions
        whose client is absent."""
        marks = [u not in present for u in self.perm]
        if all(marks):
            return [self.n]
        first = marks.index(False)
        marked_runs, length = [], 0
        for mark in marks[first:] + marks[:first] + [False]:
            if mark:
                length += 1
            elif length:
                marked_runs.append(length)
                length = 0
        return marked_runs

    def connected(self, present):
        """5.5: tell whether these clients are connected. The complete graph
        always is."""
        if self.k == 0:
            return True
        return sum(r >= self.k // 2 for r in self.marked_runs(present)) <= 1
