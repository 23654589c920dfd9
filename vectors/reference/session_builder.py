# SPDX-License-Identifier: Apache-2.0
"""Parameters and inputs of the sessions, and the files that contain them."""
from input_vector import spans_of_part
from params import (INTEGER, NEAREST, REAL, WEIGHTED, Params, Segment,
                    fill_defaults)
from recorded_session import RecordedSession
from vector_file import VectorFile, test_bytes, test_number

NUMBERS = Segment(21, INTEGER, 9)
SIGNED = Segment(9, INTEGER, 64)
REALS = Segment(13, REAL, 0, 16, 0, 1.0)
COARSE = Segment(5, REAL, 0, 3, NEAREST, 0.25)
WEIGHED = Segment(10, WEIGHTED, 0, 12, 0, 2.0)
LONG = Segment(523, INTEGER, 3)
MIXED = (NUMBERS, REALS, WEIGHED, COARSE, SIGNED)


def parameters(name, n, t, segments, **members):
    """Return parameters with all defaults filled in and a session id that
    follows from the name."""
    return fill_defaults(Params(session=test_bytes("session " + name, 16),
                                clients=n, threshold=t, segments=segments,
                                **members))


def some_values(name, s, count):
    """Return values for a segment; some reals are beyond the clip."""
    out = []
    for i in range(count):
        x = test_number("%s value %d" % (name, i), 2**53)
        if s.kind == INTEGER:
            out.append(x % 2**s.bits)
        else:
            out.append(s.clip * (x / 2**52 - 1) * 1.1)
    return out


def supply_input(session, u, part_size=0):
    """Supply a client's weight and input. If it sends in parts, supply the
    first part and keep the others until they are due."""
    p = session.p
    if part_size:
        session.set_part_size(u, part_size)
    if p.max_weight:
        session.weight(u, test_number("%s weight %d" % (session.name, u),
                                      p.max_weight + 1))
    values = [some_values("%s %d %d" % (session.name, u, i), s, s.length)
              for i, s in enumerate(p.segments)]
    if part_size:
        session.later_parts[u] = values_by_part(p, values, part_size)
        session.supply_next_part(u)
        return
    for i, s in enumerate(p.segments):
        cut = s.length // 3 if u % 2 else 0
        for first, end in ((0, cut), (cut, s.length)):
            if first < end:
                session.input(u, i, first, values[i][first:end])


def values_by_part(p, values, part_size):
    """8.7: return the pieces (segment, offset, values) of each part, without
    the hidden segment."""
    out, last = [], False
    while not last:
        spans, last = spans_of_part(p, part_size, len(out))
        out.append([(s, o, values[s][o:o + c]) for s, o, c in spans
                    if s < len(p.segments)])
    return out


def check_sums(session):
    """Compare the sums with a plain addition of the encoded entries."""
    server = session.server
    if server.phase != "DONE":
        return
    for i, s in enumerate(session.p.segments):
        rows = [session.clients[u].input_vector.entries[i]
                for u in server.u3]
        expected = [sum(column) % 2**s.bits for column in zip(*rows)]
        assert expected == server.sums(i)
    weights = [session.clients[u].input_vector.weight or 0
               for u in server.u3]
    assert sum(weights) == server.sum_of_weights()


def start_session(f, p, name, classes=None, part_sizes=None):
    """Return a session of a file whose clients have their input."""
    session = RecordedSession(p, f.out.name + " " + name, classes=classes)
    for u in range(p.clients):
        supply_input(session, u, (part_sizes or {}).get(u, 0))
    return session


def run_to(session, phase, absent=()):
    """Run a session until a phase begins."""
    while session.server.phase != phase:
        assert session.run_phase(absent) == ""


class SessionFile:
    """A file of tests of type Session."""

    def __init__(self, name):
        self.out = VectorFile("sessions_" + name)

    def add(self, session, comment, flags):
        """Add a finished session as a test in a group of its own."""
        check_sums(session)
        self.out.group("Session", **session.group_members())
        self.out.add(comment, flags, session.error(),
                     operations=session.operations,
                     **session.result_members())

    def run(self, comment, flags, p, drops=None, part_sizes=None,
            classes=None):
        """Run a session from the beginning to the end and add it."""
        session = RecordedSession(p, self.out.name + " " + comment,
                                  classes=classes)
        drops = drops or {}
        for u in range(p.clients):
            if drops.get(u) != "KEYS":
                supply_input(session, u, (part_sizes or {}).get(u, 0))
        session.run(drops)
        self.add(session, comment, flags)
