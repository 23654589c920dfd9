# SPDX-License-Identifier: Apache-2.0
"""Parties whose process ends between any two messages, or in between."""
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

import secagg
from secagg import Phase
from support import (LAX, SEGMENTS, Keys, Session, check_sums, inputs, params,
                     supply)
from worker import STEPS

HERE = pathlib.Path(__file__).resolve().parent
MODES = ("semi-honest", "active")


def in_new_process(role, folder, packet):
    """A step in a new interpreter."""
    path = os.pathsep.join([str(pathlib.Path(secagg.__file__).parents[1]),
                            str(HERE)])
    done = subprocess.run(
        [sys.executable, str(HERE / "worker.py"), role, str(folder)],
        input=json.dumps(packet), text=True, stdout=subprocess.PIPE,
        timeout=60, check=True, env={**os.environ, "PYTHONPATH": path})
    return json.loads(done.stdout)


def in_child(task):
    """The result of a function in a child, or None if it was killed."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as out:
                json.dump(task(), out)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as source:
        text = source.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0
    return json.loads(text)


def die_before(count):
    """In a child: kill -9 before the count-th step on the disk."""
    left = itertools.count(count, -1)

    def deadly(function):
        def call(*args, **named):
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **named)
        return call

    for name in ("open", "fsync", "replace", "unlink", "link"):
        setattr(os, name, deadly(getattr(os, name)))


CRASHES = []


def with_crashes(role, folder, packet):
    """A step in processes that are killed one step later each time, until one
    comes to its end."""
    for count in range(1000):
        def task():
            die_before(count)
            return STEPS[role](secagg.FileStore(folder), packet)
        made = in_child(task)
        if made is not None:
            CRASHES.append(count)
            return made
    raise AssertionError("no process came to its end")


class Remote:
    """A session in which client 0 and, if asked for, the server run elsewhere,
    one process a message."""

    def __init__(self, mode, folder, run, remote_server):
        self.p = params(4, threshold=3, mode=mode)
        self.keys = Keys(4) if mode == "active" else None
        self.folder, self.run, self.remote = folder, run, remote_server
        trust = self.keys.trust if self.keys else None
        self.trust = {str(i): k.hex() for i, k in (trust or {}).items()}
        self.server = None if remote_server else secagg.Server(self.p,
                                                               trust=trust)
        self.clients = {i: secagg.Client(
            self.p, i, policy=LAX, **(self.keys.of(i) if self.keys else {}))
            for i in (1, 2, 3)}
        self.last = None

    def client(self, message):
        return [bytes.fromhex(m) for m in self.run(
            "client", self.folder / "client", {
                "params": self.p.encode().hex(), "index": 0,
                "message": (message or b"").hex(), "trust": self.trust,
                "secret": (self.keys.identities[0].secret().hex()
                           if self.keys else "")})]

    def answer(self, index, message):
        if index == 0:
            made = self.client(message)
            if self.run is with_crashes:  # asked again: the same bytes
                assert made == self.client(message)
            return made
        client = self.clients[index]
        if message:
            client.recv(message)
        if client.input_due:
            supply(client)
        return client.reply()

    def close_phase(self, phase, answers):
        if not self.remote:
            for index, message in answers:
                assert self.server.recv(index, message)
            self.server.advance()
            return self.server.phase, self.server.outbox()
        packet = {"params": self.p.encode().hex(), "phase": phase.name,
                  "trust": self.trust, "owe": False}
        packet["answers"] = [[i, m.hex()] for i, m in answers]
        if phase is Phase.SHARES:  # one process takes some, another the rest
            part = {**packet, "answers": packet["answers"][:2], "owe": True}
            owing = self.run("server", self.folder / "server", part)["owing"]
            assert owing == [2, 3]
        self.last = self.run("server", self.folder / "server", packet)
        return Phase[self.last["phase"]], {
            int(i): bytes.fromhex(m) for i, m in self.last["outbox"].items()}

    def play(self):
        phase, inbox = Phase.KEYS, dict.fromkeys(range(4))
        while phase < Phase.DONE:
            answers = [(i, m) for i, message in sorted(inbox.items())
                       for m in self.answer(i, message)]
            phase, inbox = self.close_phase(phase, answers)
        assert phase is Phase.DONE
        if not self.remote:
            check_sums(self.server, range(4))
            return
        assert self.last["survivors"] == [0, 1, 2, 3]
        for number, s in enumerate(SEGMENTS):
            given = [inputs(i) for i in range(4)]
            if s.kind in (secagg.Kind.REAL, secagg.Kind.WEIGHTED):
                weights = [w if s.kind is secagg.Kind.WEIGHTED else 1
                           for w, _ in given]
                want = sum(w * v[number] for w, (_, v) in zip(weights, given))
                error = np.abs(np.array(self.last["sums"][number]) - want)
                assert error.max() <= sum(weights) * secagg.step(s) * 1.0001
            else:
                kind = "i8" if s.kind is secagg.Kind.SIGNED else "u8"
                want = np.sum([v[number] for _, v in given], axis=0,
                              dtype=kind)
                assert self.last["sums"][number] == want.tolist()
        assert self.last["weight"] == sum(w for w, _ in given)


@pytest.mark.parametrize("mode", MODES)
def test_a_new_process_for_each_message(mode, folder):
    Remote(mode, folder, in_new_process, remote_server=False).play()


def test_a_new_process_for_each_phase_of_the_server(folder):
    session = Remote("active", folder, in_new_process, remote_server=True)
    session.client = lambda message: [
        bytes.fromhex(m) for m in STEPS["client"](
            secagg.FileStore(folder / "client"), {
                "params": session.p.encode().hex(), "index": 0,
                "message": (message or b"").hex(), "trust": session.trust,
                "secret": session.keys.identities[0].secret().hex()})]
    session.play()


@pytest.mark.parametrize("mode", MODES)
def test_killed_between_any_two_steps(mode, folder):
    CRASHES.clear()
    Remote(mode, folder, with_crashes, remote_server=True).play()
    assert sum(CRASHES) > 200 and min(CRASHES) > 3


# ---- in one process ---------------------------------------------------------

@pytest.mark.parametrize("mode, trusting", [
    ("semi-honest", "nobody"), ("active", "keys"), ("active", "function")])
def test_all_parties_are_resumed_before_each_call(mode, trusting, folder):
    p = params(4, threshold=3, mode=mode)
    keys = Keys(4) if mode == "active" else None
    stores = [secagg.FileStore(folder / str(i)) for i in range(4)]
    store = secagg.FileStore(folder / "server")
    asked = []

    def verify(index, key, credential):
        asked.append(index)
        return keys.trust[index] == key

    trust = verify if trusting == "function" else keys and keys.trust
    named = [{"identity": keys.identities[i], "trust": trust} if keys else {}
             for i in range(4)]
    of_server = {"trust": trust} if keys else {}

    def client(i):
        return secagg.Client.from_store(stores[i], p.session, i, **named[i])

    def server():
        return secagg.Server.from_store(store, p.session, **of_server)

    secagg.Server(p, store=store, **of_server).close()
    for i in range(4):
        secagg.Client(p, i, policy=LAX, store=stores[i], **named[i]).close()
    phase, inbox = Phase.KEYS, dict.fromkeys(range(4))
    while phase < Phase.DONE:
        for i, message in inbox.items():
            if message is not None:
                with client(i) as c:
                    c.recv(message)
                    c._save()
            with client(i) as c:
                if c.input_due:
                    supply(c)
                made = c.reply()
            assert len(made) == 1
            with server() as s:
                assert s.recv(i, made[0])
                s.checkpoint()
        with server() as s:
            assert s.owing() == []
            phase = s.advance()
        with server() as s:
            inbox = s.outbox()
    with server() as s:
        check_sums(s, range(4))
        assert s.generation > 20
    if trusting == "function":
        assert set(asked) == {0, 1, 2, 3}


def test_the_same_input_gives_the_same_message(folder):
    store = secagg.FileStore(folder)
    with Session(params()) as session:
        session.clients[0] = secagg.Client(session.params, 0, policy=LAX,
                                           store=store)
        session.step()
        session.step()
        relay = session.inbox[0]
        first = session.answers(0, relay)
        session.clients[0].close()
        with secagg.Client.from_store(store, session.params.session,
                                      0) as client:
            assert client.spent is secagg.Spent.INPUT
            assert not client.input_due and client.reply() == []
            supply(client)
            assert client.reply(relay) == first
        with secagg.Client.from_store(store, session.params.session,
                                      0) as client:
            supply(client, index=1)
            with pytest.raises(secagg.StateError) as caught:
                client.reply()
            assert client.failed
            assert secagg.peek(caught.value.abort).name == "ABORT"


def test_parts_are_resumed(folder):
    segments = (secagg.Segment(1200, "unsigned", value_bits=16),)
    p = params(3, threshold=2, segments=segments, max_weight=0)
    store = secagg.FileStore(folder)

    def reopen(client):
        client.close()
        return secagg.Client.from_store(store, p.session, 0)

    with Session(p, segments=segments) as session:
        session.clients[0] = secagg.Client(p, 0, policy=LAX, store=store)
        session.clients[0].set_part_size(512)
        session.step()
        session.step()
        client, vector = session.clients[0], inputs(0, segments)[1][0]
        client.recv(session.inbox[0])
        for start in range(0, 1200, 512):
            client.input(vector[start:start + 512], 0, start)
            message, = client.reply()
            client = reopen(client)
            if start + 512 < 1200:
                with pytest.raises(secagg.InputDueError):
                    client.reply()
            else:
                assert client.reply() == []
            client.input(vector[start:start + 512], 0, start)
            assert client.reply() == [message]
            assert session.server.recv(0, message)
        session.clients[0] = client
        for i in (1, 2):
            session.server.recv(i, session.answers(i, session.inbox[i])[0])
        session.server.advance()
        session.inbox = session.server.outbox()
        check_sums(session.run(), range(3), segments)


def test_a_client_without_a_store_is_saved_by_its_host():
    key = bytes(range(32))
    with Session(params()) as session:
        session.step()
        client = session.clients[0]
        old = client.save(key)
        assert client.generation == 1
        client.recv(session.inbox[0])
        with pytest.raises(secagg.StateError):
            client.send()  # before it is saved again
        state = client.save(key)
        assert client.generation == 2
        made = client.send()
        with pytest.raises(secagg.StaleError):
            secagg.Client.resume(old, key, least_generation=2)
        session.clients[0] = secagg.Client.resume(
            state, key, least_generation=2, params=session.params, index=0)
        assert session.clients[0].params == session.params
        session.clients[0].save(key)
        assert session.clients[0].send() == made
        assert session.server.recv(0, made)
        client.close()


def test_a_server_without_a_store_is_saved_by_its_host():
    key = bytes(range(32))
    with Session(params()) as session:
        server = session.server
        server.save(key)
        for i, client in enumerate(session.clients):
            server.recv(i, client.reply()[0])
        server.advance()
        with pytest.raises(secagg.StateError):
            server.outbox()
        state = server.save(key)
        outbox = server.outbox()
        server.close()
        with pytest.raises(secagg.StaleError):
            secagg.Server.resume(state, key, least_generation=3)
        with pytest.raises(secagg.AuthError):
            secagg.Server.resume(state, bytes(32))
        session.server = secagg.Server.resume(state, key, least_generation=2,
                                              params=session.params)
        session.server.save(key)
        assert session.server.outbox() == outbox
