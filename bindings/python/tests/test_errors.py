# SPDX-License-Identifier: Apache-2.0
"""Exceptions, handles that are closed, copied or shown, and the names and
texts of the interface."""
import builtins
import copy
import dataclasses
import enum
import inspect
import pickle
import re
import typing

import numpy as np
import pytest

import secagg
from secagg import Phase, Segment
from support import LAX, Keys, Session, alter_session, params, seed

CLASSES = [c for c in vars(secagg).values()
           if inspect.isclass(c) and issubclass(c, secagg.Error)]
LEAVES = [c for c in CLASSES if c.code]


# ---- classes ----------------------------------------------------------------

def test_a_class_for_each_error_of_the_library():
    from secagg._secagg import lib
    codes = {getattr(lib, name) for name in dir(lib)
             if name.startswith("SECAGG_ERR_")}
    assert len(codes) == 15 and {c.code for c in LEAVES} == codes
    assert len(LEAVES) == 15
    groups = {-1: secagg.CallerError, -2: secagg.PeerError,
              -3: secagg.MachineError}
    for c in LEAVES:
        assert issubclass(c, groups[-(-c.code // 10)]), c


def test_classes_of_python():
    for c in (secagg.ArgumentError, secagg.SizeError, secagg.RangeError):
        assert issubclass(c, ValueError)
    assert issubclass(secagg.OutOfMemoryError, MemoryError)
    for c in CLASSES:
        assert issubclass(c, Exception)
        assert not issubclass(c, (OSError, RuntimeError, AssertionError))


def test_no_name_shadows_a_builtin():
    for name in secagg.__all__:
        assert not hasattr(builtins, name), name
    with pytest.raises(AssertionError):
        assert not hasattr(builtins, "MemoryError")  # it could


@pytest.mark.parametrize("error", LEAVES, ids=lambda c: c.__name__)
def test_errors_are_pickled_and_copied(error):
    made = error("a sentence", index=3, needed=5, got=4)
    made.abort = b"last"
    for same in (pickle.loads(pickle.dumps(made)), copy.copy(made),
                 copy.deepcopy(made)):
        assert type(same) is error and str(same) == "a sentence"
        assert vars(same) == vars(made)
    default = error()
    assert default.sentence and str(default) == default.sentence
    assert (default.index, default.needed, default.got) == (None,) * 3
    assert default.abort == b""


# ---- each class by its cause ------------------------------------------------

def caught(error, call, *args, **named):
    with pytest.raises(error) as info:
        call(*args, **named)
    assert info.type is error, info.value
    assert len(info.value.sentence) > 5
    assert info.value.sentence == str(info.value)
    assert info.value.sentence.isprintable()
    return info.value


def test_argument_errors():
    p = params()
    for call in (
            lambda: params(threshold=7).check(),
            lambda: params(threshold=1).encode(),
            lambda: params(clients=-1),
            lambda: params(clients=2**32),
            lambda: secagg.Params([Segment(-1)], clients=3),
            lambda: secagg.Params([Segment(1, bits=300)], clients=3).check(),
            lambda: secagg.Client(p, 6),
            lambda: secagg.Client(p, -1),
            lambda: p.check(secagg.Policy(min_clients=-1)),
            lambda: secagg.Client(p, 0, policy=secagg.Policy(min_corrupt=2)),
            lambda: params(clients=3).choose(0.9, 0.9),
            lambda: p.place(99),
            lambda: secagg.Masks().add(bytes(32), 0),
            lambda: secagg.Identity(b"short", lambda m: m),
            lambda: secagg.Identity.from_secret(bytes(63)),
            lambda: secagg.planar_size(4, 65),
            lambda: secagg.planar_size(-4, 5)):
        caught(secagg.ArgumentError, call)
    error = caught(secagg.ArgumentError, secagg.Client, p, 17)
    assert error.index == 17 and "6" in error.sentence
    with secagg.Server(p) as server:
        caught(secagg.ArgumentError, server.recv, 6, b"")
        caught(secagg.ArgumentError, server.send, 6)
        caught(secagg.ArgumentError, server.recv, -1, b"")
    caught(secagg.ArgumentError, secagg.Params.decode,
           params().encode()[:35] + b"\0" + params().encode()[36:])


def test_names_of_enumerators():
    assert Segment(1, "real").kind is secagg.Kind.REAL
    assert Segment(1, 3, value_bits=4).kind is secagg.Kind.UNSIGNED
    assert str(params(mode="active").mode) == "active"
    assert [str(m) for m in secagg.Mode] == ["semi-honest", "active"]
    for call in (lambda: Segment(1, "complex"), lambda: params(mode="lazy"),
                 lambda: params(suite="rot13"), lambda: Segment(1, 9)):
        with pytest.raises(ValueError):
            call()


def test_size_errors():
    error = caught(secagg.SizeError, secagg.Client, params(), 0, seed=b"x")
    assert (error.got, error.needed) == (1, 32)
    error = caught(secagg.SizeError, params, session=b"y" * 3)
    assert (error.got, error.needed) == (3, 16)
    caught(secagg.SizeError, params, session=b"")
    caught(secagg.SizeError, params, app_digest=b"y" * 3)
    caught(secagg.SizeError, secagg.Masks().add, bytes(31))
    caught(secagg.SizeError, secagg.Client.resume, b"", b"")
    error = caught(secagg.SizeError, secagg.planar_unpack, bytes(3), 8, 4)
    assert (error.got, error.needed) == (3, 4)


def test_range_errors():
    with secagg.Client(params(), 0, policy=LAX) as client:
        error = caught(secagg.RangeError, client.weight, 51)
        assert error.index == 0
        caught(secagg.RangeError, client.input, [float("nan")], 0)
        caught(secagg.ArgumentError, client.weight, -1)
        with pytest.raises(TypeError):
            client.weight(2.5)
        client.weight(np.uint16(50))


def test_state_errors():
    with secagg.Client(params(), 0, policy=LAX) as client:
        caught(secagg.StateError, client.input, np.zeros(5), 1)  # no weight
        client.weight(1)
        caught(secagg.StateError, client.weight, 1)
        caught(secagg.StateError, client.set_part_size, 512)
    with secagg.Client(params(mode="active"), 0, policy=LAX) as client:
        caught(secagg.StateError, client.send)  # no identity


def test_stale_repeat_and_input_due_errors():
    with Session(params()) as session:
        client = session.clients[0]
        old = client.save(bytes(32))
        caught(secagg.StaleError, secagg.Client.resume, old, bytes(32),
               least_generation=2)
        client.save(bytes(32))
        with pytest.raises(secagg.StateError):
            client.send()  # KEYS is built and not saved
        client.save(bytes(32))
        message = client.send()
        session.server.recv(0, message)
        session.server.recv(0, message)
        refusal, = session.server.refusals
        assert type(refusal.error) is secagg.RepeatError
        assert (refusal.index, refusal.phase) == (0, Phase.KEYS)
    with Session(params()) as session:
        session.step()
        session.step()
        session.clients[0].recv(session.inbox[0])
        error = caught(secagg.InputDueError, session.clients[0].send)
        assert error.index == 0


def test_message_and_auth_errors():
    with secagg.Server(params()) as server:
        assert server.recv(3, b"junk") is False
        assert type(server.refusals[0].error) is secagg.MessageError
        assert server.refusals[0].error.index == 3
    caught(secagg.MessageError, secagg.peek, b"junk")
    caught(secagg.MessageError, secagg.Params.decode, b"junk")
    caught(secagg.MessageError, secagg.Masks.decode, b"junk")
    caught(secagg.MessageError, secagg.Client.resume, b"junk", bytes(32))
    p, keys = params(mode="active"), Keys(6)
    with secagg.Server(p, trust={1: keys.trust[1]}) as server, secagg.Client(
            p, 0, policy=LAX, **keys.of(0)) as client:
        assert server.recv(0, client.send()) is False
        assert type(server.refusals[0].error) is secagg.AuthError
        assert server.refusals[0].error.index == 0


def test_policy_errors_say_which_number():
    error = caught(secagg.PolicyError, secagg.Client, params(), 0)
    assert "4" in error.sentence and "6" in error.sentence  # of 6 clients
    caught(secagg.PolicyError, params().check, secagg.Policy())
    caught(secagg.PolicyError, secagg.Client, params(), 0,
           policy=dataclasses.replace(LAX, require_active=True))
    caught(secagg.PolicyError, secagg.Server, params(), trust={})
    caught(secagg.PolicyError, secagg.Client, params(), 0, policy=LAX,
           identity=secagg.Identity.generate())
    params(8, threshold=6, corrupt=2, min_survivors=6).check(secagg.Policy())


def test_a_cheating_client_is_blamed():
    """The vectors have sessions of cheating clients; here, what is raised."""
    assert secagg.Blame(1, secagg.CheatError) == secagg.Blame(
        1, secagg.CheatError)
    made = secagg.CheatError("x", index=1)
    assert isinstance(made, secagg.PeerError) and made.code == -24


def test_errors_of_the_machine():
    from secagg._errors import make
    for code, error in ((-30, MemoryError), (-31, secagg.RandomError),
                        (-32, secagg.CryptoError)):
        made = make(code)
        assert isinstance(made, error)
        assert isinstance(made, secagg.MachineError) and made.sentence
    assert secagg.available("aes") == "" == secagg.available("chacha")


# ---- handles ----------------------------------------------------------------

def handles():
    p, keys = params(mode="active"), Keys(6)
    yield secagg.Client(p, 0, policy=LAX, seed=seed(5), **keys.of(0))
    yield secagg.Server(p, seed=seed(5), trust=keys.trust)
    masks = secagg.Masks()
    masks.add(seed(5))
    yield masks


def test_handles_are_not_copied_or_pickled():
    for handle in handles():
        with handle:
            for make in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match=type(handle).__name__):
                    make(handle)
    with pytest.raises(TypeError):
        pickle.dumps(secagg.Identity.generate())


def test_params_are_pickled_copied_and_compared():
    p = params(mode="active", suite="chacha", round=7)
    for same in (pickle.loads(pickle.dumps(p)), copy.deepcopy(p),
                 copy.copy(p)):
        assert same == p and hash(same) == hash(p)
        assert same.encode() == p.encode() and same.segments == (
            p.resolve().segments)
    assert p != params(session=p.session) and p != 3 and p != p.encode()
    unsound = params(threshold=0)
    assert unsound == unsound and unsound != p and p != unsound
    assert repr(unsound)


def test_nothing_secret_is_shown():
    secret = seed(5)
    identity = secagg.Identity.generate()
    shown = [repr(identity), str(identity)]
    for handle in handles():
        with handle:
            shown += [repr(handle), str(handle)]
    assert "phase keys" in "".join(shown)
    for text in shown:
        for bytes_ in (secret, identity.secret()):
            for start in range(0, len(bytes_) - 4):
                piece = bytes_[start:start + 4]
                if piece in identity.public_key:
                    continue
                assert piece.hex() not in text
                assert repr(piece)[2:-1] not in text


def calls_of(handle):
    """Every method and property of a handle."""
    arguments = {"recv": [b""] if isinstance(handle, secagg.Client)
                 else [0, b""], "send": [] if isinstance(
                     handle, secagg.Client) else [0], "input": [[1.0]],
                 "weight": [1], "set_part_size": [512], "save": [bytes(32)],
                 "add": [bytes(32)], "apply": [bytearray(1), 8]}
    for name in dir(type(handle)):
        if name.startswith("_") or name in (
                "close", "closed", "forget", "params", "index", "resume",
                "from_store", "decode", "checkpoint"):
            continue
        if name == "apply":
            yield name, lambda: handle.apply(bytearray(1), 8, bits=1)
        elif isinstance(getattr(type(handle), name), property):
            yield name, lambda name=name: getattr(handle, name)
        else:
            if name == "weight" and isinstance(handle, secagg.Server):
                continue
            yield name, lambda name=name: getattr(handle, name)(
                *arguments.get(name, []))


def test_a_closed_handle_has_no_calls():
    for handle in handles():
        assert not handle.closed
        handle.close()
        handle.close()
        assert handle.closed and "closed" in repr(handle) or isinstance(
            handle, secagg.Masks)
        count = 0
        for name, call in calls_of(handle):
            with pytest.raises(secagg.StateError, match="closed"):
                call()
            count += 1
        assert count >= (3 if isinstance(handle, secagg.Masks) else 14)
        with pytest.raises(secagg.StateError):
            with handle:
                assert handle.closed
                handle.save(bytes(32)) if not isinstance(
                    handle, secagg.Masks) else handle.encode()


def test_with_closes_after_an_exception():
    with pytest.raises(ZeroDivisionError):
        with secagg.Client(params(), 0, policy=LAX) as client:
            1 / 0
    assert client.closed


def test_wiped_identities_do_not_sign():
    identity = secagg.Identity.generate()
    secret = identity.secret()
    assert secagg.Identity.from_secret(secret).public_key == (
        identity.public_key)
    identity.wipe()
    identity.wipe()
    caught(secagg.ArgumentError, identity.secret)
    caught(secagg.ArgumentError, secagg.Client, params(mode="active"), 0,
           policy=LAX, identity=identity)


def test_altered_messages_are_of_another_session():
    with secagg.Client(params(), 0, policy=LAX) as client:
        message = client.send()
    assert secagg.peek(alter_session(message)).session != (
        secagg.peek(message).session)


# ---- names and texts --------------------------------------------------------

#: The names of the interface, as its users were promised them.
PROMISED = {
    "Segment": "length kind clip value_bits bits rounding",
    "Params": "choose encode decode check traffic segments clients threshold "
              "corrupt neighbours min_survivors max_weight mode suite round "
              "app_digest session",
    "Policy": "min_clients min_ring min_survivors require_active min_corrupt "
              "min_weight any_digest app_digest",
    "Client": "weight input reply phase done spent clipped close",
    "Server": "recv advance outbox owing lost blamed disputed survivors done "
              "sum mean weight masks close",
}


def test_promised_names_exist():
    for name, members in PROMISED.items():
        made = getattr(secagg, name)
        known = set(dir(made)) | {f for f in getattr(
            made, "__dataclass_fields__", ())}
        assert set(members.split()) <= known, name
    with secagg.Server(params()) as server:
        assert len(server.refusals) == 0
    expected = {"Client": "params index policy seed store identity trust",
                "Server": "params seed trust store"}
    for name, wanted in expected.items():
        signature = inspect.signature(getattr(secagg, name))
        assert list(signature.parameters) == wanted.split()
    assert list(inspect.signature(secagg.Server.sum).parameters) == [
        "self", "segment", "out", "dtype", "offset", "count", "threads"]
    assert list(inspect.signature(secagg.Client.input).parameters) == [
        "self", "values", "segment", "offset"]


def test_all_is_complete():
    public = {name for name, value in vars(secagg).items()
              if not name.startswith("_") and not inspect.ismodule(value)}
    assert public - {"string"} == set(secagg.__all__)
    assert sorted(secagg.__all__) == list(secagg.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", secagg.__version__)


def documented():
    """Public functions, classes, methods and properties."""
    for name in secagg.__all__:
        value = getattr(secagg, name)
        if typing.get_origin(value) or isinstance(value, (int, float)):
            continue  # an alias of types, or a constant
        yield name, value
        if inspect.isclass(value) and not issubclass(value, enum.Enum):
            for member, made in inspect.getmembers(value):
                if member.startswith("_") or not getattr(
                        made, "__module__", "secagg").startswith("secagg"):
                    continue
                if inspect.isroutine(made) or isinstance(made, property):
                    yield f"{name}.{member}", made


@pytest.mark.parametrize("name, value", [
    pytest.param(n, v, id=n) for n, v in documented()])
def test_docstrings(name, value):
    text = inspect.getdoc(value)
    assert text and text.splitlines()[0].rstrip().endswith((".", ":")) or (
        "\n" in text.strip())
    section = re.search(r"^Parameters\n-+\n(.*?)(?:\n\n^\w+\n-+\n|\Z)", text,
                        re.S | re.M)
    if section is None:
        return
    named = [n.strip() for line in section[1].splitlines()
             if re.match(r"\w", line)
             for n in line.split(" : ")[0].split(",")]
    target = value.__init__ if inspect.isclass(value) else value
    known = [p for p in inspect.signature(target).parameters
             if p not in ("self", "_")]
    assert set(named) <= set(known), (named, known)
    assert set(known) == set(named), f"{name}: {set(known) - set(named)}"
