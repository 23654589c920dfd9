# SPDX-License-Identifier: Apache-2.0
"""What sums by workers refuse: messages, results, and calls of the host."""
import numpy as np
import pytest

import secagg
from secagg import Kind, Segment, workers
from secagg._decoding import Reading, check_weight
from secagg.cli._session import Session
from test_workers import make, run, same, types, values


def test_misuse_has_a_sentence():
    params = make()
    with pytest.raises(secagg.ArgumentError, match="0 workers"):
        workers.Sum(params, 0)
    with workers.Sum(params, 2) as total:
        kept = {}

        def keep(index, message):
            if total.add(index, message):
                kept[index] = message

        rng = np.random.default_rng(3)

        def supply(client):
            client.weight(2)
            for i, s in enumerate(params.segments):
                client.input(values(s, rng), i)
            yield

        server = Session(params, supply, accepted=keep).run()
        with pytest.raises(secagg.StateError, match="not removed"):
            total.sum()
        with pytest.raises(secagg.RepeatError):
            total.add(0, kept[0])
        masks = server.masks()
        with pytest.raises(secagg.StateError, match="no input.* 8"):
            total.unmask(masks, [*server.survivors, 8])
        with pytest.raises(secagg.StateError, match="inputs of the clients 7"):
            total.unmask(masks, server.survivors[:-1])
        total.unmask(masks, server.survivors)
        with pytest.raises(secagg.StateError, match="already"):
            total.unmask(masks, server.survivors)
        with pytest.raises(secagg.StateError, match="already"):
            total.add(0, kept[0])
        with pytest.raises(secagg.ArgumentError, match="no segment 8"):
            total.sum(8)
        with pytest.raises(secagg.ArgumentError, match="reals"):
            total.mean(2)
        with pytest.raises(secagg.ArgumentError, match="reals"):
            total.sum(2, dtype="f4")
        with pytest.raises(TypeError):
            total.sum(0, dtype="i4")
        with pytest.raises(secagg.SizeError):
            total.sum(0, offset=1, count=700)
        with pytest.raises(secagg.SizeError):
            total.sum(0, offset=-1, count=1)
    with pytest.raises(secagg.StateError, match="closed"):
        total.sum()
    assert "closed" in repr(total)
    total.close()


def hostile(message):
    """Messages that no client of the library sends."""
    bad = bytearray(message)
    bad[80:84] = (2 ** 32 - 1).to_bytes(4, "big")  # number of complaints
    other = bytearray(message)
    other[8] ^= 1  # session
    sender = bytearray(message)
    sender[35] ^= 1  # index
    return [message[:-1], message + b"\0", message[:84], message[:60],
            bytes(bad), bytes(other), bytes(sender), message[:40], b""]


def test_malformed_messages_change_nothing():
    params = make()
    with workers.Sum(params, 3) as total:
        checked = []

        def accepted(index, message):
            if secagg.peek(message).name == "INPUT":
                for one in hostile(message):
                    with pytest.raises(secagg.MessageError):
                        total.add(index, one)
                    checked.append(one)
            total.add(index, message)

        rng = np.random.default_rng(3)
        v = [values(s, rng) for s in params.segments]

        def supply(client):
            client.weight(1)
            for i, one in enumerate(v):
                client.input(one, i)
            yield

        server = Session(params, supply, accepted=accepted).run()
        assert len(checked) == 9 * 8
        total.unmask(server.masks(), server.survivors)
        same(total, server, params.segments)


def test_malformed_parts_change_nothing():
    params = make([Segment(3000, "unsigned", value_bits=4)], max_weight=0)
    v = np.arange(3000) % 16

    def supply(client):
        client.set_part_size(1024)
        for first in range(0, 3000, 1024):
            client.input(v[first:first + 1024], 0, first)
            yield

    with workers.Sum(params, 3) as total:
        def accepted(index, message):
            if secagg.peek(message).name == "INPUT_PART":
                for at, to in ((91, 9), (95, 0), (92, 255)):
                    bad = bytearray(message)
                    bad[at] = to  # first block, number of blocks
                    with pytest.raises(secagg.MessageError):
                        total.add(index, bytes(bad))
            total.add(index, message)

        server = Session(params, supply, accepted=accepted).run()
        total.unmask(server.masks(), server.survivors)
        assert (total.sum() == 8 * v).all()


def test_a_sum_that_no_inputs_have_is_refused():
    """Masks are added once more, so that entries are random."""
    params = make([Segment(600, "real", bits=60), Segment(600, "weighted"),
                   Segment(600, "integer", bits=20)])
    with workers.Sum(params, 2) as total:
        server, _, _ = run(params, total)
        with secagg.Masks.decode(server.masks()) as masks:
            masks.add(b"x" * 32)
            total.unmask(masks.encode(), server.survivors)
        out = np.full(600, 7.0)
        with pytest.raises(secagg.RangeError, match="entry 0: .*cheated"):
            total.sum(0, out=out)
        assert not out.any()
        with pytest.raises(secagg.RangeError):
            total.mean(1)
        assert total.sum(2).shape == (600,)  # these have no bound
    with workers.Sum(params, 2) as total:
        server, _, _ = run(params, total)
        with pytest.raises(secagg.MessageError):
            total.unmask(server.masks()[:-1], server.survivors)
        with pytest.raises(secagg.StateError, match="worker failed"):
            total.sum()


def test_parts_in_another_order_are_refused():
    params = make([Segment(3000, "unsigned", value_bits=4)], max_weight=0)
    v = np.arange(3000) % 16
    parts = {}

    def supply(client):
        client.set_part_size(1024)
        for first in range(0, 3000, 1024):
            client.input(v[first:first + 1024], 0, first)
            yield

    def accepted(index, message):
        if secagg.peek(message).name == "INPUT_PART":
            parts.setdefault(index, []).append(message)

    server = Session(params, supply, accepted=accepted).run()
    with workers.Sum(params, 3) as total:
        for index, (first, second, third) in parts.items():
            for early in (second, third):
                with pytest.raises(secagg.MessageError, match="next one is 0"):
                    total.add(index, early)
            total.add(index, first)
            for wrong in (first, third):
                with pytest.raises(secagg.MessageError, match="next one is 2"):
                    total.add(index, wrong)
            total.add(index, second)
            total.add(index, third)
            with pytest.raises(secagg.RepeatError):
                total.add(index, third)
        total.unmask(server.masks(), server.survivors)
        assert (total.sum() == 8 * v).all()


# Of 5 survivors whose weights sum to 11 (PROTOCOL.md 7.5).
@pytest.mark.parametrize("segment, largest", [
    (Segment(3, "real", value_bits=3), 5 * 6),
    (Segment(3, "weighted", value_bits=3), 11 * 6),
    (Segment(3, "unsigned", value_bits=3), 5 * 7),
    (Segment(3, "signed", value_bits=3), 5 * 7)])
def test_the_largest_sum_of_each_kind(segment, largest):
    for dtype in types(segment):
        reading = Reading(segment, 5, 11, np.dtype(dtype))
        signed = segment.kind is Kind.SIGNED
        total = np.array([largest, 20, largest], "u8")
        if dtype in ("f4", "f8"):
            assert reading.decode(total.copy())[0] == largest // 6
        elif dtype == "i8" and not signed:
            continue  # of the bits that the segment has not got here
        else:
            shift = 5 * 4 if signed else 0
            assert list(reading.decode(total.copy())) == [
                largest - shift, 20 - shift, largest - shift]
        total[1] = largest + 1
        with pytest.raises(secagg.RangeError, match="entry 8"):
            reading.decode(total, 7)


@pytest.mark.parametrize("weight, good", [(9, False), (10, True), (45, True),
                                          (46, False)])
def test_the_sum_of_weights_has_bounds(weight, good):
    params = make(min_weight=2)  # to 9 each
    if good:
        check_weight(params, 5, weight)
    else:
        with pytest.raises(secagg.RangeError, match="must be 10 to 45"):
            check_weight(params, 5, weight)


def test_weights_that_nobody_has_cost_weighted_segments_only():
    params = make()
    with workers.Sum(params, 2) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        total._weight = 8 * 9 + 1
        for read in (lambda: total.weight, lambda: total.mean(1),
                     lambda: total.sum(1, dtype="u8")):
            with pytest.raises(secagg.RangeError, match="must be 0 to 72"):
                read()
        assert (total.mean(0) == server.mean(0)).all()
