# SPDX-License-Identifier: Apache-2.0
"""Make sessions_dropouts.json: clients that are told that they are out (8.12),
and clients that send other KEYS (8.2)."""
import messages as m
from client import Client
from errors import STATE, THRESHOLD
from session_builder import (NUMBERS, SessionFile, parameters, run_to,
                             start_session)
from vector_file import attempt, test_bytes


def check_told(session, u):
    """8.12, 9.2: ask the server for the message to a client that is out, twice,
    and return it."""
    told = session.server_send(u)
    body = m.Abort(STATE.number, m.NOBODY).encode()
    assert told == session.server.encode_message(m.ABORT_FROM_SERVER, u, body)
    assert session.server_send(u) == told
    return told


def late(f, p, phase):
    """8.12: client 1 does not answer a phase. It is told in each later one,
    fails, and gives up; its late message is STATE."""
    session = start_session(f, p, "late in %s %d" % (phase, p.mode))
    run_to(session, phase)
    if phase != "KEYS":
        session.down(1)
    message = session.client_send(1)
    session.run_phase({1})
    spent = session.spent(1)
    told = check_told(session, 1)
    assert session.server.lost == {1: (phase, None)}
    assert session.server_recv(1, message) == "STATE"
    heard = session.client_recv(1, told)
    assert heard == "STATE"
    assert session.spent(1) == spent
    if session.clients[1].phase != "DONE":
        assert session.client_recv(1, told) == "STATE"
        abort = session.client_send(1)
        assert m.decode_abort(abort[48:]).code == STATE.number
        assert session.server_recv(1, abort) == "STATE"
    while session.server.phase not in ("DONE", "FAILED"):
        session.run_phase({1})
        assert check_told(session, 1) == told
    f.add(session, "mode %d, late in %s" % (p.mode, phase),
          "Dropout Abort Spent")


def failed(f, p):
    """8.12: a session that fails. Who was out before is told so, who was silent
    in the last phase hears of the error, and who sent ABORT hears nothing."""
    session = start_session(f, p, "failed %d" % p.mode)
    abort = m.encode_message(p, m.ABORT_FROM_CLIENT, 2,
                             m.Abort(THRESHOLD.number).encode())
    session.run_phase({0})
    session.server_recv(2, abort)
    assert session.run_phase({0}) == ""
    assert session.run_phase({0, 1, 3}) == "THRESHOLD"
    assert session.server.lost == {
        0: ("KEYS", None), 1: ("INPUT", None), 2: ("SHARES", THRESHOLD.number),
        3: ("INPUT", None)}
    check_told(session, 0)
    assert session.server_send(2) is None
    for u in (1, 3, 4, 5):
        assert m.decode_abort(session.server_send(u)[48:]).code == 23
    f.add(session, "mode %d, a session that fails" % p.mode, "Dropout Abort")


def other_keys(session, u, name):
    """Return a client that has other secrets and the same input."""
    old = session.clients[u]
    c = Client(session.p, u, test_bytes(session.name + name, 32))
    for i, entries in enumerate(old.input_vector.entries):
        c.input(i, 0, [e for _, e in sorted(entries.items())])
    if session.p.active:
        for v, public in enumerate(session.publics):
            c.trust(v, public)
        c.identify(session.identities[u])
    return c


def restarts(f, p):
    """8.2: client 1 restarts in KEYS, twice, and takes part with its last keys.
    Its earlier points are free; keys that are not valid replace nothing."""
    session = start_session(f, p, "restarts %d" % p.mode, classes={1: Client})
    made = []
    for name in ("", " second", " third"):
        if name:
            session.clients[1] = other_keys(session, 1, name)
        made.append(session.clients[1].send())
        assert session.server_recv(1, made[-1]) == ""
        assert session.server_recv(1, made[-1]) == "REPEAT"
    session.up(0)
    altered = bytearray(made[2])
    altered[48] ^= 1
    assert session.server_recv(1, bytes(altered)) == "MESSAGE"
    taken = made[0][:80] + session.server.keys[0].enc + made[0][112:]
    assert session.server_recv(1, taken) == "MESSAGE"
    assert session.server_recv(1, made[2]) == "REPEAT"
    copied = made[0][:32] + b"\0\0\0\2" + made[0][36:]
    error = session.server_recv(2, copied)
    assert error == ("AUTH" if p.active else "")
    session.up(2)
    session.run_phase({0, 2})
    for message in (made[0], made[2]):
        assert session.server_recv(1, message) == "STATE"
    session.run()
    assert session.server.phase == "DONE" and not session.server.lost
    f.add(session, "mode %d, a client that restarts in KEYS" % p.mode,
          "Repeat Duplicate")


def gave_up(f, p):
    """8.12: a client that sent ABORT sends no other KEYS."""
    session = start_session(f, p, "gave up %d" % p.mode, classes={1: Client})
    session.server_recv(1, session.clients[1].send())
    session.server_recv(1, session.clients[1].encode_message(
        m.ABORT_FROM_CLIENT, m.Abort(THRESHOLD.number).encode()))
    again = other_keys(session, 1, " again").send()
    assert session.server_recv(1, again) == "STATE"
    session.run_phase({1})
    assert session.server_send(1) is None
    session.run({1: "SHARES"})
    f.add(session, "mode %d, other KEYS after ABORT" % p.mode, "Abort Repeat")


def dropouts(name):
    """Make the file."""
    f = SessionFile(name)
    for mode in (0, 1):
        p = parameters("%s%d" % (name, mode), 4, 3, (NUMBERS,), mode=mode,
                       corrupt=1, suite=1 + mode)
        phases = ["KEYS", "SHARES", "INPUT", "UNMASK"]
        if mode:
            phases.insert(3, "CONFIRM")
        for phase in phases:
            late(f, p, phase)
        failed(f, parameters("%s%d failed" % (name, mode), 6, 4, (NUMBERS,),
                             mode=mode, corrupt=1, min_survivors=4))
        restarts(f, p)
        gave_up(f, p)
    return f
