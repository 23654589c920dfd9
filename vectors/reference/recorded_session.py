# SPDX-License-Identifier: Apache-2.0
"""A session whose operations are recorded: a server and all clients are
driven step by step, and each step becomes an operation of a test vector."""
from client import Client
from errors import ProtocolError
from params import LAXEST_POLICY, REALS, check_policy, encode
from server import Server
from suites import ed25519_public
from vector_file import (attempt, doubles, test_bytes, twos_complement, u32s,
                         u64)


class Verifier:
    """A host's verifier: it is asked exactly what was announced."""

    def __init__(self):
        self.calls = []

    def __call__(self, *call):
        announced, answer = self.calls.pop(0)
        assert call == announced
        return answer


class RecordedSession:
    """One server and all clients; `operations` lists the steps so far,
    `silent` has the clients that did not answer in a phase."""

    def __init__(self, p, name, trust_all=True, classes=None,
                 credentials=None):
        """classes maps a client to a class that replaces Client. The
        vectors contain only the messages of such a client: its own steps are
        not recorded. credentials maps clients to what KEYS carries."""
        self.p, self.name, self.trust_all = p, name, trust_all
        self.unrecorded = dict(classes or {})
        self.server_seed = test_bytes(name + " server", 32)
        self.seeds = [test_bytes("%s seed %d" % (name, u), 32)
                      for u in range(p.clients)]
        self.identities = [test_bytes("%s identity %d" % (name, u), 32)
                           for u in range(p.clients)] if p.active else []
        self.publics = [ed25519_public(s) for s in self.identities]
        self.server = Server(p, self.server_seed)
        self.clients = [self.unrecorded.get(u, Client)(p, u, self.seeds[u])
                        for u in range(p.clients)]
        self.server_only = bool(attempt(check_policy, LAXEST_POLICY, p)[1])
        self.operations = []
        self.silent = set()
        self.later_parts, self.states, self.inputs = {}, {}, {}
        if p.active and trust_all:
            self.trust_all_keys()
        for u, credential in (credentials or {}).items():
            self.present(u, credential)

    def trust_all_keys(self):
        """3.5: give each party all public keys, and each client its own
        signing key."""
        for v, public in enumerate(self.publics):
            self.server.trust(v, public)
            for c in self.clients:
                c.trust(v, public)
        for c, secret in zip(self.clients, self.identities):
            c.identify(secret)

    def group_members(self):
        """Return the members that all tests of a group share."""
        return {"params": encode(self.p), "serverSeed": self.server_seed,
                "masterSeeds": b"".join(self.seeds),
                "identitySeeds": b"".join(self.identities),
                "trustAll": bool(self.p.active and self.trust_all),
                "serverOnly": self.server_only}

    def record(self, op, function, *arguments, **members):
        """Call a function and record it as an operation with its error.
        Return the result and the error."""
        result, error = attempt(function, *arguments)
        self.operations.append({"op": op, **members, "error": error})
        return result, error

    # Calls by the host of a client

    def weight(self, u, w):
        """7.3: supply a client's weight; return the error."""
        if u in self.unrecorded:
            return self.clients[u].weight(w)
        return self.record("weight", self.clients[u].weight, w, client=u,
                           weight=u64(w))[1]

    def set_part_size(self, u, entries):
        """8.7: let a client send its input in parts; return the error."""
        if u in self.unrecorded:
            return self.clients[u].set_part_size(entries)
        return self.record("chunk", self.clients[u].set_part_size, entries,
                           client=u, entries=entries)[1]

    def input(self, u, segment, offset, values):
        """7.1: supply entries of a client's input; return the error."""
        if u in self.unrecorded:
            return self.clients[u].input(segment, offset, values)
        reals = self.p.segments[segment].kind in REALS
        text = doubles(values) if reals else twos_complement(values)
        return self.record("input", self.clients[u].input, segment, offset,
                           values, client=u, segment=segment, offset=offset,
                           values=text)[1]

    # Trust (3.5). The server is party None

    def on_party(self, u, op, name, *arguments, **members):
        """Call a function of a client, or of the server if u is None, and
        record it; return the error."""
        party = self.server if u is None else self.clients[u]
        if u is None:
            op = op.replace("trust", "trustServer").replace(
                "verdict", "verdictServer")
        else:
            members = {"client": u, **members}
        return self.record(op, getattr(party, name), *arguments, **members)[1]

    def identify(self, u):
        """Give a client its signing key."""
        return self.on_party(u, "identify", "identify", self.identities[u])

    def identify_as(self, u, secret):
        """Give a client a signing key that may be another's."""
        return self.on_party(u, "identifyAs", "identify", secret,
                             secret=secret.hex())

    def present(self, u, credential):
        """Give a client its credential."""
        if u in self.unrecorded:
            return self.clients[u].present(credential)
        return self.on_party(u, "present", "present", credential,
                             credential=credential.hex())

    def trust(self, u, index, public):
        """Give a party the key of an index."""
        return self.on_party(u, "trust", "trust", index, public, index=index,
                             public=public.hex())

    def trust_whole(self, u):
        """Declare a party's list whole."""
        return self.on_party(u, "trustWhole", "trust_whole")

    def trust_with(self, u):
        """Give a party a verifier."""
        return self.on_party(u, "trustWith", "trust_with", Verifier())

    def verdict(self, u, index, public, credential, answer=""):
        """Announce the next call of a party's verifier and its answer."""
        party = self.server if u is None else self.clients[u]
        call = (index, public, credential)
        party.trusted.verifier.calls.append((call, answer))
        members = {} if u is None else {"client": u}
        self.operations.append({
            "op": "verdictServer" if u is None else "verdict", **members,
            "index": index, "public": public.hex(),
            "credential": credential.hex(), "answer": answer, "error": ""})

    # Saving (11)

    def host_key(self):
        """11.2: return the key with which the hosts seal states."""
        return test_bytes(self.name + " host key", 32)

    def save(self, u, number):
        """11.2: save a client and keep the sealed state by a number."""
        self.states[number] = self.clients[u].save(self.host_key())
        self.operations.append({
            "op": "save", "client": u, "state": number,
            "key": self.host_key().hex(),
            "generation": u64(self.clients[u].generation), "error": ""})

    def resume(self, u, number, least, key=None):
        """11.2: put the client of a kept state in the place of client u, as
        client u of this session; return the error."""
        key = key or self.host_key()
        client, error = self.record(
            "resume", Client.resume, key, self.states[number], least, u,
            self.p.h_ctx, client=u, state=number, key=key.hex(),
            least=u64(least))
        if not error:
            self.inputs[u] = self.input_vector(u)
            self.clients[u] = client
        return error

    def input_vector(self, u):
        """Return the input of a client, with what it was supplied with before
        it was resumed."""
        new = self.clients[u].input_vector
        old = self.inputs.get(u, new)
        for entries, more in zip(old.entries, new.entries):
            entries.update(more)
        if new.weight is not None:
            old.weight = new.weight
        return old

    # Messages

    def client_send(self, u):
        """Ask a client for its message and return it."""
        if u in self.unrecorded:
            return self.clients[u].send()
        message, error = attempt(self.clients[u].send)
        self.operations.append({"op": "make", "client": u, "message":
                                (message or b"").hex(), "error": error})
        return message

    def server_send(self, u):
        """Ask the server for its message to a client and return it."""
        message, error = attempt(self.server.send, u)
        self.operations.append({"op": "serve", "client": u, "message":
                                (message or b"").hex(), "error": error})
        return message

    def client_recv(self, u, message):
        """Give a client a message of the server; return the error."""
        if u in self.unrecorded:
            return attempt(self.clients[u].recv, message)[1]
        return self.record("hear", self.clients[u].recv, message, client=u,
                           message=message.hex())[1]

    def server_recv(self, u, message):
        """Give the server a message of a client; return the error."""
        return self.record("take", self.server.recv, u, message, client=u,
                           message=message.hex())[1]

    def merge_last_two(self, first, second, merged):
        """Replace the last two operations by one if they are `first` and
        `second` with the same message and the first had no error."""
        a, b = self.operations[-2:]
        if (a["op"], b["op"]) == (first, second) and not a["error"] \
                and a["message"] == b["message"]:
            self.operations[-2:] = [{**b, "op": merged}]

    def up(self, u):
        """Carry a client's message to the server. Return the server's error,
        or None if the client has no message."""
        message = self.client_send(u)
        if not message:
            return None
        error = self.server_recv(u, message)
        if u not in self.unrecorded:
            self.merge_last_two("make", "take", "up")
        return error

    def down(self, u):
        """Carry the server's message to a client. Return the client's error,
        or None if the server has no message."""
        message = self.server_send(u)
        if not message:
            return None
        error = self.client_recv(u, message)
        if u not in self.unrecorded:
            self.merge_last_two("serve", "hear", "down")
        return error

    def close_phase(self):
        """9.2: close the phase at the server; return the error."""
        server = self.server
        self.silent |= server.in_ - server.answered - server.aborted
        return self.record("end", self.server.advance)[1]

    def spent(self, u):
        """11.4: record whether the vector of a client is spent, and return
        it."""
        state = self.clients[u].spent
        self.operations.append({"op": "spent", "client": u, "spent": state,
                                "error": ""})
        return state

    # Whole sessions

    def result_members(self):
        """Return the members of a test that state the result."""
        server = self.server
        done = server.phase == "DONE"
        return {"survivors": u32s(server.survivors() if done else ()),
                "weightSum": u64(self.weight_sum() if done else 0),
                "sums": self.lists(server.sums, twos_complement)
                if done else [],
                "means": self.lists(server.means, doubles) if done else [],
                "blamed": u32s(u for u, _ in server.blame_list),
                "blamedFor": [e for _, e in server.blame_list],
                "disputed": u32s(i for pair in server.disputes
                                 for i in pair), **self.lost_members()}

    def lost_members(self):
        """9.2: return the members of a test that tell which clients dropped
        out, in which phase, and with which error."""
        rows = sorted(self.server.lost.items())
        names = {error.number: error.__name__
                 for error in ProtocolError.__subclasses__()}
        return {"lost": u32s(v for v, _ in rows),
                "lostIn": [phase for _, (phase, _) in rows],
                "lostFor": ["" if code is None else names[code]
                            for _, (_, code) in rows]}

    def weight_sum(self):
        """7.5: return the sum of the weights, or 0 if it is VALUE."""
        total, error = attempt(self.server.sum_of_weights)
        return 0 if error else total

    def lists(self, read, write):
        """7.5: return the results of each segment; empty where there are
        none."""
        found = [attempt(read, i)[0] for i in range(len(self.p.segments))]
        return ["" if values is None else write(values) for values in found]

    def error(self):
        """Return the error with which the session ended, or an empty
        string."""
        if self.server.phase == "DONE":
            return ""
        return self.server.error.name

    def exchange(self, u, answers):
        """Carry the server's message of this phase to a client and, if
        `answers`, all its messages back. A client that fails answers with
        ABORT."""
        if self.server.phase != "KEYS" and self.down(u):
            if answers and self.clients[u].phase == "FAILED":
                self.up(u)
            return
        while answers and self.up(u) is not None:
            if self.server.phase == "INPUT":
                self.supply_next_part(u)

    def supply_next_part(self, u):
        """8.7: supply the entries of a client's next part, if there is
        one."""
        if self.later_parts.get(u):
            for segment, offset, values in self.later_parts[u].pop(0):
                self.input(u, segment, offset, values)

    def run_phase(self, absent=()):
        """Run one phase and close it; clients in `absent` neither receive nor
        send. Return the error of closing."""
        for u in range(self.p.clients):
            if u not in absent and u in self.server.in_ \
                    and u not in self.server.aborted:
                self.exchange(u, True)
        return self.close_phase()

    def run(self, drops=None):
        """Run all phases that are left. `drops` maps a client to the first
        phase in which it does not answer."""
        drops = drops or {}
        absent = set()
        while self.server.phase not in ("DONE", "FAILED"):
            absent |= {u for u, p in drops.items() if p == self.server.phase}
            self.run_phase(absent)
        if self.server.phase == "FAILED":
            self.deliver_aborts(absent)

    def deliver_aborts(self, absent):
        """8.12: carry the server's ABORT to the clients that answered in the
        last phase."""
        for u in sorted(self.server.answered - absent):
            self.down(u)
