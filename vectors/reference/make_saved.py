# SPDX-License-Identifier: Apache-2.0
"""Make sessions_saved.json: sessions whose clients are saved and resumed
(11)."""
from recorded_session import RecordedSession
from session_builder import (LONG, MIXED, NUMBERS, REALS, SessionFile,
                             parameters, run_to, start_session, supply_input)
from suites import ed25519_public
from vector_file import test_bytes

WAITS = "STATE"


def last_error(session):
    """Return the error of the operation recorded last."""
    return session.operations[-1]["error"]


def give_up_and_resume(session, u, number, least):
    """11.3: save a client, and resume it from that state once; return the
    least generation that its host accepts from then on."""
    session.save(u, number)
    assert session.resume(u, number, least) == ""
    least = session.clients[u].generation + 1
    assert session.resume(u, number, least) == "STALE"
    if session.p.active and session.clients[u].phase not in ("DONE", "FAILED"):
        assert session.identify(u) == ""
    return least


def send_saved(session, u, number):
    """11.3: let a saved client make its message, which waits for a save."""
    for _ in range(2):
        assert session.client_send(u) is None and last_error(session) == WAITS
    session.save(u, number)
    message = session.client_send(u)
    assert message and session.client_send(u) is None
    return message


def each_step(f, name, p):
    """11.3: resume client 0 before and after each of its messages."""
    session = start_session(f, p, "steps " + name)
    least = give_up_and_resume(session, 0, 0, 0)
    while session.server.phase not in ("DONE", "FAILED"):
        if session.server.phase != "KEYS":
            session.down(0)
            least = give_up_and_resume(session, 0, 0, least)
        if session.server.phase == "INPUT":
            assert session.client_send(0) is None
            assert last_error(session) == "INPUT_DUE"
            supply_input(session, 0)
        message = send_saved(session, 0, 1)
        least = give_up_and_resume(session, 0, 1, least)
        if session.server.phase == "INPUT":
            assert session.spent(0) == "INPUT"
            assert session.client_send(0) is None
            assert last_error(session) == ""
            supply_input(session, 0)
        assert session.client_send(0) == message
        session.server_recv(0, message)
        session.run_phase({0})
    assert session.spent(0) == "UNMASK"
    assert session.identify_as(0, test_bytes("late", 32)) == (
        "STATE" if p.active else "POLICY")
    f.add(session, name + ", resumed at each step", "Saved Spent")


def input_arrived(f, mode):
    """11.3: a client that is resumed after its INPUT arrived needs no input
    again, and each message that it makes later waits for a save."""
    tag = " arrived %d" % mode
    p = parameters(f.out.name + tag, 4, 3, (NUMBERS,), mode=mode, corrupt=1,
                   min_survivors=3)
    session = start_session(f, p, "arrived %d" % mode)
    run_to_input(session)
    session.save(0, 0)
    session.server_recv(0, send_saved(session, 0, 1))
    least = give_up_and_resume(session, 0, 1, 0)
    session.run_phase({0})
    while session.server.phase not in ("DONE", "FAILED"):
        assert session.down(0) == ""
        session.server_recv(0, send_saved(session, 0, 1))
        least = give_up_and_resume(session, 0, 1, least)
        session.run_phase({0})
    assert not session.error()
    f.add(session, "input that arrived before a resume", "Saved")


def other_input(f):
    """11.3: supply another input after INPUT was made: STATE, and fatal. A
    client that was resumed from the state before makes no second INPUT that
    could leave."""
    p = parameters(f.out.name + " other", 4, 3, (NUMBERS,), corrupt=1,
                   min_survivors=3)
    session = start_session(f, p, "other input")
    run_to(session, "INPUT")
    session.down(0)
    session.save(0, 0)
    assert session.client_send(0) is None and last_error(session) == WAITS
    session.save(0, 1)
    assert session.client_send(0)
    assert session.resume(0, 0, 2) == "STALE"
    assert session.resume(0, 1, 2) == ""
    values = [5] * p.segments[0].length
    session.input(0, 0, 0, values)
    assert session.client_send(0) is None and last_error(session) == "STATE"
    session.save(0, 2)
    assert session.resume(0, 2, 3) == ""
    session.spent(0)
    assert session.client_send(0)[2] == 11
    assert session.client_send(0) is None and last_error(session) == "STATE"
    session.run_phase({0})
    session.run({0: "CONFIRM"})
    f.add(session, "another input after a resume", "Saved Rollback Spent")


def in_parts(f):
    """8.7, 11.3: resume a client after each part; no input is accepted while a
    part waits."""
    p = parameters(f.out.name + " parts", 3, 3, (LONG, NUMBERS), corrupt=0,
                   max_weight=9)
    session = start_session(f, p, "parts", part_sizes={0: 512})
    first = [(i, 0, [e for _, e in sorted(entries.items())]) for i, entries in
             enumerate(session.clients[0].input_vector.entries) if entries]
    pieces = [first] + session.later_parts[0]
    weight = session.clients[0].input_vector.weight
    run_to_input(session)
    session.save(0, 0)
    least = 2
    for number, part in enumerate(pieces):
        if number:
            for piece in part:
                assert session.input(0, *piece) == ""
        assert session.client_send(0) is None and last_error(session) == WAITS
        assert session.weight(0, weight) == "STATE"
        assert session.input(0, 0, 0, [0]) == "STATE"
        for piece in (pieces + [[]])[number + 1]:
            assert session.input(0, *piece) == "STATE"
        session.save(0, 1)
        assert session.resume(0, 1, least) == ""
        least = session.clients[0].generation + 1
        assert session.weight(0, weight) == ""
        for piece in part:
            assert session.input(0, *piece) == ""
        message = session.client_send(0)
        assert message
        session.server_recv(0, message)
    session.run_phase({0})
    session.down(0)
    send_last(session, 0)
    session.run_phase({0})
    f.add(session, "resumed between parts", "Saved Parts")


def input_piece_by_piece(f):
    """11.3: supply the input again after a resume. INPUT is due only when all
    of it and the weight are there."""
    p = parameters(f.out.name + " pieces", 3, 3, (NUMBERS, LONG), corrupt=0,
                   max_weight=9)
    session = start_session(f, p, "pieces")
    run_to_input(session)
    message = session.client_send(0)
    session.save(0, 0)
    values = [[e for _, e in sorted(entries.items())]
              for entries in session.clients[0].input_vector.entries]
    weight = session.clients[0].input_vector.weight
    pieces = [(session.input, i, 0, v) for i, v in enumerate(values)]
    pieces.append((session.weight, weight))
    for first in range(3):
        assert session.resume(0, 0, first + 1) == ""
        for call, *arguments in pieces[first:] + pieces[:first]:
            assert session.client_send(0) is None and not last_error(session)
            assert call(0, *arguments) == ""
        assert session.client_send(0) == message
        session.save(0, 0)
    assert session.server_recv(0, message) == ""
    session.run_phase({0})
    session.down(0)
    session.save(0, 0)
    assert session.resume(0, 0, 4) == ""
    for w in (10, weight):
        assert session.weight(0, w) == "STATE"
    send_last(session, 0)
    session.run_phase({0})
    f.add(session, "input piece by piece after a resume", "Saved")


def answers_to_unsent(f):
    """9.1, 11.3: give a client answers to messages that it made and that wait
    for a save. It accepts them, and input in the next phase."""
    p = parameters(f.out.name + " unsent", 3, 3, (NUMBERS,), corrupt=0)
    session = RecordedSession(p, f.out.name + " unsent")
    for u in (1, 2):
        supply_input(session, u)
    session.save(0, 0)
    for _ in ("KEYS", "SHARES"):
        assert session.client_send(0) is None and last_error(session) == WAITS
        assert session.server_recv(0, session.clients[0].made) == ""
        session.run_phase({0})
        assert session.down(0) == ""
    assert session.client_send(0) is None
    assert last_error(session) == "INPUT_DUE"
    supply_input(session, 0)
    session.server_recv(0, send_saved(session, 0, 1))
    session.run_phase({0})
    session.down(0)
    send_last(session, 0)
    session.run_phase({0})
    assert not session.error()
    f.add(session, "answers to messages that wait for a save", "Saved")


def run_to_input(session):
    """Run to INPUT and give client 0 its RELAY."""
    run_to(session, "INPUT")
    session.down(0)


def send_last(session, u):
    """Send UNMASK of a client that was saved."""
    session.server_recv(u, send_saved(session, u, 2))


def swapped(f):
    """11.2: resume a client from the state of another one, or with another
    key."""
    p = parameters(f.out.name + " swapped", 3, 3, (MIXED[0],), corrupt=0)
    session = start_session(f, p, "swapped")
    for u in (0, 1):
        session.up(u)
        session.save(u, u)
    assert session.resume(0, 1, 0) == "AUTH"
    assert session.resume(1, 1, 0, test_bytes("no key", 32)) == "AUTH"
    wrong = test_bytes("no key", 32)
    assert session.resume(1, 1, 2, wrong) == "STALE"
    assert session.resume(0, 1, 2, wrong) == "AUTH"
    assert session.resume(1, 1, 1) == ""
    supply_input(session, 1)
    session.up(2)
    session.close_phase()
    while session.server.phase != "DONE":
        for u in range(3):
            session.down(u)
            message = send_saved(session, u, 5) if u < 2 \
                else session.client_send(u)
            session.server_recv(u, message)
        session.close_phase()
    f.add(session, "states of two clients", "Saved Swapped")


def trusted_keys(f):
    """11.1: supply trusted keys again after a resume: the same ones have no
    effect, others are AUTH. The signing key must come again."""
    p = parameters(f.out.name + " trust", 4, 3, (NUMBERS,), mode=1, corrupt=1,
                   min_survivors=3)
    session = start_session(f, p, "trust")
    session.up(0)
    session.save(0, 0)
    assert session.resume(0, 0, 1) == ""
    supply_input(session, 0)
    stranger = ed25519_public(test_bytes("stranger", 32))
    least = 2
    while session.server.phase != "UNMASK":
        for v in (1, 3):
            assert session.trust(0, v, session.publics[v]) == ""
            assert session.trust(0, v, stranger) == "AUTH"
        if session.server.phase != "KEYS":
            assert session.client_send(0) is None
            assert last_error(session) == "STATE"
            assert session.identify_as(0, test_bytes("stranger", 32)) == "AUTH"
            assert session.identify_as(0, session.identities[1]) == "AUTH"
            assert session.identify(0) == ""
            message = send_saved(session, 0, 1)
            session.server_recv(0, message)
        session.run_phase({0})
        session.down(0)
        session.save(0, 2)
        assert session.resume(0, 2, least) == ""
        if session.server.phase in ("SHARES", "INPUT"):
            supply_input(session, 0)
        least = session.clients[0].generation + 1
    assert session.identify(0) == ""
    send_last(session, 0)
    session.run_phase({0})
    f.add(session, "trusted keys after a resume", "Saved UntrustedKey")


def verifiers_again(f):
    """11.1: a verifier is not in the state; a list that the client was not
    allowed to declare whole is no obstacle to another verifier."""
    p = parameters(f.out.name + " verifier", 3, 3, (NUMBERS,), mode=1)
    session = RecordedSession(p, f.out.name + " verifier", trust_all=False)
    for v, public in enumerate(session.publics):
        for u in (None, 1, 2):
            assert session.trust(u, v, public) == ""
    for u in range(3):
        supply_input(session, u)
        assert session.identify(u) == ""
    assert session.trust_with(0) == ""
    assert session.trust_whole(0) == "STATE"
    session.save(0, 0)
    assert session.resume(0, 0, 1) == ""
    assert session.identify(0) == session.trust_with(0) == ""
    supply_input(session, 0)
    session.server_recv(0, send_saved(session, 0, 1))
    session.run_phase({0})
    session.verdict(0, 1, session.publics[1], b"", "STATE")
    assert session.down(0) == "STATE"
    session.save(0, 2)
    assert session.resume(0, 2, session.clients[0].generation) == ""
    assert session.identify(0) == session.trust_with(0) == ""
    supply_input(session, 0)
    for v in (1, 2):
        session.verdict(0, v, session.publics[v], b"")
    while session.server.phase not in ("DONE", "FAILED"):
        assert session.down(0) == ""
        session.server_recv(0, send_saved(session, 0, 1))
        session.run_phase({0})
    assert session.error() == ""
    f.add(session, "a verifier after a resume", "Saved Credential")


def list_and_credential(f):
    """11.1: resume a client that has a whole list, a credential and rounding
    bits to draw, before and after KEYS is made and after ROSTER."""
    p = parameters(f.out.name + " list", 3, 3, (NUMBERS, REALS), mode=1)
    session = RecordedSession(p, f.out.name + " list", trust_all=False)
    for v, public in enumerate(session.publics):
        for u in (None, 1, 2) if v == 0 else (None, 0, 1, 2):
            assert session.trust(u, v, public) == ""
    assert session.trust_whole(0) == session.present(0, b"me") == ""
    for u in (1, 2):
        supply_input(session, u)
        assert session.identify(u) == ""
    for least in (1, 2, 3):
        if least != 2:
            session.save(0, 0)
        assert session.resume(0, 0, least) == ""
        for v in (1, 2):
            assert session.trust(0, v, session.publics[v]) == ""
        assert session.trust_with(0) == "STATE"
        assert session.present(0, b"you") == "STATE"
        assert session.identify(0) == ""
        if least == 1:
            message = send_saved(session, 0, 0)
            assert session.server_recv(0, message) == ""
        if least == 2:
            assert session.client_send(0) == message
            session.run_phase({0})
            assert session.down(0) == ""
    assert session.trust_whole(0) == "STATE"
    supply_input(session, 0)
    while session.server.phase not in ("DONE", "FAILED"):
        assert session.server_recv(0, send_saved(session, 0, 1)) == ""
        session.run_phase({0})
        session.down(0)
    assert not session.error()
    f.add(session, "a whole list, a credential and reals", "Saved Credential")


def saved(name):
    """Make the file of sessions whose clients are saved."""
    f = SessionFile(name)
    for mode in (0, 1):
        each_step(f, "mode %d" % mode,
                  parameters("%s%d" % (f.out.name, mode), 4, 3, (NUMBERS,),
                             mode=mode, corrupt=1))
    each_step(f, "ring", parameters(f.out.name + " ring", 6, 2, (NUMBERS,),
                                    neighbours=2, min_survivors=4))
    for mode in (0, 1):
        input_arrived(f, mode)
    other_input(f)
    in_parts(f)
    input_piece_by_piece(f)
    answers_to_unsent(f)
    swapped(f)
    trusted_keys(f)
    verifiers_again(f)
    list_and_credential(f)
    return f
