# SPDX-License-Identifier: Apache-2.0
"""Parties that are moved by operations, each of which is written down."""
from client import Client
from errors import Refusal
from params import INTEGER, LAXEST, check_policy, encode
from server import Server
from suites import sign_public
from vectorfile import attempt, data, doubles, u64, u64s


class Script:
    """One server and all clients; `operations` is what was done."""

    def __init__(self, p, name, trust_all=True, kinds=None):
        """kinds maps clients to another class than Client: such a client
        is played by its messages alone."""
        self.p, self.name, self.trust_all = p, name, trust_all
        self.played = dict(kinds or {})
        self.server_seed = data(name + " server", 32)
        self.seeds = [data("%s seed %d" % (name, u), 32)
                      for u in range(p.clients)]
        self.identities = [data("%s identity %d" % (name, u), 32)
                           for u in range(p.clients)] if p.active else []
        self.publics = [sign_public(s) for s in self.identities]
        self.server = Server(p, self.server_seed)
        self.clients = [self.played.get(u, Client)(p, u, self.seeds[u])
                        for u in range(p.clients)]
        self.server_only = bool(attempt(check_policy, LAXEST, p)[1])
        self.operations = []
        self.later = {}
        if p.active and trust_all:
            self.introduce()

    def introduce(self):
        """3.5: everybody is told all keys."""
        for v, public in enumerate(self.publics):
            self.server.trust(v, public)
            for c in self.clients:
                c.trust(v, public)
        for c, secret in zip(self.clients, self.identities):
            c.identify(secret)

    def shared(self):
        """The members of a group."""
        return {"params": encode(self.p), "serverSeed": self.server_seed,
                "masterSeeds": b"".join(self.seeds),
                "identitySeeds": b"".join(self.identities),
                "trustAll": bool(self.p.active and self.trust_all),
                "serverOnly": self.server_only}

    def note(self, op, function, *arguments, **members):
        """Do something and write it down with its error."""
        result, error = attempt(function, *arguments)
        self.operations.append({"op": op, **members, "error": error})
        return result, error

    # The host of a client

    def weight(self, u, w):
        """7.3."""
        if u in self.played:
            return self.clients[u].weight(w)
        return self.note("weight", self.clients[u].weight, w, client=u,
                         weight=u64(w))[1]

    def chunk(self, u, entries):
        """8.7."""
        if u in self.played:
            return self.clients[u].chunk(entries)
        return self.note("chunk", self.clients[u].chunk, entries, client=u,
                         entries=entries)[1]

    def input(self, u, segment, offset, values):
        """7.1."""
        if u in self.played:
            return self.clients[u].input(segment, offset, values)
        whole = self.p.segments[segment].kind == INTEGER
        text = u64s(values) if whole else doubles(values)
        return self.note("input", self.clients[u].input, segment, offset,
                         values, client=u, segment=segment, offset=offset,
                         values=text)[1]

    # Messages

    def make(self, u):
        """The client is asked; the message."""
        if u in self.played:
            return self.clients[u].send()
        message, error = attempt(self.clients[u].send)
        self.operations.append({"op": "make", "client": u, "message":
                                (message or b"").hex(), "error": error})
        return message

    def serve(self, u):
        """The server is asked; the message."""
        message, error = attempt(self.server.send, u)
        self.operations.append({"op": "serve", "client": u, "message":
                                (message or b"").hex(), "error": error})
        return message

    def hear(self, u, message):
        """The client is given a message; the error."""
        if u in self.played:
            return attempt(self.clients[u].recv, message)[1]
        return self.note("hear", self.clients[u].recv, message, client=u,
                         message=message.hex())[1]

    def take(self, u, message):
        """The server is given a message; the error."""
        return self.note("take", self.server.recv, u, message, client=u,
                         message=message.hex())[1]

    def join(self, first, second, name):
        """Two operations as one, where the first had no error."""
        a, b = self.operations[-2:]
        if (a["op"], b["op"]) == (first, second) and not a["error"] \
                and a["message"] == b["message"]:
            self.operations[-2:] = [{**b, "op": name}]

    def up(self, u):
        """The client's message to the server; the error, None where there
        is no message."""
        message = self.make(u)
        if not message:
            return None
        error = self.take(u, message)
        if u not in self.played:
            self.join("make", "take", "up")
        return error

    def down(self, u):
        """The server's message to the client; the error."""
        message = self.serve(u)
        if not message:
            return None
        error = self.hear(u, message)
        if u not in self.played:
            self.join("serve", "hear", "down")
        return error

    def end(self):
        """9.2: the host ends the phase; the error."""
        return self.note("end", self.server.advance)[1]

    # Whole sessions

    def result(self):
        """The members that end a test of a session."""
        server = self.server
        done = server.phase == "DONE"
        sums = [u64s(server.sums(i)) if done else ""
                for i in range(len(self.p.segments))]
        return {"survivors": "".join("%08x" % u for u in server.survivors())
                if done else "",
                "weightSum": u64(server.sum_of_weights() if done else 0),
                "sums": sums if done else [],
                "means": self.means() if done else [],
                "blamed": "".join("%08x" % u for u, _ in server.blame),
                "blamedFor": [e for _, e in server.blame]}

    def means(self):
        """7.5: means of each segment; empty for INTEGER."""
        out = []
        for i, s in enumerate(self.p.segments):
            try:
                out.append("" if s.kind == INTEGER
                           else doubles(self.server.means(i)))
            except Refusal:
                out.append("")
        return out

    def error(self):
        """The error with which the session ended."""
        if self.server.phase == "DONE":
            return ""
        return self.server.error.name

    def answer(self, u, send):
        """One phase of a client: hear, then answer as often as it does."""
        if self.server.phase != "KEYS" and self.down(u):
            return
        while send and self.up(u) is not None:
            self.more(u)

    def more(self, u):
        """8.7: the host gives the pieces of the part that is next."""
        if self.later.get(u):
            for piece in self.later[u].pop(0):
                self.input(u, *piece)

    def phase(self, out=(), silent=()):
        """One phase: clients in `out` do nothing, those in `silent` hear
        and do not answer."""
        for u in range(self.p.clients):
            if u not in out and u in self.server.in_ \
                    and u not in self.server.aborted:
                self.answer(u, u not in silent)
        return self.end()

    def run(self, drops=None):
        """All phases; drops maps clients to the phase they do not answer."""
        drops = drops or {}
        gone = set()
        while self.server.phase not in ("DONE", "FAILED"):
            gone |= {u for u, p in drops.items() if p == self.server.phase}
            self.phase(gone)
        if self.server.phase == "FAILED":
            self.dismiss(gone)

    def dismiss(self, gone):
        """8.12: the server's ABORT to those that answered last."""
        for u in sorted(self.server.answered - gone):
            self.down(u)
