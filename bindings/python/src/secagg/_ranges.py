# SPDX-License-Identifier: Apache-2.0
"""Ranges of a long sum, read by several threads at the same time."""
from __future__ import annotations

import concurrent.futures
import os
from typing import Callable

# A thread reads at least this many entries of a sum: each call derives the
# keys of all survivors anew. Ranges begin at blocks of 512.
GRAIN = 1 << 18


def in_ranges(read: Callable[[int, int], int], count: int,
              threads: int | None) -> int:
    """Read [0, count) in ranges on several threads; the first error."""
    most = len(os.sched_getaffinity(0)) if threads is None else threads
    parts = max(1, min(most, count // GRAIN))
    size = -(-count // parts)
    size += -size % 512
    if parts == 1:
        return read(0, count)
    starts = range(0, count, size)
    with concurrent.futures.ThreadPoolExecutor(parts) as pool:
        errors = list(pool.map(
            lambda first: read(first, min(size, count - first)), starts))
    return next((err for err in errors if err), 0)
