# SPDX-License-Identifier: Apache-2.0
"""What a server tells of its clients."""
from __future__ import annotations

import dataclasses

from ._enums import Phase
from ._errors import Error


@dataclasses.dataclass(frozen=True)
class Lost:
    """How a client fell out of a session."""

    phase: Phase  #: the phase that it did not answer, or in which it gave up
    error: type[Error] | None  #: what its ABORT says; None if it was silent


@dataclasses.dataclass(frozen=True)
class Blame:
    """A client that the server blames."""

    index: int  #: the client
    error: type[Error]  #: CheatError: its shares, keys or secrets are wrong;
    #: AuthError: more others dispute with it than may be corrupt


@dataclasses.dataclass(frozen=True)
class Dispute:
    """Two clients that contradict each other: one of them is at fault."""

    dealer: int  #: the client that dealt a share
    holder: int  #: the client that complained that it did not open


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A message that the server refused."""

    index: int  #: the client that sent it
    phase: Phase  #: of the server
    error: Error  #: with the reason as a sentence
