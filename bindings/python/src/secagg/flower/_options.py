# SPDX-License-Identifier: Apache-2.0
"""Options in the configs of runs and of nodes."""
from __future__ import annotations

import dataclasses
from typing import Any, Callable, Mapping

from .._enums import Phase
from .._errors import ArgumentError
from .._params import Policy

PREFIX = "secagg-"

_RUN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "clip": ("clip", float), "corrupt": ("corrupt", float),
    "dropout": ("dropout", float), "value-bits": ("value_bits", int),
    "max-weight": ("max_weight", int), "mode": ("mode", str),
    "suite": ("suite", str), "rounding": ("rounding", str),
    "timeout": ("timeout", float),
    "train-timeout": ("timeouts", lambda value: {Phase.INPUT: float(value)}),
    "warm-up": ("warm_up", float), "attempts": ("attempts", int),
    "poll": ("poll", float), "trusted-keys": ("trusted_keys", str)}

#: Options of a node; PATHS are read by `secagg_mod`.
PATHS = ("dir", "node-key", "trusted-keys")
_POLICY: dict[str, type] = {"min-clients": int, "min-survivors": int,
                            "min-corrupt": float, "require-active": bool}


def _own(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(PREFIX):]: value for name, value in config.items()
            if name.startswith(PREFIX)}


def options_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `SecAggGrid` in a run config.

    Raises
    ------
    ArgumentError
        There is no such option.
    """
    out = {}
    for name, value in _own(config).items():
        if name not in _RUN:
            raise ArgumentError(f"there is no option {PREFIX}{name} of a run: "
                                f"{', '.join(PREFIX + n for n in _RUN)}")
        argument, convert = _RUN[name]
        out[argument] = convert(value)
    return out


def policy_of(config: Mapping[str, Any], policy: Policy | None) -> Policy:
    """The stricter of a policy and the one in the config of a node.

    Raises
    ------
    ArgumentError
        There is no such option: a misspelt one must not be without effect.
    """
    policy = policy or Policy()
    changes = {}
    for name, value in _own(config).items():
        if name in PATHS:
            continue
        kind = _POLICY.get(name)
        if kind is None:
            known = [PREFIX + n for n in (*PATHS, *_POLICY)]
            raise ArgumentError(f"there is no option {PREFIX}{name} of a "
                                f"node: {', '.join(known)}")
        if kind is bool and not isinstance(value, bool):
            raise ArgumentError(f"{PREFIX}{name} must be true or false")
        field = name.replace("-", "_")
        changes[field] = max(kind(value), getattr(policy, field))
    return dataclasses.replace(policy, **changes)
