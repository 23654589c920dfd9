# SPDX-License-Identifier: Apache-2.0
"""Sessions whose hosts make errors (7.1, 7.3, 9.1). The errors change
nothing: each session ends with a sum."""
import math

from params import INTEGER, Segment
from recorded_session import RecordedSession
from session_builder import LONG, REALS, parameters, supply_input


def finish(f, session, comment, flags):
    """Supply the input of clients 1 and 2, run the session to its end and add
    it."""
    for u in (1, 2):
        supply_input(session, u)
    session.run()
    assert session.server.phase == "DONE"
    f.add(session, "mode %d, %s" % (session.p.mode, comment), flags)


def new_session(f, p, name):
    """Return a new session."""
    return RecordedSession(p, "%s %s %d" % (f.out.name, name, p.mode))


def fill_zeros(session, u, but=()):
    """Supply zeros for the segments that have no entry yet."""
    for i, s in enumerate(session.p.segments):
        if i not in but:
            session.input(u, i, 0, [0] * s.length)


def weights(f, p, bare):
    """7.3: supply wrong weights."""
    session = new_session(f, p, "weights")
    assert session.weight(0, p.max_weight + 1) == "VALUE"
    assert session.weight(0, 2**64 - 1) == "VALUE"
    assert session.input(0, 2, 0, [0.5] * 10) == "STATE"
    session.weight(0, p.max_weight)
    assert session.weight(0, p.max_weight) == "STATE"
    fill_zeros(session, 0)
    finish(f, session, "weights", "WrongRange")
    session = new_session(f, bare, "bare")
    assert session.weight(0, 0) == "STATE"
    assert session.weight(0, 1) == "STATE"
    fill_zeros(session, 0)
    finish(f, session, "no weights", "WrongPhase")


def pieces(f, p):
    """7.1: supply wrong runs of entries."""
    session = new_session(f, p, "pieces")
    session.weight(0, 1)
    length = p.segments[0].length
    for segment in (3, 4, 2**32 - 1):
        assert input_of(session, segment, [0]) == "ARG"
    for offset, count in ((0, length + 1), (length, 1), (length - 1, 2),
                          (2**40, 1)):
        assert session.input(0, 0, offset, [0] * count) == "SIZE"
    top = 2**p.segments[0].bits
    for bad in (top, top + 1, 2**64 - 1):
        assert session.input(0, 0, 0, [1, bad, 2]) == "VALUE"
    for bad in (math.nan, math.inf, -math.inf):
        assert session.input(0, 1, 0, [0.0, bad]) == "VALUE"
        assert session.input(0, 2, 3, [bad]) == "VALUE"
    session.input(0, 0, 5, [7, 8, 9])
    for offset, count in ((5, 1), (4, 2), (7, 2), (0, length)):
        assert session.input(0, 0, offset, [1] * count) == "STATE"
    session.input(0, 0, 8, [1] * (length - 8))
    session.input(0, 0, 0, [2] * 5)
    fill_zeros(session, 0, (0,))
    finish(f, session, "pieces", "WrongRange")


def input_of(session, segment, values):
    """7.1: supply integers for a segment, which need not exist; return the
    error."""
    return session.record("input", session.clients[0].input, segment, 0,
                          values, client=0, segment=segment, offset=0,
                          values="0" * 16)[1]


def order(f, p):
    """9.1: ask for messages and supply input too early or too late."""
    session = new_session(f, p, "order")
    for u in (1, 2):
        supply_input(session, u)
    c = session.clients[0]
    assert session.client_send(0) and not session.client_send(0)
    session.server_recv(0, c.made)
    for u in (1, 2):
        session.up(u)
    session.close_phase()
    for u in range(3):
        session.exchange(u, True)
    session.close_phase()
    session.down(0)
    assert session.client_send(0) is None
    assert session.operations[-1]["error"] == "INPUT_DUE"
    session.weight(0, 1)
    session.input(0, 0, 0, [0] * p.segments[0].length)
    session.input(0, 1, 0, [0.0] * p.segments[1].length)
    assert session.client_send(0) is None
    session.input(0, 2, 0, [0.25] * p.segments[2].length)
    made = session.client_send(0)
    assert session.input(0, 2, 0, [0.25]) == "STATE"
    assert input_of(session, 9, [0]) == "STATE"
    assert session.input(0, 0, 0, [2**64 - 1]) == "STATE"
    assert session.weight(0, 1) == "STATE"
    relay = session.server_send(0)
    assert session.client_recv(0, relay) == ""
    assert session.client_send(0) == made
    altered = relay[:-1] + bytes([relay[-1] ^ 1])
    assert session.client_recv(0, altered) == "STATE"
    assert session.client_send(0) is None
    assert session.operations[-1]["error"] == ""
    session.server_recv(0, made)
    assert session.server_recv(0, made) == "REPEAT"
    for u in (1, 2):
        session.exchange(u, True)
    session.close_phase()
    session.run()
    assert session.server.phase == "DONE"
    for segment in (0, 9):
        assert input_of(session, segment, [0]) == "STATE"
    assert session.weight(0, 1) == session.weight(0, 6) == "STATE"
    assert session.set_part_size(0, 512) == "STATE"
    assert session.set_part_size(0, 1) == "STATE"
    last = session.clients[0].accepted
    assert session.client_recv(0, last) == "" and session.client_send(0)
    assert not session.client_send(0)
    f.add(session, "mode %d, order" % p.mode, "WrongPhase Repeat")


def parts(f, p):
    """8.7, 9.1: set wrong sizes of parts, and supply entries of parts that are
    not due. The first error of 9.1 that applies is the error."""
    session = new_session(f, p, "parts")
    for entries in (0, 1, 511, 513, 1000, 512 * 2**32):
        assert session.set_part_size(0, entries) == "ARG"
    assert session.set_part_size(0, 512 * (2**32 - 1)) == ""
    supply_input(session, 0, 1024)
    for entries in (512, 0, 513):
        assert session.set_part_size(0, entries) == "STATE"
    finish(f, session, "parts", "Parts WrongRange")
    session = new_session(f, p, "weight before the size of a part")
    session.weight(0, 1)
    assert session.set_part_size(0, 512) == "STATE"
    fill_zeros(session, 0)
    finish(f, session, "weight before the size of a part", "Parts WrongPhase")
    due_parts(f, p)
    least_part(f)
    missing_weight(f)
    entries_before_size(f)


def due_parts(f, p):
    """9.1: supply entries of parts in and out of turn. Each lane of `p` has
    one block. In order they have the weight, segment 1, 0 and 2."""
    session = new_session(f, p, "due parts")
    session.set_part_size(0, 512)
    length = p.segments[2].length
    for wrong, error in (([0.5], "STATE"), ([math.nan], "STATE"),
                         ([0.5] * (length + 1), "SIZE")):
        assert session.input(0, 2, 0, wrong) == error
    for u in (1, 2):
        supply_input(session, u)
    for _ in range(2):
        session.run_phase()
    session.exchange(0, True)
    assert session.input(0, 1, 0, [0.25]) == "STATE"
    session.weight(0, 1)
    assert session.input(0, 1, 0, [0.25]) == "STATE"
    assert session.up(0) == ""
    session.input(0, 1, 1, [0.25] * (p.segments[1].length - 1))
    assert session.input(0, 1, 1, [math.inf]) == "VALUE"
    assert session.input(0, 1, 1, [0.25]) == "STATE"
    assert session.client_send(0) is None
    session.input(0, 1, 0, [-0.25])
    assert session.up(0) == ""
    assert session.input(0, 1, 0, [-0.25]) == "STATE"
    assert session.input(0, 2, 0, [0.5]) == "STATE"
    session.input(0, 0, 0, [3] * p.segments[0].length)
    assert session.up(0) == ""
    session.input(0, 2, 0, [0.5] * length)
    assert session.up(0) == ""
    assert session.input(0, 2, 0, [0.5]) == "STATE"
    session.run()
    assert session.server.phase == "DONE"
    f.add(session, "parts in and out of turn", "Parts WrongPhase")


def least_part(f):
    """8.7: set parts below and at the least size of an input of 131,071
    blocks. No client sends anything."""
    p = parameters("least part", 3, 2, (Segment(131070 * 512 + 1, INTEGER, 1),
                                        ), min_survivors=3)
    session = RecordedSession(p, f.out.name + " least part")
    for entries in (512, 1024):
        assert session.set_part_size(0, entries) == "ARG"
    assert session.set_part_size(0, 1536) == ""
    assert session.set_part_size(1, 512) == "ARG"
    assert session.input(1, 0, 131070 * 512, [1]) == ""
    assert session.close_phase() == "THRESHOLD"
    f.add(session, "parts below the least size", "Parts WrongRange TooFew")


def missing_weight(f):
    """7.3, 9.1: ask for part 0, which is complete and has no weight in it,
    before there is a weight. Then supply entries of a part that was made: they
    are not of the part that is due, whatever their values."""
    p = parameters("missing weight", 3, 3, (LONG, REALS), max_weight=5)
    assert p.lanes.ranges(0, 1)[0][0] == LONG.bits
    session = RecordedSession(p, f.out.name + " missing weight")
    session.set_part_size(0, 1024)
    session.input(0, 0, 0, [1] * LONG.length)
    for segment, offset in ((0, 0), (0, LONG.length), (1, 5)):
        assert session.input(0, segment, offset, []) == ""
    assert session.input(0, 0, LONG.length + 1, []) == "SIZE"
    for u in (1, 2):
        supply_input(session, u)
    for _ in range(2):
        session.run_phase()
    session.down(0)
    for _ in range(2):
        assert session.client_send(0) is None
        assert session.operations[-1]["error"] == "INPUT_DUE"
    session.weight(0, 2)
    assert session.up(0) == ""
    for values in ([1], [2**LONG.bits]):
        assert session.input(0, 0, 0, values) == "STATE"
    assert session.client_send(0) is None
    assert session.operations[-1]["error"] == "INPUT_DUE"
    session.input(0, 1, 0, [0.5] * REALS.length)
    assert session.up(0) == ""
    for u in (1, 2):
        session.exchange(u, True)
    session.close_phase()
    session.run()
    assert session.server.phase == "DONE"
    f.add(session, "part 0 without a weight", "Parts WrongPhase")


def entries_before_size(f):
    """9.1: set the size of parts after an entry of one of two segments was
    supplied."""
    p = parameters("entries before size", 3, 3, (LONG, REALS))
    session = RecordedSession(p, f.out.name + " entries before size")
    session.input(0, 1, 3, [0.5])
    assert session.set_part_size(0, 512) == "STATE"
    session.input(0, 1, 0, [0.5] * 3)
    session.input(0, 1, 4, [0.5] * (REALS.length - 4))
    fill_zeros(session, 0, (1,))
    finish(f, session, "entries before the size of a part",
           "Parts WrongPhase")
