# SPDX-License-Identifier: Apache-2.0
"""What a node does with keys, options and packets that it must not trust."""
import os
import stat

import numpy as np
import pytest

flwr = pytest.importorskip("flwr")
pytest.importorskip("cryptography")

from cryptography.hazmat.primitives import serialization as ser  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from flwr.app import (Array, ArrayRecord, ConfigRecord, Message,  # noqa: E402
                      RecordDict)

import secagg  # noqa: E402
from secagg.flower import SecAggGrid  # noqa: E402
from secagg.flower._wire import session_digest  # noqa: E402

from flower_fake import (RUN, FakeGrid, MemoryStore, app,  # noqa: E402
                         check_model, grid_of, model, strategy)

PLAIN = ser.NoEncryption()


def node_keys(folder, count):
    """Keys as `ssh-keygen -t ecdsa -b 384` makes them for SuperNodes, and a
    file of the public ones."""
    folder.mkdir(parents=True, exist_ok=True)
    private, lines = [], []
    for i in range(count):
        key = ec.generate_private_key(ec.SECP384R1())
        path = folder / f"node{i}"
        path.write_bytes(key.private_bytes(
            ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, PLAIN))
        private.append(path)
        lines.append(key.public_key().public_bytes(
            ser.Encoding.OpenSSH, ser.PublicFormat.OpenSSH))
    trusted = folder / "trusted"
    trusted.write_bytes(b"# nodes\n" + b"\n".join(lines) + b"\n")
    return private, trusted


def active(folder, count, trusted_by=None):
    """A Grid of nodes with keys, each of which trusts them all."""
    private, trusted = node_keys(folder / "keys", count)
    config = {100 + i: {"secagg-node-key": str(path),
                        "secagg-trusted-keys": str(trusted_by or trusted),
                        "secagg-dir": str(folder / f"state{i}"),
                        "secagg-require-active": True}
              for i, path in enumerate(private)}
    fake = FakeGrid(folder, count, node_config=config)
    for node, path in zip(fake.nodes, private):
        fake.keys[node] = ser.load_ssh_private_key(
            path.read_bytes(), None).public_key().public_bytes(
                ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)
    return fake, trusted


@pytest.mark.parametrize("known", ["registered", "file"])
def test_node_keys_vouch_in_active_mode(tmp_path, known):
    fake, trusted = active(tmp_path, 4)
    options = {"trusted_keys": trusted} if known == "file" else {}
    grid = grid_of(fake, mode="active", corrupt=0.0, **options)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=2)
    check_model(result, fake.nodes, rounds=2)
    assert grid.history[0].params.mode is secagg.Mode.ACTIVE
    # The identity is made once, for its owner alone.
    path = tmp_path / "state0" / "identity"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_node_with_another_key_takes_no_part(tmp_path):
    fake, _ = active(tmp_path, 5)
    other, _ = node_keys(tmp_path / "other", 1)
    fake.contexts[102].node_config["secagg-node-key"] = str(other[0])
    grid = grid_of(fake, mode="active", corrupt=0.0)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    alive = [n for n in fake.nodes if n != 102]
    check_model(result, alive)
    assert 102 in grid.history[0].lost


def test_nodes_refuse_keys_that_they_do_not_trust(tmp_path):
    _, strangers = node_keys(tmp_path / "strangers", 4)
    fake, _ = active(tmp_path, 4, trusted_by=strangers)
    grid = grid_of(fake, mode="active", corrupt=0.0, attempts=1)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    assert not len(result.arrays) and fake.trained() == [0] * 4


def test_the_operator_of_a_node_has_the_last_word(tmp_path):
    fake, _ = active(tmp_path, 4)
    grid = grid_of(fake, corrupt=0.0, attempts=1)  # semi-honest
    strategy(fake).start(grid=grid, initial_arrays=model(), num_rounds=1)
    assert fake.trained() == [0] * 4
    assert all("semi-honest" in text or "active" in text
               for _, text in grid.history[0].refused)
    config = {n: {"secagg-min-clients": 50} for n in (100, 101, 102, 103)}
    fake = FakeGrid(tmp_path / "few", 4, node_config=config,
                    policy=secagg.Policy(min_clients=3))
    grid = grid_of(fake, corrupt=0.0, attempts=1)
    strategy(fake).start(grid=grid, initial_arrays=model(), num_rounds=1)
    assert fake.trained() == [0] * 4
    assert any("50" in text for _, text in grid.history[0].refused)


def test_a_misspelt_option_keeps_a_node_out(tmp_path):
    fake = FakeGrid(tmp_path, 4, node_config={
        103: {"secagg-min-client": 50}})
    grid = grid_of(fake, corrupt=0.0)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    check_model(result, fake.nodes[:3])


def test_states_are_in_the_folder_of_the_node(tmp_path):
    fake = FakeGrid(tmp_path / "shared", 3,
                    node_config={102: {"secagg-dir": str(tmp_path / "own")}})
    strategy(fake).start(grid=grid_of(fake, corrupt=0.0),
                         initial_arrays=model(), num_rounds=1)
    for folder in (tmp_path / "shared" / "100", tmp_path / "own"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (folder / "spent.note").exists()
        assert (folder / "runs" / str(RUN)).is_dir()
    assert "secagg" not in fake.contexts[100].state


def test_old_runs_are_removed_from_the_folder(tmp_path):
    old, young = tmp_path / "100/runs/1", tmp_path / "100/runs/2"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "x-0.state").write_bytes(b"s")
    os.utime(old, (0, 0))
    fake = FakeGrid(tmp_path, 3)
    strategy(fake).start(grid=grid_of(fake, corrupt=0.0),
                         initial_arrays=model(), num_rounds=1)
    assert not old.exists() and young.exists()


# ---- packets of a server that lies -----------------------------------------

CONFIG = ConfigRecord({"server-round": 1})


class Node:
    """A node, and the server's packets of a session with two others."""

    def __init__(self, tmp_path, **options):
        self.store = MemoryStore()
        self.fake = FakeGrid(None, 3, **{
            "store": lambda context: self.store, **options})
        self.context = self.fake.contexts[100]

    def ask(self, packet, **records):
        message = Message(RecordDict({"secagg": ConfigRecord(packet),
                                      **records}), 100, "train")
        reply = self.fake.app(message, self.context)
        return dict(reply.content["secagg"])

    @property
    def trained(self):
        return self.fake.trained()[0]


def first_packet(digest=b"", **changes):
    rest, arrays = b"r" * 32, b"m" * 32
    params = secagg.Params(
        [secagg.Segment(15, "weighted", clip=.5)], clients=3, max_weight=1000,
        app_digest=digest or session_digest(arrays, rest)).choose(0.0, 0.2)
    return {"params": params.encode(), "index": 0, "model": arrays,
            "task": rest, **changes}


GARBAGE = {
    "nothing": {},
    "params are text": first_packet(params="x"),
    "params are noise": first_packet(params=b"\x00" * 200),
    "no model": {k: v for k, v in first_packet().items() if k != "model"},
    "a model that is a number": first_packet(model=1),
    "another model": first_packet(model=b"n" * 32),
    "another digest": first_packet(digest=b"d" * 32),
    "an index beyond the clients": first_packet(index=3),
    "a negative index": first_packet(index=-1),
    "an index that is a text": first_packet(index="0"),
    "ended of a wrong length": first_packet(ended=b"x"),
    "a message of no session": {"message": b"\x00" * 80},
    "a message that is a number": {"message": 5},
    "metrics without bounds": {"message": b"x", "arrays": "arrays",
                               "weighted-by": "n", "metrics": ["a"]},
    "a bound of zero": {"message": b"x", "arrays": "arrays",
                        "weighted-by": "n", "metrics": ["a"],
                        "bounds": [0.0]},
    "no such arrays": {"message": b"x", "arrays": "other",
                       "weighted-by": "n"}}


@pytest.mark.parametrize("name", GARBAGE, ids=lambda n: n.replace(" ", "-"))
def test_a_node_refuses_garbage_with_a_sentence(tmp_path, name):
    node = Node(tmp_path)
    answer = node.ask(GARBAGE[name], arrays=model(), config=CONFIG)
    assert answer.get("error") and not answer.get("messages")
    assert node.trained == 0


def test_a_good_first_packet_is_answered(tmp_path):
    answer = Node(tmp_path).ask(first_packet())
    assert "error" not in answer and len(answer["messages"]) == 1


def test_arrays_that_are_no_numbers_are_refused(tmp_path):
    node = Node(tmp_path)
    ask = {"message": b"x", "arrays": "arrays", "weighted-by": "n"}
    for array in (Array("float32", (2,), "numpy.ndarray", b"noise"),
                  Array("float32", (2,), "other", b"noise"),
                  Array(np.array(["a"])), Array(np.ones(2, complex))):
        answer = node.ask(ask, arrays=ArrayRecord({"w": array}))
        assert "'w'" in answer["error"]


class Lying(SecAggGrid):
    """Gives one node another model, or another config, than the rest."""

    def __init__(self, grid, odd, **options):
        super().__init__(grid, clip=0.5, corrupt=0.0, timeout=0.05,
                         timeouts={"input": 0.05}, attempts=1,
                         max_weight=1000, poll=0.02, **options)
        self.odd = odd

    def _add_model(self, now, message):
        super()._add_model(now, message)
        if message.metadata.dst_node_id == 102:
            for name, record in self.odd.items():
                message.content[name] = record


@pytest.mark.parametrize("odd", [
    {"arrays": model(seed=1)}, {"config": ConfigRecord({"rate": 9.0})},
    {"more": ConfigRecord({"rate": 9.0})}], ids=["model", "config", "more"])
def test_a_node_does_not_train_on_what_others_do_not_get(tmp_path, odd):
    fake = FakeGrid(None, 4)
    grid = Lying(fake, odd)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    check_model(result, [n for n in fake.nodes if n != 102])
    assert fake.trained() == [1, 1, 0, 1]


def test_a_client_can_fix_what_is_summed(tmp_path):
    fake = FakeGrid(None, 4, metrics={"loss": 1.0})
    grid = grid_of(fake, corrupt=0.0, attempts=1)  # wants the bound 10
    strategy(fake).start(grid=grid, initial_arrays=model(), num_rounds=1)
    assert fake.trained() == [0] * 4
    fake = FakeGrid(None, 4, metrics={"loss": 10.0},
                    weighted_by="num-examples")
    grid = grid_of(fake, corrupt=0.0)
    result = strategy(fake).start(grid=grid, initial_arrays=model(),
                                  num_rounds=1)
    check_model(result, fake.nodes)


def test_a_session_cannot_begin_while_another_is_answered(tmp_path):
    fake, seen = FakeGrid(tmp_path, 4), []

    def mod(message, context, call_next):
        if "secagg" not in message.content and context.node_id == 101:
            ask = Message(RecordDict({"secagg": ConfigRecord(first_packet())}),
                          101, "train")
            seen.append(dict(fake.app(ask, context).content["secagg"]))
        return call_next(message, context)
    fake.app = app(store=tmp_path, inner=[mod])
    result = strategy(fake).start(grid=grid_of(fake, corrupt=0.0),
                                  initial_arrays=model(), num_rounds=1)
    check_model(result, fake.nodes)
    assert len(seen) == 1 and "StateError" in seen[0]["error"]
