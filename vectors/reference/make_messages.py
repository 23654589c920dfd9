# SPDX-License-Identifier: Apache-2.0
"""messages.json: parties in every phase, and messages given to them."""
import copy

import altered_down
import altered_parts
import altered_up
from liars import for_holders
from params import INTEGER, Segment
from script import Script
from session_cast import NUMBERS, give, parameters
from vectorfile import VectorFile, attempt

TINY = Segment(10, INTEGER, 3)
SMALL = Segment(520, INTEGER, 1)
NAMES = {1: "KEYS", 2: "ROSTER", 3: "SHARES", 4: "RELAY", 5: "INPUT",
         6: "SURVIVORS", 7: "CONFIRM", 8: "SIGNATURES", 9: "UNMASK",
         11: "ABORT", 12: "ABORT", 15: "INPUT_PART"}
WHOLE = ("semi", "active")
OP_UP = {"up": "take", "take": "take", "end": "end",
         "trustServer": "trustServer"}
OP_DOWN = {"up": "make", "make": "make", "down": "hear", "hear": "hear"}


def type_name(message):
    """The name of a message's type, as its header has it."""
    return NAMES.get(message[2], "unknown") if len(message) > 2 else "unknown"


def server_setup(operations):
    """What the server was given."""
    return [{**o, "op": OP_UP[o["op"]]} for o in operations
            if o["op"] in OP_UP]


def client_setup(operations, u):
    """What client u was given and asked."""
    return [{**o, "op": OP_DOWN.get(o["op"], o["op"])} for o in operations
            if o.get("client") == u
            and o["op"] not in ("take", "serve", "trustServer")]


class Messages:
    """The file and its current group."""

    def __init__(self):
        self.out = VectorFile("messages")

    def server_group(self, script, rows):
        """Messages to a server; rows are (comment, flags, client, bytes)."""
        shared = {**script.shared(), "serverOnly": True}
        self.out.group("ToServer", **shared,
                       setup=server_setup(script.operations))
        for comment, flags, u, message in rows:
            server = copy.deepcopy(script.server)
            _, error = attempt(server.recv, u, message)
            self.out.add(comment, flags, error, client=u, direction="up",
                         messageType=type_name(message), message=message,
                         phase=server.phase)

    def client_group(self, script, u, rows):
        """Messages to client u; rows are (comment, flags, bytes)."""
        self.out.group("ToClient", **script.shared(),
                       setup=client_setup(script.operations, u))
        for comment, flags, message in rows:
            client = copy.deepcopy(script.clients[u])
            _, error = attempt(client.recv, message)
            failed = client.phase == "FAILED"
            self.out.add(comment, flags, error, client=u, direction="down",
                         messageType=type_name(message), message=message,
                         phase=client.phase,
                         answer=client.send() if failed else "")


def start(name, p, absent=(), kinds=None, chunk=None):
    """A script whose clients have their input."""
    script = Script(p, "messages " + name, kinds=kinds)
    for u in range(p.clients):
        if u not in absent:
            give(script, u, chunk or 0)
    return script


def casts():
    """Sessions whose messages are altered: name, parameters, who never
    comes, liars. Client 2 is the one that is looked at."""
    n5 = dict(min_survivors=3)
    yield ("semi", parameters("messages semi", 5, 3, (TINY,), suite=2,
                              max_weight=3, min_survivors=3), {0},
           None)
    yield "active", parameters("messages active", 5, 3, (TINY,), mode=1,
                               **n5), {4}, None
    yield ("ring", parameters("messages ring", 8, 3, (TINY,), neighbours=4,
                              min_survivors=5, suite=2), {7}, None)
    yield ("liar", parameters("messages liar", 5, 3, (TINY,),
                              min_survivors=3), set(),
           {1: for_holders({2}, "seal")})


def wanted(name, kind):
    """A liar changes nothing before RELAY."""
    return name != "liar" or kind not in (1, 2, 3)


def pending(script, u):
    """What client u would send now, and the script is not moved."""
    return copy.deepcopy(script.clients[u]).send()


def up_groups(file, name, p, absent, kinds):
    """Every message to the server, altered."""
    script = start(name, p, absent, kinds)
    others = [u for u in range(p.clients) if u not in absent and u != 2]
    while script.server.phase not in ("DONE", "FAILED"):
        for u in others:
            script.answer(u, True)
        if script.server.phase != "KEYS":
            script.down(2)
        good = pending(script, 2)
        if wanted(name, good[2]):
            file.server_group(script, altered_up.rows(
                script, 2, good, absent, name in WHOLE))
        script.up(2)
        script.end()


def down_groups(file, name, p, absent, kinds):
    """Every message to client 2, altered."""
    script = start(name, p, absent, kinds)
    while script.server.phase not in ("DONE", "FAILED"):
        if script.server.phase != "KEYS":
            message = script.server.send(2)
            if wanted(name, message[2]):
                file.client_group(script, 2, altered_down.rows(
                    script, 2, message, name in WHOLE))
        script.phase(absent)
    file.client_group(script, 2, altered_down.done_rows(script, 2))


def part_groups(file):
    """INPUT_PARTs."""
    p = parameters("messages parts", 3, 3, (SMALL, NUMBERS), max_weight=3,
                   min_survivors=3)
    script = start("parts", p, chunk=512)
    script.phase()
    script.phase()
    for u in range(3):
        script.down(u)
    for number in range(4):
        good = pending(script, 2)
        file.server_group(script,
                          altered_parts.part_rows(script, 2, good, number))
        script.up(2)
        script.more(2)
    file.server_group(script, altered_parts.after_parts(script, 2, good))


def make_messages():
    """messages.json."""
    file = Messages()
    for name, p, absent, kinds in casts():
        up_groups(file, name, p, absent, kinds)
        down_groups(file, name, p, absent, kinds)
    part_groups(file)
    return file.out
