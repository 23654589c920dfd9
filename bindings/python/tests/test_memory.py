# SPDX-License-Identifier: Apache-2.0
"""Memory: no leaks, no references that stay, and secrets that are wiped."""
import gc
import os
import pathlib
import subprocess
import sys
import tracemalloc
import weakref

import numpy as np
import pytest

import secagg
from replay import identity_of
from secagg import Segment
from support import LAX, Keys, Session, params, seed, supply

COUNT = 2000


def resident():
    """Bytes of memory of this process."""
    gc.collect()
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def client():
    made = secagg.Client(P, 0, policy=LAX)
    supply(made)
    return made


P = params(3, threshold=2)
MAKERS = {
    "clients": client,
    "servers": lambda: secagg.Server(P),
    "params": lambda: secagg.Params.decode(P.encode()),
    "masks": lambda: secagg.Masks().add(bytes(32)),
}


@pytest.mark.parametrize("name", MAKERS)
def test_dropped_handles_are_freed(name):
    make = MAKERS[name]
    for _ in range(COUNT // 4):
        make()
    before = resident()
    for _ in range(COUNT):
        make()
    assert resident() - before < 2 << 20


def test_handles_that_are_kept_would_be_seen():
    """The bound of the test above is not too wide."""
    before = resident()
    kept = [client() for _ in range(COUNT)]
    assert resident() - before > 4 << 20
    for one in kept:
        one.close()


def test_failed_calls_leave_nothing():
    def fail():
        for call in (lambda: secagg.Params.decode(b"junk"),
                     lambda: secagg.Client(P, 0, seed=b"x"),
                     lambda: secagg.Client(P, 0),
                     lambda: secagg.Client.resume(bytes(500), bytes(32)),
                     lambda: secagg.Masks.decode(bytes(4000))):
            with pytest.raises(secagg.Error):
                call()

    for _ in range(COUNT // 8):
        fail()
    before = resident()
    for _ in range(COUNT // 2):
        fail()
    assert resident() - before < 2 << 20


def test_sessions_leave_nothing_in_python():
    def play():
        with Session(P) as session:
            session.run()

    for _ in range(5):
        play()
    gc.collect()
    tracemalloc.start()
    try:
        play()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(40):
            play()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 40 * 200  # not 200 bytes a session


def test_sessions_do_not_grow_the_process():
    segments = (Segment(20_000, "unsigned", value_bits=16),)
    p = params(3, threshold=2, segments=segments, max_weight=0)

    def play():
        with Session(p, segments=segments) as session:
            session.run()
            return session.server.masks()

    for _ in range(10):
        play()
    before = resident()
    for _ in range(100):
        play()
    assert resident() - before < 4 << 20


def test_handles_keep_no_reference():
    values, message = np.arange(7.0), bytearray(b"junk")
    trusted = {i: k for i, k in Keys(6).trust.items()}

    def verify(*_):
        return True

    counts = [sys.getrefcount(x) for x in (values, message, trusted)]
    gone = weakref.ref(verify)
    with secagg.Client(params(), 0, policy=LAX) as one:
        one.input(values)
        with pytest.raises(secagg.MessageError):
            one.recv(message)
        message += b"x"  # nobody exports its memory
    active = params(mode="active")
    with secagg.Server(active, trust=trusted) as server:
        server.recv(0, message)
    server = secagg.Server(active, trust=verify)
    del verify
    gc.collect()
    assert gone() is not None
    server.close()
    gc.collect()
    assert gone() is None
    assert [sys.getrefcount(x) for x in (values, message, trusted)] == counts


def test_handles_are_collected():
    for make in (lambda: secagg.Client(P, 0, policy=LAX),
                 lambda: secagg.Server(P), secagg.Masks):
        handle = make()
        gone = weakref.ref(handle)
        pointer = handle._owner
        assert pointer.c is not None
        del handle
        assert gone() is None  # at once, without the garbage collector
        assert pointer.c is None


# ---- secrets ----------------------------------------------------------------

CHILD = """
import os, secagg
from support import LAX, params
secrets = bytearray(128)
view = memoryview(secrets)
assert os.readv(0, [secrets]) == 128
master, mask, pair = view[:32], view[32:64], view[64:]
def stage():
    os.write(1, b".")
    os.read(0, 1)
stage()
identity = secagg.Identity.from_secret(pair)
with secagg.Client(params(mode="active"), 0, policy=LAX, seed=master,
                   identity=identity) as client, secagg.Masks() as masks:
    masks.add(mask)
    identity.wipe()
    secrets[:] = bytes(128)
    client.send()
    stage()
stage()
"""


def found(pid, pattern):
    """How often a pattern is in the writable memory of a process."""
    count = 0
    with open(f"/proc/{pid}/maps") as maps, open(
            f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, mode, *_ = line.split()
            if not mode.startswith("rw"):
                continue
            start, end = (int(x, 16) for x in place.split("-"))
            memory.seek(start)
            try:
                count += memory.read(end - start).count(pattern)
            except OSError:
                continue  # memory of the kernel
    return count


def test_closed_handles_leave_no_secret_in_memory():
    master, mask = os.urandom(32), os.urandom(32)
    pair = identity_of(os.urandom(32)).secret()
    path = os.pathsep.join([os.path.dirname(os.path.dirname(
        secagg.__file__)), os.path.dirname(__file__)])
    with subprocess.Popen([sys.executable, "-c", CHILD],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          bufsize=0,
                          env={**os.environ, "PYTHONPATH": path}) as process:
        process.stdin.write(master + mask + pair)
        seen = []
        for _ in range(3):
            assert process.stdout.read(1) == b"."
            try:
                seen.append([found(process.pid, s[:32])
                             for s in (master, mask, pair)])
            except PermissionError:
                process.kill()
                pytest.skip("the memory of a child cannot be read here")
            process.stdin.write(b".")
        assert process.wait(60) == 0
    host, open_, closed = seen
    assert all(host), "the search finds what is there"
    assert open_[0] == 0, "a client that was made has no master seed"
    assert open_[1] == 1 and open_[2] == 1, "one copy in each handle"
    assert closed == [0, 0, 0]


def test_encoded_masks_do_not_stay_in_buffers(monkeypatch):
    """What `Masks.encode` used to write into is wiped."""
    from secagg import _handle
    wiped = []
    lib = _handle.lib

    class Spy:
        def __getattr__(self, name):
            return getattr(lib, name)

        def secagg_wipe(self, pointer, size):
            wiped.append(size)
            lib.secagg_wipe(pointer, size)
            assert bytes(_handle.ffi.buffer(pointer, size)) == bytes(size)

    with secagg.Masks() as masks:
        masks.add(seed(1))
        monkeypatch.setattr(_handle, "lib", Spy())
        made = masks.encode()
    assert seed(1) in made and wiped == [len(made)]
