# SPDX-License-Identifier: Apache-2.0
"""A flow that trains on small data, in which members fall silent."""
import numpy as np
from openfl.experimental.workflow.interface import Aggregator, Collaborator
from openfl.experimental.workflow.placement import aggregator
from openfl.experimental.workflow.runtime import LocalRuntime

from secagg.host import Setup
from secagg.openfl import SecureFlow, Trained

CLIP = 0.5


def update(name, round):
    """What a collaborator adds to the model, and its weight."""
    seed = int(name[1:])
    rng = np.random.default_rng(100 * round + seed)
    return rng.uniform(-.4, .4, (2, 5)).astype("f4"), seed + 1


class Flow(SecureFlow):
    """Two rounds, in the second of which some trainings fail."""

    def __init__(self, rounds=2, **options):
        super().__init__(Setup(CLIP, max_weight=100, **options),
                         metrics={"loss": 4.0}, randomised_training=True)
        self.rounds, self.log = rounds, []

    @aggregator
    def start(self):
        self.model, self.round = {"w": np.zeros((2, 5), "f4")}, 0
        self.next(self.begin)

    @aggregator
    def begin(self):
        self.round += 1
        self.secagg_begin(self.model, round=self.round)
        self.next(self.secagg_answer, foreach="secagg_asked",
                  include=self.secagg_sent)

    def secagg_train(self, model):
        if self.secagg_number == 2 and self.fails:
            raise RuntimeError("the data are on fire")
        self.left_behind = "training sets what it likes"
        add, weight = update(self.input, self.secagg_number)
        return Trained({"w": model["w"] + add}, weight,
                       {"loss": float(weight) / 10})

    @aggregator
    def secagg_done(self):
        out = self.secagg_outcome()
        self.log = self.log + [(self.round, out.survivors, out.weight,
                                dict(out.metrics), {m: lost.phase for m, lost
                                                    in out.lost.items()},
                                str(out.error or ""))]
        assert not hasattr(self, "left_behind")
        if out.mean is not None:
            self.model = self.secagg_joined()
        if self.round < self.rounds:
            self.next(self.begin)
        else:
            self.next(self.end)

    @aggregator
    def end(self):
        pass


def runtime(folder, count, fails, backend="single_process"):
    """A runtime whose participants keep their states in a folder."""
    def private(name):
        return {"secagg_dir": str(folder / name), "fails": name in fails}
    chief = Aggregator()
    chief.private_attributes = private("aggregator")
    members = []
    for i in range(count):
        members.append(Collaborator(name=f"c{i}"))
        members[-1].private_attributes = private(f"c{i}")
    return LocalRuntime(aggregator=chief, collaborators=members,
                        backend=backend)
