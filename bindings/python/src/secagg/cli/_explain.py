# SPDX-License-Identifier: Apache-2.0
"""``params``: the parameters that `Params.choose` chooses, explained."""
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import textwrap
import time
from typing import Any, Iterator

import numpy as np

from . import _text
from ._session import Session
from .._client import Client
from .._lanes import Layout
from .._masks import Masks, planar_size
from .._params import Params, Policy, Segment, step

MEASURED = 1 << 17  # entries over which the speed of masks is measured
SEEDS = 32
PEERS = 7  # of a client in the session that is measured


def add(commands: Any) -> None:
    """Add the command to a parser."""
    parser = commands.add_parser(
        "params", help="explain a choice of parameters", description="Chooses "
        "parameters for a number of clients, and explains what they mean and "
        "cost. Times are estimates for this machine.")
    parser.set_defaults(run=run)
    required = parser.add_argument_group("required options")
    required.add_argument("--clients", type=_text.positive, required=True,
                          metavar="N", help="invited clients")
    required.add_argument("--corrupt", type=_text.fraction, required=True,
                          metavar="P", help="fraction that may collude with "
                          "the server: 0.25, 25%% or 1/4")
    required.add_argument("--dropout", type=_text.fraction, required=True,
                          metavar="P", help="fraction that may drop out")
    add_vector(parser)
    parser.add_argument("--clip", type=float, default=1.0, metavar="C",
                        help="values are clipped to [-C, C] (default 1)")
    parser.add_argument("--json", action="store_true",
                        help="print one JSON object")


def add_vector(parser: argparse.ArgumentParser, length: int = 1_000_000
               ) -> None:
    """Add the options that describe the vector and the session."""
    parser.add_argument("--length", type=_text.positive, default=length,
                        metavar="M", help="entries of the vector (default "
                        "%(default)s)")
    parser.add_argument("--value-bits", type=_text.positive, default=16,
                        metavar="Q", help="bits of a value, 2 to 32 (default "
                        "16)")
    parser.add_argument("--weights", type=_text.positive, metavar="W",
                        help="the largest weight of a client, for a weighted "
                        "mean; without it there are no weights")
    parser.add_argument("--mode", choices=["semi-honest", "active"],
                        default="semi-honest", help="what the server may do: "
                        "read all that it receives, or also deviate from the "
                        "protocol (default %(default)s)")


def make_params(options: argparse.Namespace, clients: int, dropout: float
                ) -> Params:
    """Parameters for the options of `add_vector`."""
    segment = Segment(options.length, "weighted" if options.weights else
                      "real", clip=getattr(options, "clip", 1.0),
                      value_bits=options.value_bits)
    params = Params([segment], clients=clients, mode=options.mode,
                    max_weight=options.weights or 0, app_digest=b"\1" * 32)
    return params.choose(options.corrupt, dropout).resolve()


@dataclasses.dataclass(frozen=True)
class Speed:
    """What this machine needs: seconds of one processor."""

    mask: float  #: one entry of one mask
    encode: float  #: one entry of a client's input, without masks
    add: float  #: one entry of one input, at the server
    peer: float  #: one peer of a client
    pair: float  #: one client and one of its peers, at the server


def measure(params: Params) -> Speed:
    """Measure masks, and sessions of few and of many entries.

    Parameters
    ----------
    params : Params
        The parameters: their suite, mode and first segment count.
    """
    bits = params.place(0).bits
    with Masks(params.suite) as masks:
        for _ in range(SEEDS):
            masks.add(os.urandom(32))
        planes = bytearray(planar_size(MEASURED, bits))
        masks.apply(planes, MEASURED, bits=bits)  # touches the memory
        start = time.thread_time()
        masks.apply(planes, MEASURED, bits=bits)
        mask = (time.thread_time() - start) / SEEDS / MEASURED
    client, server = _small(params, 1)
    long_client, long_server = _small(params, MEASURED)
    entry = (long_client - client) / MEASURED - (PEERS + 1) * mask
    return Speed(mask, max(0.0, entry),
                 max(0.0, (long_server - server) / MEASURED / (PEERS + 1)),
                 client / PEERS, server / (PEERS + 1) / PEERS)


def _small(params: Params, length: int) -> tuple[float, float]:
    """Seconds of one client and of the server of a session of 8 clients."""
    segment = dataclasses.replace(params.segments[0], length=length, bits=0)
    small = Params([segment], clients=PEERS + 1, mode=params.mode,
                   suite=params.suite, app_digest=b"\1" * 32,
                   max_weight=1 if params.max_weight else 0).choose(0.2, 0.2)
    values = np.linspace(-segment.clip, segment.clip, length, dtype="f4")

    def supply(client: Client) -> Iterator[None]:
        if params.max_weight:
            client.weight(1)
        client.input(values)
        yield

    session = Session(small, supply)
    session.run().close()
    return (sum(session.cost.client.values()) / (PEERS + 1),
            session.cost.server)


def numbers(params: Params, dropout: float) -> dict[str, Any]:
    """All numbers of the table.

    Parameters
    ----------
    params : Params
        Resolved parameters.
    dropout : float
        Fraction of the clients that drop out.
    """
    n, speed = params.clients, measure(params)
    peers = params.neighbours or n - 1
    lost = int(n * dropout)
    layout, traffic = Layout(params), params.traffic()
    entries = params.segments[0].length
    removed = (n - lost) + lost * peers
    return {
        "clients": n, "mode": str(params.mode), "length": entries,
        "threshold": params.threshold, "corrupt": params.corrupt,
        "neighbours": params.neighbours, "peers": peers,
        "min_survivors": params.min_survivors,
        "bits": params.place(0).bits, "step": step(params.segments[0]),
        "up": traffic.up, "down": traffic.down, "plain": 4 * entries,
        "server_memory": 2 * layout.size + 200 * n * peers,
        "masks_of_client": peers + 1, "masks_of_server": removed,
        "client_seconds": peers * speed.peer
        + entries * (speed.encode + (peers + 1) * speed.mask),
        "server_seconds": n * peers * speed.pair
        + entries * (removed * speed.mask + (n - lost) * speed.add),
    }


def _lines(v: dict[str, Any], lost: int) -> list[tuple[str, object, str]]:
    """Names, values and meanings."""
    graph = ("each client masks with all others" if not v["neighbours"] else
             "each client masks with so many others, chosen at random")
    return [
        ("threshold", v["threshold"], "shares that determine a secret of a "
         "client; fewer reveal nothing, and fewer answers end the session"),
        ("corrupt clients", v["corrupt"], "may collude with the server "
         "without learning more than the sum"),
        ("neighbours", v["peers"], graph),
        ("minimum of survivors", v["min_survivors"], "inputs in a sum; with "
         f"fewer the session ends without one ({lost} of {v['clients']} are "
         "expected to drop out)"),
        ("bits of an entry", v["bits"], "no sum of all clients overflows, so "
         "an entry on the wire has more bits than a value"),
        ("step", f"{v['step']:.3g}", "the error of an entry of the mean is "
         "smaller than this"),
        ("sent by a client", _text.size(v["up"]), "in a whole session: "
         f"{v['up'] / v['plain']:.2f} times the vector in float32"),
        ("received by a client", _text.size(v["down"]), "in a whole session, "
         "without the model that the host sends"),
        ("memory of the server", _text.size(v["server_memory"]), "about: the "
         "sum, one input that arrives, and the shares of all clients"),
        ("time of a client", _text.seconds(v["client_seconds"]),
         f"of one processor like this: {v['masks_of_client']} masks, keys "
         "and encoding, without the training"),
        ("time of the server", _text.seconds(v["server_seconds"]),
         f"of one processor like this: {v['masks_of_server']} masks, which "
         "several can share, inputs and shares"),
    ]


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    params = make_params(options, options.clients, options.dropout)
    # What the library's default policy of a client refuses is no choice.
    params.check(Policy())
    values = numbers(params, options.dropout)
    if options.json:
        print(json.dumps(values, indent=1))
        return 0
    weights = (f", weights up to {options.weights}" if options.weights
               else "")
    print(f"{options.clients} clients, {options.length} reals of "
          f"{options.value_bits} bits{weights}, {params.mode} mode\n")
    lost = int(options.clients * options.dropout)
    for name, value, meaning in _lines(values, lost):
        first, *more = textwrap.wrap(meaning, 46)
        print(f"{name:21} {value!s:>9}  {first}")
        for line in more:
            print(f"{'':33}{line}")
    return 0
