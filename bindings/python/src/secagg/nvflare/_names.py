# SPDX-License-Identifier: Apache-2.0
"""Names that the server and the clients of a job agree on."""
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

TASK = "secagg"  # the task of the phases without training
HEADER = "secagg"  # where a packet is in the data of a task
SITE_ID = "secagg_site"  # component of a client
POLICY_FILE = "secagg.json"  # in the folder "local" of a site


def task_bytes(task: str) -> bytes:
    """The task of a session, for `Layout.digest`.

    The number of the round is not part of it: if a round ends without a sum,
    the next one is about the same model, and the rule of spent inputs must
    recognise it.
    """
    return b"nvflare " + task.encode()


def arrays(params: Any) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a model in an order that all parties share.

    Raises
    ------
    TypeError
        A parameter is no array of numbers.
    """
    if not isinstance(params, dict) or not params:
        raise TypeError(f"the model is a {type(params).__name__}: it must be "
                        "a mapping of names to arrays, and not an empty one")
    out = {}
    for name in sorted(params):
        value = params[name]
        if not isinstance(value, np.ndarray) and not np.isscalar(value):
            raise TypeError(f"{name} is a {type(value).__name__}: parameters "
                            "must be NumPy arrays (server_expected_format is "
                            "NUMPY)")
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{name} has type {array.dtype}: parameters must "
                            "be floats or integers")
        out[name] = array
    return out
