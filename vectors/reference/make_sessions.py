# SPDX-License-Identifier: Apache-2.0
"""Make sessions_*.json: whole sessions."""
from dataclasses import replace

import make_disputes
import make_dropouts
import make_host_errors
import make_readings
import make_saved
import make_spent
import make_worked
import messages
from cheating_clients import (cheating_dealer, cheating_input,
                              cheating_responder, inconsistent_dealer,
                              wrong_own_share)
from client import Client
from errors import AUTH
from params import INTEGER, NEAREST, REAL, WEIGHTED, Segment
from recorded_session import RecordedSession
from make_trust_sessions import trust_sessions
from session_builder import (COARSE, COUNTS, LONG, MIXED, NUMBERS, REALS,
                              VOTES, WEIGHED, SessionFile, parameters,
                              supply_input)
from vector_file import test_bytes

KINDS_IN_ONE_LANE = (
    Segment(7, REAL, 22, 16, 0, 1.0), Segment(3, INTEGER, 22),
    Segment(9, WEIGHTED, 22, 12, 0, 2.0), Segment(2, INTEGER, 5),
    Segment(5, REAL, 22, 8, NEAREST, 0.5), Segment(6, REAL, 22, 4, 0, 1.0))


def complete(suite, mode, name):
    """Make a file of sessions on the complete graph."""
    f = SessionFile(name)
    base = dict(suite=suite, mode=mode, max_weight=20)
    last = "CONFIRM" if mode else "UNMASK"
    f.run("three clients", "Normal",
          parameters(name + "3", 3, 3, (NUMBERS,), suite=suite, mode=mode,
                     corrupt=1))
    f.run("four clients, all kinds of segments", "Normal",
          parameters(name + "4", 4, 3, MIXED, corrupt=1, **base))
    p = parameters(name + "5", 5, 4, (REALS, WEIGHED), corrupt=1, round=2**63,
                   app_digest=test_bytes("app", 32), **base)
    f.run("client 2 drops out at INPUT, 0 at UNMASK", "Dropout TooFew", p,
          {0: "UNMASK", 2: "INPUT"})
    for phase in ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK"):
        if suite == 1 or phase == "CONFIRM" and not mode:
            continue
        f.run("client 2 drops out at " + phase, "Dropout", p, {2: phase})
        f.run("clients 0 and 2 drop out at " + phase, "Dropout TooFew", p,
              {0: phase, 2: phase})
    p7 = parameters(name + "7", 7, 4, (NUMBERS, COARSE), max_weight=9,
                    suite=suite, mode=mode)
    f.run("dropouts at all phases", "Dropout", p7,
          {0: "INPUT", 3: "SHARES", 6: last})
    if suite == 2 or mode:
        return f
    p12 = parameters(name + "12", 12, 8, (COARSE,), suite=suite,
                     mode=mode, corrupt=3)
    f.run("twelve clients", "Dropout", p12,
          {0: "KEYS", 5: "INPUT", 7: "SHARES", 11: "UNMASK"})
    return f


def cheating(suite, mode, name):
    """Make a file of sessions with complaints, cheating dealers and cheating
    responders."""
    f = SessionFile(name)
    p = parameters(name, 6, 4, (COARSE,), suite=suite, mode=mode,
                   corrupt=1, min_survivors=4)
    f.run("one share does not open", "Complaint", p,
          classes={2: cheating_dealer({4}, "seal")})
    f.run("two shares do not open", "Complaint", p,
          classes={2: cheating_dealer({0, 4}, "seal")})
    f.run("three shares do not open", "Complaint TooFew", p,
          classes={2: cheating_dealer({0, 3, 4}, "seal")})
    if mode:
        return add_active_cheating(f, p)
    f.run("a share does not open, dealer drops out", "Complaint Dropout", p,
          {2: "INPUT"}, classes={2: cheating_dealer({4}, "seal")})
    f.run("one wrong share", "LyingDealer", p,
          classes={1: cheating_dealer({5}, "share")})
    f.run("two wrong shares", "LyingDealer", p,
          classes={1: cheating_dealer({0, 5}, "share")})
    f.run("one wrong share of a mask root", "LyingDealer Dropout", p,
          {1: "INPUT"}, classes={1: cheating_dealer({5}, "share")})
    f.run("a commitment of another root", "LyingDealer", p,
          classes={3: inconsistent_dealer(0)})
    f.run("shares of another mask root, not needed", "LyingDealer", p,
          classes={3: inconsistent_dealer(1)})
    f.run("shares of another mask root", "LyingDealer Dropout", p,
          {3: "INPUT"}, classes={3: inconsistent_dealer(1)})
    f.run("one wrong key", "LyingResponder", p,
          classes={5: cheating_responder({0})})
    f.run("all keys of one wrong", "LyingResponder", p,
          classes={5: cheating_responder(set(range(6)))})
    f.run("three with wrong keys", "LyingResponder TooFew", p,
          classes={u: cheating_responder({0, 1}) for u in (3, 4, 5)})
    f.run("a wrong own share", "LyingDealer",
          p, classes={0: wrong_own_share()})
    f.run("a wrong own share, one missing", "LyingDealer Dropout", p,
          {4: "UNMASK"}, classes={0: wrong_own_share()})
    f.run("a wrong key and a wrong share", "LyingDealer LyingResponder", p,
          classes={5: cheating_responder({0}),
                   1: cheating_dealer({2}, "share")})
    return f


def add_active_cheating(f, p):
    """Add the most important of these sessions in active mode."""
    f.run("one wrong share", "LyingDealer", p,
          classes={1: cheating_dealer({5}, "share")})
    f.run("one wrong share, the holder drops out at CONFIRM",
          "LyingDealer Dropout", p, {5: "CONFIRM"},
          classes={1: cheating_dealer({5}, "share")})
    f.run("two wrong shares", "LyingDealer", p,
          classes={1: cheating_dealer({0, 5}, "share")})
    f.run("shares of another mask root", "LyingDealer Dropout", p,
          {3: "INPUT"}, classes={3: inconsistent_dealer(1)})
    f.run("all keys of one wrong", "LyingResponder", p,
          classes={5: cheating_responder(set(range(6)))})
    return f


def parts(name):
    """Make the file of sessions with inputs in parts."""
    f = SessionFile(name)
    for suite, mode in ((1, 0), (2, 1)):
        p = parameters("%s%d" % (name, suite), 4, 3, (LONG, COARSE, WEIGHED),
                       suite=suite, mode=mode, max_weight=3, corrupt=1)
        tag = "suite %d, " % suite
        f.run(tag + "all in parts of 512", "Parts", p,
              part_sizes=dict.fromkeys(range(4), 512))
        if suite == 1:
            f.run(tag + "parts of 1024, 1536 and 2048, one whole", "Parts", p,
                  part_sizes={0: 1024, 1: 1536, 3: 2048})
        add_unfinished_parts(f, p, tag)
    return f


def lanes(name):
    """Make the file of sessions in which segments share lanes."""
    f = SessionFile(name)
    p = parameters(name + "mixed", 3, 2, tuple(
        Segment(length, INTEGER, b) for b, length in zip(
            (5, 9, 5, 9, 9, 5), (513, 1, 512, 7, 8, 511))), max_weight=170)
    f.run("segments about the end of a block, hidden segment in lane 9",
          "Lanes Blocks", p)
    f.run("the same in parts that end and begin in other lanes",
          "Lanes Blocks Parts", p, part_sizes={0: 512, 1: 1024, 2: 1536})
    for suite in (1, 2):
        p = parameters("%skinds%d" % (name, suite), 3, 2, KINDS_IN_ONE_LANE,
                       suite=suite, max_weight=100)
        add_orders(f, p)
    make_worked.add_worked_sessions(f)
    return f


def add_orders(f, p):
    """Add sessions that differ only in the order in which client 0 is supplied
    with its pieces. Its INPUT is the same in all."""
    inputs = set()
    for order, flags in ((0, "Lanes"), (1, "Lanes"), (7, "Lanes")):
        session = RecordedSession(p, f.out.name + "orders")
        for u in range(3):
            supply_input(session, u, order=order if u == 0 else 0)
        for _ in range(2):
            session.run_phase()
        session.exchange(0, True)
        inputs.add(session.clients[0].made)
        session.run()
        f.add(session, "suite %d, order %d" % (p.suite, order), flags)
    assert len(inputs) == 1


def add_unfinished_parts(f, p, tag):
    """Add a session in which client 2's last part is missing when the phase is
    closed."""
    session = RecordedSession(p, f.out.name + tag)
    for u in range(4):
        supply_input(session, u, 512 if u == 2 else 0)
    session.run_phase()
    session.run_phase()
    for u in (0, 1, 3):
        session.exchange(u, True)
    session.down(2)
    session.up(2)
    session.supply_next_part(2)
    session.up(2)
    session.close_phase()
    session.run({2: "UNMASK" if p.mode == 0 else "CONFIRM"})
    f.add(session, tag + "parts that do not end", "Parts Dropout")


def ranges(name):
    """Make the file of sessions with weights at their bounds, and of those in
    which a client makes a total that no inputs have."""
    f = SessionFile(name)
    segments = tuple(replace(s, bits=bits) for s, bits in (
        (REALS, 24), (WEIGHED, 32), (COUNTS, 20), (VOTES, 9), (NUMBERS, 9)))
    base = dict(suite=1, max_weight=20, corrupt=1)
    p = parameters(name, 4, 3, segments, **base)
    for min_weight in (0, 1):
        q = replace(p, min_weight=min_weight)
        f.run("min_weight %d, weights supplied in any range" % min_weight,
              "WrongRange", q, weights={0: (21, min_weight), 1: (2**64 - 1, 20),
                                        2: (0, 3), 3: (2**32, 7)})
    f.run("all weights are 0", "EdgeCase", p,
          weights={u: (0,) for u in range(4)})
    for segment, s in enumerate(segments):
        f.run("entry 4 of segment %d is over its range" % segment,
              "WrongRange", p,
              classes={2: cheating_input(segment, 4, 2**(s.bits - 1))})
    for weight, comment in ((65, "at the bound of"), (66, "over"),
                            (112, "over")):
        f.run("the weights are %s their range" % comment, "WrongRange", p,
              weights={u: (5,) for u in range(4)},
              classes={1: cheating_input(None, 0, weight)})
    f.run("the weights are below their range", "WrongRange",
          replace(p, min_weight=1), weights={0: (1,), 2: (1,), 3: (1,)},
          classes={1: cheating_input(None, 0, 0)})
    f.run("a dropout leaves the total in its range", "Dropout", p,
          {2: "INPUT"}, classes={2: cheating_input(2, 4, 2**19)})
    return f


def ring(name):
    """Make the file of sessions on the ring."""
    f = SessionFile(name)
    for suite in (1, 2):
        tag = "suite %d, " % suite
        p = parameters("%s%d" % (name, suite), 12, 4, (COARSE, REALS),
                       suite=suite, neighbours=6, min_survivors=7)
        f.run(tag + "dropouts at all phases", "Dropout", p,
              {1: "KEYS", 4: "SHARES", 7: "INPUT", 9: "UNMASK"})
        if suite == 2:
            weighted_ring(f, name, suite, tag)
            continue
        f.run(tag + "too many drop out at INPUT", "Dropout TooFew", p,
              dict.fromkeys((0, 2, 4, 6, 8, 10), "INPUT"))
        weighted_ring(f, name, suite, tag)
        thin = parameters("%st%d" % (name, suite), 12, 2, (NUMBERS,),
                          suite=suite, neighbours=2, min_survivors=2)
        f.run(tag + "it falls apart", "Dropout TooFew", thin,
              dict.fromkeys((1, 4, 9), "INPUT"))
        f.run(tag + "it falls apart before INPUT", "Dropout TooFew", thin,
              dict.fromkeys((1, 4, 9), "SHARES"))
    return f


def weighted_ring(f, name, suite, tag):
    """Add sessions on a ring with weights, parts and cheating dealers."""
    w = parameters("%sw%d" % (name, suite), 8, 3, MIXED, suite=suite,
                   neighbours=4, min_survivors=5, max_weight=100)
    f.run(tag + "weights", "Normal", w, {2: "INPUT", 5: "UNMASK"})
    f.run(tag + "in parts", "Parts", w, {3: "INPUT"},
          part_sizes=dict.fromkeys(range(0, 8, 2), 1024))
    f.run(tag + "a complaint", "Complaint", w,
          classes={6: cheating_dealer(set(range(0, 8, 5)), "seal")})
    f.run(tag + "a wrong share", "LyingDealer", w,
          classes={6: cheating_dealer({0, 2, 4}, "share")})
    return f


def aborts(name):
    """Make the file of sessions in which a client sends ABORT."""
    f = SessionFile(name)
    for mode in (0, 1):
        p = parameters("%s%d" % (name, mode), 4, 3, (NUMBERS,), mode=mode,
                       corrupt=1, suite=1 + mode)
        phases = ("INPUT", "CONFIRM") if mode else (
            "KEYS", "SHARES", "INPUT", "UNMASK")
        for phase in phases:
            for after in (False, True):
                add_abort(f, p, phase, after)
    return f


def add_abort(f, p, phase, after):
    """Add a session in which client 3 sends ABORT in a phase, before or after
    its message."""
    name = "mode %d, ABORT %s the message of %s" % (
        p.mode, "after" if after else "before", phase)
    session = RecordedSession(p, f.out.name + name, classes={3: Client})
    for u in range(4):
        supply_input(session, u)
    while session.server.phase != phase:
        session.run_phase()
    if after:
        session.exchange(3, True)
    c = session.clients[3]
    body = messages.Abort(AUTH.number).encode()
    abort = c.encode_message(messages.ABORT_FROM_CLIENT, body)
    session.server_recv(3, abort)
    if not after:
        session.server_recv(3, abort)
    session.run()
    f.add(session, name, "Abort")


def hosts(name):
    """Make the file of sessions whose hosts make errors."""
    f = SessionFile(name)
    for mode in (0, 1):
        p = parameters("%s%d" % (name, mode), 3, 3, (NUMBERS, COARSE, WEIGHED),
                       mode=mode, max_weight=5)
        bare = parameters("%sbare%d" % (name, mode), 3, 3, (NUMBERS,),
                          mode=mode)
        make_host_errors.order(f, p)
        if not mode:
            make_host_errors.weights(f, p, bare)
            make_host_errors.pieces(f, p)
            make_host_errors.parts(f, p)
    return f


def trust(name):
    """Make the file of sessions about identities and trust."""
    f = SessionFile(name)
    active, semi = (parameters("%s%d" % (name, mode), 3, 3,
                               (NUMBERS, COARSE, WEIGHED), mode=mode,
                               max_weight=5) for mode in (1, 0))
    trust_sessions(f, active, semi)
    return f


def make_sessions():
    """Make all files of sessions."""
    return [
        complete(1, 0, "semihonest_1").out, complete(2, 0, "semihonest_2").out,
        complete(1, 1, "active_1").out, complete(2, 1, "active_2").out,
        cheating(1, 0, "liars_1").out, cheating(2, 1, "liars_2").out,
        parts("parts").out, lanes("lanes").out, ranges("ranges").out,
        ring("ring").out, aborts("aborts").out, hosts("hosts").out,
        trust("trust").out, make_disputes.disputes("disputes").out,
        make_spent.spent("spent").out, make_saved.saved("saved").out,
        make_dropouts.dropouts("dropouts").out,
        make_readings.readings("readings").out]
