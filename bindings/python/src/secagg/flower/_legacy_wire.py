# SPDX-License-Identifier: Apache-2.0
"""Records of Flower's older API as packets and arrays, and back."""
from __future__ import annotations

import dataclasses
import logging
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from flwr.app import ConfigRecord, RecordDict
from flwr.app.typing import ConfigRecordValues
from flwr.common import (Parameters, ndarrays_to_parameters,
                         parameters_to_ndarrays)

from .._errors import MessageError
from ..host import Layout, Packet

try:
    from flwr.compat.common import recorddict_compat as compat
except ImportError:  # an older flwr
    from flwr.common import (  # type: ignore[no-redef]
        recorddict_compat as compat)

__all__ = ["KEY", "Task", "arrays_of", "compat", "join_logs", "model_of",
           "packet_of", "parameters_of", "record_of"]

KEY = "secagg.legacy"  # the record of a packet
FITINS = "fitins.parameters"  # the record of the model, in Flower's messages

Arrays = dict[str, npt.NDArray[Any]]


@dataclasses.dataclass(frozen=True)
class Task:
    """What client and server must agree on about the vector.

    Parameters
    ----------
    differences : bool
        The vector is what training changed, not the parameters themselves.
    metrics : dict of str to float
        Bounds of the metrics.
    """

    differences: bool = False
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)

    def layout(self, arrays: Arrays) -> Layout:
        """The vector for this model.

        The mean of integers is real: strategies multiply each result by a
        fraction, which would make 0 of an integer.
        """
        layout = Layout.of(arrays, self.metrics)
        return dataclasses.replace(layout, dtypes={
            name: np.dtype("f8") if dtype.kind in "iu" else dtype
            for name, dtype in layout.dtypes.items()})

    def digest(self, arrays: Arrays) -> bytes:
        """The digest of the model and of this task."""
        return self.layout(arrays).digest(
            arrays, b"flower legacy " + (b"differences" if self.differences
                                         else b"parameters"))

    def fields(self) -> dict[str, ConfigRecordValues]:
        """The task as members of a record."""
        return {"differences": self.differences,
                "metrics": list(self.metrics),
                "bounds": list(self.metrics.values())}

    @classmethod
    def read(cls, record: ConfigRecord) -> Task:
        """The task in a record from the network.

        Raises
        ------
        MessageError
            The record has none.
        """
        differences, names, bounds = (
            record.get(k) for k in ("differences", "metrics", "bounds"))
        if not (type(differences) is bool and isinstance(names, list)
                and isinstance(bounds, list) and len(names) == len(bounds)
                and all(type(name) is str for name in names)
                and all(type(b) is float and np.isfinite(b) and b > 0
                        for b in bounds)):
            raise MessageError("the record does not say what to sum")
        return cls(differences, dict(zip(cast("list[str]", names),
                                         cast("list[float]", bounds))))


def packet_of(record: ConfigRecord) -> Packet:
    """The packet in a record."""
    return cast(Packet, dict(record))


def record_of(packet: Packet, task: Task | None = None) -> ConfigRecord:
    """The record of a packet."""
    fields = cast("dict[str, ConfigRecordValues]", dict(packet))
    return ConfigRecord({**fields, **(task.fields() if task else {})})


def arrays_of(parameters: Parameters) -> Arrays:
    """The arrays of a model, named by their numbers."""
    return {str(i): array for i, array in enumerate(
        parameters_to_ndarrays(parameters))}


def parameters_of(arrays: Arrays) -> Parameters:
    """The opposite of `arrays_of`."""
    return ndarrays_to_parameters(list(arrays.values()))


def model_of(content: RecordDict) -> Arrays | None:
    """The arrays of the model in a message, if there is one."""
    if FITINS not in content.array_records:
        return None
    return arrays_of(compat.recorddict_to_fitins(content, True).parameters)


def join_logs() -> None:
    """Let the log of this package appear in Flower's."""
    logging.getLogger("secagg").parent = logging.getLogger("flwr")
