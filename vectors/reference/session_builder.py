# SPDX-License-Identifier: Apache-2.0
"""Parameters and inputs of the sessions, and the files that contain them."""
from params import (BLOCK, INTEGER, NEAREST, REAL, SIGNED, UNSIGNED, WEIGHTED,
                    Params, Segment, fill_defaults)
from recorded_session import RecordedSession
from vector_file import VectorFile, test_bytes, test_number

NUMBERS = Segment(21, INTEGER, 9)
WORDS = Segment(9, INTEGER, 64)
COUNTS = Segment(11, UNSIGNED, 0, 10)
VOTES = Segment(7, SIGNED, 0, 2)
REALS = Segment(13, REAL, 0, 16, 0, 1.0)
COARSE = Segment(5, REAL, 0, 3, NEAREST, 0.25)
WEIGHED = Segment(10, WEIGHTED, 0, 12, 0, 2.0)
LONG = Segment(523, INTEGER, 3)
MIXED = (NUMBERS, REALS, WEIGHED, COARSE, WORDS, COUNTS, VOTES)


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
        elif s.kind in (UNSIGNED, SIGNED):
            low = -2**(s.value_bits - 1) if s.kind == SIGNED else 0
            out.append(x % 2**s.value_bits + low)
        else:
            out.append(s.clip * (x / 2**52 - 1) * 1.1)
    return out


def supply_weights(session, u, weights):
    """Supply a client's weight: those given, or one that follows from the
    name of the session."""
    if weights is None:
        p = session.p
        weights = [test_number("%s weight %d" % (session.name, u),
                               p.max_weight + 1 - p.min_weight) + p.min_weight]
    for weight in weights:
        session.weight(u, weight)


def supply_input(session, u, part_size=0, order=0, weights=None):
    """Supply a client's weight and input. If it sends in parts, supply the
    first part and keep the others until they are due. `order` 0 is that of the
    segments; another order is a permutation of the pieces."""
    p = session.p
    if part_size:
        session.set_part_size(u, part_size)
    if p.max_weight:
        supply_weights(session, u, weights)
    values = [some_values("%s %d %d" % (session.name, u, i), s, s.length)
              for i, s in enumerate(p.segments)]
    if part_size:
        session.later_parts[u] = values_by_part(p, values, part_size)
        session.supply_next_part(u)
        return
    pieces = []
    for i, s in enumerate(p.segments):
        cut = s.length // 3 if u % 2 or order else 0
        for first, end in ((0, cut), (cut, s.length)):
            if first < end:
                pieces.append((i, first, values[i][first:end]))
    for piece in pieces[::-1] if order == 1 else permuted(pieces, order):
        session.input(u, *piece)


def permuted(items, order):
    """Return the items in an order that follows from a number; 0: as they
    are."""
    keys = [test_number("order %d %d" % (order, i), 2**32) if order else i
            for i in range(len(items))]
    return [item for _, item in sorted(zip(keys, items))]


def values_by_part(p, values, part_size):
    """8.7: return the pieces (segment, offset, values) of each part, without
    the hidden segment."""
    size, nblocks = part_size // BLOCK, p.lanes.nblocks
    return [pieces_of_blocks(p, values, first, min(first + size, nblocks))
            for first in range(0, nblocks, size)]


def pieces_of_blocks(p, values, first, end):
    """8.7: return the pieces (segment, offset, values) that blocks `first` to
    `end` - 1 of the full vector consist of."""
    out = []
    for b, low, count in p.lanes.ranges(first, end):
        for i, s in enumerate(p.segments):
            place = p.lanes.places[i]
            begin = max(low - place, 0)
            stop = min(low + count - place, s.length)
            if s.bits == b and begin < stop:
                out.append((i, begin, values[i][begin:stop]))
    return out


def check_sums(session):
    """Compare the sums with a plain addition of the encoded entries."""
    server = session.server
    if server.phase != "DONE":
        return
    for i, s in enumerate(session.p.segments):
        rows = [[session.input_vector(u).entries[i][e]
                 for e in range(s.length)] for u in server.u3]
        expected = [sum(column) % 2**s.bits for column in zip(*rows)]
        assert expected == server.segment_totals(i)
    weights = [session.input_vector(u).weight or 0 for u in server.u3]
    if session.p.max_weight:
        assert [sum(weights)] == server.segment_totals(len(session.p.segments))


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
            classes=None, weights=None):
        """Run a session from the beginning to the end and add it."""
        session = RecordedSession(p, self.out.name + " " + comment,
                                  classes=classes)
        drops = drops or {}
        for u in range(p.clients):
            if drops.get(u) != "KEYS":
                supply_input(session, u, (part_sizes or {}).get(u, 0),
                             weights=(weights or {}).get(u))
        session.run(drops)
        self.add(session, comment, flags)
