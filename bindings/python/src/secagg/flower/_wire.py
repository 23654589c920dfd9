# SPDX-License-Identifier: Apache-2.0
"""Packets and models as records of Flower, whose contents are hostile."""
from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Mapping

import numpy as np
import numpy.typing as npt
from flwr.app import (Array, ArrayRecord, ConfigRecord, Message, MessageType,
                      RecordDict)

from .._errors import ArgumentError, Error, MessageError
from ..host import Layout, Packet

KEY = "secagg"  # the ConfigRecord of a packet
HELLO = "hello"  # a packet that only starts the app of a node
VERSION = 1
UP = ("messages", "error", HELLO)
DOWN = ("params", "index", "ended", "message", "model", "task", "arrays",
        "weighted-by", "metrics", "bounds", HELLO)


def is_train(message: Message) -> bool:
    """Whether a message asks a node to train, with any action."""
    return message.metadata.message_type.split(".")[0] == MessageType.TRAIN


def record_of(packet: Packet) -> ConfigRecord:
    """The record of a packet. Flower cannot count empty values: they are left
    out."""
    return ConfigRecord({name: value for name, value in packet.items()
                         if value not in (b"", [], "")})


def packet_of(content: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The packet in a message of the network.

    Raises
    ------
    MessageError
        There is none.
    """
    record = content.get(KEY) if isinstance(content, RecordDict) else None
    if not isinstance(record, ConfigRecord):
        raise MessageError(f"there is no ConfigRecord {KEY!r} in the message")
    return {name: record[name] for name in names if name in record}


def answer_of(content: Any) -> Packet:
    """The answer of a node; one that says what is wrong if there is none."""
    try:
        packet = packet_of(content, UP)
        packet.setdefault("messages", [])
        return packet
    except Exception as error:  # whatever foreign bytes make Flower raise
        return {"messages": [], "error": f"{type(error).__name__}: {error}"}


@dataclasses.dataclass(frozen=True)
class Task:
    """What the nodes of a round train on, as both sides see it.

    Attributes
    ----------
    record : str
        Name of the ArrayRecord that is trained.
    arrays : dict of str to ndarray
        Its arrays, by ascending name.
    layout : Layout
        The vector of the session.
    weighted_by : str
        The metric that is the weight.
    model : bytes
        Digest of the arrays. An input is spent for it (PROTOCOL.md 11.4).
    rest : bytes
        Digest of all else that the nodes must agree on: the other records,
        such as the config, and what is summed.
    """

    record: str
    arrays: dict[str, npt.NDArray[Any]]
    layout: Layout
    weighted_by: str
    model: bytes
    rest: bytes

    @property
    def digest(self) -> bytes:
        """The digest that a session is about."""
        return session_digest(self.model, self.rest)

    @classmethod
    def of(cls, message: Message, *, record: str | None, weighted_by: str,
           metrics: Mapping[str, float]) -> Task:
        """The task in a message of a strategy.

        Raises
        ------
        ArgumentError
            There are several ArrayRecords, or arrays that have no mean.
        """
        content = message.content
        name = _name_of(content, record)
        arrays = arrays_of(content.array_records[name])
        layout = Layout.of(arrays, metrics)
        rest = _rest(message, name, weighted_by, metrics)
        return cls(name, arrays, layout, weighted_by,
                   Layout.of(arrays).digest(arrays), rest)


def session_digest(model: bytes, rest: bytes) -> bytes:
    """The `app_digest` of a session."""
    return hashlib.sha256(b"secagg flower 1" + model + rest).digest()


def _name_of(content: RecordDict, record: str | None) -> str:
    names = list(content.array_records)
    if record is None:
        if len(names) != 1:
            raise ArgumentError(
                f"the message has {len(names)} ArrayRecords: name the one "
                "that is trained, with the argument `arrays`")
        return str(names[0])
    if record not in names:
        raise ArgumentError(f"the message has no ArrayRecord {record!r}")
    return record


def arrays_of(record: ArrayRecord) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a record, by ascending name.

    Raises
    ------
    ArgumentError
        An array cannot be read, or has no numbers of 64 bits or fewer.
    """
    out = {}
    for name in sorted(record):
        try:
            array = record[name].numpy()
        except Exception as error:  # whatever foreign bytes make numpy raise
            raise ArgumentError(f"the array {name!r} cannot be read: {error}"
                                ) from None
        if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
            raise ArgumentError(
                f"the array {name!r} is of {record[name].dtype}: floats and "
                "integers have a mean")
        out[name] = array
    if not sum(array.size for array in out.values()):
        raise ArgumentError("the ArrayRecord has no entry")
    return out


def record_like(old: ArrayRecord, new: Mapping[str, npt.NDArray[Any]]
                ) -> ArrayRecord:
    """A record with new arrays, in the order of the old one."""
    return ArrayRecord({name: Array(np.asarray(new[name])) for name in old})


def _rest(message: Message, trained: str, weighted_by: str,
          metrics: Mapping[str, float]) -> bytes:
    """The digest of all records but the trained one, and of the choices."""
    out = hashlib.sha256()
    _add(out, repr((message.metadata.message_type, trained, weighted_by,
                    [(n, float(b)) for n, b in metrics.items()])))
    for name in sorted(message.content):
        record = message.content[name]
        if name in (trained, KEY):
            continue
        _add(out, repr((type(record).__name__, name)))
        if isinstance(record, ArrayRecord):
            for key in sorted(record):
                array = record[key]
                _add(out, repr((key, array.dtype, tuple(array.shape),
                                array.stype)))
                _add(out, array.data)
        else:
            for key in sorted(record):
                _add(out, key)
                _add(out, _plain(record[key]))
    return out.digest()


def _plain(value: Any) -> str:
    """A value of a record as a text that is the same on both sides."""
    if isinstance(value, list):
        return repr([_plain(one) for one in value])
    if isinstance(value, float):  # of numpy, too, whose repr differs
        return repr(float(value))
    if isinstance(value, (bool, int, str, bytes)):
        return repr(value)
    raise ArgumentError(f"a record has a {type(value).__name__}")


def _add(out: Any, part: str | bytes) -> None:
    """Add a part with its length, so that parts cannot be shifted."""
    data = part.encode() if isinstance(part, str) else part
    out.update(len(data).to_bytes(8, "big"))
    out.update(data)


def refusal(error: Error) -> Packet:
    """The answer of a node that takes no part."""
    return {"messages": [], "error": f"{type(error).__name__}: {error}"}
