# SPDX-License-Identifier: Apache-2.0
"""``simulate``: what sessions cost, by clients and dropouts."""
from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import sys
import time
from typing import Any, Iterator

import numpy as np

from . import _text
from ._explain import add_vector, make_params
from ._session import Session
from .._client import Client
from .._enums import Phase
from .._errors import Error

KEYS = ("up", "down", "client_seconds", "server_seconds")


def add(commands: Any) -> None:
    """Add the command to a parser."""
    parser = commands.add_parser(
        "simulate", help="measure cost against clients and dropouts",
        description="Runs sessions in this process, one for each number of "
        "clients and each fraction that drops out, and measures bytes and "
        "processor time. Clients drop out after they have shared their keys, "
        "which costs the server most.")
    parser.set_defaults(run=run)
    parser.add_argument("--clients", type=_text.several(_text.positive),
                        default=[10, 20, 50, 100], metavar="N,N,...",
                        help="numbers of clients (default 10,20,50,100)")
    parser.add_argument("--dropout", type=_text.several(_text.fraction),
                        default=[0.0, 0.1, 0.2], metavar="P,P,...",
                        help="fractions that drop out (default 0,0.1,0.2)")
    parser.add_argument("--corrupt", type=_text.fraction, default=0.1,
                        metavar="P", help="fraction that may collude with the "
                        "server (default 0.1)")
    add_vector(parser, length=10_000)
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S",
                        help="start no session after this time, or that would "
                        "end much later (default 20)")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.png",
                        help="draw the costs; needs matplotlib")
    parser.add_argument("--json", action="store_true",
                        help="print one JSON object a session, one a line")


@dataclasses.dataclass(frozen=True)
class Point:
    """The cost of one session; times are seconds of a processor.

    Bytes and client times are means over the clients that stayed.
    """

    clients: int
    dropout: float
    lost: int
    peers: int
    up: float
    down: float
    client_seconds: float
    server_seconds: float


def measure(options: argparse.Namespace, clients: int, dropout: float
            ) -> Point:
    """Run one session, and check its sum.

    Parameters
    ----------
    options : Namespace
        The options of `add`.
    clients : int
        Number of clients.
    dropout : float
        Fraction that drops out, rounded down.
    """
    # All fractions have the same parameters, so that their costs compare.
    params = make_params(options, clients, max(options.dropout))
    lost = int(clients * dropout)
    values = np.linspace(-1, 1, options.length)

    def supply(client: Client) -> Iterator[None]:
        if options.weights:
            client.weight(1)
        client.input(values)
        yield

    session = Session(params, supply, lost={
        i: Phase.INPUT for i in range(lost)})
    with session.run() as server:
        with session.cost.of_server():
            mean = server.mean(threads=1)
    if np.abs(mean - values).max() > 4 / (1 << options.value_bits):
        raise AssertionError("a mean is wrong")
    cost, there = session.cost, range(lost, clients)
    return Point(clients, dropout, lost, params.neighbours or clients - 1,
                 float(np.mean([cost.up[i] for i in there])),
                 float(np.mean([cost.down[i] for i in there])),
                 float(np.mean([cost.client[i] for i in there])), cost.server)


def points(options: argparse.Namespace) -> Iterator[Point]:
    """The sessions that fit the time, from few clients to many."""
    start, last = time.monotonic(), (0, 0.0)
    for clients in sorted(set(options.clients)):
        for dropout in sorted(set(options.dropout)):
            begin = time.monotonic()
            # The work grows with the square of the clients.
            expected = last[1] * (clients / last[0]) ** 2 if last[0] else 0.0
            if begin - start + expected > options.seconds:
                print(f"secagg: {clients} clients with {dropout:.0%} of "
                      "dropouts are left out: more --seconds are needed",
                      file=sys.stderr)
                continue
            try:
                yield measure(options, clients, dropout)
            except Error as error:
                print(f"secagg: {clients} clients: {error.sentence}",
                      file=sys.stderr)
                break
            last = clients, time.monotonic() - begin


def plot(found: list[Point], file: pathlib.Path, title: str) -> None:
    """Draw bytes and times against the number of clients.

    Parameters
    ----------
    found : list of Point
        The costs.
    file : path
        Where to write; the ending decides the format.
    title : str
        The heading.

    Raises
    ------
    ImportError
        matplotlib is not installed; the message says how to get it.
    """
    _need_matplotlib()
    from matplotlib.figure import Figure
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    names = ("sent by a client (kB)", "received by a client (kB)",
             "time of a client (ms)", "time of the server (ms)")
    axes = figure.subplots(2, 2).flat
    for ax, key, name in zip(axes, KEYS, names):
        scale = 1e3 if key.endswith("seconds") else 1e-3
        for i, dropout in enumerate(sorted({p.dropout for p in found})):
            here = [p for p in found if p.dropout == dropout]
            # Lines that coincide differ in width, so that all are seen.
            ax.plot([p.clients for p in here],
                    [scale * getattr(p, key) for p in here], marker="o",
                    linewidth=max(1, 6 - 2 * i), markersize=max(3, 9 - 2 * i),
                    label=f"{dropout:.0%} drop out")
        most = scale * max(getattr(p, key) for p in found)
        ax.set(xlabel="clients", ylabel=name, ylim=(0, 1.1 * most),
               xlim=(0, 1.05 * max(p.clients for p in found)))
        ax.grid(alpha=0.3)
    figure.axes[0].legend()
    figure.suptitle(title)
    figure.savefig(file, dpi=120)


def _need_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ImportError("--plot draws with matplotlib: pip install "
                          "matplotlib") from None


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.plot:
        _need_matplotlib()  # before the time is spent
    table = _text.Table(["clients", "drop out", "peers", "   sent",
                         "received", "client CPU", "server CPU"])
    if not options.json:
        print(f"{options.length} reals of {options.value_bits} bits, "
              f"{options.mode} mode; plain float32: "
              f"{_text.size(4 * options.length)} each way\n\n{table.head}")
    found = []
    for point in points(options):
        found.append(point)
        print(json.dumps(dataclasses.asdict(point)) if options.json else
              table.row(point.clients, point.lost, point.peers,
                        _text.size(point.up), _text.size(point.down),
                        _text.seconds(point.client_seconds),
                        _text.seconds(point.server_seconds)), flush=True)
    if not found:
        return 2
    if options.plot:
        plot(found, options.plot, f"One session: {options.length} reals of "
             f"{options.value_bits} bits, {options.mode} mode")
    return 0
