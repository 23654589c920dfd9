# SPDX-License-Identifier: Apache-2.0
"""Replays sessions of the test vectors (vectors/README.md) by the package.

The package takes identities and trust when a party is made, so a party is made
at its first operation that is about something else. A test that sets them
later cannot be expressed and is left out, and so are steps that set them once
more and must fail with STATE.
"""
from __future__ import annotations

import functools
import hashlib
import struct

import numpy as np

import secagg
from support import LAX

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P
NAMES = {name: getattr(secagg, cls) for name, cls in (
    ("ARG", "ArgumentError"), ("STATE", "StateError"), ("SIZE", "SizeError"),
    ("VALUE", "RangeError"), ("STALE", "StaleError"),
    ("INPUT_DUE", "InputDueError"), ("REPEAT", "RepeatError"),
    ("MESSAGE", "MessageError"), ("AUTH", "AuthError"),
    ("POLICY", "PolicyError"), ("THRESHOLD", "ThresholdError"),
    ("CHEAT", "CheatError"))}
CONFIG = {"identify", "identifyAs", "present", "trust", "trustWhole",
          "trustWith", "trustServer", "trustServerWhole", "trustServerWith"}


class Inexpressible(Exception):
    """A test that the interface of the package has no calls for."""


def _add(p, q):
    """The sum of two points of Ed25519 (RFC 8032, 5.1.4)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _base():
    x2 = (BASE_Y**2 - 1) * pow(D * BASE_Y**2 + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    x = x if x % 2 == 0 else P - x
    return x, BASE_Y, 1, x * BASE_Y % P


@functools.lru_cache(None)
def public_of(seed: bytes) -> bytes:
    """The public key of a seed (RFC 8032, 5.1.5)."""
    scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    scalar = scalar & ((1 << 254) - 8) | 1 << 254
    total, point = (0, 1, 1, 0), _base()
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    inverse = pow(total[2], P - 2, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def identity_of(seed: bytes, credential: bytes = b"") -> secagg.Identity:
    return secagg.Identity.from_secret(seed + public_of(seed),
                                       credential=credential)


class Party:
    """A client or the server: its settings, then its handle."""

    def __init__(self, build):
        self.build, self.handle, self.abort = build, None, b""
        self.secret, self.credential = b"", b""
        self.keys, self.whole, self.ask = {}, False, False
        self.verdicts = []

    def made(self):
        if self.handle is None:
            self.handle = self.build()
        return self.handle

    def trust(self, others):
        """What the constructor takes."""
        if self.ask:
            return self.verdict
        if not self.keys and not self.whole:
            return None
        if not self.whole and not others <= self.keys.keys():
            raise Inexpressible("a list of keys that is not whole")
        return dict(self.keys)

    def verdict(self, index, key, credential):
        want = self.verdicts.pop(0)
        assert (index, key.hex(), credential.hex()) == (
            want["index"], want["public"], want["credential"])
        return {"": True, "STATE": None}.get(want["answer"], False)


class Parties:
    """All parties of one test, and the operations."""

    def __init__(self, group):
        self.params = secagg.Params.decode(bytes.fromhex(group["params"]))
        self.only_server = group["serverOnly"]
        n = self.params.clients
        self.masters = bytes.fromhex(group["masterSeeds"])
        seeds = bytes.fromhex(group["identitySeeds"])
        self.seeds = [seeds[32 * i:32 * i + 32] for i in range(n)]
        self.server = Party(functools.partial(
            self.new_server, bytes.fromhex(group["serverSeed"])))
        self.clients = [Party(functools.partial(self.new_client, i))
                        for i in range(0 if self.only_server else n)]
        self.states = {}
        if group["trustAll"]:
            keys = {i: public_of(s) for i, s in enumerate(self.seeds)}
            self.server.keys = dict(keys)
            for i, client in enumerate(self.clients):
                client.secret, client.keys = self.seeds[i], dict(keys)

    def close(self):
        for party in [self.server, *self.clients]:
            if party.handle is not None:
                party.handle.close()

    def new_server(self, seed):
        party = self.server
        return secagg.Server(self.params, seed=seed, trust=party.trust(
            set(range(self.params.clients))))

    def own(self, index):
        party = self.clients[index]
        made = {}
        if party.secret:
            made["identity"] = identity_of(party.secret, party.credential)
        elif party.credential:
            raise Inexpressible("a credential before the identity")
        others = set(range(self.params.clients)) - {index}
        return {**made, "trust": party.trust(others)}

    def new_client(self, index):
        return secagg.Client(
            self.params, index, policy=LAX,
            seed=self.masters[32 * index:32 * index + 32], **self.own(index))

    def run(self, operations):
        for step in operations:
            name = step["op"]
            if self.only_server and name not in (
                    "take", "up", "serve", "down", "end", "verdictServer",
                    "trustServer", "trustServerWhole", "trustServerWith"):
                continue
            if name in CONFIG:
                self.configure(step)
                continue
            getattr(self, "do_" + name)(step)

    def configure(self, step):
        party = (self.server if "Server" in step["op"]
                 else self.clients[step["client"]])
        if party.handle is not None:
            if not step["error"]:
                raise Inexpressible(f"{step['op']} after the party was made")
        elif not step["error"]:
            self.set(party, step)
        elif step["error"] != "STATE":  # a party that cannot be made
            before = dict(party.__dict__, keys=dict(party.keys))
            self.set(party, step)
            party.whole = True  # not reached
            self.attempt(step, party.build)
            party.__dict__.update(before)

    def set(self, party, step):
        name = step["op"].replace("Server", "")
        if name == "identify":
            party.secret = self.seeds[step["client"]]
        elif name == "identifyAs":
            party.secret = bytes.fromhex(step["secret"])
        elif name == "present":
            party.credential = bytes.fromhex(step["credential"])
        elif name == "trust":
            party.keys[step["index"]] = bytes.fromhex(step["public"])
        elif name == "trustWhole":
            party.whole = True
        else:
            party.ask = True

    # ---- operations of clients ---------------------------------------------

    def attempt(self, step, call, error=None):
        """The result of a call that must end with the error of a step."""
        want = step["error"] if error is None else error
        try:
            got = call()
        except secagg.Error as failure:
            assert want and type(failure) is NAMES[want], (step, failure)
            assert failure.sentence
            return failure
        assert not want, step
        return got

    def client(self, step):
        return self.clients[step["client"]].made()

    def do_weight(self, step):
        value = int(step["weight"], 16)
        self.attempt(step, lambda: self.client(step).weight(value))

    def do_chunk(self, step):
        self.attempt(step, lambda: self.client(step).set_part_size(
            step["entries"]))

    def do_input(self, step):
        segments, number = self.params.segments, step["segment"]
        kind = segments[number].kind if number < len(segments) else None
        form = {secagg.Kind.REAL: ">f8", secagg.Kind.WEIGHTED: ">f8",
                secagg.Kind.SIGNED: ">i8"}.get(kind, ">u8")
        values = np.frombuffer(bytes.fromhex(step["values"]), form)
        self.attempt(step, lambda: self.client(step).input(
            values, number, step["offset"]))

    def do_make(self, step, error=None):
        party = self.clients[step["client"]]
        error = step["error"] if error is None else error
        if party.abort and not error:  # the exception had the last message
            assert party.abort.hex() == step["message"]
            party.abort = b""
            return
        client = self.client(step)
        made = self.attempt(step, client.send, error)
        if isinstance(made, secagg.Error):
            party.abort = made.abort or party.abort
        else:
            assert made.hex() == step["message"], step

    def do_hear(self, step):
        party = self.clients[step["client"]]
        client = self.client(step)
        got = self.attempt(step, lambda: client.recv(
            bytes.fromhex(step["message"])))
        assert not party.verdicts
        if isinstance(got, secagg.Error) and got.abort:
            party.abort = got.abort

    def do_save(self, step):
        client = self.client(step)
        self.states[step["state"]] = client.save(bytes.fromhex(step["key"]))
        assert client.generation == int(step["generation"], 16)

    def do_resume(self, step):
        party, index = self.clients[step["client"]], step["client"]

        def build():
            return secagg.Client.resume(
                self.states[step["state"]], bytes.fromhex(step["key"]),
                least_generation=int(step["least"], 16), params=self.params,
                index=index, **(self.own(index) if not step["error"] else {}))

        if step["error"]:
            self.attempt(step, build)
            return
        party.handle.close()
        party.__init__(build)

    def do_spent(self, step):
        assert self.client(step).spent.name == step["spent"]

    def do_verdict(self, step):
        self.clients[step["client"]].verdicts.append(step)

    # ---- operations of the server ------------------------------------------

    def do_verdictServer(self, step):
        self.server.verdicts.append(step)

    def take(self, step):
        server = self.server.made()
        if not server.recv(step["client"], bytes.fromhex(step["message"])):
            assert server.refusals[-1].index == step["client"]
            raise server.refusals[-1].error

    def do_take(self, step):
        self.attempt(step, lambda: self.take(step))
        assert not self.server.verdicts

    def do_serve(self, step, error=None):
        made = self.attempt(step, lambda: self.server.made().send(
            step["client"]), error)
        assert isinstance(made, secagg.Error) or (
            made.hex() == step["message"]), step

    def do_up(self, step):
        if not self.only_server:
            self.do_make(step, "")
        self.do_take(step)

    def do_down(self, step):
        self.do_serve(step, "")
        if not self.only_server:
            self.do_hear(step)

    def do_end(self, step):
        self.attempt(step, self.server.made().advance)


# ---- the end of a session ---------------------------------------------------

def u32s(text):
    return list(struct.unpack(f">{len(text) // 8}I", bytes.fromhex(text)))


def check_outcome(server, test, params):
    """Compare a server with the result of a Session."""
    failed = test["error"]
    assert server.phase is (secagg.Phase.FAILED if failed
                            else secagg.Phase.DONE)
    assert type(server.failure) is (NAMES[failed] if failed else type(None))
    assert server.survivors == u32s(test["survivors"])
    assert server.weight == int(test["weightSum"], 16)
    blamed = server.blamed()
    assert [b.index for b in blamed] == u32s(test["blamed"])
    assert [b.error for b in blamed] == [NAMES[n] for n in test["blamedFor"]]
    assert [i for d in server.disputed() for i in (d.dealer, d.holder)] == (
        u32s(test["disputed"]))
    lost = server.lost()
    assert list(lost) == u32s(test["lost"])
    assert [x.phase.name for x in lost.values()] == test["lostIn"]
    assert [x.error for x in lost.values()] == [
        NAMES[name] if name else None for name in test["lostFor"]]
    for number in range(len(params.segments)):
        check_segment(server, test, number, params.segments[number].kind)


def check_segment(server, test, number, kind):
    if server.phase is secagg.Phase.FAILED:
        for read in (server.sum, server.mean):
            assert_raises(secagg.StateError, read, number, dtype="f8")
        return
    signed = kind is secagg.Kind.SIGNED
    real = kind in (secagg.Kind.REAL, secagg.Kind.WEIGHTED)
    for name, read, form in (("sums", server.sum, "i8" if signed else "u8"),
                             ("means", server.mean, "f8")):
        want = test[name][number]
        if want:
            got = read(number, dtype=form)
            assert got.astype(">" + form).tobytes().hex() == want
        else:
            error = (secagg.RangeError if name == "sums" or real
                     else secagg.ArgumentError)
            assert_raises(error, read, number, dtype=form)


def assert_raises(error, call, *args, **named):
    try:
        call(*args, **named)
    except error:
        return
    raise AssertionError(f"no {error.__name__}")
