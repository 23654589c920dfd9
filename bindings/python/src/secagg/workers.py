# SPDX-License-Identifier: Apache-2.0
"""A sum that several workers hold, unmask and decode in ranges.

A server removes the masks of all survivors from every entry of the sum. For
long vectors that is most of its work, and here workers share it: each holds
the planes of a range of blocks (PROTOCOL.md 6.1), adds its range of every
input, and removes its range of the masks.

`Sum` runs the workers as threads of this process; `secagg.ray` and
`secagg.dask` run them on the machines of a cluster.
"""
from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import os
from types import TracebackType
from typing import Any, Iterable, TypeVar

import numpy as np
import numpy.typing as npt

from . import _arrays
from ._decoding import Reading, check_weight, default_type
from ._enums import Kind
from ._errors import (ArgumentError, MessageError, RepeatError, SizeError,
                      StateError)
from ._lanes import Layout, read_planes
from ._message import peek
from ._params import Params
from ._shard import Shard

S = TypeVar("S", bound="Sum")

# Bytes of the mask set in one call of a worker: clusters write larger
# arguments to shared memory, and from there to disks.
SECRET = 1 << 15
QUEUE = 4  # inputs that workers have not added yet


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a result that stays with its worker; see `Sum.parts`."""

    offset: int  #: the first entry in the segment
    count: int  #: number of entries
    result: Any  #: a future of the array: of Ray, an ObjectRef


class Sum:
    """A sum over workers, here threads of this process.

    Parameters
    ----------
    params : Params
        The parameters of the session.
    workers : int, optional
        Number of workers, by default one for each processor. There are fewer
        if the vector has fewer blocks of 512 entries.
    timeout : float, optional
        Seconds to wait for an answer of a worker, then TimeoutError.

    Notes
    -----
    The host passes every input that its `Server` accepted, and no other; the
    server counts and unmasks as it does without workers.

    Examples
    --------
    >>> with Sum(params, workers=4) as total:            # doctest: +SKIP
    ...     while not server.done:
    ...         for index, message in receive():
    ...             if server.recv(index, message):
    ...                 total.add(index, message)
    ...         server.advance()
    ...     total.unmask(server.masks(), server.survivors)
    ...     mean = total.mean()
    """

    def __init__(self, params: Params, workers: int | None = None, *,
                 timeout: float | None = None) -> None:
        if workers is None:
            workers = len(os.sched_getaffinity(0))
        if workers < 1:
            raise ArgumentError(f"{workers} workers cannot hold a sum")
        self._layout, self._timeout = Layout(params), timeout
        self._ranges = self._layout.split(workers)
        self._inputs: set[int] = set()
        self._begun: dict[int, int] = {}  # blocks of clients that send parts
        self._queue: collections.deque[list[Any]] = collections.deque()
        self._survivors = self._weight = 0
        self._failed: BaseException | None = None
        self._workers: list[Any] | None = [
            self._start(self._layout.params, *blocks)
            for blocks in self._ranges]

    # ---- what a cluster does in its own way --------------------------------

    def _start(self, params: Params, first: int, last: int) -> Any:
        """Start a worker."""
        # One thread for each shard, because a shard has no lock.
        return Shard(params, first, last), (
            concurrent.futures.ThreadPoolExecutor(1, "secagg-worker"))

    def _ask(self, worker: Any, method: str, *args: Any) -> Any:
        """Call a method of a shard; a future of its result."""
        shard, pool = worker
        return pool.submit(getattr(shard, method), *args)

    def _result(self, future: Any) -> Any:
        """Wait for a result."""
        return future.result(self._timeout)

    def _end(self, worker: Any) -> None:
        """End a worker, and forget what it has."""
        worker[1].shutdown(wait=False, cancel_futures=True)

    # ---- inputs ------------------------------------------------------------

    def add(self, index: int, message: bytes) -> bool:
        """Add the input of a client, or a part of it, to the sum.

        Parameters
        ----------
        index : int
            The client.
        message : bytes
            A message that `Server.recv` accepted. Messages that have no input
            have no effect here.

        Returns
        -------
        bool
            Whether the message has input.

        Raises
        ------
        MessageError
            The message is malformed, of another session or of another client.
        RepeatError
            The input of this client was added already.
        StateError
            The masks were removed already, or a worker failed.
        """
        info = peek(message)
        if info.name not in ("INPUT", "INPUT_PART"):
            return False
        if (info.session != self._layout.params.session
                or info.index != index or not info.from_client):
            raise MessageError("the message is of another session or client",
                               index=index)
        self._check_open()
        if self._survivors:
            raise StateError("the masks were removed from the sum already")
        if index in self._inputs:
            raise RepeatError("the input of this client is in the sum",
                              index=index)
        first, end, planes = read_planes(self._layout, message)
        begun = self._begun.get(index, 0)
        if first != begun:
            raise MessageError(f"the part begins at block {first}: the next "
                               f"one is {begun}", index=index)
        self._begun[index] = end
        self._share(index, first, end, planes)
        return True

    def _share(self, index: int, first: int, end: int, planes: _arrays.Array
               ) -> None:
        """Pass the workers what they have of the blocks of a message."""
        at, low = self._layout.at, self._layout.at(first)
        whole = end - first == self._layout.blocks
        asked = []
        for worker, (a, b) in self._each():
            cut = planes[max(at(a), low) - low:max(at(min(b, end)), low) - low]
            if whole:
                asked.append(self._ask(worker, "add", cut))
            elif cut.size:
                asked.append(self._ask(worker, "stage", index,
                                       max(low - at(a), 0), cut))
        self._queue.append(asked)
        self._drain(QUEUE)
        if end == self._layout.blocks:
            self._inputs.add(index)
            if not whole:
                self._drain(0)  # clusters may deliver calls in another order
                self._queue.append([self._ask(worker, "commit", index)
                                    for worker, _ in self._each()])

    # ---- the end -----------------------------------------------------------

    def unmask(self, masks: bytes, survivors: Iterable[int]) -> None:
        """Remove the masks, after the last input.

        Parameters
        ----------
        masks : bytes
            `Server.masks`. They are as secret as the inputs.
        survivors : iterable of int
            `Server.survivors`, whose inputs are in the server's sum.

        Raises
        ------
        StateError
            The workers have not added the inputs of just these clients, or a
            worker failed.
        MessageError
            The bytes are no mask set.
        """
        self._check_open()
        if self._survivors:
            raise StateError("the masks were removed from the sum already")
        self._check_inputs(set(survivors))
        self._drain(0)
        for at in range(0, len(masks), SECRET):
            self._queue.append([
                self._ask(worker, "secret", masks[at:at + SECRET])
                for worker, _ in self._each()])
            self._drain(0)  # in this order, on every cluster
        found = self._wait([self._ask(worker, "unmask", len(self._inputs))
                            for worker, _ in self._each()])
        self._weight = next((n for n in found if n is not None), 0)
        self._survivors = len(self._inputs)

    def _check_inputs(self, survivors: set[int]) -> None:
        missing = sorted(survivors - self._inputs)
        extra = sorted(self._inputs - survivors)
        if missing:
            raise StateError(f"the workers have no input of the clients "
                             f"{_some(missing)}, which are in the sum of the "
                             "server", index=missing[0])
        if extra:
            raise StateError(f"the workers have inputs of the clients "
                             f"{_some(extra)}, which are not in the sum of "
                             "the server", index=extra[0])
        if not survivors:
            raise StateError("there is no input")

    @property
    def survivors(self) -> list[int]:
        """The clients whose input the workers have."""
        return sorted(self._inputs)

    @property
    def weight(self) -> int:
        """The sum of the survivors' weights; 0 before it is known.

        Raises
        ------
        RangeError
            No survivors can have it: a client has cheated.
        """
        if self._survivors and self._layout.hidden:
            check_weight(self._layout.params, self._survivors, self._weight)
        return self._weight

    def sum(self, segment: int = 0, *, out: _arrays.Array | None = None,
            dtype: npt.DTypeLike | None = None, offset: int = 0,
            count: int | None = None) -> _arrays.Array:
        """The sum of a segment, or of a range of it.

        Parameters
        ----------
        segment : int
            The number of the segment.
        out : ndarray, optional
            Where to write, in C order, as for `Server.sum`.
        dtype : dtype, optional
            Of a new array: float32 or float64 for reals, int64 or uint64 for
            any kind. The default is that of `Server.sum`.
        offset, count : int
            The range; by default all that follows `offset`.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension. The values are those of
            `Server.sum`, bit by bit.

        Raises
        ------
        RangeError
            No inputs can have this sum: a client has cheated. `out` is zero.
        StateError
            The masks were not removed yet, or a worker failed.
        ArgumentError
            The segment does not exist, or has no such type.
        SizeError
            The range extends beyond the segment.
        """
        return self._read(segment, out, dtype, offset, count, False)

    def mean(self, segment: int = 0, *, out: _arrays.Array | None = None,
             dtype: npt.DTypeLike | None = None, offset: int = 0,
             count: int | None = None) -> _arrays.Array:
        """The mean of a segment of reals, or of a range of it.

        The sum is divided by the number of survivors, or for a weighted
        segment by the sum of their weights. In all else it works as `sum`.

        Returns
        -------
        ndarray
            `out`, or a new array of one dimension: float32 or float64.
        """
        return self._read(segment, out, dtype, offset, count, True)

    def parts(self, segment: int = 0, *, mean: bool = False,
              dtype: npt.DTypeLike | None = None, offset: int = 0,
              count: int | None = None) -> list[Part]:
        """The sum or the mean in parts that stay with their workers.

        For results that go on to other tasks of the cluster, or that no
        machine can hold as a whole.

        Parameters
        ----------
        segment, dtype, offset, count
            See `sum`.
        mean : bool
            The mean, not the sum.

        Returns
        -------
        list of Part
            The parts in their order, which have all entries of the range.
            Their futures raise RangeError as `sum` does.
        """
        self._check_open()
        if not self._survivors:
            raise StateError("the masks were not removed yet: call unmask()")
        layout = self._layout
        if not 0 <= segment < len(layout.segments):
            raise ArgumentError(f"there is no segment {segment}: there are "
                                f"{len(layout.segments)}")
        part = layout.segments[segment]
        if count is None:
            count = max(0, part.length - offset)
        if offset < 0 or count < 0 or offset + count > part.length:
            raise SizeError(f"the range ends at entry {offset + count}: the "
                            f"segment has {part.length}",
                            got=offset + count, needed=part.length)
        weight = self.weight if part.kind is Kind.WEIGHTED else 0
        type_ = np.dtype(default_type(part.kind) if dtype is None else dtype)
        Reading(part, self._survivors, weight, type_, mean)  # raises early
        out, args = [], (type_.str, mean, weight)
        for worker, blocks in self._each():
            for piece in layout.pieces(*blocks):
                first, size = layout.within(segment, piece, offset, count)
                if size:
                    out.append(Part(first, size, self._ask(
                        worker, "read", segment, first, size, *args)))
        return out

    def _read(self, segment: int, out: _arrays.Array | None,
              dtype: npt.DTypeLike | None, offset: int, count: int | None,
              mean: bool) -> _arrays.Array:
        if out is not None:
            run = _arrays.write(out)
            count, dtype = run.count if count is None else count, out.dtype
            if count != run.count:
                raise SizeError(f"out has {run.count} entries: the range has "
                                f"{count}", got=run.count, needed=count)
        parts = self.parts(segment, mean=mean, dtype=dtype, offset=offset,
                           count=count)
        if out is None:
            kind = self._layout.segments[segment].kind
            out = np.empty(sum(part.count for part in parts),
                           default_type(kind) if dtype is None else dtype)
        flat = out.reshape(-1)
        try:
            while parts:
                part = parts.pop(0)  # and free it before the next
                at = part.offset - offset
                flat[at:at + part.count] = self._result(part.result)
        except BaseException:
            flat[:] = 0
            raise
        return out

    # ---- workers -----------------------------------------------------------

    def _each(self) -> list[tuple[Any, tuple[int, int]]]:
        return list(zip(self._workers or [], self._ranges))

    def _drain(self, most: int) -> None:
        """Wait until the workers owe at most so many inputs."""
        while len(self._queue) > most:
            self._wait(self._queue.popleft())

    def _wait(self, futures: list[Any]) -> list[Any]:
        try:
            return [self._result(future) for future in futures]
        except BaseException as error:
            self._failed = error
            raise

    def _check_open(self) -> None:
        if self._workers is None:
            raise StateError("this Sum is closed")
        if self._failed is not None:
            raise StateError("a worker failed, and its range is lost: read it "
                             "from the server") from self._failed

    def close(self) -> None:
        """End the workers. Closing again has no effect."""
        workers, self._workers = self._workers or [], None
        self._queue.clear()
        for worker in workers:
            self._end(worker)

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._workers is None else (
            f"{len(self._ranges)} workers, {len(self._inputs)} inputs")
        return f"<{type(self).__module__}.Sum, {state}>"


def _some(clients: list[int]) -> str:
    """A few of many clients, for a message."""
    text = ", ".join(map(str, clients[:5]))
    return text + (", ..." if len(clients) > 5 else "")
