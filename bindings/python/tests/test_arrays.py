# SPDX-License-Identifier: Apache-2.0
"""Arrays of any layout: the message has the same bytes as that of a packed
copy, made by a client with the same seed."""
import array
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import secagg
from secagg import Phase, Segment
from support import LAX, Session, params, seed, supply

FLOATS = ("f2", "f4", "f8")
INTEGERS = ("i1", "u1", "i2", "u2", "i4", "u4")
WIDE = ("i8", "u8")
SESSION = bytes(range(16))


def messages_of(kind, calls, length):
    """INPUT of client 0, and what it clipped, after its input was supplied by
    `calls`. All else is the same in each call of this function."""
    bits = {"real": {"value_bits": 16, "clip": 100.0},
            "integer": {"bits": 64}}[kind]
    segments = (Segment(length, kind, **bits),)
    p = params(3, threshold=2, segments=segments, max_weight=0,
               session=SESSION, min_survivors=2)
    with Session(p, segments=segments, seeded=True) as session:
        session.clients[2].close()
        inbox = dict.fromkeys(range(2))
        for _ in range(2):
            for i in inbox:
                for message in session.clients[i].reply(inbox[i]):
                    assert session.server.recv(i, message)
            session.server.advance()
            inbox = {i: session.server.send(i) for i in range(2)}
        client = session.clients[0]
        client.recv(inbox[0])
        calls(client)
        message, = client.reply()
        assert client.phase is Phase.INPUT
        return message, client.clipped


def packed(values, kind, length):
    """The message for a packed copy of an array."""
    flat = np.array(list(values.reshape(-1)), values.dtype.newbyteorder("="))
    assert flat.flags.c_contiguous and flat.size == length
    return messages_of(kind, lambda c: c.input(flat), length)


@st.composite
def arrays(draw, types):
    """An array of up to 4 dimensions with any strides."""
    shape = draw(st.lists(st.integers(0, 5), min_size=0, max_size=4))
    form = np.dtype(draw(st.sampled_from(types)))
    if draw(st.booleans()):
        form = form.newbyteorder()
    size = int(np.prod(shape))
    if form.kind == "f":
        numbers = st.integers(-3000, 3000).map(lambda k: k / 32)
    else:
        info = np.iinfo(form)
        numbers = st.integers(int(info.min), int(info.max))
    values = draw(st.lists(numbers, min_size=size, max_size=size))
    made = np.array(values, dtype=form).reshape(shape)
    if draw(st.booleans()):
        made = np.asfortranarray(made)
    if made.ndim > 1 and draw(st.booleans()):
        made = made.transpose(draw(st.permutations(range(made.ndim))))
    if made.ndim and draw(st.booleans()):
        made = np.broadcast_to(made, (draw(st.integers(1, 3)),) + made.shape)
    cuts = [slice(None, None, draw(st.sampled_from((1, -1, 2, -2))))
            for _ in range(made.ndim)]
    made = made[tuple(cuts)] if draw(st.booleans()) else made
    if made.size and draw(st.booleans()):  # at an odd address
        raw = np.zeros(made.size * made.itemsize + 1, np.uint8)
        odd = raw[1:].view(made.dtype).reshape(made.shape)
        odd[...] = made
        made = odd
    return made


@given(arrays(FLOATS + INTEGERS))
def test_reals_from_any_array(values):
    check_same_bytes("real", values)


@given(arrays(INTEGERS + WIDE))
def test_integers_from_any_array(values):
    check_same_bytes("integer", values)


def check_same_bytes(kind, values):
    if not values.size:
        def nothing_then_all(client):
            client.input(values)
            assert client.input_due
            client.input(np.arange(4, dtype="u4"))
        assert messages_of(kind, nothing_then_all, 4) == packed(
            np.arange(4, dtype="u4"), kind, 4)
        return
    before = values.tobytes()
    assert messages_of(kind, lambda c: c.input(values),
                       values.size) == packed(values, kind, values.size)
    assert values.tobytes() == before


@given(arrays(FLOATS), st.data())
def test_reals_in_pieces(values, data):
    if values.ndim == 0 or not values.size:
        return
    rows = list(range(values.shape[0]))
    each = values[0].size

    def pieces(client):
        for row in data.draw(st.permutations(rows)):
            client.input(values[row], 0, row * each)

    assert messages_of("real", pieces, values.size) == packed(
        values, "real", values.size)


def test_strides_that_need_no_copy():
    from secagg._arrays import read
    base = np.arange(60, dtype="f4").reshape(3, 4, 5)
    for view in (base, base[::-1, ::-1, ::-1], base[:, :, 1], base[:, 2, 3],
                 base[1], base[:, 1:2, :][:, :, ::5], base.reshape(-1)[::7],
                 np.broadcast_to(np.float32(3), (4, 5)), np.float32(1.5),
                 np.asfortranarray(base[:1, :, 0]), base[:0]):
        assert not read(view).copied
    for view in (base.T, base[:, 1:3], base.astype(">f4"),
                 np.broadcast_to(base[0, 0], (3, 5))):
        assert read(view).copied


def test_a_copy_is_wiped():
    from secagg import _arrays
    runs, read = [], _arrays.read
    values = np.arange(1, 41, dtype="f4").reshape(5, 8).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_arrays, "read",
                      lambda v: runs.append(read(v)) or runs[-1])
        messages_of("real", lambda c: c.input(values), 40)
    assert runs[0].copied and not runs[0].array.any()
    assert values[3, 2] == 20


@pytest.mark.parametrize("values", [
    [1, 2, 3, 4], (1.5, 2.0, 3.0, 4.0), array.array("d", [1, 2, 3, 4]),
    memoryview(np.arange(4.0)), np.arange(4.0).data.cast("B").cast("d"),
    np.arange(4, dtype=np.longlong), np.arange(4, dtype=np.ulonglong)],
    ids=lambda v: type(v).__name__)
def test_sequences_and_buffers(values):
    same = np.asarray(values)
    kind = "real" if same.dtype.kind == "f" else "integer"
    assert messages_of(kind, lambda c: c.input(values), 4) == packed(
        same, kind, 4)


class Tensor:
    """An array of another package: DLPack alone."""

    def __init__(self, values, device=(1, 0)):
        self.values, self.device = values, device

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


def test_dlpack():
    for values in (np.arange(12, dtype="f4").reshape(3, 4),
                   np.arange(12, dtype="f8")[::-1].reshape(3, 4),
                   np.arange(12, dtype="i4").reshape(3, 4).T):
        assert messages_of("real", lambda c: c.input(Tensor(values)),
                           12) == packed(values, "real", 12)
    for device in ((2, 0), (10, 3)):  # CUDA, ROCm
        with Session(params()) as session:
            with pytest.raises(TypeError, match="CPU"):
                session.clients[0].input(Tensor(np.zeros(7), device))


def test_tensors_of_torch(monkeypatch):
    """The calls that tensors of PyTorch get, on a stand-in for them."""
    class Fake:
        dtype, device = "float32", types.SimpleNamespace(type="cpu")
        detached = False

        def __init__(self, values):
            self.values = values

        def detach(self):
            self.detached = True
            return self

        def view(self, form):
            assert form == "int16" and self.detached
            return Fake(self.values.view("i2"))

        def numpy(self):
            return self.values

    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(
        Tensor=Fake, bfloat16="bfloat16", int16="int16"))
    values = np.array([1.5, -2.25, 3, 100], "f4")
    want = packed(values, "real", 4)
    assert messages_of("real", lambda c: c.input(Fake(values)), 4) == want
    half = Fake((values.view("u4") >> 16).astype("u2"))  # exact in bfloat16
    half.dtype = "bfloat16"
    assert messages_of("real", lambda c: c.input(half), 4) == want
    far = Fake(values)
    far.device = types.SimpleNamespace(type="cuda")
    with Session(params()) as session:
        with pytest.raises(TypeError, match="CPU"):
            session.clients[0].input(far)


def test_bfloat16_of_ml_dtypes():
    form = pytest.importorskip("ml_dtypes").bfloat16
    values = np.array([[1.5, -2.25], [3, 100]], "f4")
    want = packed(values, "real", 4)
    half = values.astype(form)
    assert messages_of("real", lambda c: c.input(half), 4) == want
    assert messages_of("real", lambda c: c.input(half.T.copy().T), 4) == want


@pytest.mark.parametrize("values", [
    np.zeros(7, "c8"), np.zeros(7, "?"), np.zeros(7, "O"), ["a"] * 7,
    np.zeros(7, "S3"), np.zeros(7, "M8[s]"), np.zeros(7, "g"),
    np.zeros(7, [("x", "f4")]), [None] * 7, {"a": 1}, [2**70] * 7,
    np.ma.masked_array(np.zeros(7), mask=[1] * 7)],
    ids=lambda v: str(getattr(v, "dtype", type(v).__name__)))
def test_refused_types(values):
    with Session(params()) as session:
        with pytest.raises(TypeError):
            session.clients[0].input(values)
        supply(session.clients[0])  # nothing was taken


def test_refused_values_and_pieces():
    with Session(params()) as session:
        client = session.clients[0]
        client.weight(1)
        for bad in (np.nan, np.inf, -np.inf):
            values = np.zeros(7)
            values[3] = bad
            with pytest.raises(secagg.RangeError):
                client.input(values, 0)
        with pytest.raises(secagg.RangeError):
            client.input([128, 0, 0, 0], 2)
        with pytest.raises(secagg.RangeError):
            client.input([-1, 0, 0], 3)
        with pytest.raises(secagg.SizeError) as caught:
            client.input(np.zeros(5), 0, 3)
        assert (caught.value.got, caught.value.needed) == (8, 7)
        with pytest.raises(secagg.ArgumentError):
            client.input(np.zeros(1), 9)
        with pytest.raises(secagg.ArgumentError):
            client.input(np.zeros(4), 2)
        for segment, offset in ((-1, 0), (0, -1), (0, 2**64), (2**64, 0)):
            with pytest.raises(secagg.ArgumentError):
                client.input(np.zeros(1), segment, offset)
        client.input(np.zeros(7), 0)
        with pytest.raises(secagg.StateError):
            client.input(np.zeros(1), 0)


# ---- reading ----------------------------------------------------------------

@pytest.fixture(scope="module")
def server():
    """A server with a sum, and what it must be."""
    segments = (Segment(24, "integer", bits=64),
                Segment(24, "real", value_bits=20, clip=4.0),
                Segment(24, "signed", value_bits=12))
    p = params(3, threshold=2, segments=segments, max_weight=0)
    with Session(p, segments=segments) as session:
        session.run()
        yield session.server


@st.composite
def holes(draw, size, types=("f4", "f8")):
    """An array to be filled, in a larger one, with its mask."""
    form = draw(st.sampled_from(types))
    step = draw(st.sampled_from((1, 2, 3)))
    back = draw(st.booleans())
    base = np.zeros(size * step + 5, form)
    start = draw(st.integers(0, 5))
    view = base[start:start + size * step:step][:size]
    if back:
        view = view[::-1]
    shape = draw(st.sampled_from(
        [(size,), (1, size), (size, 1)]
        + [(k, size // k) for k in (2, 3, 4) if size % k == 0]))
    return base, view.reshape(shape)


@given(st.data())
def test_sums_into_any_array(server, data):
    number = data.draw(st.sampled_from((0, 1, 2)))
    forms = ("i8", "u8", "f4", "f8") if number == 1 else ("i8", "u8")
    offset = data.draw(st.integers(0, 23))
    count = data.draw(st.integers(0, 24 - offset))
    base, out = data.draw(holes(count, forms) if count else st.just(
        (np.zeros(3, "u8"), np.zeros(0, "u8"))))
    if number == 2 and out.dtype == np.uint64:
        return  # some sums are negative
    want = server.sum(number, dtype=out.dtype)[offset:offset + count]
    assert np.shares_memory(base, out) or not count
    got = server.sum(number, out=out, offset=offset)
    assert got is out
    np.testing.assert_array_equal(out.reshape(-1), want)
    assert np.count_nonzero(base) == np.count_nonzero(want)  # nothing else


def test_means_into_an_array(server):
    want = server.sum(1, dtype="f8") / 3
    out = np.zeros((2, 24), "f8")[:, ::2].reshape(-1)
    base = np.zeros((24, 2), "f8")
    got = server.mean(1, out=base[:, 1])
    assert np.shares_memory(got, base) and not base[:, 0].any()
    np.testing.assert_allclose(base[:, 1], want, rtol=1e-15)
    assert server.mean(1).dtype == np.float32 and out.size == 24


def test_default_types(server):
    assert [server.sum(i).dtype for i in range(3)] == [
        np.uint64, np.float32, np.int64]


@pytest.mark.parametrize("out", [
    np.zeros(24, "f2"), np.zeros(24, ">f4"), np.zeros(24, "i4"), [0.0] * 24,
    np.zeros(24, "c8"), np.broadcast_to(np.float32(0), 24),
    np.lib.stride_tricks.as_strided(np.zeros(24, "f4"), (24,), (0,)),
    np.zeros((4, 12), "f4")[:, ::2][:, :6].T, memoryview(bytearray(96))])
def test_refused_outputs(server, out):
    with pytest.raises(TypeError):
        server.sum(1, out=out)


def test_a_read_only_output_is_refused(server):
    out = np.zeros(24, "f4")
    out.flags.writeable = False
    with pytest.raises(TypeError):
        server.sum(1, out=out)


def test_refused_ranges(server):
    for named in ({"count": 25}, {"offset": 20, "count": 5},
                  {"offset": 25, "count": 0}, {"count": 10**18},
                  {"out": np.zeros(25, "f4")},
                  {"out": np.zeros(3, "f4"), "count": 4}):
        with pytest.raises(secagg.SizeError):
            server.sum(1, **named)
    for named in ({"offset": -1}, {"segment": 3}, {"segment": -1}):
        with pytest.raises(secagg.ArgumentError):
            server.sum(**{"segment": 1, **named})
    with pytest.raises(secagg.ArgumentError):
        server.sum(0, dtype="f4")
    with pytest.raises(secagg.ArgumentError):
        server.mean(2)
    assert server.sum(1, offset=24).size == 0


def test_one_message_for_one_seed():
    """The comparison of this file can fail."""
    ones = messages_of("integer", lambda c: c.input(np.ones(4, "u4")), 4)
    other = messages_of("integer", lambda c: c.input([1, 1, 1, 2]), 4)
    assert ones != other
    p = params(3, threshold=2, session=SESSION)
    with secagg.Client(p, 0, policy=LAX, seed=seed(1)) as one, secagg.Client(
            p, 0, policy=LAX, seed=seed(2)) as two:
        assert one.send() != two.send()
