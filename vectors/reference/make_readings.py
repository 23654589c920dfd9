# SPDX-License-Identifier: Apache-2.0
"""Make sessions_readings.json: sessions that tell readings of the protocol
apart which most sessions do not. Each is named after what is right."""
import itertools

import messages as m
import schedule
from cheating_clients import (cheating_dealer, cheating_responder, dealers,
                              false_complainer, inconsistent_dealer)
from client import Client
from schedule import bitmap
from session_builder import (LONG, NUMBERS, SessionFile, parameters, run_to,
                             start_session)


def thin_ring(f, name):
    """Return parameters of a ring in which each client has two peers."""
    return parameters(f.out.name + name, 12, 2, (NUMBERS,), neighbours=2,
                      min_survivors=2)


def client_checks_connectivity(f):
    """8.8, check 3: send a client a U3 that is large enough and falls
    apart."""
    p = thin_ring(f, "cut")
    session = start_session(f, p, "cut")
    run_to(session, "UNMASK")
    graph = session.clients[0].graph
    far = [v for v in range(12) if v and v not in graph.peers(0)]
    v = far[0]
    w = next(x for x in far if x != v and x not in graph.peers(v))
    u3 = bitmap(12, set(range(12)) - {v, w})
    cut = m.encode_message(p, m.SURVIVORS, 0, u3)
    assert session.client_recv(0, cut) == "THRESHOLD"
    session.up(0)
    session.run({0: "UNMASK"})
    assert session.server.phase == "DONE"
    f.add(session, "a client requires that U3 is connected", "Dropout TooFew")


def no_roster_before_keys(f):
    """9.1, event 5: give a client a ROSTER that has its points before it has
    made KEYS."""
    p = parameters(f.out.name + "early", 3, 3, (NUMBERS,), corrupt=1)
    session = start_session(f, p, "early")
    twin = Client(p, 2, session.seeds[2])
    for u in (0, 1):
        session.up(u)
    session.server_recv(2, twin.send())
    session.close_phase()
    assert session.down(2) == "STATE"
    assert session.client_send(2)
    session.run()
    assert session.server.phase == "DONE"
    f.add(session, "a client accepts no ROSTER before its KEYS is made",
          "WrongPhase")


def active_minimum(f):
    """9.4: in active mode max(t, min_survivors) dealers are needed: the
    client's shares of two dealers of seven do not open."""
    p = parameters(f.out.name + "active", 7, 4, (NUMBERS,), mode=1,
                   min_survivors=6)
    f.run("in active mode G_v has min_survivors dealers", "Complaint TooFew",
          p, classes=dealers({0}, 1, 2))


def counted_on(f):
    """9.5 (2): clients 0 and 1 complain of two each, and with two dropouts
    have fewer than t dealers left; every secret has t holders."""
    p = parameters(f.out.name + "counted", 8, 5, (NUMBERS,), corrupt=1)
    f.run("a holder that will have too few dealers does not count",
          "Complaint Dropout TooFew", p, {6: "INPUT", 7: "INPUT"},
          classes={0: false_complainer({2, 3}), 1: false_complainer({4, 5})})


def aborts_count(f):
    """9.5 (2): client 2 of three sends ABORT after its INPUT."""
    p = parameters(f.out.name + "abort", 3, 3, (NUMBERS,), corrupt=1)
    session = start_session(f, p, "abort")
    run_to(session, "INPUT")
    for u in range(3):
        session.exchange(u, True)
    abort = m.encode_message(p, m.ABORT_FROM_CLIENT, 2, m.Abort(21).encode())
    session.server_recv(2, abort)
    assert session.close_phase() == "THRESHOLD"
    session.deliver_aborts({2})
    f.add(session, "a holder that sent ABORT does not count", "Abort TooFew")


def tested_again(f):
    """9.5 (3): a dealer has t holders in U3, and fewer in U4."""
    p = parameters(f.out.name + "again", 6, 4, (NUMBERS,), mode=1, corrupt=1,
                   min_survivors=4)
    f.run("the holders are counted again when CONFIRM is closed",
          "Complaint Dropout TooFew", p, {5: "CONFIRM"},
          classes={2: cheating_dealer({0, 4}, "seal")})


def cheat_first(f):
    """9.5 (6): beta_0 and beta_5 have too few shares, and that of client 3 is
    not the one of its commitment."""
    p = parameters(f.out.name + "cheat", 6, 4, (NUMBERS,), corrupt=1)
    classes = {u: cheating_responder({0, 5}) for u in (1, 2, 4)}
    f.run("CHEAT comes before THRESHOLD", "LyingDealer LyingResponder TooFew",
          p, classes={**classes, 3: inconsistent_dealer(0)})


def no_needless_secret(f):
    """9.5: client 0 drops out after SHARES, and its peers before: nobody in U3
    has a pair mask with it."""
    p = thin_ring(f, "needless")
    session = start_session(f, p, "needless")
    run_to(session, "SHARES")
    absent = session.server.graph.peers(0)
    while session.server.phase not in ("DONE", "FAILED"):
        session.run_phase(absent)
    assert session.server.phase == "DONE" and len(session.server.u3) == 9
    f.add(session, "omega of a client without peers in U3 is not needed",
          "Dropout")


def repeated_part(f):
    """9.3: RELAY once more makes the part made last due again, with the same
    bytes, until an entry of the next one is supplied."""
    p = parameters(f.out.name + "part", 3, 3, (LONG,), corrupt=1)
    session = start_session(f, p, "part", part_sizes={0: 512})
    run_to(session, "INPUT")
    session.down(0)
    relay = session.clients[0].accepted
    assert session.client_recv(0, relay) == ""
    part = session.client_send(0)
    assert session.client_recv(0, relay) == ""
    assert session.client_send(0) == part
    session.server_recv(0, part)
    rest = session.later_parts[0].pop(0)[0]
    assert session.client_recv(0, relay) == ""
    session.input(0, rest[0], rest[1], rest[2][:1])
    assert session.client_send(0) is None
    assert session.client_recv(0, relay) == ""
    assert session.client_send(0) is None
    session.input(0, rest[0], rest[1] + 1, rest[2][1:])
    last = session.client_send(0)
    assert last and last != part
    assert session.client_recv(0, relay) == ""
    assert session.client_send(0) == last
    session.server_recv(0, last)
    for u in (1, 2):
        session.exchange(u, True)
    session.close_phase()
    session.run()
    assert session.server.phase == "DONE"
    f.add(session, "RELAY once more repeats a part until the next is begun",
          "Parts Repeat")


def identities_before_numbers(f):
    """8.3, checks 5 and 6: send a client a ROSTER of two of four, one of which
    has not signed its keys."""
    p = parameters(f.out.name + "roster", 4, 3, (NUMBERS,), mode=1, corrupt=1)
    session = start_session(f, p, "roster")
    run_to(session, "SHARES")
    r = m.decode_roster(p, session.server.send(0)[48:])
    rows = {e[0]: e for e in r.entries[:2]}
    rows[1] = (*rows[1][:4], bytes(64), rows[1][5])
    root = schedule.roster_root(4, {u: schedule.roster_entry(*e)
                                    for u, e in rows.items()})
    body = m.Roster(r.graph_seed, root, 2, list(rows.values())).encode()
    roster = m.encode_message(p, m.ROSTER, 0, body)
    assert session.client_recv(0, roster) == "AUTH"
    session.up(0)
    session.run({0: "SHARES"})
    assert session.server.phase == "DONE"
    f.add(session, "identities in ROSTER are checked before the numbers",
          "WrongSignature TooFew")


def u2_within_u1(f):
    """8.5, check 2: send a client on the ring a U2 that has two more clients
    than U1, of which it knows nothing."""
    p = parameters(f.out.name + "u2", 12, 4, (NUMBERS,), neighbours=6,
                   min_survivors=6)
    for absent in map(set, itertools.combinations(range(1, 12), 2)):
        session = start_session(f, p, "u2")
        session.run_phase(absent)
        if not absent & session.server.graph.peers(0):
            break
    session.run_phase(absent)
    good = session.server.send(0)
    body = bitmap(12, set(range(12))) + good[48 + 2:]
    relay = m.encode_message(p, m.RELAY, 0, body)
    assert session.client_recv(0, relay) == "MESSAGE"
    session.up(0)
    session.run({0: "INPUT", **dict.fromkeys(absent, "INPUT")})
    assert session.server.phase == "DONE"
    f.add(session, "on the ring U2 is not larger than U1", "WrongSet Dropout")


def own_signature(f):
    """8.10, check 3: with the own signature, which is not verified, exactly t
    are valid; listed with other bytes, and not listed."""
    p = parameters(f.out.name + "own", 4, 3, (NUMBERS,), mode=1, corrupt=1)
    for listed in (True, False):
        session = start_session(f, p, "own %d" % listed)
        run_to(session, "CONFIRM")
        session.run_phase({3})
        rows = [(u, bytes(64) if u == 0 else sig) for u, sig in
                m.decode_signatures(session.server.send(0)[48:])]
        body = m.encode_signatures(rows if listed else rows[1:])
        message = m.encode_message(p, m.SIGNATURES, 0, body)
        assert session.client_recv(0, message) == ""
        session.server_recv(0, session.client_send(0))
        session.run_phase({0, 3})
        assert session.server.phase == "DONE"
        f.add(session, "the own signature counts, %s" % (
            "if other bytes are listed" if listed else "if it is not listed"),
              "WrongSignature" if listed else "Normal")


def own_signature_once(f):
    """8.10, check 3: the own signature and that of t - 2 others."""
    p = parameters(f.out.name + "once", 4, 3, (NUMBERS,), mode=1, corrupt=1)
    session = start_session(f, p, "once")
    run_to(session, "CONFIRM")
    session.run_phase()
    rows = m.decode_signatures(session.server.send(0)[48:])[:2]
    message = m.encode_message(p, m.SIGNATURES, 0, m.encode_signatures(rows))
    assert session.client_recv(0, message) == "THRESHOLD"
    session.up(0)
    session.run_phase({0})
    assert session.server.phase == "DONE"
    f.add(session, "the own signature counts once", "TooFew")


def header_first(f):
    """9.2, events 3 and 4: a client that is out sends a message with a wrong
    header."""
    p = parameters(f.out.name + "out", 4, 3, (NUMBERS,), corrupt=1)
    session = start_session(f, p, "out")
    keys = session.client_send(3)
    session.run_phase({3})
    assert session.server_recv(3, keys) == "STATE"
    assert session.server_recv(3, keys[:-1]) == "MESSAGE"
    session.run({3: "SHARES"})
    f.add(session, "the header is checked before who is out",
          "WrongHeader Dropout")


def readings(name):
    """Make the file."""
    f = SessionFile(name)
    client_checks_connectivity(f)
    no_roster_before_keys(f)
    active_minimum(f)
    counted_on(f)
    aborts_count(f)
    tested_again(f)
    cheat_first(f)
    no_needless_secret(f)
    repeated_part(f)
    identities_before_numbers(f)
    u2_within_u1(f)
    own_signature(f)
    own_signature_once(f)
    header_first(f)
    return f
