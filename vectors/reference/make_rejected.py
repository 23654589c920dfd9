# SPDX-License-Identifier: Apache-2.0
"""Make sessions_rejected.json: sessions in which a party is given messages
that it rejects before the valid one. They change nothing (1.2, 9.1, 9.2)."""
import copy

from altered_any_message import altered_in_common, flip_bit
from altered_client_messages import (BODIES, abort_list_rows, complaints,
                                     encode_abort)
from altered_input_parts import part_rows
from session_builder import (LONG, NUMBERS, SessionFile, parameters,
                             run_to, start_session)
from vector_file import attempt

CLIENT = 2


def give_rejected(session, messages):
    """Give the server those of some messages of client 2 that it rejects."""
    seen = set()
    for message in messages:
        error = attempt(copy.deepcopy(session.server).recv, CLIENT,
                        message)[1]
        if error and message not in seen:
            seen.add(message)
            assert session.server_recv(CLIENT, message) == error


def give_client_rejected(session, good):
    """Give client 2 messages with wrong headers and old ones: it rejects
    them and the session goes on."""
    rows = [text for comment, _, text in altered_in_common(good, False, False)
            if attempt(copy.deepcopy(session.clients[CLIENT]).recv,
                       text)[1] and not is_fatal(session, text)]
    accepted = session.clients[CLIENT].accepted
    if accepted:
        rows.append(flip_bit(accepted, -1))
    for text in rows:
        assert session.client_recv(CLIENT, text) in ("MESSAGE", "STATE")


def is_fatal(session, message):
    """Tell whether client 2 would fail with a message."""
    client = copy.deepcopy(session.clients[CLIENT])
    attempt(client.recv, message)
    return client.phase == "FAILED"


def rejected_before_valid(f):
    """9.1, 9.2: give each party all bad messages before the good one."""
    ring = dict(neighbours=4, min_survivors=5)
    for name, n, t, members in (("semi-honest", 5, 4, dict(min_survivors=4)),
                                ("active", 5, 4, dict(mode=1,
                                                      min_survivors=4)),
                                ("ring", 8, 3, ring)):
        p = parameters("%s rejected %s" % (f.out.name, name), n, t,
                       (NUMBERS,), **members)
        session = start_session(f, p, "rejected " + name)
        for u in range(n if p.active else 0):
            session.present(u, b"I am %d" % u)
        absent = {n - 1}
        while session.server.phase not in ("DONE", "FAILED"):
            for u in range(n):
                if u != CLIENT and u not in absent:
                    session.exchange(u, True)
            if session.server.phase != "KEYS":
                give_client_rejected(session, session.server.send(CLIENT))
                session.down(CLIENT)
            good = copy.deepcopy(session.clients[CLIENT]).send()
            rows = [*BODIES[good[2]](session, CLIENT, good)]
            if session.server.phase != "KEYS":
                rows += abort_list_rows(session, CLIENT)
            give_rejected(session, [text for _, _, text in rows])
            assert session.up(CLIENT) == ""
            session.close_phase()
        assert session.error() == "" and not session.server.blame_list
        f.add(session, name + ", rejected messages before each valid one",
              "WrongLength WrongSet Dropout")


def rejected_parts(f):
    """8.7: the same for parts."""
    p = parameters(f.out.name + " rejected parts", 4, 3, (LONG, NUMBERS),
                   max_weight=75)
    session = start_session(f, p, "rejected parts", part_sizes={CLIENT: 512})
    run_to(session, "INPUT")
    session.down(CLIENT)
    for number in range(p.lanes.nblocks):
        good = copy.deepcopy(session.clients[CLIENT]).send()
        rows = part_rows(session, CLIENT, good, number)
        give_rejected(session, [text for _, _, u, text in rows
                                if u == CLIENT])
        assert session.up(CLIENT) == ""
        session.supply_next_part(CLIENT)
    session.run_phase({CLIENT})
    session.run()
    f.add(session, "rejected parts before each valid one", "Parts WrongSet")


def rejected_lists_of_parts(f):
    """8.7, 8.12: the complaints of a client that began parts are those of its
    part 0. A later part with another list is rejected, and the list of an
    ABORT is ignored."""
    p = parameters(f.out.name + " rejected lists", 6, 4, (LONG, NUMBERS),
                   corrupt=1, min_survivors=4)
    for aborts in (False, True):
        session = start_session(f, p, "rejected lists %d" % aborts,
                                part_sizes={CLIENT: 512})
        run_to(session, "INPUT")
        session.down(CLIENT)
        first = session.client_send(CLIENT)
        session.supply_next_part(CLIENT)
        second = session.client_send(CLIENT)
        assert session.server_recv(CLIENT, complaints(first, [0])) == ""
        for bad in ([1], [], [0, 1]):
            assert session.server_recv(CLIENT, complaints(
                second, bad)) == "MESSAGE"
        if aborts:
            assert session.server_recv(CLIENT, encode_abort(
                p, CLIENT, [3])) == ""
        session.run({CLIENT: "INPUT"})
        assert session.server.disputes == [(0, CLIENT)]
        assert not session.error()
        f.add(session, "other complaints in a later part, then %s" % (
            "ABORT" if aborts else "silence"),
              "Parts WrongSet Dispute" + " Abort" * aborts)


def rejected_complaints(f):
    """8.6, 8.12: the list of an INPUT that was rejected does not count, and a
    later ABORT may bring another."""
    p = parameters(f.out.name + " rejected complaints", 6, 4, (NUMBERS,),
                   corrupt=1, min_survivors=4)
    for later, disputes in ((None, []), ([], []), ([1], [(1, CLIENT)])):
        session = start_session(f, p, "rejected complaints %s" % later)
        run_to(session, "INPUT")
        session.down(CLIENT)
        good = session.client_send(CLIENT)
        for text in (flip_bit(complaints(good, [0]), 48),
                     complaints(good, [0, 1, 3]), complaints(good, [CLIENT]),
                     encode_abort(p, CLIENT, [1, 0]),
                     encode_abort(p, CLIENT, [3, 3]),
                     encode_abort(p, CLIENT, [0, CLIENT])):
            assert session.server_recv(CLIENT, text) == "MESSAGE"
        if later is not None:
            assert session.server_recv(CLIENT, encode_abort(
                p, CLIENT, later)) == ""
        session.run({CLIENT: "INPUT"})
        assert session.server.disputes == disputes and not session.error()
        f.add(session, "complaints in rejected messages, then %s" % (
            "silence" if later is None else
            "ABORT with %d complaints" % len(later)),
              "WrongDigest WrongSet Abort" + " Dispute" * bool(disputes))


def rejected_keys(f):
    """8.2: the points and the identity of rejected KEYS are free for other
    clients."""
    p = parameters(f.out.name + " rejected keys", 3, 2, (NUMBERS,), mode=1,
                   min_survivors=3)
    session = start_session(f, p, "rejected keys")
    first = session.client_send(0)
    for u, at in ((1, 48), (1, -1), (2, -1)):
        stolen = first[:35] + bytes([u]) + first[36:]
        assert session.server_recv(u, flip_bit(stolen, at)) in ("MESSAGE",
                                                                "AUTH")
    for u in (1, 2):
        assert session.server_recv(
            u, first[:35] + bytes([u]) + first[36:]) == "AUTH"
    assert session.server_recv(0, first) == ""
    session.run_phase({0})
    session.run()
    f.add(session, "rejected KEYS with the points of a later one",
          "Duplicate WrongSignature")


def rejected(name):
    """Make the file of sessions with rejected messages."""
    f = SessionFile(name)
    rejected_before_valid(f)
    rejected_parts(f)
    rejected_complaints(f)
    rejected_lists_of_parts(f)
    rejected_keys(f)
    return f
