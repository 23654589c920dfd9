# SPDX-License-Identifier: Apache-2.0
"""Sums by workers, against the server's own sum and against NumPy."""
import numpy as np
import pytest

import secagg
from secagg import Kind, Phase, Segment, workers
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
            for offset, count in ((0, 1), (511, 2), (513, 100), (7, 0),
                                  (1, length - 1), (length - 1, 1),
                                  (length, 0)):
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
