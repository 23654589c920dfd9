# SPDX-License-Identifier: Apache-2.0
"""Threads that share a handle, and processes that a fork makes."""
import concurrent.futures
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import secagg
from secagg import Phase, Segment
from support import (LAX, Keys, Session, check_sums, inputs, params, seed,
                     supply)

WAIT = 60  # seconds, after which a test has failed


def test_many_threads_pass_messages_to_one_server():
    p = params(24, threshold=13, min_survivors=13)
    with Session(p) as session, concurrent.futures.ThreadPoolExecutor(
            8) as pool:
        server = session.server
        while not server.done:
            answers = dict(zip(session.inbox, pool.map(
                lambda item: session.answers(*item), session.inbox.items())))
            jobs = []
            for i, messages in answers.items():
                # Each message with junk before it and a repeat after it.
                jobs += [(i, b"junk of %d" % i), (i, messages[0])]
            done = list(pool.map(lambda job: server.recv(*job), jobs))
            assert done == [False, True] * len(answers)
            repeated = list(pool.map(lambda i: server.recv(
                i, answers[i][0]), answers))
            assert not any(repeated)
            for refusal in server.refusals:
                assert refusal.index == refusal.error.index
                assert type(refusal.error) in (secagg.MessageError,
                                               secagg.RepeatError)
                assert refusal.phase is server.phase
            assert len(server.refusals) == 2 * len(answers)
            server.refusals.clear()
            server.advance()
            session.inbox = server.outbox()
        check_sums(server, range(24))


def test_properties_are_read_while_messages_arrive():
    with Session(params(12, threshold=7)) as session:
        stop, seen, server = threading.Event(), [], session.server

        def watch():
            while not stop.is_set():
                seen.append((server.phase, server.pending, len(repr(server)),
                             len(server.owing()), len(server.lost())))

        threads = [threading.Thread(target=watch) for _ in range(3)]
        for thread in threads:
            thread.start()
        session.run()
        stop.set()
        for thread in threads:
            thread.join(WAIT)
        check_sums(server, range(12))
        assert seen and {phase for phase, *_ in seen} <= set(Phase)


def test_threads_that_use_one_client():
    segments = (Segment(64, "unsigned", value_bits=20),)
    p = params(3, threshold=2, segments=segments, max_weight=0)
    with Session(p, segments=segments) as session, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        vector, client = inputs(0, segments)[1][0], session.clients[0]
        list(pool.map(lambda i: client.input(vector[i:i + 1], 0, i),
                      range(64)))
        first = list(pool.map(lambda _: client.send(), range(8)))
        assert sum(map(bool, first)) == 1  # one of them got the message
        assert session.server.recv(0, b"".join(first))
        for i in (1, 2):
            session.server.recv(i, session.answers(i, None)[0])
        session.server.advance()
        session.inbox = session.server.outbox()
        check_sums(session.run(), range(3), segments)


def test_errors_are_those_of_their_thread():
    segments = (Segment(8, "unsigned", value_bits=8),) * 6
    p = params(3, threshold=2, segments=segments, max_weight=0)
    with secagg.Client(p, 0, policy=LAX) as client, \
            concurrent.futures.ThreadPoolExecutor(6) as pool:
        def fail(number):
            with pytest.raises(secagg.RangeError) as caught:
                client.input([1000], number)
            return f"segment {number}" in caught.value.sentence

        assert all(pool.map(fail, list(range(6)) * 30))


@pytest.fixture(scope="module")
def large():
    """A server with a sum of 1,100,000 entries and what it must be."""
    segments = (Segment(1_100_000, "unsigned", value_bits=12),)
    p = params(3, threshold=2, segments=segments, max_weight=0)
    with Session(p, segments=segments) as session:
        session.run()
        yield session.server, sum(inputs(i, segments)[1][0] for i in range(3))


@pytest.mark.parametrize("threads", [1, 2, 4, 100, 0, None])
def test_a_sum_is_read_by_threads(large, threads):
    server, want = large
    np.testing.assert_array_equal(server.sum(0, threads=threads), want)
    out = np.zeros(1_100_000, "i8")[::-1]
    server.sum(0, out=out, threads=threads)
    np.testing.assert_array_equal(out, want.astype("i8"))
    part = server.sum(0, offset=777, count=600_001, threads=threads)
    np.testing.assert_array_equal(part, want[777:600_778])


def test_sums_are_read_at_the_same_time(large):
    server, want = large
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda k: server.sum(0, offset=k, count=70_000),
                            range(0, 400_000, 100_000)):
            assert got.size == 70_000
        starts = [pool.submit(server.sum, 0, offset=k, count=9)
                  for k in range(0, 90, 9)]
        got = np.concatenate([f.result(WAIT) for f in starts])
    np.testing.assert_array_equal(got, want[:90])


def test_close_waits_for_a_call_of_another_thread():
    entered, leave = threading.Event(), threading.Event()

    def verify(*_):
        entered.set()
        assert leave.wait(WAIT)
        return True

    keys = Keys(6)
    p = params(mode="active")
    server = secagg.Server(p, trust=verify)
    client = secagg.Client(p, 0, policy=LAX, **keys.of(0))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        taken = pool.submit(server.recv, 0, client.send())
        assert entered.wait(WAIT)
        closed = pool.submit(server.close)
        assert not server.closed and "in use" in repr(server)
        leave.set()
        assert taken.result(WAIT) is True
        closed.result(WAIT)
    assert server.closed
    client.close()


# ---- fork -------------------------------------------------------------------

def in_child(task):
    """The exit status of a child; it is killed if it hangs."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(WAIT)
        status = 1
        try:
            status = 0 if task() else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


def refuses(call):
    try:
        call()
    except secagg.StateError as error:
        return "child" in error.sentence
    return False


def test_a_child_cannot_use_a_handle_and_the_parent_goes_on():
    with Session(params()) as session:
        session.step()
        client, server = session.clients[0], session.server

        def task():
            good = all(map(refuses, (
                lambda: client.recv(session.inbox[0]), client.send,
                lambda: client.save(bytes(32)), lambda: client.phase,
                lambda: server.recv(0, b""), server.advance, server.outbox,
                lambda: server.sum(0))))
            return good and "in use" in repr(client) and repr(server)

        assert in_child(task) == 0

        def close():
            client.close()
            server.close()
            return client.closed and server.closed and refuses(client.send)

        assert in_child(close) == 0
        check_sums(session.run(), range(6))


def test_a_fork_while_a_thread_is_inside_does_not_hang_the_child():
    entered, leave = threading.Event(), threading.Event()

    def verify(*_):
        entered.set()
        assert leave.wait(WAIT)
        return True

    keys = Keys(6)
    p = params(mode="active")
    server = secagg.Server(p, trust=verify)
    client = secagg.Client(p, 0, policy=LAX, **keys.of(0))
    thread = threading.Thread(target=server.recv, args=(0, client.send()))
    thread.start()
    assert entered.wait(WAIT)

    def task():
        good = refuses(lambda: server.phase) and "in use" in repr(server)
        server.close()  # frees nothing: the other thread's state may be torn
        return good and server.closed

    try:
        assert in_child(task) == 0
    finally:
        leave.set()
        thread.join(WAIT)
    assert server.answered == [0]
    server.close()
    client.close()


def test_a_child_makes_handles_of_its_own():
    def task():
        with Session(params(3, threshold=2)) as session:
            check_sums(session.run(), range(3))
        return True

    with secagg.Server(params()):
        assert in_child(task) == 0


SCRIPT = """
import sys, threading, time
import secagg
from support import LAX, Keys, params
p, keys = params(mode="active"), Keys(6)
entered = threading.Event()
def verify(*_):
    entered.set()
    time.sleep(600)
server = secagg.Server(p, trust=verify)
client = secagg.Client(p, 0, policy=LAX, **keys.of(0))
threading.Thread(target=server.recv, args=(0, client.send()),
                 daemon=True).start()
assert entered.wait(60)
sys.exit(7)
"""


def test_a_process_ends_while_a_thread_is_inside():
    path = os.pathsep.join([os.path.dirname(os.path.dirname(
        secagg.__file__)), os.path.dirname(__file__)])
    done = subprocess.run([sys.executable, "-c", SCRIPT], timeout=WAIT,
                          env={**os.environ, "PYTHONPATH": path},
                          stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (7, b"")


# ---- saving -----------------------------------------------------------------

def test_threads_that_save_store_the_newest_state(folder):
    p, store = params(), secagg.FileStore(folder)
    with secagg.Server(p, store=store) as server, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        messages = [secagg.Client(p, i, policy=LAX, seed=seed(i)).send()
                    for i in range(6)]

        def take(i):
            assert server.recv(i, messages[i])
            server.checkpoint()

        list(pool.map(take, range(6)))
        assert server.generation == 7
    with secagg.Server.from_store(store, p.session) as server:
        assert server.owing() == [] and server.generation == 8


def test_supply_in_threads_and_weights():
    with Session(params()) as session, \
            concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(supply, session.clients))
        check_sums(session.run(), range(6))
