# SPDX-License-Identifier: Apache-2.0
"""The session of appendix A of PROTOCOL.md (A.1 to A.4), with the input of
client 0 in one message and in parts. Its values must be those of the text."""
import pathlib

from client import Client
from hashes import sha256
from make_params import BASE
from messages import UNMASK
from recorded_session import RecordedSession

PROTOCOL = pathlib.Path(__file__).resolve().parent.parent / "PROTOCOL.md"
ABSENT = 2
REALS_INPUT = [0.5, -0.25, 2.0, -1.0] + [0.0] * 996
NUMBERS_INPUT = [0, 1, 2, 3, 4, 5, 6, 7, 5, 2]


def new_session(name):
    """A.2: return a session with the master seeds of the text."""
    session = RecordedSession(BASE, name)
    session.seeds = [bytes([0x11 * (u + 1)]) * 32
                     for u in range(BASE.clients)]
    session.clients = [Client(BASE, u, seed)
                       for u, seed in enumerate(session.seeds)]
    return session


def supply(session, u, part_size):
    """A.2: supply a client's weight and input. In parts of 1,024 entries,
    segment 1 and the weight are lanes 3 and 9, part 0, and segment 0 is lane
    19, part 1."""
    if part_size:
        session.set_part_size(u, part_size)
    session.weight(u, 10 + u)
    session.input(u, 1, 0, NUMBERS_INPUT)
    if part_size:
        session.later_parts[u] = [[(0, 0, REALS_INPUT)]]
    else:
        session.input(u, 0, 0, REALS_INPUT)


def check_values(session):
    """A.2: require the digests of all messages of client 0 but UNMASK, and of
    the UNMASK of client 3, to be in the text."""
    text = PROTOCOL.read_text()
    sent = [bytes.fromhex(o["message"]) for o in session.operations
            if o["op"] in ("up", "make")]
    wanted = [m for m in sent
              if m and m[35] == (3 if m[2] == UNMASK else 0)]
    assert len(wanted) >= 4
    for message in wanted:
        assert sha256(message).hex() in text


def add_worked_sessions(f):
    """Add the session twice."""
    for part_size, comment in ((0, "A.2"), (1024, "A.2, INPUT_PARTs")):
        session = new_session("%s %s" % (f.out.name, comment))
        for u in range(BASE.clients):
            if u != ABSENT:
                supply(session, u, 0 if u else part_size)
        session.run({ABSENT: "KEYS"})
        assert session.server.phase == "DONE"
        check_values(session)
        f.add(session, comment, "Worked Lanes" + (" Parts" if part_size
                                                  else ""))
