# SPDX-License-Identifier: Apache-2.0
"""Functions of the host that the library calls: signatures and trust."""
import gc
import hashlib
import weakref

import pytest

import secagg
from replay import P as PRIME
from replay import _add, _base
from secagg import Phase
from support import LAX, Keys, Session, check_sums, params

P = dict(mode="active")


class Boom(Exception):
    """What a function of the host raises."""


def pure_sign(secret):
    """Ed25519 in Python (RFC 8032, 5.1.6), by the curve of replay.py."""
    order = 2**252 + 27742317777372353535851937790883648493
    digest = hashlib.sha512(secret[:32]).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar = scalar & ((1 << 254) - 8) | 1 << 254

    def times(number):
        total, point = (0, 1, 1, 0), _base()
        while number:
            if number & 1:
                total = _add(total, point)
            point, number = _add(point, point), number >> 1
        inverse = pow(total[2], PRIME - 2, PRIME)
        x, y = total[0] * inverse % PRIME, total[1] * inverse % PRIME
        return (y | (x & 1) << 255).to_bytes(32, "little")

    def sign(message):
        r = int.from_bytes(hashlib.sha512(
            digest[32:] + message).digest(), "little") % order
        point = times(r)
        k = int.from_bytes(hashlib.sha512(
            point + secret[32:] + message).digest(), "little") % order
        return point + ((r + k * scalar) % order).to_bytes(32, "little")

    return sign


def signing(identity, function=None):
    """An identity whose key is elsewhere."""
    return secagg.Identity(identity.public_key,
                           function or pure_sign(identity.secret()),
                           credential=identity.credential)


def replaced(session, index, **named):
    """Another client in place of one of a session."""
    session.clients[index].close()
    session.clients[index] = secagg.Client(
        session.params, index, policy=LAX,
        **{**session.keys.of(index), **named})
    return session.clients[index]


def test_a_function_signs():
    with Session(params(**P)) as session:
        asked = []
        sign = pure_sign(session.keys.identities[1].secret())
        replaced(session, 1, identity=signing(
            session.keys.identities[1],
            lambda message: asked.append(len(message)) or sign(message)))
        check_sums(session.run(), range(6))
        assert asked == [174, 153]  # PROTOCOL.md 3.5


@pytest.mark.parametrize("made", [
    b"", bytes(63), bytes(65), "text", None, 7], ids=repr)
def test_a_signature_of_the_wrong_form(made):
    with Session(params(**P)) as session:
        client = replaced(session, 1, identity=signing(
            session.keys.identities[1], lambda message: made))
        with pytest.raises(secagg.CryptoError) as caught:
            client.send()
        assert isinstance(caught.value.__cause__, (ValueError, TypeError))
        assert not client.failed


def test_a_false_signature_is_not_sent():
    with Session(params(**P)) as session:
        client = replaced(session, 1, identity=signing(
            session.keys.identities[1], lambda message: bytes(64)))
        with pytest.raises(secagg.Error) as caught:
            client.send()
        assert caught.value.__cause__ is None and not client.failed


def test_an_exception_of_a_signature_is_the_cause(capfd):
    with Session(params(**P)) as session:
        boom, calls = Boom("no card in the reader"), []
        sign = pure_sign(session.keys.identities[1].secret())

        def flaky(message):
            calls.append(message)
            if len(calls) % 2:
                raise boom
            return sign(message)

        client = replaced(session, 1, identity=signing(
            session.keys.identities[1], flaky))
        with pytest.raises(secagg.CryptoError) as caught:
            client.send()
        assert caught.value.__cause__ is boom and not client.failed
        while not session.server.done:
            if session.server.phase is Phase.CONFIRM:
                client.recv(session.inbox.pop(1))
                with pytest.raises(secagg.CryptoError) as caught:
                    client.reply()
                assert caught.value.__cause__ is boom
                assert session.server.recv(1, client.reply()[0])
            session.step()
        check_sums(session.server, range(6))
        assert len(calls) == 4
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes_through(stop):
    def interrupted(*_):
        raise stop

    with Session(params(**P)) as session:
        client = replaced(session, 1, identity=signing(
            session.keys.identities[1], interrupted))
        with pytest.raises(stop):
            client.send()
        with secagg.Server(session.params, trust=interrupted) as server:
            with pytest.raises(stop):
                server.recv(0, session.clients[0].send())
            assert server.owing() == list(range(6))


def test_trust_by_a_function():
    with Session(params(**P)) as session:
        asked = []

        def verify(index, key, credential):
            asked.append((index, credential))
            return session.keys.trust[index] == key

        for identity in session.keys.identities:
            identity.credential = b"node" + identity.public_key[:3]
        session.server.close()
        session.server = secagg.Server(session.params, trust=verify)
        for i in range(6):
            replaced(session, i, trust=verify)
        check_sums(session.run(), range(6))
        pairs = [(i, one.credential)
                 for i, one in enumerate(session.keys.identities)]
        assert sorted(asked) == sorted(pairs * 6)  # the server and 5 others


def test_who_is_not_trusted():
    with Session(params(**P)) as session:
        session.server.close()
        session.server = server = secagg.Server(
            session.params, trust=lambda index, *_: index != 2)
        client = replaced(session, 0, trust=lambda index, *_: index != 1)
        for i, one in enumerate(session.clients):
            assert server.recv(i, one.send()) is (i != 2)
        assert type(server.refusals[-1].error) is secagg.AuthError
        server.advance()
        with pytest.raises(secagg.AuthError) as caught:
            client.recv(server.send(0))
        assert client.failed and caught.value.index == 0
        assert secagg.peek(caught.value.abort).name == "ABORT"


def test_not_known_yet_means_pass_again():
    with Session(params(**P)) as session:
        known = set()

        def verify(index, *_):
            return True if index in known else None

        session.server.close()
        session.server = server = secagg.Server(session.params, trust=verify)
        client = replaced(session, 0, trust=verify)
        messages = [c.send() for c in session.clients]
        for i, message in enumerate(messages):
            assert not server.recv(i, message)
            assert type(server.refusals[-1].error) is secagg.StateError
            known.add(i)
            assert server.recv(i, message)
        server.advance()
        known.clear()
        roster = server.send(0)
        with pytest.raises(secagg.StateError):
            client.recv(roster)
        assert not client.failed and client.phase is Phase.KEYS
        known.update(range(6))
        client.recv(roster)
        assert client.phase is Phase.SHARES


def test_an_exception_of_trust_is_the_cause_and_costs_nothing(capfd):
    with Session(params(**P)) as session:
        boom, broken = Boom("directory unreachable"), [True]

        def verify(*_):
            if broken[0]:
                raise boom
            return True

        session.server.close()
        session.server = server = secagg.Server(session.params, trust=verify)
        client = replaced(session, 0, trust=verify)
        messages = [c.send() for c in session.clients]
        with pytest.raises(secagg.StateError) as caught:
            server.recv(0, messages[0])
        assert caught.value.__cause__ is boom and not server.refusals
        broken[0] = False
        assert all(server.recv(i, m) for i, m in enumerate(messages))
        server.advance()
        broken[0] = True
        with pytest.raises(secagg.StateError) as caught:
            client.recv(server.send(0))
        assert caught.value.__cause__ is boom
        assert not client.failed and caught.value.abort == b""
        broken[0] = False
        client.recv(server.send(0))
        with pytest.raises(secagg.MessageError) as caught:
            client.recv(b"junk")
        assert caught.value.__cause__ is None
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("use", [
    lambda c: c.send(), lambda c: c.phase, lambda c: c.input([1.0]),
    lambda c: c.save(bytes(32)), lambda c: c.close()],
    ids=["send", "phase", "input", "save", "close"])
def test_a_function_must_not_use_the_handle_that_calls_it(use):
    with Session(params(**P)) as session:
        held, shown = [], []

        def selfish(*_):
            shown.append(repr(held[0]))
            use(held[0])
            return bytes(64)

        held.append(replaced(session, 1, identity=signing(
            session.keys.identities[1], selfish)))
        with pytest.raises(secagg.CryptoError) as caught:
            held[0].send()
        assert type(caught.value.__cause__) is secagg.StateError
        assert "in use" in shown[0]
        assert not held[0].closed and not held[0].failed
        server = secagg.Server(session.params, trust=lambda *_: use_server())

        def use_server():
            return server.pending

        with server, pytest.raises(secagg.StateError) as caught:
            server.recv(0, session.clients[0].send())
        assert type(caught.value.__cause__) is secagg.StateError


def test_a_function_may_use_another_handle():
    with Session(params(**P)) as session:
        other = session.clients[2]
        sign = pure_sign(session.keys.identities[1].secret())
        client = replaced(session, 1, identity=signing(
            session.keys.identities[1],
            lambda message: other.phase is Phase.KEYS and sign(message)))
        assert client.send()


def test_neither_a_mapping_nor_a_function():
    with pytest.raises(TypeError):
        secagg.Server(params(**P), trust=7)
    with pytest.raises(secagg.ArgumentError) as caught:
        secagg.Server(params(**P), trust={3: b"short"})
    assert caught.value.index == 3
    with pytest.raises(secagg.SizeError):
        secagg.Client(params(**P), 0, policy=LAX,
                      identity=secagg.Identity.generate(
                          credential=bytes(2049)))


def test_functions_that_refer_to_their_handle_are_freed():
    keys = Keys(6)
    client = secagg.Client(
        params(**P), 1, policy=LAX,
        identity=signing(keys.identities[1], lambda m: (client, b"")[1]),
        trust=lambda *_: client is not None)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
