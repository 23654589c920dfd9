# SPDX-License-Identifier: Apache-2.0
"""Make sessions_disputes.json: complaints in INPUT and in ABORT, disputes, and
the sessions after them (8.12, 9.5, 9.6)."""
from altered_client_messages import encode_abort
from cheating_clients import dealers, false_complainer
from next_session import next_numbers
from session_builder import (LONG, NUMBERS, SessionFile, parameters,
                             run_to, start_session)


# The next session

def pair_of_sessions(f, name, p, classes, out):
    """Add a session with cheating dealers. The session that follows, from
    which the host leaves the clients `out`, must end with a sum, although the
    dealers that are left cheat again; a session of two clients does not
    follow."""
    session = start_session(f, p, name, classes)
    session.run()
    f.add(session, name, "Dispute" if session.server.phase == "DONE"
          else "Dispute TooFew")
    left, n, t, c = next_numbers(session)
    assert set(range(p.clients)) - set(left) == out, (name, left)
    if n < c + 2:
        return
    classes = {i: classes[u] for i, u in enumerate(left) if u in classes}
    later = parameters(f.out.name + " after " + name, n, t, (NUMBERS,),
                       corrupt=c, mode=p.mode)
    session = start_session(f, later, "after " + name, classes)
    session.run()
    assert session.server.phase == "DONE"


def four_cases(f):
    """9.6: add dealers that cheat, alone and together."""
    twelve = parameters(f.out.name + "12", 12, 9, (NUMBERS,), corrupt=4)
    three = parameters(f.out.name + "3", 3, 3, (NUMBERS,), corrupt=1)
    strict = parameters(f.out.name + "12 active", 12, 9, (NUMBERS,), corrupt=4,
                        mode=1, min_survivors=11)
    pair_of_sessions(f, "four dealers cheat eight holders", twelve,
                     dealers(range(4, 12), 0, 1, 2, 3), {0, 1, 2, 3})
    pair_of_sessions(f, "four dealers cheat four holders", twelve,
                     dealers(range(4, 8), 0, 1, 2, 3), set(range(8)))
    pair_of_sessions(f, "one dealer of three cheats one holder", three,
                     dealers({2}, 0), {0, 2})
    pair_of_sessions(f, "one dealer of three cheats both holders", three,
                     dealers({1, 2}, 0), {0})
    pair_of_sessions(f, "active, two dealers cheat one holder", strict,
                     dealers({7}, 0, 1), {0, 7})


# Who is blamed

def false_complaints(f):
    """9.5 (1): add clients that complain of dealers whose shares opened."""
    nobody = parameters(f.out.name + "0", 5, 3, (NUMBERS,))
    for name, victims, blamed in (("one dealer", {1}, []),
                                  ("two dealers", {1, 2}, [4])):
        false_complaint(f, "c = 0, a false complaint of " + name, nobody,
                        {4: false_complainer(victims)}, blamed)
    two = parameters(f.out.name + "2", 9, 6, (NUMBERS,), corrupt=2)
    false_complaint(f, "c = 2, a holder complains of two", two,
                    {8: false_complainer({0, 1})}, [])
    false_complaint(f, "c = 2, a holder complains of three", two,
                    {8: false_complainer({0, 1, 2})}, [8])
    false_complaint(f, "c = 2, a holder complains of all", two,
                    {8: false_complainer(set(range(8)))}, [8])
    false_complaint(f, "c = 2, two complain of each other", two,
                    {0: false_complainer({8}), 8: false_complainer({0})}, [])
    false_complaint(f, "c = 2, two of each other and of the same two", two,
                    {0: false_complainer({1, 2, 8}),
                     8: false_complainer({0, 1, 2})}, [0])
    false_complaint(f, "c = 2, two with as many disputes", two,
                    {0: false_complainer({1, 2, 3}),
                     8: false_complainer({4, 5, 6})}, [0, 8])
    false_complaint(f, "c = 2, the one with most is blamed first", two,
                    {0: false_complainer({1, 2, 8}),
                     8: false_complainer({0, 1, 2, 3})}, [8])


def false_complaint(f, name, p, classes, blamed):
    """Add a session with false complaints, whose blame list is known."""
    session = start_session(f, p, name, classes)
    session.run()
    assert [u for u, _ in session.server.blame_list] == blamed, name
    f.add(session, name, "Dispute")


# Which list counts

def lists_of_aborts(f):
    """8.12: add ABORTs with lists that count and lists that do not."""
    p = parameters(f.out.name + " lists", 6, 4, (LONG,), corrupt=1,
                   min_survivors=4)
    for phase in ("KEYS", "SHARES", "UNMASK"):
        session = start_session(f, p, phase)
        run_to(session, phase)
        add_aborted(f, session, "ABORT with a list in " + phase, [0, 1], [])
    session = start_session(f, p, "before")
    run_to(session, "INPUT")
    add_aborted(f, session, "ABORT with a list before INPUT", [0, 1],
                [(0, 5), (1, 5)])
    after_input(f, p)
    after_part(f, p)


def add_aborted(f, session, name, complaints, disputes):
    """Let client 5 send an ABORT with complaints and run the session to its
    end."""
    session.server_recv(5, encode_abort(session.p, 5, complaints))
    session.run({5: session.server.phase})
    assert session.server.disputes == disputes
    f.add(session, name, "Abort" + " Dispute" * bool(disputes))


def after_input(f, p):
    """8.12: add ABORTs with another list than that of INPUT."""
    for cheat, disputes in ((None, []), ({2: {5}}, [(2, 5)])):
        classes = dealers({5}, 2) if cheat else None
        session = start_session(f, p, "after %s" % cheat, classes)
        run_to(session, "INPUT")
        session.exchange(5, True)
        add_aborted(f, session, "ABORT with a list after INPUT, %d complaints"
                    % len(disputes), [0, 1], disputes)


def after_part(f, p):
    """8.12: add ABORTs with another list than that of part 0."""
    for cheat, disputes in ((None, []), ({2: {5}}, [(2, 5)])):
        classes = dealers({5}, 2) if cheat else None
        session = start_session(f, p, "after part %s" % cheat, classes,
                                {5: 512})
        run_to(session, "INPUT")
        session.down(5)
        session.up(5)
        add_aborted(f, session, "ABORT with a list after part 0, %d complaints"
                    % len(disputes), [0, 1], disputes)


# Complaints on the ring, and sessions that fail for another reason

def complaints_on_ring(f):
    """8.12, 9.5: add an ABORT that complains of a client that is no peer, and
    complaints where the ring falls apart."""
    p = parameters(f.out.name + " ring", 8, 3, (NUMBERS,), neighbours=4,
                   min_survivors=5)
    session = start_session(f, p, "ring")
    run_to(session, "INPUT", {7})
    peers = sorted(session.server.graph.peers(5) & session.server.u2)
    for w in sorted(set(range(8)) - set(peers)):
        assert session.server_recv(5, encode_abort(p, 5, [w])) == "MESSAGE"
    session.server_recv(5, encode_abort(p, 5, peers[:1]))
    session.run({5: "INPUT"})
    f.add(session, "ring, an ABORT that complains of no peer", "Dispute Abort")
    thin = parameters(f.out.name + " thin", 12, 2, (NUMBERS,), neighbours=2,
                      min_survivors=2)
    session = start_session(f, thin, "thin")
    run_to(session, "INPUT")
    cut = {v: sorted(session.server.graph.peers(v)) for v in (1, 4, 9)}
    for v, peers in cut.items():
        session.server_recv(v, encode_abort(thin, v, peers))
    session.run_phase(set(cut))
    session.deliver_aborts(set(cut))
    assert session.server.phase == "FAILED" and session.server.blame_list
    f.add(session, "ring, it falls apart after complaints", "Dispute TooFew")


def silent_and_disputed(f):
    """9.5: add complaints where too few clients are left in INPUT."""
    p = parameters(f.out.name + " silent", 6, 4, (NUMBERS,), corrupt=1,
                   min_survivors=5)
    session = start_session(f, p, "silent", dealers({0, 5}, 2))
    session.run({3: "INPUT", 4: "INPUT"})
    assert session.server.phase == "FAILED"
    f.add(session, "two are silent, two complain", "Dispute TooFew Dropout")


def disputes(name):
    """Make the file of sessions with disputes."""
    f = SessionFile(name)
    four_cases(f)
    false_complaints(f)
    lists_of_aborts(f)
    complaints_on_ring(f)
    silent_and_disputed(f)
    return f
