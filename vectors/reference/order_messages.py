# SPDX-License-Identifier: Apache-2.0
"""Messages that several checks reject, of which the first gives the error, and
messages at minimum numbers that other groups do not have (8, 9)."""
import copy

import messages as m
from altered_any_message import flip_bit, overwrite, with_body
from altered_identities import FORGER, signed
from altered_server_messages import at_entry, rebuilt, relay, with_point
from cheating_clients import dealers
from hashes import be32
from params import INTEGER, Segment
from recorded_session import RecordedSession
from schedule import bitmap
from session_builder import parameters, run_to, supply_input

TINY = Segment(10, INTEGER, 3)


def new_session(name, p, classes=None):
    """Return a session whose clients have their input."""
    session = RecordedSession(p, "messages " + name, classes=classes)
    for u in range(p.clients):
        supply_input(session, u)
    return session


# The client

def roster_before_keys(file):
    """9.1, event 4: ROSTER for a client whose KEYS is not made."""
    p = parameters("messages early", 4, 3, (TINY,), min_survivors=3)
    session = new_session("early", p)
    ready = copy.deepcopy(session.clients[2])
    session.run_phase()
    roster = session.server.send(2)
    session.clients[2] = ready
    session.operations = []
    file.client_group(session, 2, [
        ("ROSTER before KEYS is made", "WrongPhase", roster)])


def rosters_with_two_faults(file):
    """8.3: ROSTERs of active mode with two faults: points, roster_root,
    identities, signatures, numbers, in this order."""
    p = parameters("messages two faults", 5, 3, (TINY,), mode=1,
                   min_survivors=4)
    session = new_session("two faults", p)
    session.run_phase()
    good = session.server.send(2)
    entries = m.decode_roster(p, good[48:]).entries
    _, *row = entries[0]
    few = three(entries)
    forged = at_entry(entries, 0, signed(session, 0, FORGER, tuple(row)))
    unsigned = at_entry(entries, 0, (*row[:3], bytes(64), row[4]))
    low = bytes([1]) + bytes(31)
    both = at_entry(unsigned, 1, signed(session, 1, FORGER, entries[1][1:]))
    file.client_group(session, 2, [
        ("too few entries, and a stranger's identity", "TooFew UntrustedKey",
         rebuilt(session, good, three(forged))),
        ("too few entries, and a signature that is not valid",
         "TooFew WrongSignature", rebuilt(session, good, three(unsigned))),
        ("too few entries, and a point of low order", "TooFew LowOrder",
         rebuilt(session, good, with_point(few, 0, "enc", low))),
        ("a wrong root, and a signature that is not valid",
         "WrongDigest WrongSignature", flip_bit(rebuilt(
             session, good, unsigned), 80)),
        ("a wrong root, and a stranger's identity", "WrongDigest UntrustedKey",
         flip_bit(rebuilt(session, good, forged), 80)),
        ("a wrong root, and too few entries", "WrongDigest TooFew",
         flip_bit(rebuilt(session, good, few), 80)),
        ("a stranger's identity after a signature that is not valid",
         "UntrustedKey WrongSignature", rebuilt(session, good, both)),
        ("three entries", "TooFew", rebuilt(session, good, few)),
        ("four entries", "Normal", rebuilt(session, good, entries[:4]))])


def three(entries):
    """Return the entries of three clients, the receiver among them."""
    return [e for e in entries if e[0] in (0, 2, 3)]


def relays_of_ring(file):
    """8.5: RELAYs of a ring whose U2 is larger than U1, or has a peer that
    ROSTER did not list. One client is absent."""
    p = parameters("messages far", 9, 3, (TINY,), neighbours=4,
                   min_survivors=5)
    session = new_session("far", p)
    session.run_phase({7})
    session.run_phase({7})
    everybody = set(range(9))
    far = [v for v in range(9) if v != 7 and 7 not in
           session.server.graph.peers(v)][0]
    near = min(session.server.graph.peers(7))
    for u in (far, near):
        good = session.server.send(u)
        pairs = m.decode_relay(p, good[48:]).pairs
        rows = [("all of U1 in U2", "Normal", good),
                ("more in U2 than in U1", "WrongSet",
                 relay(session, good, everybody, pairs)),
                ("one in U2 that is not in U1, in the place of one that is",
                 "WrongSet" if u == near else "Normal",
                 relay(session, good, swapped_far(session, u), pairs)),
                ("the same, with its shares", "WrongSet",
                 relay(session, good, swapped_far(session, u),
                       with_shares_of(7, pairs)))]
        file.client_group(session, u, rows)


def swapped_far(session, u):
    """Return U1 with client 7 in the place of one that is no peer of u."""
    graph = session.server.graph
    gone = max(session.server.u1 - graph.peers(u) - {u})
    return session.server.u1 - {gone} | {7}


def with_shares_of(u, pairs):
    """Return pairs with sealed shares of client u in their place."""
    return sorted(pairs + [(u, bytes(48), bytes(48))])


def relays_of_absent(file):
    """8.5, check 2: RELAYs of the complete graph with a client in U2 that is
    not in U1, with and without its shares."""
    p = parameters("messages not in U1", 6, 4, (TINY,), min_survivors=4)
    session = new_session("not in U1", p)
    for _ in range(2):
        session.run_phase({4})
    good = session.server.send(2)
    pairs = m.decode_relay(p, good[48:]).pairs
    for u2 in (range(6), (1, 2, 3, 4, 5)):
        some = [pair for pair in pairs if pair[0] in u2]
        file.client_group(session, 2, [
            ("U2 of %d with one that is not in U1, %s its shares" % (
                len(u2), name), "WrongSet",
             relay(session, good, set(u2), those))
            for name, those in (("without", some),
                                ("with", with_shares_of(4, some)))])


def relays_at_minimum(file):
    """8.5, 9.4: RELAYs with U2 and G_v at their minimum numbers and below,
    where t, min_survivors and the number of dealers differ."""
    for mode in (0, 1):
        p = parameters("messages least %d" % mode, 7, 4, (TINY,), mode=mode,
                       min_survivors=5)
        session = new_session("least %d" % mode, p)
        session.run_phase()
        session.run_phase()
        good = session.server.send(2)
        pairs = m.decode_relay(p, good[48:]).pairs
        rows = []
        for size in (4, 5, 6, 7):
            u2 = {2} | {v for v, _, _ in pairs[:size - 1]}
            for bad in range(4):
                some = [(v, flip_bit(b, 0), o) if i < bad else (v, b, o)
                        for i, (v, b, o) in enumerate(pairs[:size - 1])]
                enough = size >= 5 and size - bad >= (5 if mode else 4)
                rows.append(("U2 of %d, %d do not open" % (size, bad),
                             "Complaint" if enough else "TooFew",
                             relay(session, good, u2, some)))
        for bad in (2, 3, 4):
            some = [(v, b, flip_bit(o, 0)) if i < bad else (v, b, o)
                    for i, (v, b, o) in enumerate(pairs)]
            enough = 7 - bad >= (5 if mode else 4)
            rows.append(("%d omegas do not open" % bad,
                         "Complaint" if enough else "TooFew",
                         relay(session, good, set(range(7)), some)))
        rows.append(("one share too few, and none opens", "WrongSet TooFew",
                     relay(session, good, set(range(7)), [
                         (v, flip_bit(b, 0), o) for v, b, o in pairs[1:]])))
        rows.append(("U2 too small, and without the receiver",
                     "WrongSet TooFew",
                     relay(session, good, {0}, pairs[:1])))
        file.client_group(session, 2, rows)


def survivors_at_minimum(file):
    """8.8, 9.4: SURVIVORS with U3 and the dealers in it at their minimum
    numbers and below. The shares of one dealer did not open."""
    for mode in (0, 1):
        p = parameters("messages last %d" % mode, 8, 5, (TINY,), mode=mode,
                       min_survivors=6)
        session = new_session("last %d" % mode, p, dealers({2}, 7))
        run_to(session, "CONFIRM" if mode else "UNMASK")
        good = session.server.send(2)
        rows = []
        for size in (4, 5, 6, 7, 8):
            for with_liar in (False, True):
                u3 = {2} | set([v for v in (7, 6, 5, 4, 3, 1, 0)
                                if v != 7 or with_liar][:size - 1])
                good_ones = len(u3 - {7})
                enough = len(u3) >= 6 and good_ones >= (6 if mode else 5)
                rows.append(("U3 of %d, of which %d dealers" % (
                    len(u3), good_ones), "Dropout" if enough else "TooFew",
                             with_body(good, bitmap(8, u3))))
        rows.append(("too few, and without the receiver", "WrongSet TooFew",
                     with_body(good, bitmap(8, {0, 1}))))
        file.client_group(session, 2, rows)


def survivors_of_ring(file):
    """8.8, 5.5: SURVIVORS of a ring that falls apart, and of one that does
    not."""
    p = parameters("messages thin", 12, 2, (TINY,), neighbours=2,
                   min_survivors=4)
    session = new_session("thin", p)
    for _ in range(3):
        session.run_phase()
    perm = session.server.graph.perm
    at = session.server.graph.position[2]
    good = session.server.send(2)
    rows = []
    for gone, flags in (((), "Normal"), ((4,), "Dropout"), ((4, 5), "Dropout"),
                        ((4, 6), "TooFew"), ((3, 9), "TooFew"),
                        ((3, 4, 5, 6, 7), "Dropout"),
                        ((3, 4, 5, 7, 8), "TooFew")):
        u3 = set(range(12)) - {perm[(at + i) % 12] for i in gone}
        rows.append(("without the clients at %s from the receiver" % (
            ", ".join(map(str, gone)) or "no place"), flags,
                     with_body(good, bitmap(12, u3))))
    file.client_group(session, 2, rows)


def own_signatures(file):
    """8.10: SIGNATURES with t - 1 valid ones of others, and with fewer. The
    receiver's own counts once, valid or not, listed or not."""
    p = parameters("messages own", 5, 3, (TINY,), mode=1, min_survivors=3)
    session = new_session("own", p)
    for _ in range(4):
        session.run_phase()
    good = session.server.send(2)
    signatures = m.decode_signatures(good[48:])
    rows = []
    for broken in (2, 3):
        others = [(v, bytes(64) if i < broken else s) for i, (v, s) in
                  enumerate(x for x in signatures if x[0] != 2)]
        own = dict(signatures)[2]
        for name, mine in (("listed", [(2, own)]), ("not listed", []),
                           ("not valid", [(2, bytes(64))])):
            rows.append(("%d of others, the own one is %s" % (
                4 - broken, name), "Normal" if broken == 2 else "TooFew",
                with_body(good, m.encode_signatures(sorted(others + mine)))))
    file.client_group(session, 2, rows)


# The server

def messages_of_absent_clients(file):
    """9.2, events 1 to 4: messages of clients that are out or sent ABORT, and
    to a server whose session is over, with headers that are wrong."""
    p = parameters("messages out", 5, 3, (TINY,), min_survivors=3)
    session = new_session("out", p)
    session.run_phase({4})
    session.run_phase({4})
    abort = m.encode_message(p, m.ABORT_FROM_CLIENT, 3, m.Abort(23).encode())
    assert session.server_recv(3, abort) == ""
    good = session.clients[0].made
    file.server_group(session, list(rows_of_absent(p, good, (3, 4))))
    session.run({3: "INPUT", 4: "KEYS"})
    assert session.server.phase == "DONE"
    file.server_group(session, list(rows_of_absent(p, good, (0, 3, 4))))
    failed = new_session("failed", p)
    assert failed.close_phase() == "THRESHOLD"
    file.server_group(failed, list(rows_of_absent(p, good, (0,))))


def rows_of_absent(p, good, clients):
    """Yield messages of clients, right and with a wrong header."""
    yield "of nobody", "WrongRange", p.clients, good
    for u in clients:
        text = overwrite(good, 32, be32(u))
        yield "of client %d" % u, "WrongPhase", u, text
        yield "of client %d, no header" % u, "WrongHeader", u, text[:47]
        yield "of client %d, version 2" % u, "WrongHeader", u, \
            overwrite(text, 1, b"\2")
        yield "of client %d, ABORT" % u, "WrongPhase Abort", u, \
            m.encode_message(p, m.ABORT_FROM_CLIENT, u, m.Abort(23).encode())


def order_groups(file):
    """Add all groups."""
    before = file.out.count
    roster_before_keys(file)
    rosters_with_two_faults(file)
    relays_of_ring(file)
    relays_of_absent(file)
    relays_at_minimum(file)
    survivors_at_minimum(file)
    survivors_of_ring(file)
    own_signatures(file)
    messages_of_absent_clients(file)
    check_flags(file.out.tests()[before:])


def check_flags(tests):
    """Compare the errors with what the flags demand."""
    for test in tests:
        flags = set(test["flags"])
        if flags <= {"Normal", "Dropout", "Complaint"}:
            assert test["error"] == "", test["comment"]
        elif flags == {"TooFew"}:
            assert test["error"] == "THRESHOLD", test["comment"]
        else:
            assert test["error"] not in ("", "THRESHOLD"), test["comment"]
