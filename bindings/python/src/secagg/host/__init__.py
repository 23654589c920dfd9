# SPDX-License-Identifier: Apache-2.0
"""What the integrations with frameworks share, apart from any framework.

A framework moves *packets*: small mappings of names to integers, bytes, texts
and lists of bytes. `Rounds` runs the server's side of a round on a function
that exchanges packets with the members of a cohort; `Member` answers packets
on a client, whose process may end between any two of them. `Layout` turns the
arrays of a model into the vector of a session.
"""
from ._layout import Layout, Metrics
from ._member import Member
from ._packets import Packet
from ._rounds import Exchange, Rounds, Setup, Tell
from ._session import Outcome, Session

__all__ = ["Exchange", "Layout", "Member", "Metrics", "Outcome", "Packet",
           "Rounds", "Session", "Setup", "Tell"]
