# SPDX-License-Identifier: Apache-2.0
"""What sessions are made of: parameters, inputs, and their files."""
from params import INTEGER, NEAREST, REAL, WEIGHTED, Params, Segment, fill
from script import Script
from vector import pieces_of_part
from vectorfile import VectorFile, below, data

NUMBERS = Segment(21, INTEGER, 9)
SIGNED = Segment(9, INTEGER, 64)
REALS = Segment(13, REAL, 0, 16, 0, 1.0)
COARSE = Segment(5, REAL, 0, 3, NEAREST, 0.25)
WEIGHED = Segment(10, WEIGHTED, 0, 12, 0, 2.0)
LONG = Segment(523, INTEGER, 3)
MIXED = (NUMBERS, REALS, WEIGHED, COARSE, SIGNED)


def parameters(name, n, t, segments, **members):
    """Filled parameters with a session id of their own."""
    return fill(Params(session=data("session " + name, 16), clients=n,
                       threshold=t, segments=segments, **members))


def some_values(name, s, count):
    """Values for a segment, some of them clipped."""
    out = []
    for i in range(count):
        x = below("%s value %d" % (name, i), 2**53)
        if s.kind == INTEGER:
            out.append(x % 2**s.bits)
        else:
            out.append(s.clip * (x / 2**52 - 1) * 1.1)
    return out


def give(script, u, chunk=0):
    """A client's weight and input; in parts those of the first part, the
    others follow when they are due."""
    p = script.p
    if chunk:
        script.chunk(u, chunk)
    if p.max_weight:
        script.weight(u, below("%s weight %d" % (script.name, u),
                               p.max_weight + 1))
    values = [some_values("%s %d %d" % (script.name, u, i), s, s.length)
              for i, s in enumerate(p.segments)]
    if chunk:
        script.later[u] = parts_of(p, values, chunk)
        return script.more(u)
    for i, s in enumerate(p.segments):
        cut = s.length // 3 if u % 2 else 0
        for first, last in ((0, cut), (cut, s.length)):
            if first < last:
                script.input(u, i, first, values[i][first:last])
    return None


def parts_of(p, values, chunk):
    """8.7: the pieces of each part, the hidden segment left out."""
    out, last = [], False
    while not last:
        spans, last = pieces_of_part(p, chunk, len(out))
        out.append([(s, o, values[s][o:o + c]) for s, o, c in spans
                    if s < len(p.segments)])
    return out


def check_sums(script):
    """The sums against a plain addition of what the clients encoded."""
    server = script.server
    if server.phase != "DONE":
        return
    for i, s in enumerate(script.p.segments):
        rows = [script.clients[u].vector.entries[i] for u in server.u3]
        plain = [sum(column) % 2**s.bits for column in zip(*rows)]
        assert plain == server.sums(i)
    weights = [script.clients[u].vector.weight or 0 for u in server.u3]
    assert sum(weights) == server.sum_of_weights()


class File:
    """A file of sessions."""

    def __init__(self, name):
        self.out = VectorFile("sessions_" + name)

    def add(self, script, comment, flags):
        """What a script did as a test in a group of its own."""
        check_sums(script)
        self.out.group("Session", **script.shared())
        self.out.add(comment, flags, script.error(),
                     operations=script.operations, **script.result())

    def run(self, comment, flags, p, drops=None, chunks=None, kinds=None):
        """A session from the beginning to the end."""
        script = Script(p, self.out.name + " " + comment, kinds=kinds)
        drops = drops or {}
        for u in range(p.clients):
            if drops.get(u) != "KEYS":
                give(script, u, (chunks or {}).get(u, 0))
        script.run(drops)
        self.add(script, comment, flags)
        return script
