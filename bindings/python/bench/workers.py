# SPDX-License-Identifier: Apache-2.0
"""One sum by 1, 2, 4 workers: time, and every entry against the plain sum.

    python bench/workers.py --entries 100000000 --clients 200
    python bench/workers.py --entries 10000000 --clients 20 --backend ray

Real clients mask their inputs, in parts, so that one part of one client is in
memory at a time. A server collects the session; every sum over workers gets
the same messages. Inputs are pseudorandom integers of up to 16 bits.
"""
from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any, Iterator

import numpy as np

import secagg
from secagg import workers
from secagg.cli._session import Session

PIECE = 1 << 20  # entries that are checked at a time
SHIFTS = 1 << 20


class Inputs:
    """Entries of all clients: windows of one array, at places that depend on
    the client and on the part."""

    def __init__(self, part: int, bits: int) -> None:
        self.part = part
        self.values = np.random.default_rng(0).integers(
            0, 1 << bits, part + SHIFTS, np.uint16)

    def of(self, client: int, first: int, count: int) -> Any:
        """A range of a client's input, in one part."""
        number, inside = divmod(first, self.part)
        at = (client * 104729 + number * 50021) % SHIFTS + inside
        return self.values[at:at + count]


class Bench:
    """A session, and a sum for each number of workers."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        segment = secagg.Segment(options.entries, "unsigned",
                                 value_bits=options.value_bits)
        self.params = secagg.Params([segment], clients=options.clients)
        self.params.choose(options.corrupt, options.dropout)
        self.inputs = Inputs(options.part, options.value_bits)
        make = backend(options.backend)
        self.totals = {n: make(self.params, n) for n in options.workers}
        self.adding = dict.fromkeys(options.workers, 0.0)
        self.plain = np.zeros(options.entries, np.uint32)
        self.started = time.monotonic()

    def supply(self, client: secagg.Client) -> Iterator[None]:
        """Supply the input of a client in parts."""
        part, entries = self.options.part, self.options.entries
        client.set_part_size(part)
        for first in range(0, entries, part):
            count = min(part, entries - first)
            client.input(self.inputs.of(client.index, first, count), 0, first)
            yield
        self.progress(client.index)

    def progress(self, index: int) -> None:
        """A line now and then."""
        if index % max(1, self.options.clients // 10) == 0:
            seconds = time.monotonic() - self.started
            print(f"client {index}: {seconds:.0f} s", file=sys.stderr)

    def accepted(self, index: int, message: bytes) -> None:
        """Pass an input that the server accepted to every sum."""
        for n, total in self.totals.items():
            start = time.monotonic()
            total.add(index, message)
            self.adding[n] += time.monotonic() - start

    def run(self) -> secagg.Server:
        """The session; some clients vanish before their input, or after."""
        n = self.options.clients
        out = max(1, int(n * self.options.dropout / 2)) if n > 3 else 0
        lost = {n - 1 - i: secagg.Phase.INPUT for i in range(out)}
        if self.options.dropout:
            lost[0] = secagg.Phase.UNMASK
        else:
            lost = {}
        return Session(self.params, self.supply, lost=lost,
                       accepted=self.accepted).run()

    def add_plain(self, survivors: list[int]) -> None:
        """The sum without any secrecy."""
        for index in survivors:
            for first in range(0, self.options.entries, self.inputs.part):
                piece = self.plain[first:first + self.inputs.part]
                piece += self.inputs.of(index, first, piece.size)

    def measure(self, server: secagg.Server, n: int) -> tuple[float, int]:
        """Seconds to unmask with n workers, and wrong entries."""
        total = self.totals[n]
        start = time.monotonic()
        total.unmask(server.masks(), server.survivors)
        seconds = time.monotonic() - start
        wrong = 0
        for first in range(0, self.options.entries, PIECE):
            plain = self.plain[first:first + PIECE]
            wrong += int((total.sum(offset=first, count=plain.size) != plain
                          ).sum())
        return seconds, wrong

    def decode(self, n: int) -> float:
        """Seconds until every worker has decoded its range."""
        start = time.monotonic()
        for part in self.totals[n].parts(dtype="u8"):
            self.totals[n]._result(part.result)
        return time.monotonic() - start


def backend(name: str) -> Any:
    """The class of the sums."""
    if name == "threads":
        return workers.Sum
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    from secagg.ray import Sum
    ray.init(num_cpus=len(os.sched_getaffinity(0)), include_dashboard=False,
             log_to_driver=False, _node_ip_address="127.0.0.1")
    return lambda params, n: Sum(params, n, options={"num_cpus": 0.1})


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="A sum by several workers.")
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--value-bits", type=int, default=2)
    parser.add_argument("--workers", default="1,2,4",
                        type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--backend", choices=["threads", "ray"],
                        default="threads")
    parser.add_argument("--corrupt", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--part", type=int, default=1 << 22,
                        help="entries in a part, a multiple of 512")
    return parser.parse_args()


def main() -> int:
    """Run, print a table, and return 1 if an entry is wrong."""
    options = read_options()
    bench = Bench(options)
    server = bench.run()
    session = time.monotonic() - bench.started
    bench.add_plain(server.survivors)
    size = secagg.planar_size(options.entries, bench.params.place(0).bits)
    print(f"{options.entries} entries of {bench.params.place(0).bits} bits, "
          f"{size / 1e6:.1f} MB; {options.clients} clients, of which "
          f"{len(server.survivors)} are in the sum; "
          f"{bench.params.neighbours or options.clients - 1} neighbours\n"
          f"session with all clients: {session:.0f} s; mask set: "
          f"{len(server.masks())} bytes; {os.cpu_count()} processors\n\n"
          "workers   add, s   unmask, s   decode, s   wrong entries")
    bad = 0
    for n in options.workers:
        seconds, wrong = bench.measure(server, n)
        print(f"{n:7} {bench.adding[n]:8.2f} {seconds:11.2f} "
              f"{bench.decode(n):11.2f} {wrong:15}", flush=True)
        bad += wrong
        bench.totals[n].close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
