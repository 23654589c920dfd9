# SPDX-License-Identifier: Apache-2.0
"""What a message says about itself."""
from __future__ import annotations

import dataclasses

from ._errors import check, string
from ._secagg import ffi, lib


@dataclasses.dataclass(frozen=True)
class MessageInfo:
    """The header of a message. Nothing proves what it says."""

    name: str  #: type, as in PROTOCOL.md 8
    from_client: bool  #: from a client to the server, or the reverse
    index: int  #: the client: the sender, or the recipient
    round: int  #: number of the training round
    part: int  #: number of a part of the input
    session: bytes  #: session id


def peek(message: bytes) -> MessageInfo:
    """Read the header of any message, to route it.

    Parameters
    ----------
    message : bytes
        The message.

    Raises
    ------
    MessageError
        The bytes are no message.
    """
    info = ffi.new("secagg_message_info *")
    lib.secagg_message_info_init(info)
    check(lib.secagg_message_peek(ffi.from_buffer(message), len(message),
                                  info))
    return MessageInfo(string(info.name), bool(info.from_client),
                       int(info.index), int(info.round), int(info.part),
                       bytes(ffi.buffer(info.session)))
