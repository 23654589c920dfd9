# SPDX-License-Identifier: Apache-2.0
"""The data and the model of the demonstration."""
from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._arrays import Array

RATE = 0.5  # of gradient descent
EPOCHS = 5  # of one round
TEST = 5  # one patient in so many is in the test set


@dataclasses.dataclass(frozen=True)
class Hospital:
    """The patients of one hospital: features, and 1 for a benign tumour."""

    features: Array
    labels: Array


def load() -> tuple[Array, Array]:
    """The Wisconsin data about breast cancer, which scikit-learn ships.

    Returns
    -------
    tuple of ndarray
        Features of shape (569, 30), of mean 0 and variance 1, and labels.

    Raises
    ------
    ImportError
        scikit-learn is not installed; the message says how to get it.
    """
    try:
        from sklearn.datasets import load_breast_cancer
    except ImportError:
        raise ImportError("the demonstration trains on data of scikit-learn: "
                          "pip install scikit-learn") from None
    data: Any = load_breast_cancer()
    features = np.asarray(data.data, np.float64)
    return ((features - features.mean(0)) / features.std(0),
            np.asarray(data.target, np.float64))


def split(hospitals: int, rng: np.random.Generator
          ) -> tuple[list[Hospital], Hospital]:
    """Hospitals of different sizes, and the patients of the test.

    Parameters
    ----------
    hospitals : int
        Their number, at most 100; each has a patient at least.
    rng : Generator
        Decides which patients go where.
    """
    features, labels = load()
    order = rng.permutation(len(labels))
    test, train = order[::TEST], np.delete(order, np.s_[::TEST])
    share = rng.dirichlet(np.full(hospitals, 5.0))
    free = len(train) - hospitals
    cuts = (np.cumsum(share)[:-1] * free).astype(int) + np.arange(1, hospitals)
    return ([Hospital(features[part], labels[part])
             for part in np.split(train, cuts)],
            Hospital(features[test], labels[test]))


def scores(model: Array, features: Array) -> Array:
    """Probabilities of a benign tumour."""
    logits = features @ model[:-1] + model[-1]
    result: Array = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    return result


def train(model: Array, hospital: Hospital) -> Array:
    """The update of a hospital: what its patients change in the model."""
    new = model.copy()
    for _ in range(EPOCHS):
        error = scores(new, hospital.features) - hospital.labels
        new[:-1] -= RATE * hospital.features.T @ error / len(error)
        new[-1] -= RATE * error.mean()
    return new - model


def accuracy(model: Array, test: Hospital) -> float:
    """The fraction of patients that the model classifies correctly."""
    return float(((scores(model, test.features) > 0.5) == test.labels).mean())
