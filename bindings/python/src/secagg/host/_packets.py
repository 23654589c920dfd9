# SPDX-License-Identifier: Apache-2.0
"""What travels between the hosts of a server and of a client."""
from __future__ import annotations

from typing import Any, Mapping, Union

from .._errors import MessageError

#: To a client ``params``, ``index`` and ``ended`` at the start of a session,
#: later ``message``; to the server ``messages`` and, if it failed, ``error``.
Packet = Mapping[str, Union[int, bytes, str, "list[bytes]"]]

SESSION_BYTES = 16


def ended_sessions(packet: Packet) -> set[bytes]:
    """Ids of sessions that ended before a secret was opened, in the words of
    the server."""
    data = take(packet, "ended", bytes) if "ended" in packet else b""
    if len(data) % SESSION_BYTES:
        raise MessageError(f"the list of ended sessions has {len(data)} bytes")
    return {data[i:i + SESSION_BYTES]
            for i in range(0, len(data), SESSION_BYTES)}


def take(packet: Packet, name: str, kind: type) -> Any:
    """A member of a packet, which may come from the network."""
    value = packet.get(name)
    if type(value) is not kind:
        raise MessageError(f"the packet has no {kind.__name__} {name!r}")
    return value


def messages(packet: Packet) -> list[bytes]:
    """The messages of a client."""
    found = take(packet, "messages", list)
    if not all(type(message) is bytes for message in found):
        raise MessageError("the packet's messages are not bytes")
    return list(found)
