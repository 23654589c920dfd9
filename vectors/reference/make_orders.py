# SPDX-License-Identifier: Apache-2.0
"""Make sessions_orders.json: sessions in which the order of two checks, or one
word of a clause, decides (8.7, 9.2, 9.3, 9.5)."""
from altered_client_messages import encode_abort
from cheating_clients import (cheating_responder, dealers,
                              inconsistent_dealer)
from recorded_session import RecordedSession
from session_builder import (LONG, NUMBERS, SessionFile, parameters, run_to,
                             start_session, supply_input)


def finish(f, session, comment, flags, error=""):
    """Add a session that has ended, with this error."""
    assert session.error() == error, (comment, session.error())
    f.add(session, comment, flags)


# 9.5 (2), (3): who can be counted on

def aborts_after_input(f):
    """9.5 (2): add survivors that send ABORT after INPUT. One too many of them
    ends the session when INPUT is closed, before anything is revealed."""
    p = parameters(f.out.name + " aborts", 5, 3, (NUMBERS,), min_survivors=3)
    for count, error in ((2, ""), (3, "THRESHOLD")):
        session = start_session(f, p, "aborts %d" % count)
        run_to(session, "INPUT")
        for u in range(5):
            session.exchange(u, True)
        for u in range(count):
            assert session.server_recv(u, encode_abort(p, u)) == ""
        assert session.close_phase() == error
        session.run()
        finish(f, session, "%d of 5 survivors send ABORT after INPUT" % count,
               "Abort TooFew" if error else "Abort", error)


def survivors_that_fail(f):
    """9.5 (2), 9.4: add survivors that will not accept SURVIVORS, because too
    few of the dealers whose shares they hold are left. In active mode the
    minimum is max(t, min_survivors), else t."""
    for mode, t, minimum, error in ((1, 5, 7, "THRESHOLD"), (0, 5, 7, ""),
                                    (1, 5, 5, "")):
        p = parameters("%s fail %d %d" % (f.out.name, mode, minimum), 8, t,
                       (NUMBERS,), mode=mode, min_survivors=minimum)
        classes = {**dealers({2}, 5), **dealers({0}, 6), **dealers({1}, 7)}
        session = start_session(f, p, "fail %d %d" % (mode, minimum), classes)
        run_to(session, "INPUT")
        assert session.run_phase({4}) == error
        session.run({4: "INPUT"})
        finish(f, session, "mode %d, t %d, min_survivors %d: three of 7 "
               "survivors are left with 6 dealers" % (mode, t, minimum),
               "Dropout Complaint" + " TooFew" * bool(error), error)


def holders_at_confirm(f):
    """9.5 (3): add clients that drop out in CONFIRM. The secrets that are
    needed still follow from U3, and so does who can be counted on; a holder
    that complains is none."""
    for minimum, complaint, error in ((4, False, ""), (4, True, "THRESHOLD"),
                                      (5, False, "")):
        p = parameters("%s confirm %d" % (f.out.name, minimum), 6, 4,
                       (NUMBERS,), mode=1, min_survivors=minimum)
        classes = dealers({1}, 5) if complaint else None
        session = start_session(f, p, "confirm %d" % complaint, classes)
        run_to(session, "CONFIRM")
        assert session.run_phase({0, 5}) == error
        session.run({0: "CONFIRM", 5: "CONFIRM"})
        finish(f, session, "min_survivors %d, 4 of 6 confirm, %s" % (
            minimum, "one of them complained" if complaint
            else "no complaint"),
               "Dropout Complaint TooFew" if complaint else "Dropout", error)


def complaints_from_outside(f):
    """9.5 (2): add complaints of clients that are not in U3. They are disputes
    and change no number of holders."""
    p = parameters(f.out.name + " outside", 6, 4, (NUMBERS,), corrupt=1,
                   min_survivors=4)
    session = start_session(f, p, "outside")
    run_to(session, "INPUT")
    for u in (4, 5):
        assert session.server_recv(u, encode_abort(p, u, [0])) == ""
    assert session.run_phase({4, 5}) == ""
    session.run({4: "INPUT", 5: "INPUT"})
    finish(f, session, "two clients outside U3 complain of a survivor",
           "Abort Dispute")


def secret_without_holders(f):
    """9.5: add a dropout of the ring all of whose peers dropped out before it:
    nobody masked with it, and its secret is not needed."""
    p = parameters(f.out.name + " alone", 12, 2, (NUMBERS,), neighbours=2,
                   min_survivors=2)
    session = start_session(f, p, "alone")
    run_to(session, "SHARES")
    perm = session.server.graph.perm
    session.run({perm[4]: "SHARES", perm[6]: "SHARES", perm[5]: "INPUT"})
    finish(f, session, "all peers of a dropout dropped out before it",
           "Dropout")
    gone = {perm[i]: "INPUT" for i in (4, 5, 9)}
    session = start_session(f, p, "apart")
    run_to(session, "INPUT")
    assert session.run_phase(set(gone)) == "THRESHOLD"
    finish(f, session, "two and one clients of the ring drop out",
           "Dropout TooFew", "THRESHOLD")


def holders_on_ring(f):
    """9.5 (2), 9.4: add survivors of the ring with too few holders, or with
    too few dealers, although there are enough survivors."""
    p = parameters(f.out.name + " holders", 12, 3, (NUMBERS,), neighbours=4,
                   min_survivors=5)
    session = start_session(f, p, "holders")
    run_to(session, "INPUT")
    perm = session.server.graph.perm
    gone = {perm[i] for i in (3, 4, 6)}
    assert session.run_phase(gone) == "THRESHOLD"
    finish(f, session, "ring, one of 9 survivors has two holders",
           "Dropout TooFew", "THRESHOLD")
    for complaint in (False, True):
        name = "ring dealers"
        victims = {} if not complaint else dealers({perm[5]}, perm[6])
        session = start_session(f, p, name, victims)
        assert session.run_phase() == ""
        perm = session.server.graph.perm
        if complaint:
            assert perm == before
        before = perm
        run_to(session, "INPUT")
        gone = {perm[i]: "INPUT" for i in (3, 7)}
        error = session.run_phase(set(gone))
        assert error == ("THRESHOLD" if complaint else "")
        session.run(gone)
        finish(f, session, "ring, a survivor is left with %d dealers" % (
            2 if complaint else 3), "Dropout" + " TooFew Complaint" *
               complaint, error)


# 9.5 (6): the end

def two_errors(f):
    """9.5 (6): add sessions in which one secret has too few shares and another
    does not fit. All secrets are examined, and CHEAT is the error."""
    p = parameters(f.out.name + " two errors", 6, 4, (NUMBERS,), corrupt=1,
                   min_survivors=4)
    for few, liar in ((0, 1), (1, 0), (4, 5)):
        wrong = [u for u in range(6) if u not in (few, liar)][:3]
        classes = {u: cheating_responder({few}) for u in wrong}
        classes[liar] = inconsistent_dealer(0)
        session = start_session(f, p, "two errors %d" % few, classes)
        session.run()
        assert [u for u, _ in session.server.blame_list] == wrong + [liar]
        finish(f, session, "too few shares of client %d, a wrong commitment "
               "of client %d" % (few, liar), "LyingDealer LyingResponder TooFew",
               "CHEAT")
    liars = {u: inconsistent_dealer(0) for u in (1, 3)}
    session = start_session(f, p, "two liars", liars)
    session.run()
    assert [u for u, _ in session.server.blame_list] == [1, 3]
    finish(f, session, "two wrong commitments", "LyingDealer", "CHEAT")


# 9.2: who is served

def ask_for_all(session, served):
    """9.2: ask the server for its message to each client and to some that do
    not exist. Only those in `served` have one."""
    n = session.p.clients
    for u in (*range(n), n, 2**31, 2**31 + 1):
        message = session.server_send(u)
        assert bool(message) == (u in served), (session.server.phase, u)
        assert last_error(session) == ("" if u < n else "ARG")


def who_is_served(f):
    """9.2, 8.12: ask for all messages in each phase. Clients that dropped out
    get ABORT, those that sent one get nothing."""
    for mode in (0, 1):
        p = parameters("%s served %d" % (f.out.name, mode), 7, 4, (NUMBERS,),
                       mode=mode, min_survivors=4)
        session = start_session(f, p, "served %d" % mode)
        absent, served = set(), set(range(7))
        ask_for_all(session, set())
        for u in (6, 5):
            absent |= {u}
            session.run_phase(absent)
            ask_for_all(session, served)
        assert session.server_recv(4, encode_abort(p, 4)) == ""
        served -= {4}
        ask_for_all(session, served)
        absent |= {4}
        session.run_phase(absent)
        while session.server.phase not in ("DONE", "FAILED"):
            ask_for_all(session, served)
            session.run_phase(absent)
        ask_for_all(session, {5, 6})
        assert session.close_phase() == "STATE"
        finish(f, session, "mode %d, who is served" % mode, "Dropout Abort")
    failed_sessions(f)


def failed_sessions(f):
    """9.2: end a session in a phase in which clients answer, are silent, and
    send ABORT before or after their message. ABORT goes to those that did not
    send one, those that dropped out before included."""
    for phase in ("KEYS", "SHARES", "INPUT", "UNMASK"):
        p = parameters("%s failed %s" % (f.out.name, phase), 6, 4, (NUMBERS,),
                       min_survivors=4)
        session = start_session(f, p, "failed " + phase)
        first = {5} if phase != "KEYS" else set()
        run_to(session, phase, first)
        for u in (0, 1):
            session.exchange(u, True)
        for u in (1, 2):
            assert session.server_recv(u, encode_abort(p, u)) == ""
        told = {0, 3, 4, 5}
        ask_for_all(session, told if phase != "KEYS" else set())
        assert session.close_phase() == "THRESHOLD"
        ask_for_all(session, told)
        assert session.close_phase() == "STATE"
        finish(f, session, "who is told that %s failed" % phase,
               "Dropout Abort TooFew", "THRESHOLD")


def minimums_of_server(f):
    """9.4: close KEYS, SHARES and INPUT with F clients, and with one less,
    where F is over the threshold."""
    for k in (0, 4):
        p = parameters("%s least %d" % (f.out.name, k), 8, 3 if k else 5,
                       (NUMBERS,), neighbours=k, min_survivors=6)
        for phase in ("INPUT",) if k else ("KEYS", "SHARES", "INPUT"):
            for absent in ({0, 7}, {0, 6, 7}):
                session = start_session(f, p, "least %s %d" % (
                    phase, len(absent)))
                run_to(session, phase)
                absent = close_ones(session, len(absent))
                error = session.run_phase(absent)
                assert error == ("" if len(absent) == 2 else "THRESHOLD")
                session.run(dict.fromkeys(absent, phase))
                finish(f, session, "%s, %d of 8 drop out in %s" % (
                    "ring" if k else "complete graph", len(absent), phase),
                       "Dropout" + " TooFew" * bool(error), error)


def close_ones(session, count):
    """Return clients that do not cut a ring: neighbours on it, as far as it is
    drawn."""
    graph = getattr(session.server, "graph", None)
    return set(graph.perm[:count]) if graph else set(range(count))


# 9.3: repeats

def last_error(session):
    """Return the error of the operation recorded last."""
    return session.operations[-1]["error"]


def repeats_of_parts(f):
    """8.7, 9.3: give a client its RELAY again and again while it makes parts.
    The part made last is due again, until the next one is begun."""
    p = parameters(f.out.name + " parts", 3, 2, (LONG, NUMBERS),
                   max_weight=100)
    session = start_session(f, p, "parts", part_sizes={0: 512})
    run_to(session, "INPUT")
    relay, last = session.server_send(0), None
    assert session.client_recv(0, relay) == ""
    assert session.client_recv(0, relay) == ""
    while True:
        made = session.client_send(0)
        assert made and session.client_send(0) is None
        for _ in range(2):
            assert session.client_recv(0, relay) == ""
            assert session.client_send(0) == made
        assert session.server_recv(0, made) == ""
        if last:
            assert session.server_recv(0, last) == "STATE"
        if not session.later_parts[0]:
            break
        assert session.server_recv(0, made) == ""
        begin_part(session, relay)
        last = made
    assert session.server_recv(0, made) == "REPEAT"
    assert session.client_recv(0, relay) == ""
    assert session.client_send(0) == made
    session.run_phase({0})
    session.run()
    finish(f, session, "RELAY again after each part", "Parts Repeat")


def begin_part(session, relay):
    """9.3: supply the first entry of client 0's next part, before or after a
    repeated RELAY; then the others."""
    (segment, offset, values), *others = session.later_parts[0].pop(0)
    assert session.client_recv(0, relay) == ""
    assert session.input(0, segment, offset, values[:1]) == ""
    for _ in range(2):
        assert session.client_send(0) is None
        assert last_error(session) == "INPUT_DUE"
        assert session.client_recv(0, relay) == ""
    assert session.input(0, segment, offset + 1, values[1:]) == ""
    for piece in others:
        assert session.input(0, *piece) == ""


def pieces_over_the_end(f):
    """9.1: supply a piece that begins in the part that is due and ends in the
    next one."""
    p = parameters(f.out.name + " pieces", 3, 2, (LONG,))
    session = RecordedSession(p, f.out.name + " pieces")
    assert session.set_part_size(0, 512) == ""
    assert session.input(0, 0, 511, [1, 1]) == "STATE"
    for u in range(3):
        supply_input(session, u, 0 if u else 512)
    session.run()
    finish(f, session, "a piece over the end of a part", "Parts WrongRange")


def orders(name):
    """Make the file of sessions about orders."""
    f = SessionFile(name)
    aborts_after_input(f)
    survivors_that_fail(f)
    holders_at_confirm(f)
    complaints_from_outside(f)
    secret_without_holders(f)
    holders_on_ring(f)
    two_errors(f)
    who_is_served(f)
    minimums_of_server(f)
    repeats_of_parts(f)
    pieces_over_the_end(f)
    return f
