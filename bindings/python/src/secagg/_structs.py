# SPDX-License-Identifier: Apache-2.0
"""Members of structs of C."""
from __future__ import annotations

from typing import Any

from ._errors import check
from ._secagg import ffi, lib


def assign(to: Any, members: dict[str, Any], where: str = "") -> None:
    """Set members of a struct of C.

    Raises
    ------
    ArgumentError
        A number does not fit its member.
    """
    for name, value in members.items():
        try:
            setattr(to, name, value)
        except OverflowError:
            check(lib.SECAGG_ERR_ARG, f"{where}{name} is {value}, which is "
                  "out of range")


def fill(to: Any, data: bytes, name: str) -> None:
    """Copy bytes into an array of C; none leave zeros."""
    size = len(to)
    if data and len(data) != size:
        check(lib.SECAGG_ERR_SIZE, f"{name} has {len(data)} bytes: it must "
              f"have {size}", got=len(data), needed=size)
    ffi.memmove(to, data, len(data))
