# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation for federated learning.

A server learns the sum or the mean of its clients' vectors, and none of the
vectors, even if clients drop out at any step. The package binds the C library
libsecagg; messages are bytes that any transport may carry.
"""
from ._client import Client, Spent
from ._enums import Kind, Mode, Phase, Rounding, Suite
from ._errors import (ArgumentError, AuthError, CallerError, CheatError,
                      CryptoError, Error, InputDueError, MachineError,
                      MessageError, OutOfMemoryError, PeerError, PolicyError,
                      RandomError, RangeError, RepeatError, SizeError,
                      StaleError, StateError, ThresholdError, string)
from ._identity import Identity, Trust, Verifier
from ._masks import (BLOCK, Masks, planar_add, planar_pack, planar_size,
                     planar_unpack)
from ._message import MessageInfo, peek
from ._params import (NOBODY_CORRUPT, Params, Place, Policy, Segment,
                      Traffic, available, step)
from ._secagg import lib as _lib
from ._outcome import Blame, Dispute, Lost, Refusal
from ._server import Server
from ._store import FileStore, Store

#: Version of the C library that is linked.
__version__ = string(_lib.secagg_version())

__all__ = [
    "ArgumentError", "AuthError", "BLOCK", "Blame", "CallerError",
    "CheatError", "Client", "CryptoError", "Dispute", "Error", "FileStore",
    "Identity", "InputDueError", "Kind", "Lost", "MachineError", "Masks",
    "MessageError", "MessageInfo", "Mode", "NOBODY_CORRUPT",
    "OutOfMemoryError", "Params", "PeerError", "Phase", "Place", "Policy",
    "PolicyError", "RandomError", "RangeError", "Refusal", "RepeatError",
    "Rounding", "Segment", "Server", "SizeError", "Spent", "StaleError",
    "StateError", "Store", "Suite", "ThresholdError", "Traffic", "Trust",
    "Verifier", "available", "peek", "planar_add", "planar_pack",
    "planar_size", "planar_unpack", "step"]
