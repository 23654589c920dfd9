# SPDX-License-Identifier: Apache-2.0
"""``demo``: hospitals train a model together, and the server sees the mean."""
from __future__ import annotations

import argparse
import dataclasses
import hashlib
import time
from typing import Any, Iterator

import numpy as np

from . import _model, _text
from ._session import Session
from .._arrays import Array
from .._client import Client
from .._enums import Mode, Phase
from .._errors import ThresholdError
from .._lanes import Layout, read_planes
from .._masks import planar_size, planar_unpack
from .._message import peek
from .._params import Params, Segment, step
from .._server import Server

CLIP = 1.0
BITS = 16
MOST = 100  # hospitals: there are 455 patients
SHOWN = 4  # entries of a vector that are printed
NAMES = 24  # characters that fit a line of 80
CORRUPT = 0.2  # fraction of hospitals that may collude with the server


def add(commands: Any) -> None:
    """Add the command to a parser."""
    parser = commands.add_parser(
        "demo", help="train on real data, with clients that drop out",
        description="Hospitals train a logistic regression on data about "
        "breast cancer. Each round is a session, in which hospitals drop out "
        "at random. The data come from scikit-learn.")
    parser.set_defaults(run=run)
    parser.add_argument("--clients", type=_hospitals, default=10, metavar="N",
                        help="hospitals, 3 to 100 (default 10)")
    parser.add_argument("--rounds", type=_text.positive, default=8,
                        metavar="R", help="rounds of training (default 8)")
    parser.add_argument("--drop", type=_text.fraction, default=0.1,
                        metavar="P", help="probability that a hospital drops "
                        "out of a round: 0.1, 10%% or 1/10 (default 0.1)")
    parser.add_argument("--mode", choices=["semi-honest", "active"],
                        default="semi-honest", help="what the server may do "
                        "(default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S",
                        help="decides who has which patients and who drops "
                        "out, but no secret (default 1)")


def _hospitals(text: str) -> int:
    count = _text.positive(text)
    if count > MOST:
        raise argparse.ArgumentTypeError(f"{count} hospitals are too many for "
                                         f"the data: {MOST} are possible")
    return count


@dataclasses.dataclass
class Sight:
    """What there is to see of one hospital, in the first round that ends."""

    index: int
    update: Array
    message: bytes
    mean: Array
    survivors: int
    params: Params


class Demo:
    """The training: the model with secure means, and the one with plain means.

    Parameters
    ----------
    options : Namespace
        The options of `add`.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._rng = np.random.default_rng(options.seed)
        self._hospitals, self._test = _model.split(options.clients, self._rng)
        entries = self._hospitals[0].features.shape[1] + 1
        self._segment = Segment(entries, "weighted", clip=CLIP,
                                value_bits=BITS)
        self.model, self.plain = np.zeros(entries), np.zeros(entries)
        self.difference, self.ended = 0.0, 0
        self.sight: Sight | None = None
        self._bar = _text.Bar(1)
        self._table = _text.Table(
            ["round", "accuracy", "survivors", "     up", "   down",
             "   time", "dropped out"],
            ["dropped out"])

    def params(self, number: int) -> Params:
        """The parameters of a round. The digest names its model."""
        params = Params(
            [self._segment], clients=self._options.clients, round=number,
            max_weight=max(len(h.labels) for h in self._hospitals),
            mode=self._options.mode,
            app_digest=hashlib.sha256(self.model.tobytes()).digest())
        return params.choose(CORRUPT, 0.2 if params.clients > 3 else 0.0)

    def run(self) -> None:
        """All rounds."""
        print(self._table.head)
        for number in range(1, self._options.rounds + 1):
            self._round(number)
        self._bar.clear()

    def _losses(self, mode: Mode) -> dict[int, Phase]:
        """Who drops out of a round, and which message is the first missing."""
        phases = [Phase.KEYS, Phase.SHARES, Phase.INPUT, Phase.UNMASK]
        if mode is Mode.ACTIVE:
            phases.insert(3, Phase.CONFIRM)
        out = self._rng.random(self._options.clients) < self._options.drop
        return {int(i): phases[self._rng.integers(len(phases))]
                for i in np.flatnonzero(out)}

    def _round(self, number: int) -> None:
        params, start = self.params(number), time.monotonic()
        updates: dict[int, Array] = {}
        inputs: dict[int, bytes] = {}
        count = params.clients * (5 if params.mode is Mode.ACTIVE else 4)
        self._bar, done = _text.Bar(count), 0

        def supply(client: Client) -> Iterator[None]:
            i = client.index
            update = _model.train(self.model, self._hospitals[i])
            updates[i] = np.clip(update, -CLIP, CLIP)
            client.weight(len(self._hospitals[i].labels))
            client.input(updates[i])
            yield

        def accepted(index: int, message: bytes) -> None:
            nonlocal done
            done += 1
            name = peek(message).name
            if name == "INPUT":
                inputs[index] = message
            self._bar.show(done, f"round {number} of {self._options.rounds}: "
                           f"{name} of hospital {index}")

        lost = self._losses(params.mode)
        session = Session(params, supply, lost=lost, accepted=accepted)
        try:
            server = session.run()
        except ThresholdError as error:
            self._bar.print(self._table.row(number, "failed")
                            + f"  {error.sentence}")
            session.server.close()
            return
        self._apply(server, updates)
        if self.sight is None:
            index = server.survivors[0]
            self.sight = Sight(index, updates[index], inputs[index],
                               server.mean(dtype="f8"), len(server.survivors),
                               params.resolve())
        self._print(number, session, lost, time.monotonic() - start)
        server.close()

    def _apply(self, server: Server, updates: dict[int, Array]) -> None:
        """Change both models, and compare the means of the same updates."""
        weight = {i: len(self._hospitals[i].labels) for i in server.survivors}
        total = sum(weight.values())
        mean = server.mean(dtype="f8")
        plain = sum((weight[i] / total * updates[i] for i in weight),
                    np.zeros(len(mean)))
        self.difference = max(self.difference,
                              float(np.abs(mean - plain).max()))
        # Plain averaging goes its own way from the first round on.
        alone = sum((weight[i] / total * np.clip(_model.train(
            self.plain, self._hospitals[i]), -CLIP, CLIP) for i in weight),
            np.zeros(len(mean)))
        self.model, self.plain = self.model + mean, self.plain + alone
        self.ended += 1

    def _print(self, number: int, session: Session, lost: dict[int, Phase],
               seconds: float) -> None:
        n, cost = self._options.clients, session.cost
        self._bar.print(self._table.row(
            number, f"{self.accuracy(self.model):.1%}",
            f"{len(session.server.survivors)} of {n}",
            _text.size(max(cost.up.values())),
            _text.size(max(cost.down.values())), _text.seconds(seconds),
            _names(lost) or "-"))

    def accuracy(self, model: Array) -> float:
        """Of a model, on patients of no hospital."""
        return _model.accuracy(model, self._test)

    @property
    def step(self) -> float:
        """The bound of the difference."""
        return step(self._segment)

    @property
    def patients(self) -> list[int]:
        """Numbers of patients of the hospitals."""
        return [len(hospital.labels) for hospital in self._hospitals]


def _names(lost: dict[int, Phase]) -> str:
    """Who dropped out in which phase, or if many did, how many."""
    phases: dict[Phase, list[int]] = {}
    for index, phase in lost.items():
        phases.setdefault(phase, []).append(index)
    text = ", ".join(f"{phase.name} {' '.join(map(str, phases[phase]))}"
                     for phase in sorted(phases))
    return text if len(text) <= NAMES else f"{len(lost)} hospitals"


def masked(sight: Sight) -> list[int]:
    """Entries of a masked input, as the server receives them."""
    layout = Layout(sight.params)
    _, _, planes = read_planes(layout, sight.message)
    place = layout.places[0]
    lane = next(x for x in layout.lanes if x.bits == place.bits)
    count = min(512, lane.entries)
    at = lane.byte
    block = planes[at:at + planar_size(count, lane.bits)]
    values = planar_unpack(block, count, lane.bits)
    return [int(v) for v in values[place.entry:place.entry + SHOWN]]


def show(sight: Sight) -> None:
    """Print what the server sees of one hospital beside the mean."""
    bits = sight.params.place(0).bits

    def line(name: str, values: list[str]) -> None:
        print(f"  {name:34}" + "".join(f"{v:>10}" for v in values))

    print(f"\nHospital {sight.index} in a round of {sight.survivors} "
          f"survivors, the first {SHOWN} entries:")
    line("its update, which it keeps secret",
         [f"{v:+.5f}" for v in sight.update[:SHOWN]])
    line(f"its message: integers of {bits} bits",
         [str(v) for v in masked(sight)])
    line("the mean, which the server learns",
         [f"{v:+.5f}" for v in sight.mean[:SHOWN]])
    print(f"  its message in bytes: {sight.message[84:100].hex(' ')} ...")


def run(options: argparse.Namespace) -> int:
    """Run the command; 1 if a secure mean is wrong or no round ended."""
    demo = Demo(options)
    demo.params(1).check()
    print(f"{options.clients} hospitals with {min(demo.patients)} to "
          f"{max(demo.patients)} patients; {options.mode} mode. Hospitals "
          "drop out before\na message of theirs; up and down are the bytes "
          "of the busiest one.\n")
    demo.run()
    if demo.sight is None:
        print("\nNo round ended with a sum: too many hospitals dropped out.")
        return 1
    show(demo.sight)
    good = demo.difference <= demo.step
    print(f"\nThe secure means of {demo.ended} rounds differ from plain means "
          f"of the "
          f"same\nupdates by at most {demo.difference:.2e}: "
          f"{'not more' if good else 'MORE'} than the quantisation step, "
          f"{demo.step:.2e}.\n\nAccuracy on {_test_size(demo)} patients of no "
          f"hospital: {demo.accuracy(demo.model):.1%} with secure "
          f"means, {demo.accuracy(demo.plain):.1%}\nwith plain means.")
    return 0 if good else 1


def _test_size(demo: Demo) -> int:
    return len(demo._test.labels)
