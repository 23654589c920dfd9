# SPDX-License-Identifier: Apache-2.0
"""FileStore: who may use a state, which states are refused, and the key."""
import copy
import os
import pickle
import shutil
import signal
import sys
import types

import pytest

import secagg
from support import LAX, Session, params


def fail_with(error):
    def call(*args, **named):
        raise error
    return call


@pytest.fixture
def made(folder):
    """A store with a client in it whose process has ended."""
    p = params()
    store = secagg.FileStore(folder)
    secagg.Client(p, 0, policy=LAX, store=store).close()
    return p, store, folder


def resume(p, store, index=0):
    return secagg.Client.from_store(store, p.session, index)


def state_of(p, folder, index=0):
    return folder / f"{p.session.hex()}-{index}.state"


def test_a_state_that_was_set_back_is_refused(made):
    p, store, folder = made
    path = state_of(p, folder)
    old = path.read_bytes()
    resume(p, store).close()
    assert path.read_bytes() != old
    path.write_bytes(old)
    with pytest.raises(secagg.StaleError):
        resume(p, store)


def test_a_folder_that_was_set_back_is_refused(folder):
    p = params()
    states, numbers = folder / "states", folder / "generations"
    store = secagg.FileStore(states, generations=numbers)
    secagg.Client(p, 0, policy=LAX, store=store).close()
    shutil.copytree(states, folder / "snapshot")
    resume(p, store).close()
    shutil.rmtree(states)
    (folder / "snapshot").rename(states)
    store = secagg.FileStore(states, generations=numbers)
    with pytest.raises(secagg.StaleError):
        resume(p, store)
    assert [x.suffix for x in numbers.iterdir()] == [".least"]


def test_an_older_state_is_not_stored(made):
    p, store, folder = made
    name = store.names()[0]
    before = state_of(p, folder).read_bytes()
    store.claim(name, 9)
    with pytest.raises(secagg.StaleError):
        store.save(name, b"older", 8)
    assert state_of(p, folder).read_bytes() == before


@pytest.mark.parametrize("text", [b"", b"x\n", b"-1\n", b"1", b"9" * 5000])
def test_a_generation_that_cannot_be_read_is_refused(made, text):
    p, store, folder = made
    state_of(p, folder).with_suffix(".least").write_bytes(text)
    with pytest.raises(secagg.StateError):
        resume(p, store)


def test_the_state_of_another_client_is_refused(made):
    p, store, folder = made
    secagg.Client(p, 1, policy=LAX, store=store).close()
    secagg.Server(p, store=store).close()
    for other in (state_of(p, folder, 1), state_of(p, folder, "server")):
        shutil.copy(other, state_of(p, folder))
        with pytest.raises(secagg.AuthError):
            resume(p, store)
    shutil.copy(state_of(p, folder, 1), state_of(p, folder, "server"))
    with pytest.raises(secagg.AuthError):
        secagg.Server.from_store(store, p.session)


def test_parameters_that_the_host_does_not_expect_are_refused(made):
    p, store, _ = made
    other = params(session=p.session, threshold=5)
    with pytest.raises(secagg.AuthError):
        secagg.Client.from_store(store, p.session, 0, params=other)
    with secagg.Client.from_store(store, p.session, 0, params=p) as client:
        assert client.params == p


def test_an_altered_state_is_refused(made):
    p, store, folder = made
    path = state_of(p, folder)
    good = path.read_bytes()
    kinds = set()
    for at in range(0, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        with pytest.raises((secagg.AuthError, secagg.MessageError,
                            secagg.StaleError)) as caught:
            resume(p, store)
        kinds.add(caught.type)
    assert secagg.AuthError in kinds and secagg.MessageError in kinds
    for cut in (b"", good[:1], good[:91], good[:-1], good + b"\0"):
        path.write_bytes(cut)
        with pytest.raises((secagg.AuthError, secagg.MessageError)):
            resume(p, store)
    path.write_bytes(good)
    resume(p, store).close()


def test_another_key_is_refused(made):
    p, _, folder = made
    with pytest.raises(secagg.AuthError):
        resume(p, secagg.FileStore(folder, key=bytes(32)))


def test_a_session_without_a_state_is_a_key_error(made):
    p, store, folder = made
    before = sorted(folder.iterdir())
    with pytest.raises(KeyError):
        resume(p, store, 1)
    with pytest.raises(KeyError):
        secagg.Server.from_store(store, p.session)
    assert sorted(folder.iterdir()) == before


# ---- one user at a time -----------------------------------------------------

def test_two_stores_do_not_use_one_state(made):
    p, store, folder = made
    other = secagg.FileStore(folder)
    with resume(p, store):
        for use in (store, other):
            with pytest.raises(secagg.StateError):
                resume(p, use)
            with pytest.raises(secagg.StateError):
                secagg.Client(p, 0, policy=LAX, store=use)
        with pytest.raises(secagg.StateError):
            other.remove(other.names()[0])
    resume(p, other).close()


def test_a_new_client_does_not_replace_a_state(made):
    p, store, _ = made
    with pytest.raises(secagg.StateError):
        secagg.Client(p, 0, policy=LAX, store=store)
    resume(p, store).close()  # and the name is free again


def test_a_dropped_handle_frees_its_name(made):
    p, store, _ = made
    client = resume(p, store)
    del client
    resume(p, store).close()


def test_a_refused_client_frees_its_name(made):
    p, store, folder = made
    good = state_of(p, folder).read_bytes()
    state_of(p, folder).write_bytes(good[:-1])
    with pytest.raises(secagg.AuthError):
        resume(p, store)
    state_of(p, folder).write_bytes(good)
    resume(p, secagg.FileStore(folder)).close()


def wait_for(pid):
    return os.waitpid(pid, 0)[1]


def child(task):
    """Run a function in a child process; its id."""
    pid = os.fork()
    if pid == 0:
        try:
            task()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def test_two_processes_do_not_use_one_state(made):
    p, store, folder = made
    read, write = os.pipe()

    def hold():
        client = resume(p, secagg.FileStore(folder))
        os.write(write, b"1")
        signal.pause()
        client.close()

    pid = child(hold)
    assert os.read(read, 1) == b"1"
    with pytest.raises(secagg.StateError):
        resume(p, store)
    os.kill(pid, signal.SIGKILL)
    assert os.WIFSIGNALED(wait_for(pid))
    resume(p, store).close()
    os.close(read)
    os.close(write)


def test_a_child_process_does_not_keep_the_lock_of_its_parent(made):
    p, store, folder = made
    client = resume(p, store)
    pid = child(signal.pause)
    try:
        with pytest.raises(secagg.StateError):
            resume(p, secagg.FileStore(folder))
        client.close()
        resume(p, secagg.FileStore(folder)).close()
    finally:
        os.kill(pid, signal.SIGKILL)
        wait_for(pid)


def test_a_child_process_does_not_free_the_name_of_its_parent(made):
    p, store, folder = made
    with resume(p, store) as client:
        client.forget()

        def end():
            client.close()
            store.end(store.names()[0] if store.names() else
                      f"{p.session.hex()}-0")

        assert wait_for(child(end)) == 0
        with pytest.raises(secagg.StateError):
            secagg.Client(p, 0, policy=LAX, store=secagg.FileStore(folder))


# ---- errors of the disk -----------------------------------------------------

@pytest.mark.parametrize("name", ["replace", "fsync"])
def test_a_message_waits_until_it_could_be_saved(made, name, monkeypatch):
    p, store, folder = made
    with resume(p, store) as client:
        before = state_of(p, folder).read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail_with(OSError(28, "no space")))
            for _ in range(3):
                with pytest.raises(OSError):
                    client.reply()
        assert state_of(p, folder).read_bytes() == before
        message, = client.reply()
        assert state_of(p, folder).read_bytes() != before
    with resume(p, store) as client:
        assert client.reply() == [message]
    with secagg.Server(p) as server:
        assert server.recv(0, message)


def test_a_client_that_cannot_be_saved_frees_its_name(folder, monkeypatch):
    p, store = params(), secagg.FileStore(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail_with(OSError(28, "no space")))
        with pytest.raises(OSError):
            secagg.Client(p, 0, policy=LAX, store=store)
        with pytest.raises(OSError):
            secagg.Server(p, store=store)
    secagg.Client(p, 0, policy=LAX, store=store).close()
    secagg.Server(p, store=store).close()


def test_a_server_that_cannot_be_saved_shows_no_set(folder, monkeypatch):
    with Session(params()) as session:
        session.server = server = secagg.Server(
            session.params, store=secagg.FileStore(folder))
        state = folder / f"{session.params.session.hex()}-server.state"
        before = state.read_bytes()
        for i, client in enumerate(session.clients):
            server.recv(i, client.reply()[0])
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail_with(OSError(28, "no space")))
            for call in (server.advance, server.outbox, server.outbox):
                with pytest.raises(OSError):
                    call()
        assert state.read_bytes() == before
        session.inbox = server.outbox()
        assert state.read_bytes() != before
        assert session.run().survivors == list(range(6))


# ---- names, the key, the folder ---------------------------------------------

def test_a_state_is_forgotten(made):
    p, store, folder = made
    assert store.names() == [f"{p.session.hex()}-0"]
    with resume(p, store) as client:
        client.forget()
        assert store.names() == []
    assert [x.name for x in folder.iterdir()] == ["key"]
    with pytest.raises(KeyError):
        resume(p, store)
    secagg.Client(p, 0, policy=LAX, store=store).close()


def test_files_are_for_their_owner_alone(made):
    _, _, folder = made
    assert len(list(folder.iterdir())) == 4
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    inner = folder / "new" / "store"
    secagg.FileStore(inner)
    assert inner.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(folder, mode):
    folder.chmod(mode)
    with pytest.raises(secagg.StateError):
        secagg.FileStore(folder)
    folder.chmod(0o700)
    other = folder / "generations"
    other.mkdir()
    other.chmod(mode)
    with pytest.raises(secagg.StateError):
        secagg.FileStore(folder, generations=other)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(folder, mode):
    secagg.FileStore(folder)
    (folder / "key").chmod(mode)
    with pytest.raises(secagg.StateError):
        secagg.FileStore(folder)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(folder, size):
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_bytes(bytes(size))
    for key in (folder / "key", bytes(size)):
        with pytest.raises(secagg.StateError) as caught:
            secagg.FileStore(folder, key=key)
        assert str(size) in caught.value.sentence


def test_a_key_is_made_once(folder):
    first = secagg.FileStore(folder).key()
    assert len(first) == 32 and first != bytes(32)
    assert secagg.FileStore(folder).key() == first
    elsewhere = folder / "keys" / "mine"
    elsewhere.parent.mkdir()
    assert secagg.FileStore(folder, key=elsewhere).key() == (
        elsewhere.read_bytes()) != first


def test_the_keyring_has_the_key(folder, monkeypatch):
    kept = {}
    module = types.ModuleType("keyring")
    module.get_password = lambda service, name: kept.get((service, name))
    module.set_password = lambda service, name, value: kept.update(
        {(service, name): value})
    monkeypatch.setitem(sys.modules, "keyring", module)
    key = secagg.FileStore(folder, keyring="training").key()
    assert list(kept) == [("training", "secagg")]
    assert secagg.FileStore(folder, keyring="training").key() == key
    assert secagg.FileStore(folder, keyring="other").key() != key
    assert not (folder / "key").exists()
    kept["training", "secagg"] = "no key"
    with pytest.raises(secagg.StateError):
        secagg.FileStore(folder, keyring="training")


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "a.b", "ä", "a\n"])
def test_names_are_no_paths(folder, name):
    store = secagg.FileStore(folder)
    for use in (store.begin, store.load, store.remove, store.noted):
        with pytest.raises(ValueError):
            use(name)


def test_notes(folder):
    store = secagg.FileStore(folder)
    assert store.noted("one") == b""
    store.note("one", b"text")
    store.note("one", b"more")
    assert secagg.FileStore(folder).noted("one") == b"more"
    assert store.names() == []


def test_a_store_gives_its_key_to_nobody(folder):
    store = secagg.FileStore(folder)
    assert store.key().hex() not in repr(store)
    assert repr(store.key()) not in repr(store)
    for make in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            make(store)


class MemoryStore:
    """A store of a host: what `secagg.Store` asks for, and no more."""

    def __init__(self):
        self.states, self.least, self.used = {}, {}, set()

    def key(self):
        return bytes(range(32))

    def begin(self, name):
        assert name not in self.states and name not in self.used
        self.used.add(name)

    def load(self, name):
        self.used.add(name)
        return self.states[name], self.least[name]

    def save(self, name, state, generation):
        assert name in self.used
        self.states[name], self.least[name] = state, generation

    def claim(self, name, least):
        self.least[name] = least

    def remove(self, name):
        self.states.pop(name, None)

    def end(self, name):
        self.used.discard(name)

    def names(self):
        return sorted(self.states)

    def note(self, name, data):
        raise NotImplementedError

    def noted(self, name):
        return b""


def test_a_store_of_the_host():
    store: secagg.Store = MemoryStore()
    p = params()
    with secagg.Client(p, 0, policy=LAX, store=store) as client:
        message, = client.reply()
        assert store.used
    assert not store.used
    with resume(p, store) as client:
        assert client.reply() == [message]
        assert store.least[store.names()[0]] == client.generation
