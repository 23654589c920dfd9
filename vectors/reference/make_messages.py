# SPDX-License-Identifier: Apache-2.0
"""Make messages.json: bring parties into each phase and give them messages,
valid and altered."""
import copy

from altered_client_messages import client_message_rows
from altered_input_parts import after_parts, part_rows, short_part_rows
from altered_server_messages import done_rows, server_message_rows
from cheating_clients import cheating_dealer
from formats_parties import SERVER_TRUST_OPS
from order_messages import order_groups
from params import INTEGER, Segment
from recorded_session import RecordedSession
from session_builder import NUMBERS, supply_input, parameters
from trust_messages import trust_groups
from vector_file import VectorFile, attempt

TINY = Segment(10, INTEGER, 3)
SMALL = Segment(520, INTEGER, 1)
HUGE = Segment(65536 * 512, INTEGER, 1)
NAMES = {1: "KEYS", 2: "ROSTER", 3: "SHARES", 4: "RELAY", 5: "INPUT",
         6: "SURVIVORS", 7: "CONFIRM", 8: "SIGNATURES", 9: "UNMASK",
         11: "ABORT", 12: "ABORT", 15: "INPUT_PART"}
WHOLE = ("semi", "active")
SERVER_OPS = {"up": "take", "take": "take", "end": "end",
              **{op: op for op in SERVER_TRUST_OPS}}
CLIENT_OPS = {"up": "make", "make": "make", "down": "hear", "hear": "hear"}


def type_name(message):
    """Return the name of a message's type."""
    return NAMES.get(message[2], "unknown") if len(message) > 2 else "unknown"


def server_setup(operations):
    """Return the operations that concern the server."""
    return [{**o, "op": SERVER_OPS[o["op"]]} for o in operations
            if o["op"] in SERVER_OPS]


def client_setup(operations, u):
    """Return the operations that concern client u."""
    return [{**o, "op": CLIENT_OPS.get(o["op"], o["op"])} for o in operations
            if o.get("client") == u
            and o["op"] not in ("take", "serve")]


class Messages:
    """The file and its current group."""

    def __init__(self):
        self.out = VectorFile("messages")

    def server_group(self, session, rows):
        """Add a group of messages to the server. A row is (comment, flags,
        client, message)."""
        shared = {**session.group_members(), "serverOnly": True}
        self.out.group("ToServer", **shared,
                       setup=server_setup(session.operations))
        for comment, flags, u, message in rows:
            server = copy.deepcopy(session.server)
            _, error = attempt(server.recv, u, message)
            self.out.add(comment, flags, error, client=u, direction="up",
                         messageType=type_name(message), message=message,
                         phase=server.phase)

    def client_group(self, session, u, rows):
        """Add a group of messages to client u. A row is (comment, flags,
        message)."""
        self.out.group("ToClient", **session.group_members(),
                       setup=client_setup(session.operations, u))
        for comment, flags, message in rows:
            client = copy.deepcopy(session.clients[u])
            _, error = attempt(client.recv, message)
            failed = client.phase == "FAILED"
            self.out.add(comment, flags, error, client=u, direction="down",
                         messageType=type_name(message), message=message,
                         phase=client.phase,
                         answer=client.send() if failed else "")


def start_session(name, p, absent=(), classes=None, part_size=None):
    """Return a session whose clients have their input."""
    credentials = {u: b"I am %d" % u for u in range(p.clients)} \
        if p.active else None
    session = RecordedSession(p, "messages " + name, classes=classes,
                              credentials=credentials)
    for u in range(p.clients):
        if u not in absent:
            supply_input(session, u, part_size or 0)
    return session


def session_setups():
    """Yield the sessions whose messages are altered: name, parameters, clients
    that never answer, classes of cheating clients. Client 2 sends or receives
    the altered messages."""
    yield ("semi", parameters("messages semi", 5, 3, (TINY,), suite=2,
                              max_weight=3, min_survivors=3), {0},
           None)
    yield ("active", parameters("messages active", 5, 3, (TINY,), mode=1,
                                min_survivors=3), {4}, None)
    yield ("ring", parameters("messages ring", 8, 3, (TINY,), neighbours=4,
                              min_survivors=5, suite=2), {7}, None)
    yield ("liar", parameters("messages liar", 5, 3, (TINY,),
                              min_survivors=3), set(),
           {1: cheating_dealer({2}, "seal")})


def is_tested(name, type_):
    """Tell whether messages of this type are altered; a cheating dealer
    changes nothing before RELAY."""
    return name != "liar" or type_ not in (1, 2, 3)


def next_message(session, u):
    """Return the message that client u would send now, and leave the session
    as it is."""
    return copy.deepcopy(session.clients[u]).send()


def to_server_groups(file, name, p, absent, classes):
    """Add a group for each message to the server."""
    session = start_session(name, p, absent, classes)
    others = [u for u in range(p.clients) if u not in absent and u != 2]
    while session.server.phase not in ("DONE", "FAILED"):
        for u in others:
            session.exchange(u, True)
        if session.server.phase != "KEYS":
            session.down(2)
        good = next_message(session, 2)
        if is_tested(name, good[2]):
            file.server_group(session, client_message_rows(
                session, 2, good, absent, name in WHOLE))
        session.up(2)
        session.close_phase()


def to_client_groups(file, name, p, absent, classes):
    """Add a group for each message to client 2."""
    session = start_session(name, p, absent, classes)
    while session.server.phase not in ("DONE", "FAILED"):
        if session.server.phase != "KEYS":
            message = session.server.send(2)
            if is_tested(name, message[2]):
                file.client_group(session, 2, server_message_rows(
                    session, 2, message, name in WHOLE))
        session.run_phase(absent)
    file.client_group(session, 2, done_rows(session, 2))


def dealers_group(file):
    """9.4: in active mode a client needs t dealers at RELAY, which here are
    more than min_survivors."""
    p = parameters("messages dealers", 5, 4, (TINY,), mode=1, min_survivors=3)
    session = start_session("dealers", p)
    session.run_phase()
    session.run_phase()
    file.client_group(session, 2, server_message_rows(
        session, 2, session.server.send(2), False))


def part_groups(file):
    """Add the groups of INPUT_PARTs."""
    p = parameters("messages parts", 4, 3, (SMALL, NUMBERS), max_weight=3,
                   min_survivors=3)
    session = start_session("parts", p, part_size=512)
    session.run_phase()
    session.run_phase()
    for u in range(4):
        session.down(u)
    for number in range(p.lanes.nblocks):
        good = next_message(session, 2)
        file.server_group(session, part_rows(session, 2, good, number))
        session.up(2)
        session.supply_next_part(2)
    file.server_group(session, after_parts(session, 2, good))
    p = parameters("messages least part", 3, 2, (HUGE,), min_survivors=2)
    session = RecordedSession(p, "messages least part")
    session.run_phase()
    session.run_phase()
    file.server_group(session, short_part_rows(session, 2))


def make_messages():
    """Make messages.json."""
    file = Messages()
    for name, p, absent, classes in session_setups():
        to_server_groups(file, name, p, absent, classes)
        to_client_groups(file, name, p, absent, classes)
    dealers_group(file)
    part_groups(file)
    trust_groups(file)
    order_groups(file)
    return file.out
