# SPDX-License-Identifier: Apache-2.0
"""Replay the tests of messages.json and sessions_*.json. The operations are
those of formats_parties.py."""
import struct

import params
from client import Client
from errors import ProtocolError
from formats_parties import SERVER_TRUST_OPS
from server import Server
from suites import ed25519_public

SERVER_OPS = ("take", "up", "serve", "down", "end") + SERVER_TRUST_OPS


class Wrong(Exception):
    """A party does not do what a test demands."""


def expect(what, got, wanted):
    """Compare a result with that of the test."""
    if got != wanted:
        raise Wrong("%s: %s, not %s" % (what, got, wanted))


def expect_error(what, wanted, function, *arguments):
    """Call a function, which must end with an error or with none; return its
    result."""
    result, error = None, ""
    try:
        result = function(*arguments)
    except ProtocolError as raised:
        error = raised.name
    expect(what, error, wanted)
    return result


def twos_complement(value):
    """Read a 64-bit integer as signed."""
    return value - 2**64 if value >= 2**63 else value


class Verifier:
    """A host's verifier, which is asked exactly what was announced."""

    def __init__(self):
        self.calls = []

    def __call__(self, *call):
        expect("a call of the verifier", [call],
               [announced for announced, _ in self.calls[:1]])
        return self.calls.pop(0)[1]


class Parties:
    """A server and the clients of a group. A client exists from the first
    operation on that names it."""

    def __init__(self, group):
        self.p = params.decode(bytes.fromhex(group["params"]))
        self.server_only = group["serverOnly"]
        self.seeds, self.identities = (
            [bytes.fromhex(group[name][i:i + 64])
             for i in range(0, len(group[name]), 64)]
            for name in ("masterSeeds", "identitySeeds"))
        self.publics = [ed25519_public(seed) for seed in self.identities]
        self.trust_all = group["trustAll"]
        self.server = Server(self.p, bytes.fromhex(group["serverSeed"]))
        self.clients, self.states, self.verifiers = {}, {}, {}
        if self.trust_all:
            for i, public in enumerate(self.publics):
                self.server.trust(i, public)

    def client(self, u):
        """Return client u. Clients have the laxest policy."""
        if u not in self.clients:
            c = Client(self.p, u, self.seeds[u], params.LAXEST_POLICY)
            self.clients[u] = c
            if self.trust_all:
                c.identify(self.identities[u])
                for i, public in enumerate(self.publics):
                    c.trust(i, public)
        return self.clients[u]

    def perform_all(self, operations):
        """Perform all operations."""
        for number, o in enumerate(operations):
            name = o["op"]
            if self.server_only and name not in SERVER_OPS:
                continue
            try:
                getattr(self, "do_" + name)(o)
            except Wrong as wrong:
                raise Wrong("%d (%s): %s" % (number, name, wrong)) from None

    def expect_of(self, o, function, *arguments):
        """Call a function, whose error must be that of the operation."""
        return expect_error("error", o["error"], function, *arguments)

    # Trust

    def do_identify(self, o):
        u = o["client"]
        secret = self.identities[u] if self.identities else bytes(32)
        self.expect_of(o, self.client(u).identify, secret)

    def do_identifyAs(self, o):
        self.expect_of(o, self.client(o["client"]).identify,
                       bytes.fromhex(o["secret"]))

    def do_present(self, o):
        self.expect_of(o, self.client(o["client"]).present,
                       bytes.fromhex(o["credential"]))

    def add_key(self, o, party):
        self.expect_of(o, party.trust, o["index"], bytes.fromhex(o["public"]))

    def do_trust(self, o):
        self.add_key(o, self.client(o["client"]))

    def do_trustServer(self, o):
        self.add_key(o, self.server)

    def do_trustWhole(self, o):
        self.expect_of(o, self.client(o["client"]).trust_whole)

    def do_trustServerWhole(self, o):
        self.expect_of(o, self.server.trust_whole)

    def add_verifier(self, o, party, u):
        verifier = Verifier()
        self.expect_of(o, party.trust_with, verifier)
        if not o["error"]:
            self.verifiers[u] = verifier

    def do_trustWith(self, o):
        self.add_verifier(o, self.client(o["client"]), o["client"])

    def do_trustServerWith(self, o):
        self.add_verifier(o, self.server, None)

    def do_verdict(self, o):
        call = (o["index"], bytes.fromhex(o["public"]),
                bytes.fromhex(o["credential"]))
        self.verifiers[o.get("client")].calls.append((call, o["answer"]))

    do_verdictServer = do_verdict

    def expect_asked(self, u):
        """Require that a party has asked its verifier all that was
        announced."""
        if u in self.verifiers:
            expect("calls of the verifier that are left",
                   self.verifiers[u].calls, [])

    # Input

    def do_weight(self, o):
        self.expect_of(o, self.client(o["client"]).weight,
                       int(o["weight"], 16))

    def do_chunk(self, o):
        self.expect_of(o, self.client(o["client"]).set_part_size,
                       o["entries"])

    def do_input(self, o):
        data, segment = bytes.fromhex(o["values"]), o["segment"]
        values = list(struct.unpack(">%dQ" % (len(data) // 8), data))
        if segment < len(self.p.segments):
            kind = self.p.segments[segment].kind
            if kind in params.REALS:
                values = list(struct.unpack(">%dd" % len(values), data))
            elif kind == params.SIGNED:
                values = list(map(twos_complement, values))
        self.expect_of(o, self.client(o["client"]).input, segment,
                       o["offset"], values)

    # Saving

    def do_save(self, o):
        c = self.client(o["client"])
        self.states[o["state"]] = self.expect_of(o, c.save,
                                                 bytes.fromhex(o["key"]))
        expect("generation", c.generation, int(o["generation"], 16))

    def do_resume(self, o):
        u = o["client"]
        resumed = self.expect_of(
            o, Client.resume, bytes.fromhex(o["key"]), self.states[o["state"]],
            int(o["least"], 16), u, self.p.h_ctx)
        if resumed:
            self.clients[u] = resumed
            self.verifiers.pop(u, None)

    # Messages

    def expect_message(self, o, error, function, *arguments):
        message = expect_error("error of sending", error, function,
                               *arguments)
        expect("message", (message or b"").hex(), o["message"])

    def do_make(self, o):
        self.expect_message(o, o["error"], self.client(o["client"]).send)

    def do_serve(self, o):
        self.expect_message(o, o["error"], self.server.send, o["client"])

    def do_hear(self, o):
        self.expect_of(o, self.client(o["client"]).recv,
                       bytes.fromhex(o["message"]))
        self.expect_asked(o["client"])

    def do_take(self, o):
        self.expect_of(o, self.server.recv, o["client"],
                       bytes.fromhex(o["message"]))
        self.expect_asked(None)

    def do_up(self, o):
        if not self.server_only:
            self.expect_message(o, "", self.client(o["client"]).send)
        self.do_take(o)

    def do_down(self, o):
        self.expect_message(o, "", self.server.send, o["client"])
        if not self.server_only:
            self.do_hear(o)

    def do_end(self, o):
        self.expect_of(o, self.server.advance)

    def do_spent(self, o):
        expect("spent", self.client(o["client"]).spent, o["spent"])


def check_message(parties, group, test):
    """Check a test of ToServer or ToClient. `parties` are those after the
    setup of the group."""
    u, message = test["client"], bytes.fromhex(test["message"])
    party = parties.server
    if group["type"] == "ToClient":
        party = parties.client(u)
        expect_error("error", test["error"], party.recv, message)
        parties.expect_asked(u)
    else:
        expect_error("error", test["error"], party.recv, u, message)
        parties.expect_asked(None)
    expect("phase", party.phase, test["phase"])
    if test.get("answer"):
        answer = expect_error("error of ABORT", "", party.send)
        expect("answer", (answer or b"").hex(), test["answer"])


def expect_lists(what, server, read, kinds, wanted):
    """7.5: compare the results of all segments. A list that is empty must be
    VALUE, and ARG where integers have no such result."""
    for i, s in enumerate(server.p.segments):
        error = "" if wanted[i] else "VALUE" if s.kind in kinds else "ARG"
        values = expect_error("%s %d" % (what, i), error, read, i)
        if values is not None:
            form = ">%dd" if what == "means" else ">%dQ"
            if what == "sums":
                values = [x % 2**64 for x in values]
            expect("%s %d" % (what, i), struct.pack(
                form % len(values), *values).hex(), wanted[i])


def expect_unreadable(server, done):
    """7.5: nothing can be read before the server is DONE, and no segment that
    does not exist."""
    count = len(server.p.segments)
    for read in (server.sums, server.means):
        expect_error("a segment that does not exist",
                     "ARG" if done else "STATE", read, count)
        if not done:
            expect_error("a sum of a failed session", "STATE", read, 0)
    if not done:
        for read in (server.survivors, server.sum_of_weights):
            expect_error("a failed session", "STATE", read)


def expect_lost(server, test):
    """9.2: compare which clients dropped out, in which phase, and with which
    error."""
    names = {error.number: error.__name__
             for error in ProtocolError.__subclasses__()}
    rows = sorted(server.lost.items())
    expect("lost", "".join("%08x" % v for v, _ in rows), test["lost"])
    expect("lostIn", [phase for _, (phase, _) in rows], test["lostIn"])
    expect("lostFor", ["" if code is None else names[code]
                       for _, (_, code) in rows], test["lostFor"])


def check_session(group, test):
    """Check a test of Session."""
    parties = Parties(group)
    parties.perform_all(test["operations"])
    server = parties.server
    done = not test["error"]
    expect("phase", server.phase, "DONE" if done else "FAILED")
    if not done:
        expect("error", server.error.name, test["error"])
    expect("blamed", "".join("%08x" % u for u, _ in server.blame_list),
           test["blamed"])
    expect("blamedFor", [e for _, e in server.blame_list], test["blamedFor"])
    expect("disputed", "".join("%08x%08x" % pair for pair in server.disputes),
           test["disputed"])
    expect_lost(server, test)
    expect_unreadable(server, done)
    if not done:
        return
    expect("survivors", "".join("%08x" % u for u in server.survivors()),
           test["survivors"])
    try:
        weight = server.sum_of_weights()
    except ProtocolError as error:
        expect("error of weights", error.name, "VALUE")
        weight = 0
    expect("weightSum", "%016x" % weight, test["weightSum"])
    every = set(range(5))
    expect_lists("sums", server, server.sums, every, test["sums"])
    expect_lists("means", server, server.means, params.REALS, test["means"])
