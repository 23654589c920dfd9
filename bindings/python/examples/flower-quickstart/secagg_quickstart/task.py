# SPDX-License-Identifier: Apache-2.0
"""The data and the model: softmax regression on handwritten digits."""
import functools

import numpy as np

CLASSES, PIXELS, TEST = 10, 64, 297  # of 1,797 images


@functools.lru_cache
def _digits():
    # A node starts a process for each message, and most need no data.
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(42).permutation(len(images))
    return images[order].astype(np.float32) / 16, labels[order]


def load_part(part, parts):
    """The training images and labels of one of several nodes."""
    images, labels = _digits()
    mine = np.arange(TEST, len(images))[part::parts]
    return images[mine], labels[mine]


def load_test():
    """The images and labels that no node trains on."""
    images, labels = _digits()
    return images[:TEST], labels[:TEST]


def new_model():
    """A model that knows nothing."""
    return {"weights": np.zeros((PIXELS, CLASSES), np.float32),
            "bias": np.zeros(CLASSES, np.float32)}


def _probabilities(model, images):
    scores = images @ model["weights"] + model["bias"]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def train(model, images, labels, *, epochs, rate, batch_size):
    """Train in mini-batches, in an order that is drawn anew each time."""
    rng = np.random.default_rng()
    model = {name: array.copy() for name, array in model.items()}
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for batch in np.split(order, range(batch_size, len(order),
                                           batch_size)):
            error = _probabilities(model, images[batch])
            error[np.arange(len(batch)), labels[batch]] -= 1
            error *= rate / len(batch)
            model["weights"] -= images[batch].T @ error
            model["bias"] -= error.sum(axis=0)
    return model


def evaluate(model, images, labels):
    """Mean loss and accuracy."""
    known = _probabilities(model, images)
    of_label = known[np.arange(len(labels)), labels]
    return (float(-np.log(of_label + 1e-9).mean()),
            float((known.argmax(axis=1) == labels).mean()))
