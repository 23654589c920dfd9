# SPDX-License-Identifier: Apache-2.0
"""Make sessions_spent.json: sessions that tell when a vector is spent
(11.4)."""
import messages as m
from cheating_clients import dealers, inconsistent_dealer
from session_builder import (LONG, NUMBERS, SessionFile, parameters,
                             run_to, start_session)


def ask_all(session, expected):
    """Record for all clients whether their vectors are spent."""
    for u in range(session.p.clients):
        if u not in session.unrecorded:
            assert session.spent(u) == expected.get(u, expected["all"])


def each_step(f, mode):
    """11.4: add a session that asks after each step of client 0."""
    p = parameters("%s%d" % (f.out.name, mode), 4, 3, (NUMBERS,), mode=mode,
                   corrupt=1)
    session = start_session(f, p, "steps %d" % mode)
    while session.server.phase not in ("DONE", "FAILED"):
        if session.server.phase != "KEYS":
            session.down(0)
            session.spent(0)
        message = session.client_send(0)
        session.spent(0)
        session.server_recv(0, message)
        session.spent(0)
        session.run_phase({0})
        session.spent(0)
    ask_all(session, {"all": "UNMASK"})
    f.add(session, "mode %d, asked after each step" % mode, "Spent")


def in_parts(f):
    """11.4: add a session that asks after each part, whose client 2 does not
    finish its parts."""
    p = parameters(f.out.name + " parts", 4, 3, (LONG,), corrupt=1,
                   min_survivors=3)
    session = start_session(f, p, "parts", part_sizes={1: 512, 2: 512})
    run_to(session, "INPUT")
    for u in (1, 2):
        session.down(u)
        assert session.spent(u) == "NOTHING"
        session.up(u)
        assert session.spent(u) == "INPUT"
    session.supply_next_part(1)
    session.up(1)
    session.run_phase({1, 2})
    session.run()
    ask_all(session, {"all": "UNMASK", 2: "INPUT"})
    f.add(session, "in parts, some never sent", "Spent Parts Dropout")


def after_failure(f):
    """11.4: add sessions that fail before INPUT, after it, and in UNMASK."""
    p = parameters(f.out.name + " failure", 4, 3, (NUMBERS,), corrupt=1,
                   min_survivors=3)
    five = parameters(f.out.name + " five", 5, 4, (NUMBERS,), corrupt=1)
    session = start_session(f, five, "failure in INPUT",
                            dealers({1, 3}, 0, 4))
    session.run()
    assert session.server.phase == "FAILED"
    ask_all(session, {"all": "INPUT", 1: "NOTHING", 3: "NOTHING"})
    f.add(session, "two fail in INPUT", "Spent TooFew Dispute")
    session = start_session(f, p, "failure in UNMASK")
    run_to(session, "UNMASK")
    abort = m.encode_message(p, m.ABORT_FROM_SERVER, 3, m.Abort(23).encode())
    session.client_recv(3, abort)
    session.up(3)
    session.run()
    ask_all(session, {"all": "UNMASK", 3: "INPUT"})
    f.add(session, "one fails in UNMASK", "Spent Abort")


def sums_that_exist(f):
    """11.4: add sessions that end without a sum although it can be had from
    their messages, and the one that must not follow with the same vectors."""
    p = parameters(f.out.name + " retry", 12, 9, (NUMBERS,), corrupt=4)
    session = start_session(f, p, "retry")
    run_to(session, "UNMASK")
    for u in range(12):
        session.down(u)
        if u < 8:
            session.up(u)
        else:
            session.client_send(u)
    session.close_phase()
    ask_all(session, {"all": "UNMASK"})
    f.add(session, "four UNMASKs come too late", "Spent TooFew")
    session = start_session(f, p, "colluder", {3: inconsistent_dealer(0)})
    session.run()
    ask_all(session, {"all": "UNMASK"})
    f.add(session, "a commitment of another secret", "Spent LyingDealer")


def spent(name):
    """Make the file of sessions that tell when vectors are spent."""
    f = SessionFile(name)
    for mode in (0, 1):
        each_step(f, mode)
    in_parts(f)
    after_failure(f)
    sums_that_exist(f)
    return f
