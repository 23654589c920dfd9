# SPDX-License-Identifier: Apache-2.0
"""Whole sessions in one process, with a script of who drops out where.

Expected sums come from plain NumPy: integers exactly, reals from the values
that went in, within the error that `secagg.step` states.
"""
from __future__ import annotations

import dataclasses
import hashlib
import struct

import numpy as np

import secagg
from secagg import Phase, Segment

LAX = secagg.Policy(min_clients=2, min_ring=1, min_survivors=2,
                    min_corrupt=secagg.NOBODY_CORRUPT, any_digest=True)
VALUE_BITS = 16
SEGMENTS = (Segment(7, "real", clip=2.0, value_bits=VALUE_BITS),
            Segment(5, "weighted", clip=1.0, value_bits=VALUE_BITS),
            Segment(4, "signed", value_bits=8),
            Segment(3, "unsigned", value_bits=40),
            Segment(2, "integer", bits=64))
MAX_WEIGHT = 50


def seed(*parts) -> bytes:
    """32 bytes that tests may reveal."""
    return hashlib.sha256(repr(parts).encode()).digest()


def params(clients=6, *, threshold=4, mode="semi-honest", suite="aes",
           segments=SEGMENTS, corrupt=0, neighbours=0, min_survivors=3,
           max_weight=MAX_WEIGHT, **rest) -> secagg.Params:
    """Parameters of a small session."""
    if mode == "active":
        rest.setdefault("app_digest", bytes([7]) * 32)
    return secagg.Params(
        segments, clients=clients, threshold=threshold, corrupt=corrupt,
        neighbours=neighbours, min_survivors=min_survivors,
        max_weight=max_weight, mode=mode, suite=suite, **rest)


def inputs(index: int, segments=SEGMENTS):
    """The weight and the vectors of a client."""
    rng = np.random.default_rng(1000 + index)
    vectors = []
    for s in segments:
        if s.kind in (secagg.Kind.REAL, secagg.Kind.WEIGHTED):
            vectors.append(rng.uniform(-s.clip, s.clip, s.length))
        elif s.kind is secagg.Kind.SIGNED:
            half = 1 << (s.value_bits - 1)
            vectors.append(rng.integers(-half, half, s.length, np.int64))
        else:
            bits = s.value_bits or s.bits
            vectors.append(rng.integers(0, (1 << bits) - 1, s.length,
                                        np.uint64, endpoint=True))
    return int(rng.integers(1, MAX_WEIGHT + 1)), vectors


def check_sums(server: secagg.Server, survivors, segments=SEGMENTS) -> None:
    """Compare the sums of a server with those of the survivors' inputs."""
    given = [inputs(i, segments) for i in survivors]
    for number, s in enumerate(segments):
        mine = [vectors[number] for _, vectors in given]
        if s.kind in (secagg.Kind.REAL, secagg.Kind.WEIGHTED):
            weighted = s.kind is secagg.Kind.WEIGHTED
            weights = [w if weighted else 1 for w, _ in given]
            want = sum(w * v for w, v in zip(weights, mine))
            bound = sum(weights) * secagg.step(s) * (1 + 1e-9)
            got = server.sum(number, dtype="f8")
            assert np.abs(got - want).max() <= bound
            mean = server.mean(number, dtype="f8")
            np.testing.assert_allclose(mean, got / sum(weights), rtol=1e-12)
        elif s.kind is secagg.Kind.SIGNED:
            want = np.sum(mine, axis=0, dtype=np.int64)
            np.testing.assert_array_equal(server.sum(number), want)
        else:
            want = np.sum(mine, axis=0, dtype=np.uint64)  # modulo 2**64
            np.testing.assert_array_equal(server.sum(number), want)
    if any(s.kind is secagg.Kind.WEIGHTED for s in segments):
        assert server.weight == sum(w for w, _ in given)


def supply(client: secagg.Client, index=None, segments=SEGMENTS) -> None:
    """Give a client its weight and its vectors."""
    weight, vectors = inputs(client.index if index is None else index,
                             segments)
    if any(s.kind is secagg.Kind.WEIGHTED for s in segments):
        client.weight(weight)
    for number, vector in enumerate(vectors):
        client.input(vector, number)


class Keys:
    """Identities of the clients of an active session, from seeds."""

    def __init__(self, clients: int) -> None:
        self.identities = [secagg.Identity.generate() for _ in range(clients)]
        self.trust = {i: one.public_key
                      for i, one in enumerate(self.identities)}

    def of(self, index: int) -> dict:
        """The arguments of one client."""
        return {"identity": self.identities[index], "trust": self.trust}


@dataclasses.dataclass
class Fault:
    """What one client does in one phase instead of answering."""

    index: int
    phase: Phase
    way: str  # silent, abort, late, garbage, foreign, altered


class Session:
    """A server and clients that answer it, until the session is over."""

    def __init__(self, p: secagg.Params, *, faults=(), segments=SEGMENTS,
                 seeded=False, policy=LAX) -> None:
        self.params, self.segments = p, segments
        self.faults = {(f.index, f.phase): f.way for f in faults}
        self.keys = (Keys(p.clients) if p.mode is secagg.Mode.ACTIVE
                     else None)
        self.server = secagg.Server(
            p, seed=seed("server") if seeded else None,
            trust=self.keys.trust if self.keys else None)
        self.clients = [secagg.Client(
            p, i, policy=policy, seed=seed("client", i) if seeded else None,
            **(self.keys.of(i) if self.keys else {}))
            for i in range(p.clients)]
        self.inbox = {i: None for i in range(p.clients)}
        self.late, self.aborts = [], {}

    def answers(self, index: int, message):
        """All messages with which a client answers one."""
        client = self.clients[index]
        if message is not None:
            client.recv(message)
        if client.input_due:
            supply(client, segments=self.segments)
        return client.reply()

    def step(self) -> None:
        """One phase: deliver, answer, close."""
        phase = self.server.phase
        answers = {i: self.answers(i, m) for i, m in self.inbox.items()
                   if not self.clients[i].done}
        for index, messages in answers.items():
            way = self.faults.get((index, phase))
            self.deliver(index, messages, way, answers)
        self.server.advance()
        for index, messages in self.late:  # of the phase that is closed now
            for message in messages:
                assert not self.server.recv(index, message)
                assert isinstance(self.server.refusals[-1].error,
                                  secagg.StateError)
        self.late = []
        self.inbox = self.server.outbox()
        for index in [i for i in self.inbox if i in self.server.lost()]:
            self.tell_lost(index, self.inbox.pop(index))

    def deliver(self, index, messages, way, answers) -> None:
        """Give a client's messages to the server, or what its fault is."""
        server = self.server
        if way is None:
            for message in messages:
                assert server.recv(index, message), server.refusals
            return
        if way == "late":
            self.late.append((index, messages))
        elif way == "abort":
            assert server.recv(index, abort_of(messages[0]))
        elif way == "garbage":
            for junk in (b"", b"\0", bytes(40), messages[0][:-1],
                         messages[0] + b"\0", b"\xff" * len(messages[0])):
                self.refused(index, junk)
        elif way == "foreign":
            other = next(i for i in answers if i != index)
            self.refused(index, answers[other][0])
        elif way == "altered":
            self.refused(index, alter_session(messages[0]))
        else:
            assert way == "silent"

    def refused(self, index, message) -> None:
        before = len(self.server.refusals)
        assert self.server.recv(index, message) is False
        assert len(self.server.refusals) == before + 1
        last = self.server.refusals[-1]
        assert last.index == index == last.error.index
        assert isinstance(last.error, secagg.MessageError)
        assert last.error.sentence

    def tell_lost(self, index, message) -> None:
        """A client that dropped out is told so, and fails."""
        client = self.clients[index]
        if client.done:
            return
        try:
            client.recv(message)
        except secagg.StateError as error:
            self.aborts[index] = error.abort
        assert client.failed

    def run(self) -> secagg.Server:
        """All phases; the server."""
        while not self.server.done:
            self.step()
        return self.server

    def close(self) -> None:
        for handle in (self.server, *self.clients):
            handle.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# Laid out by PROTOCOL.md 8.1 and 8.12, not by the library.
HEADER, TYPE_AT, SESSION_AT, PART_AT = 48, 2, 8, 36
ABORT, POLICY, NOBODY = 11, 22, 0xffffffff


def abort_of(message: bytes, code: int = POLICY) -> bytes:
    """An ABORT in the name of the client that made a message."""
    body = struct.pack(">HII", code, NOBODY, 0)
    head = bytearray(message[:HEADER])
    head[TYPE_AT] = ABORT
    struct.pack_into(">IQ", head, PART_AT, 0, len(body))
    return bytes(head) + body


def alter_session(message: bytes) -> bytes:
    """The message in another session."""
    made = bytearray(message)
    made[SESSION_AT] ^= 1
    return bytes(made)
