# SPDX-License-Identifier: Apache-2.0
"""Whole sessions: each phase, mode, suite and way of dropping out."""
import itertools

import numpy as np
import pytest

import secagg
from secagg import Phase, Segment
from support import (LAX, Fault, Session, check_sums, inputs, params, supply)

WAYS = ("silent", "abort", "late", "garbage", "foreign", "altered")
PHASES = {"semi-honest": (Phase.KEYS, Phase.SHARES, Phase.INPUT,
                          Phase.UNMASK),
          "active": (Phase.KEYS, Phase.SHARES, Phase.INPUT, Phase.CONFIRM,
                     Phase.UNMASK)}
SUITES = ("aes", "chacha")
CASES = [(mode, suite, phase, way) for mode in PHASES for suite, phase, way in
         itertools.product(SUITES, PHASES[mode], WAYS)]


def expected_lost(faults):
    return {f.index: secagg.Lost(
        f.phase, secagg.PolicyError if f.way == "abort" else None)
        for f in faults}


def survivors_of(session, faults):
    out = {f.index for f in faults if f.phase <= Phase.INPUT}
    return [i for i in range(session.params.clients) if i not in out]


@pytest.mark.parametrize("mode, suite, phase, way", CASES)
def test_a_client_drops_out(mode, suite, phase, way):
    faults = [Fault(2, phase, way)]
    with Session(params(mode=mode, suite=suite), faults=faults) as session:
        server = session.run()
        assert server.phase is Phase.DONE and server.failure is None
        assert server.lost() == expected_lost(faults)
        assert server.survivors == survivors_of(session, faults)
        assert server.owing() == [] and server.pending == 0
        assert server.blamed() == [] and server.disputed() == []
        check_sums(server, server.survivors)
        for i, client in enumerate(session.clients):
            if i != 2:
                assert client.phase is Phase.DONE
                assert client.spent is secagg.Spent.UNMASK


@pytest.mark.parametrize("mode, suite",
                         list(itertools.product(PHASES, SUITES)))
def test_nobody_drops_out(mode, suite):
    with Session(params(mode=mode, suite=suite)) as session:
        server = session.run()
        assert server.lost() == {} and not server.refusals
        assert server.survivors == list(range(6))
        check_sums(server, range(6))


@pytest.mark.parametrize("mode", PHASES)
def test_clients_drop_out_in_every_phase(mode):
    p = params(12, threshold=7, mode=mode)
    faults = [Fault(2 * k + 1, phase, WAYS[k % len(WAYS)])
              for k, phase in enumerate(PHASES[mode])]
    with Session(p, faults=faults) as session:
        server = session.run()
        assert server.lost() == expected_lost(faults)
        check_sums(server, survivors_of(session, faults))


@pytest.mark.parametrize("suite", SUITES)
def test_a_ring_of_100_clients(suite):
    policy = secagg.Policy(min_corrupt=0.05)
    segments = (Segment(3, "signed", value_bits=20),
                Segment(600, "real", value_bits=12))
    p = params(100, suite=suite, segments=segments, threshold=0, max_weight=0)
    p.choose(0.05, 0.05, policy=policy)
    assert 0 < p.neighbours < 99
    faults = [Fault(11 * k + 5, phase, way) for k, (phase, way) in enumerate(
        zip(PHASES["semi-honest"], ("silent", "late", "abort", "garbage")))]
    with Session(p, faults=faults, segments=segments,
                 policy=policy) as session:
        server = session.run()
        assert server.lost() == expected_lost(faults)
        assert server.survivors == survivors_of(session, faults)
        check_sums(server, server.survivors, segments)


@pytest.mark.parametrize("mode", PHASES)
@pytest.mark.parametrize("phase", PHASES["active"])
def test_too_few_clients_remain(mode, phase):
    if phase not in PHASES[mode]:
        phase = Phase.UNMASK
    faults = [Fault(i, phase, "silent") for i in range(4)]  # 2 of 6 remain
    with Session(params(mode=mode, min_survivors=5), faults=faults) as session:
        with pytest.raises(secagg.ThresholdError) as caught:
            session.run()
        error = caught.value
        assert error.got == 2
        assert error.needed == (5 if phase <= Phase.INPUT else 4)
        assert error.sentence
        server = session.server
        assert server.done and server.phase is Phase.FAILED
        assert type(server.failure) is secagg.ThresholdError
        assert server.survivors == [] and server.weight == 0
        assert server.lost() == expected_lost(faults)
        with pytest.raises(secagg.StateError):
            server.sum(0)
        for index, message in server.outbox().items():
            if session.clients[index].done:
                continue
            with pytest.raises(secagg.Error):
                session.clients[index].recv(message)
            assert session.clients[index].failed
        with pytest.raises(secagg.StateError):
            server.advance()


def test_owing_and_answered_follow_the_messages():
    with Session(params()) as session:
        server = session.server
        assert server.owing() == [0, 1, 2, 3, 4, 5] and server.answered == []
        messages = [c.reply()[0] for c in session.clients]
        for index in (3, 0, 5, 4):
            assert server.recv(index, messages[index])
        assert server.owing() == [1, 2] and server.pending == 2
        assert server.answered == [0, 3, 4, 5]
        assert server.included == [0, 1, 2, 3, 4, 5]
        server.advance()
        assert server.owing() == [0, 3, 4, 5] == server.included
        assert server.lost() == {
            i: secagg.Lost(Phase.KEYS, None) for i in (1, 2)}


def test_a_repeat_is_not_accepted_and_costs_nothing():
    with Session(params()) as session:
        message = session.clients[1].reply()[0]
        assert session.server.recv(1, message) is True
        assert session.server.recv(1, message) is False
        assert isinstance(session.server.refusals[-1].error,
                          secagg.RepeatError)
        assert session.server.answered == [1]
        assert session.run().survivors == list(range(6))


def test_a_client_answers_a_repeat_with_the_same_bytes():
    with Session(params()) as session:
        session.step()
        roster = session.inbox[4]
        first = session.clients[4].reply(roster)
        assert first and session.clients[4].reply() == []
        assert session.clients[4].reply(roster) == first


def test_the_outbox_tells_a_dropout_once_and_others_each_time():
    with Session(params(), faults=[Fault(2, Phase.KEYS, "silent")]) as session:
        server = session.server
        for i, client in enumerate(session.clients):
            if i != 2:
                server.recv(i, client.reply()[0])
        server.advance()
        first = server.outbox()
        assert sorted(first) == list(range(6))
        again = server.outbox()
        assert sorted(again) == [0, 1, 3, 4, 5]
        assert all(first[i] == again[i] for i in again)
        assert server.send(2) == first[2]
        assert secagg.peek(first[2]).name == "ABORT"


def test_garbage_fails_no_client():
    with Session(params()) as session:
        session.step()
        client, message = session.clients[0], session.inbox[0]
        for junk in (b"", b"x", bytes(48), message[:-1], session.inbox[1]):
            with pytest.raises(secagg.MessageError) as caught:
                client.reply(junk)
            assert caught.value.index == 0 and caught.value.abort == b""
            assert not client.failed
        assert client.reply(message)


def test_a_client_whose_session_failed_has_an_abort():
    with Session(params()) as session:
        session.step()
        message = bytearray(session.inbox[0])
        message[60] ^= 1  # in the body
        with pytest.raises(secagg.MessageError) as caught:
            session.clients[0].recv(bytes(message))
        assert session.clients[0].failed and session.clients[0].done
        info = secagg.peek(caught.value.abort)
        assert (info.name, info.from_client, info.index) == ("ABORT", True, 0)
        assert session.server.recv(0, caught.value.abort)
        assert session.server.owing() == [1, 2, 3, 4, 5]
        with pytest.raises(secagg.StateError):
            session.clients[0].reply()


def test_input_is_due_once():
    with Session(params()) as session:
        session.step()
        session.step()
        client = session.clients[0]
        client.recv(session.inbox[0])
        with pytest.raises(secagg.InputDueError):
            client.reply()
        assert client.input_due and client.spent is secagg.Spent.NOTHING
        client.input(np.empty(0), 0)  # no entry
        assert client.input_due
        supply(client)
        assert not client.input_due
        assert len(client.reply()) == 1
        assert client.spent is secagg.Spent.INPUT and not client.input_due


def test_inputs_in_parts():
    segments = (Segment(1300, "signed", value_bits=10),)
    p = params(4, threshold=3, segments=segments, max_weight=0)
    with Session(p, segments=segments) as session:
        for client in session.clients:
            client.set_part_size(512)
        session.step()
        session.step()
        for i, client in enumerate(session.clients):
            client.recv(session.inbox[i])
            vector = inputs(i, segments)[1][0]
            for part, start in enumerate(range(0, 1300, 512)):
                with pytest.raises(secagg.InputDueError):
                    client.reply()
                client.input(vector[start:start + 512], 0, start)
                made = client.reply()
                assert [secagg.peek(m).name for m in made] == ["INPUT_PART"]
                assert secagg.peek(made[0]).part == part
                assert session.server.recv(i, made[0])
            assert client.reply() == []
        session.server.advance()
        session.inbox = session.server.outbox()
        check_sums(session.run(), range(4), segments)


def test_values_are_clipped_and_counted():
    segments = (Segment(4, "real", clip=1.0, rounding="nearest"),)
    p = params(3, threshold=2, segments=segments, max_weight=0)
    clients = [secagg.Client(p, i, policy=LAX) for i in range(3)]
    server = secagg.Server(p)
    for c in clients:
        c.input([5.0, -7.0, 0.5, -1.0])
        assert c.clipped == (2,)
    inbox = dict.fromkeys(range(3))
    while not server.done:
        for i, c in enumerate(clients):
            for message in c.reply(inbox[i]):
                server.recv(i, message)
        server.advance()
        inbox = server.outbox()
    np.testing.assert_allclose(server.mean(0), [1, -1, .5, -1],
                               atol=secagg.step(segments[0]))


@pytest.mark.parametrize("suite", SUITES)
def test_workers_unmask_ranges_with_the_masks_of_the_server(suite):
    segments = (Segment(1100, "unsigned", value_bits=20),)
    p = params(5, threshold=3, suite=suite, segments=segments, max_weight=0)
    spool = {}
    with Session(p, segments=segments) as session:
        while not session.server.done:
            if session.server.phase is Phase.INPUT:
                spool = {i: session.answers(i, session.inbox[i])[0]
                         for i in range(5)}
                session.inbox = {i: session.inbox[i] for i in range(5)}
            session.step()
        place = session.server.params.place(0)
        size = secagg.planar_size(1100, place.bits)
        total = bytearray(size)
        for message in spool.values():
            secagg.planar_add(total, message[-size:], 1100, place.bits)
        with secagg.Masks.decode(session.server.masks()) as masks:
            assert masks.encode() == session.server.masks()
            cut = 2 * secagg.BLOCK
            head = secagg.planar_size(cut, place.bits)
            first, rest = total[:head], total[head:]
            masks.apply(first, cut, bits=place.bits)
            masks.apply(rest, 1100 - cut, bits=place.bits, offset=cut)
        got = np.concatenate([
            secagg.planar_unpack(first, cut, place.bits),
            secagg.planar_unpack(rest, 1100 - cut, place.bits)])
        want = sum(inputs(i, segments)[1][0] for i in range(5))
        np.testing.assert_array_equal(got, want)
