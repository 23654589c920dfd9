# SPDX-License-Identifier: Apache-2.0
"""The data and the model: a small network on handwritten digits."""
import functools

import numpy as np
import torch
from torch import nn

TEST = 297  # of 1,797 images


@functools.lru_cache
def _digits():
    # A node starts a process for each message, and most need no data.
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(42).permutation(len(images))
    images = torch.tensor(images[order] / 16, dtype=torch.float32)
    return images.reshape(-1, 1, 8, 8), torch.tensor(labels[order])


def load_part(part, parts):
    """The training images and labels of one of several nodes."""
    images, labels = _digits()
    return images[TEST + part::parts], labels[TEST + part::parts]


def load_test():
    """The images and labels that no node trains on."""
    images, labels = _digits()
    return images[:TEST], labels[:TEST]


def new_model():
    """A model that has not been trained."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))


def train(model, images, labels, *, epochs, rate, batch_size):
    """Train in mini-batches, in an order that is drawn anew each time."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(batch_size):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]),
                                               labels[batch])
            loss.backward()
            optimizer.step()


@torch.no_grad()
def evaluate(model, images, labels):
    """Mean loss and accuracy."""
    model.eval()
    scores = model(images)
    return (float(nn.functional.cross_entropy(scores, labels)),
            float((scores.argmax(dim=1) == labels).float().mean()))
