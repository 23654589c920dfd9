# SPDX-License-Identifier: Apache-2.0
"""Sums by workers, against the server's own sum and against NumPy."""
import numpy as np
import pytest

import secagg
from secagg import Kind, Phase, Segment, workers
from secagg._decoding import Reading, check_weight
from secagg._lanes import Layout
from secagg.cli._session import Session

SEGMENTS = [
    Segment(700, "real", clip=2.0, value_bits=12),
    Segment(1300, "weighted", clip=0.75, value_bits=9, rounding="nearest"),
    Segment(513, "unsigned", value_bits=5),
    Segment(1, "signed", value_bits=7),
    Segment(900, "signed", value_bits=40),
    Segment(1025, "integer", bits=64),
    Segment(511, "integer", bits=9),
    Segment(333, "unsigned", value_bits=12),  # in the lane of the first
]


def values(segment, rng):
    """Random values of a segment, extreme ones included."""
    n, bits = segment.length, segment.value_bits
    if segment.kind in (Kind.REAL, Kind.WEIGHTED):
        v = rng.uniform(-segment.clip, segment.clip, n)
        v[0] = segment.clip
        return v
    if segment.kind is Kind.INTEGER:
        return rng.integers(0, 2 ** segment.bits, n, np.uint64)
    low = -(1 << bits - 1) if segment.kind is Kind.SIGNED else 0
    v = rng.integers(low, low + (1 << bits), n, np.int64)
    v[0] = low
    return v


def make(segments=SEGMENTS, clients=8, max_weight=9, **kw):
    params = secagg.Params(segments, clients=clients, max_weight=max_weight,
                           **kw)
    return params.choose(0.2, 0.25)


def run(params, total, *, lost=None, part=0, seed=1, also=()):
    """A session whose inputs the workers hear of; server and inputs."""
    rng = np.random.default_rng(seed)
    inputs = [[values(s, rng) for s in params.segments]
              for _ in range(params.clients)]
    weights = [int(w) for w in rng.integers(1, params.max_weight + 1,
                                            params.clients)
               ] if params.max_weight else [1] * params.clients

    def supply(client):
        if part:
            client.set_part_size(part)
        if params.max_weight:
            client.weight(weights[client.index])
        if part:
            yield from supply_parts(client, inputs[client.index], part)
            return
        for i, v in enumerate(inputs[client.index]):
            client.input(v, i)
        yield

    def accepted(index, message):
        total.add(index, message)
        for one in also:
            one.add(index, message)

    session = Session(params, supply, lost=lost, accepted=accepted)
    return session.run(), inputs, weights


def supply_parts(client, inputs, part):
    """Supply the pieces of one part after another."""
    layout = Layout(client.params)
    for first in range(0, layout.blocks, part // 512):
        for piece in layout.pieces(first, min(first + part // 512,
                                              layout.blocks)):
            for i, v in enumerate(inputs):
                begin, count = layout.within(i, piece, 0, len(v))
                if count:
                    client.input(v[begin:begin + count], i, begin)
        yield


def types(segment):
    real = segment.kind in (Kind.REAL, Kind.WEIGHTED)
    return ("f4", "f8", "i8", "u8") if real else ("i8", "u8")


def same(total, server, segments):
    """Compare everything that can be read, bit by bit."""
    for i, segment in enumerate(segments):
        for dtype in types(segment):
            try:
                expected = server.sum(i, dtype=dtype)
            except secagg.RangeError:  # a negative sum, as unsigned
                with pytest.raises(secagg.RangeError):
                    total.sum(i, dtype=dtype)
                continue
            got = total.sum(i, dtype=dtype)
            assert got.dtype == expected.dtype
            assert got.tobytes() == expected.tobytes()
        if segment.kind in (Kind.REAL, Kind.WEIGHTED):
            for dtype in ("f4", "f8"):
                assert (total.mean(i, dtype=dtype).tobytes()
                        == server.mean(i, dtype=dtype).tobytes())
        assert total.sum(i).dtype == server.sum(i).dtype


def plain(inputs, weights, survivors, segments, total):
    """Compare with the sum of the inputs that NumPy computes."""
    n = len(survivors)
    for i, segment in enumerate(segments):
        if segment.kind in (Kind.REAL, Kind.WEIGHTED):
            w = [weights[c] if segment.kind is Kind.WEIGHTED else 1
                 for c in survivors]
            mean = sum(k * inputs[c][i] for k, c in zip(w, survivors)) / sum(w)
            off = np.abs(total.mean(i, dtype="f8") - mean).max()
            assert off <= secagg.step(segment)
        elif segment.kind is Kind.INTEGER:
            expected = sum(inputs[c][i] for c in survivors)
            mask = np.uint64((1 << segment.bits) - 1)
            assert (total.sum(i) == expected & mask).all()
        else:
            expected = sum(inputs[c][i] for c in survivors)
            assert (total.sum(i, dtype="i8") == expected).all()
    assert total.survivors == survivors and n


LOST = {0: Phase.KEYS, 3: Phase.UNMASK}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("lost", [{}, LOST, {1: Phase.INPUT}])
def test_workers_have_the_sum_of_the_server(count, lost):
    params = make()
    with workers.Sum(params, count) as total:
        server, inputs, weights = run(params, total, lost=lost)
        with server:
            total.unmask(server.masks(), server.survivors)
            assert total.weight == server.weight == sum(
                weights[c] for c in server.survivors)
            same(total, server, params.segments)
            plain(inputs, weights, server.survivors, params.segments, total)


@pytest.mark.parametrize("mode", ["semi-honest", "active"])
@pytest.mark.parametrize("suite", ["aes", "chacha"])
def test_every_mode_and_suite(mode, suite):
    params = make(mode=mode, suite=suite, app_digest=b"d" * 32)
    with workers.Sum(params, 3) as total:
        server, inputs, weights = run(params, total)
        total.unmask(server.masks(), server.survivors)
        plain(inputs, weights, server.survivors, params.segments, total)


@pytest.mark.parametrize("part", [512, 1024, 2560, 512 * 1000])
def test_inputs_in_parts(part):
    params = make()
    with workers.Sum(params, 3) as total, workers.Sum(params, 2) as other:
        server, inputs, weights = run(params, total, lost={2: Phase.SHARES},
                                      part=part, also=[other])
        for one in (total, other):
            one.unmask(server.masks(), server.survivors)
            same(one, server, params.segments)
            plain(inputs, weights, server.survivors, params.segments, one)


def test_a_client_that_vanishes_between_parts_does_not_count():
    params = make([Segment(2000, "unsigned", value_bits=4)], max_weight=0)
    inputs = np.arange(2000) % 16

    def supply(client):
        client.set_part_size(512)
        for first in range(0, 2000, 512):
            if client.index == 7 and first:
                return
            client.input(inputs[first:first + 512], 0, first)
            yield

    with workers.Sum(params, 2) as total:
        server = Session(params, supply, accepted=total.add).run()
        assert server.survivors == list(range(7))
        total.unmask(server.masks(), server.survivors)
        assert (total.sum() == 7 * inputs).all()


def test_ranges_with_odd_ends():
    params = make()
    with workers.Sum(params, 4) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        for segment in (0, 1, 5):
            length = params.segments[segment].length
            for offset, count in ((0, 1), (511, 2), (513, 100), (1, length - 1),
                                  (length - 1, 1), (length, 0), (7, 0)):
                if offset + count <= length:
                    assert (total.sum(segment, offset=offset, count=count)
                            .tobytes() == server.sum(
                                segment, offset=offset, count=count).tobytes())


def test_results_in_arrays_of_the_host():
    params = make()
    with workers.Sum(params, 3) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        expected = server.sum(0, dtype="f8")
        assert (total.sum(0, out=np.empty((7, 100))) ==
                expected.reshape(7, 100)).all()
        back = np.empty(700)[::-1]
        assert total.sum(0, out=back) is back and (back == expected).all()
        every = np.zeros(1400, "f4")[::2]
        assert (total.mean(0, out=every) == server.mean(0)).all()
        with pytest.raises(TypeError):
            total.sum(0, out=np.zeros(700, "f2"))
        with pytest.raises(secagg.SizeError):
            total.sum(0, out=np.zeros(701))
        with pytest.raises(secagg.SizeError):
            total.sum(0, out=np.zeros(7), count=8)


def test_parts_cover_the_range_in_order():
    params = make()
    with workers.Sum(params, 3) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        parts = total.parts(1, mean=True, dtype="f8", offset=5, count=1200)
        at = 5
        for part in parts:
            assert part.offset == at
            expected = server.mean(1, dtype="f8", offset=at, count=part.count)
            assert (part.result.result() == expected).all()
            at += part.count
        assert at == 1205


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


@pytest.mark.parametrize("clip", [2.0 ** 500, 2.0 ** -500, 0.1])
@pytest.mark.parametrize("bits", [2, 32])
def test_extreme_scales(clip, bits):
    params = make([Segment(520, "real", clip=clip, value_bits=bits),
                   Segment(520, "weighted", clip=clip, value_bits=bits)],
                  max_weight=2 ** 27)
    with workers.Sum(params, 2) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        for i in (0, 1):
            assert (total.mean(i, dtype="f8").tobytes()
                    == server.mean(i, dtype="f8").tobytes())
            try:
                expected = server.sum(i)
            except secagg.RangeError:
                assert clip > 1
                with pytest.raises(secagg.RangeError, match="float32"):
                    total.sum(i)
            else:
                assert total.sum(i).tobytes() == expected.tobytes()


@pytest.mark.parametrize("count", range(1, 12))
def test_splits_cover_all_blocks(count):
    layout = Layout(make())
    ranges = layout.split(count)
    assert ranges[0][0] == 0 and ranges[-1][1] == layout.blocks
    assert all(a < b for a, b in ranges)
    assert all(x[1] == y[0] for x, y in zip(ranges, ranges[1:]))
    sizes = [layout.at(b) - layout.at(a) for a, b in ranges]
    assert sum(sizes) == layout.size
    # No range is more than the largest block above its share.
    assert max(sizes) <= layout.size / count + 64 * 64
    for (a, b), size in zip(ranges, sizes):
        assert sum(p.size for p in layout.pieces(a, b)) == size


def test_the_layout_is_that_of_the_messages():
    params = make()
    seen = []
    with workers.Sum(params, 1) as total:
        def accepted(index, message):
            if total.add(index, message):
                seen.append(len(message) - 84)
        rng = np.random.default_rng(1)

        def supply(client):
            client.weight(1)
            for i, s in enumerate(params.segments):
                client.input(values(s, rng), i)
            yield
        Session(params, supply, accepted=accepted).run()
    assert seen == [Layout(params).size] * 8


def test_a_long_mask_set_passes_in_short_calls():
    """Ray writes arguments of 100 KiB to shared memory, and to disks."""
    sizes = []

    class Watched(workers.Sum):
        def _ask(self, worker, method, *args):
            if method == "secret":
                sizes.append(len(args[0]))
            return super()._ask(worker, method, *args)

    params = make()
    with Watched(params, 2) as total:
        server, inputs, weights = run(params, total)
        with secagg.Masks.decode(server.masks()) as masks:
            for i in range(2000):  # pairs that cancel out
                masks.add(i.to_bytes(32, "big"), 1)
                masks.add(i.to_bytes(32, "big"), -1)
            encoded = masks.encode()
        total.unmask(encoded, server.survivors)
        same(total, server, params.segments)
    assert sum(sizes) == 2 * len(encoded) > 200 * 1024
    assert max(sizes) < 100 * 1024


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
