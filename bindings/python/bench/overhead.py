#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the package costs on top of the C library.

A session of several clients and the server in one process: once through the
package, as a host would write it, and twice through calls of the C library
alone, from the same extension: with each message copied out of the library's
memory, as a host must that sends it, and without these copies, which only a
program can do that has all parties in one process. All have the same seeds, so
the library does the same work. They take turns; each turn is measured in CPU
time of all threads. The result is the median of the ratios.

    overhead.py [--entries 1000000] [--clients 10] [--pairs 21] [--limit 1.05]
"""
from __future__ import annotations

import argparse
import functools
import gc
import statistics
import sys
import time

import numpy as np

import secagg
from secagg._secagg import ffi, lib

LAX = secagg.Policy(min_survivors=2, min_corrupt=secagg.NOBODY_CORRUPT)


def seed(number: int) -> bytes:
    """A seed that is no secret."""
    return number.to_bytes(32, "big")


def with_package(params: secagg.Params, vectors: list[np.ndarray]
                 ) -> np.ndarray:
    """The mean by the package."""
    with secagg.Server(params, seed=seed(99)) as server:
        clients = [secagg.Client(params, i, policy=LAX, seed=seed(i))
                   for i in range(len(vectors))]
        inbox: dict[int, bytes | None] = dict.fromkeys(range(len(vectors)))
        while not server.done:
            for index, message in inbox.items():
                client = clients[index]
                if message is not None:
                    client.recv(message)
                if client.input_due:
                    client.input(vectors[index])
                for made in client.reply():
                    server.recv(index, made)
            server.advance()
            inbox = server.outbox()
        for client in clients:
            client.close()
        return server.mean(threads=1)


def must(err: int) -> None:
    """End the program if a call failed."""
    if err:
        sys.exit(ffi.string(lib.secagg_strerror(err)).decode())


def with_calls(params: secagg.Params, vectors: list[np.ndarray],
               copies: bool = False) -> np.ndarray:
    """The mean by calls of the C library."""
    n = len(vectors)
    policy = LAX._c()
    handle = ffi.new("secagg_server **")
    must(lib.secagg_server_new_seeded(handle, params._c, seed(99)))
    server, clients = handle[0], []
    for i in range(n):
        made = ffi.new("secagg_client **")
        must(lib.secagg_client_new_seeded(made, params._c, i, policy,
                                          seed(i)))
        clients.append(made[0])
    message, size = ffi.new("const uint8_t **"), ffi.new("size_t *")
    inbox: list[bytes | None] = [None] * n
    while lib.secagg_server_phase(server) < lib.SECAGG_PHASE_DONE:
        due = lib.secagg_server_phase(server) == lib.SECAGG_PHASE_INPUT
        for i, client in enumerate(clients):
            told = inbox[i]
            if told is not None:
                must(lib.secagg_client_recv(client, told, len(told)))
            if due:
                must(lib.secagg_client_input_f32(
                    client, 0, 0, ffi.from_buffer("float[]", vectors[i]),
                    vectors[i].size))
            must(lib.secagg_client_send(client, message, size))
            made = (bytes(ffi.buffer(message[0], size[0])) if copies
                    else message[0])
            must(lib.secagg_server_recv(server, i, made, size[0]))
        must(lib.secagg_server_advance(server))
        for i in range(n):
            must(lib.secagg_server_send(server, i, message, size))
            inbox[i] = bytes(ffi.buffer(message[0], size[0]))
    for client in clients:
        lib.secagg_client_free(client)
    mean = np.empty(vectors[0].size, np.float32)
    must(lib.secagg_server_mean_f32(
        server, 0, 0, ffi.from_buffer("float[]", mean), mean.size))
    lib.secagg_server_free(server)
    return mean


def cpu(function, *args) -> float:
    """Seconds of CPU time of a call."""
    gc.collect()
    start = time.process_time()
    function(*args)
    return time.process_time() - start


def main() -> int:
    """Measure and print; 1 if the limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--limit", type=float, default=1.05)
    options = parser.parse_args()
    params = secagg.Params(
        [secagg.Segment(options.entries, "real", clip=1.0, value_bits=16)],
        clients=options.clients, threshold=options.clients - 1,
        min_survivors=2, session=bytes(16))
    rng = np.random.default_rng(1)
    vectors = [rng.uniform(-1, 1, options.entries).astype(np.float32)
               for _ in range(options.clients)]
    same = np.array_equal(with_package(params, vectors),
                          with_calls(params, vectors))
    if not same:
        sys.exit("the two means differ")
    ways = (with_package, functools.partial(with_calls, copies=True),
            with_calls)
    times: list[list[float]] = [[], [], []]
    for turn in range(options.pairs):
        for k in range(3):
            way = (turn + k) % 3
            times[way].append(cpu(ways[way], params, vectors))
    print(f"{options.clients} clients, {options.entries} entries, "
          f"{options.pairs} turns, CPU ms (median): package, calls, calls "
          "without copies:",
          *(f"{1e3 * statistics.median(t):.1f}" for t in times))
    medians = []
    for name, base in (("calls", times[1]), ("no copies", times[2])):
        ratios = sorted(a / b for a, b in zip(times[0], base))
        medians.append(statistics.median(ratios))
        print(f"package / {name}: median {medians[-1]:.4f}, quartiles "
              f"{ratios[len(ratios) // 4]:.4f} to "
              f"{ratios[3 * len(ratios) // 4]:.4f}; of the fastest "
              f"{min(times[0]) / min(base):.4f}")
    return int(medians[0] >= options.limit)


if __name__ == "__main__":
    sys.exit(main())
