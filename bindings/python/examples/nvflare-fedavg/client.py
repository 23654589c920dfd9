# SPDX-License-Identifier: Apache-2.0
"""Softmax regression on a share of the digits, with mini-batches.

Nothing here knows of secure aggregation.
"""
import argparse

import numpy as np
import nvflare.client as flare
from sklearn.datasets import load_digits

NAME = "numpy_key"  # under which the recipe has its one array
BATCH, EPOCHS, RATE = 32, 2, 0.2


def share(index: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The digits of one of `count` clients, with a constant column."""
    x, y = load_digits(return_X_y=True)
    own = np.random.default_rng(0).permutation(len(x))[index::count]
    return np.hstack([x[own] / 16.0, np.ones((len(own), 1))]), y[own]


def probabilities(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Probabilities of the ten digits, one row an image."""
    z = x @ w
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def train(w: np.ndarray, x: np.ndarray, y: np.ndarray,
          rng: np.random.Generator) -> np.ndarray:
    """Stochastic gradient descent on the cross-entropy."""
    w = w.copy()
    for _ in range(EPOCHS):
        for batch in np.array_split(rng.permutation(len(x)),
                                    -(-len(x) // BATCH)):
            error = probabilities(w, x[batch])
            error[np.arange(len(batch)), y[batch]] -= 1.0
            w -= RATE * (x[batch].T @ error / len(batch)).astype(w.dtype)
    return w


def evaluate(w: np.ndarray, x: np.ndarray, y: np.ndarray
             ) -> dict[str, float]:
    """Accuracy and loss of a model."""
    p = probabilities(w, x)
    return {"accuracy": float((p.argmax(axis=1) == y).mean()),
            "loss": float(-np.log(p[np.arange(len(y)), y] + 1e-12).mean())}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, required=True)
    clients = parser.parse_args().clients
    flare.init()
    index = int(flare.get_site_name().rsplit("-", 1)[1]) - 1
    x, y = share(index, clients)
    while flare.is_running():
        model = flare.receive()
        if model is None:
            break
        old = model.params[NAME]
        flare.send(flare.FLModel(
            params={NAME: train(old, x, y, np.random.default_rng())},
            metrics=evaluate(old, x, y),
            meta={"NUM_STEPS_CURRENT_ROUND": len(x)}))


if __name__ == "__main__":
    main()
