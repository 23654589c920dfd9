# SPDX-License-Identifier: Apache-2.0
"""Ten clinics train on handwritten digits in a flow of OpenFL, and the
aggregator sees only means.

    python digits.py
"""
import numpy as np
from openfl.experimental.workflow.interface import Aggregator, Collaborator
from openfl.experimental.workflow.placement import aggregator
from openfl.experimental.workflow.runtime import LocalRuntime
from sklearn.datasets import load_digits

from secagg import Policy
from secagg.host import Setup
from secagg.openfl import SecureFlow, Trained

CLINICS, ROUNDS = 10, 5


class Digits(SecureFlow):
    """Softmax regression, trained with mini-batches."""

    @aggregator
    def start(self):
        self.model = {"w": np.zeros((64, 10), "f4"), "b": np.zeros(10, "f4")}
        self.round = 0
        self.next(self.begin)

    @aggregator
    def begin(self):
        self.round += 1
        self.secagg_begin(self.model, round=self.round)
        self.next(self.secagg_answer, foreach="secagg_asked",
                  include=self.secagg_sent)

    def secagg_train(self, model):
        order = np.random.default_rng().permutation(len(self.labels))
        loss = 0.0
        for rows in np.array_split(order, max(1, len(order) // 16)):
            loss += step(model, self.images[rows], self.labels[rows])
        return Trained(model, len(order), {"loss": loss / len(order)})

    @aggregator
    def secagg_done(self):
        outcome = self.secagg_outcome()
        if outcome.mean is not None:
            self.model = self.secagg_joined()
        right = np.argmax(self.images @ self.model["w"] + self.model["b"], 1)
        print(f"round {self.round}: {len(outcome.survivors)} clinics, "
              f"loss {outcome.metrics.get('loss', float('nan')):.3f}, "
              f"accuracy {np.mean(right == self.labels):.3f}")
        if self.round < ROUNDS:
            self.next(self.begin)
        else:
            self.next(self.end)

    @aggregator
    def end(self):
        print("done")


def step(model, x, y):
    """One step of gradient descent; the loss before it."""
    scores = x @ model["w"] + model["b"]
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y] + 1e-9).sum()
    p[np.arange(len(y)), y] -= 1
    model["w"] -= (0.1 / len(y) * x.T @ p).astype("f4")
    model["b"] -= (0.1 / len(y) * p.sum(0)).astype("f4")
    return float(loss)


def private(images, labels):
    """What only this participant has."""
    return {"images": images, "labels": labels}


def main():
    """Share out the digits: the aggregator has those of the test."""
    data = load_digits()
    x, y = (data.data / 16).astype("f4"), data.target
    chief = Aggregator()
    chief.private_attributes = private(x[:297], y[:297])
    clinics = [Collaborator(name=f"clinic-{i}") for i in range(CLINICS)]
    for i, clinic in enumerate(clinics):
        clinic.private_attributes = private(x[297 + i::CLINICS],
                                            y[297 + i::CLINICS])
    flow = Digits(Setup(clip=0.5, max_weight=1000), metrics={"loss": 5.0},
                  policy=Policy(), randomised_training=True)
    flow.runtime = LocalRuntime(aggregator=chief, collaborators=clinics)
    flow.run()


if __name__ == "__main__":
    main()
