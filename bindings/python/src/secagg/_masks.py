# SPDX-License-Identifier: Apache-2.0
"""Masks and planar vectors, for workers that hold ranges of a large sum
(PROTOCOL.md 6)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import Array
from ._errors import check
from ._handle import Handle
from ._enums import Suite
from ._params import suite_of
from ._secagg import ffi, lib

BLOCK = 512  #: entries in a block: ranges of masks begin at one


class Masks(Handle):
    """A set of seeds with signs, which stands for the sum of their masks.

    Parameters
    ----------
    suite : Suite or str, optional
        The cipher. By default that of new `Params`.
    """

    def __init__(self, suite: Suite | str | None = None) -> None:
        out = ffi.new("secagg_masks **")
        check(lib.secagg_masks_new(out, int(suite_of(suite))))
        self._adopt(out[0], lib.secagg_masks_free)

    @classmethod
    def decode(cls, data: bytes) -> Masks:
        """The set that `encode` or `Server.masks` encoded.

        Raises
        ------
        MessageError
            The bytes are no mask set.
        """
        out = ffi.new("secagg_masks **")
        check(lib.secagg_masks_decode(out, ffi.from_buffer(data), len(data)))
        self = cls.__new__(cls)
        self._adopt(out[0], lib.secagg_masks_free)
        return self

    def add(self, seed: bytes, sign: int = 1) -> None:
        """Add a seed.

        Parameters
        ----------
        seed : bytes
            32 secret bytes.
        sign : int
            1 to add its mask, -1 to subtract it.
        """
        if len(seed) != lib.SECAGG_SEED_BYTES:
            check(lib.SECAGG_ERR_SIZE, f"a seed has {len(seed)} bytes: it "
                  f"must have {lib.SECAGG_SEED_BYTES}", got=len(seed),
                  needed=lib.SECAGG_SEED_BYTES)
        self._try(lib.secagg_masks_add, ffi.from_buffer(seed), sign)

    def encode(self) -> bytes:
        """The set as bytes, which are as secret as the seeds."""
        return self._written(lib.secagg_masks_encoded_size,
                             lib.secagg_masks_encode)

    def apply(self, planes: bytearray | Array, count: int, *, bits: int,
              offset: int = 0) -> None:
        """Add the masks to a range of a lane.

        Parameters
        ----------
        planes : bytearray or ndarray of uint8
            The range as a planar vector, `planar_size` bytes; changed.
        count : int
            Entries in the range.
        bits : int
            Bits of an entry: the lane, see `Params.place`.
        offset : int
            The first entry of the range in its lane, a multiple of 512.
        """
        self._try(lib.secagg_masks_apply, bits, offset,
                  _planes(planes, count, bits, True), count)


def planar_size(count: int, bits: int) -> int:
    """Bytes of a planar vector of `count` entries of `bits` bits.

    Raises
    ------
    ArgumentError
        `bits` is not 1 to 64, or the vector does not fit into memory.
    """
    fits = 0 <= count < 1 << 63 and 1 <= bits <= 64
    size = int(lib.secagg_planar_size(count, bits)) if fits else 0
    if count and not size or not fits:
        check(lib.SECAGG_ERR_ARG, f"there is no planar vector of {count} "
              f"entries of {bits} bits")
    return size


def planar_add(total: bytearray | Array, planes: bytes | bytearray | Array,
               count: int, bits: int) -> None:
    """Add a planar vector to another, modulo 2**bits.

    Parameters
    ----------
    total, planes : buffer
        Planar vectors of `planar_size` bytes; `total` changes.
    count, bits : int
        Entries, and the bits of one.
    """
    check(lib.secagg_planar_add(_planes(total, count, bits, True),
                                _planes(planes, count, bits, False), count,
                                bits))


def planar_pack(values: Array, bits: int) -> bytearray:
    """Pack integers into bit planes.

    Parameters
    ----------
    values : ndarray of uint32 or uint64
        The entries; their low `bits` bits are used.
    bits : int
        Bits of an entry.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    if flat.dtype not in (np.uint32, np.uint64):
        raise TypeError("values must be of uint32 or uint64")
    pack = (lib.secagg_planar_pack_u32 if flat.dtype == np.uint32
            else lib.secagg_planar_pack_u64)
    out = bytearray(planar_size(flat.size, bits))
    check(pack(ffi.from_buffer(out), ffi.from_buffer(
        f"uint{8 * flat.itemsize}_t[]", flat), flat.size, bits))
    return out


def planar_unpack(planes: bytes | bytearray | Array, count: int, bits: int
                  ) -> Array:
    """Unpack bit planes into integers.

    Parameters
    ----------
    planes : buffer
        A planar vector of `planar_size` bytes.
    count, bits : int
        Entries, and the bits of one.

    Returns
    -------
    ndarray of uint64
        The entries.
    """
    out = np.empty(count, np.uint64)
    check(lib.secagg_planar_unpack_u64(
        ffi.from_buffer("uint64_t[]", out),
        _planes(planes, count, bits, False), count, bits))
    return out


def _planes(data: Any, count: int, bits: int, change: bool) -> Any:
    view = ffi.from_buffer("uint8_t[]", data, require_writable=change)
    needed = planar_size(count, bits)
    if len(view) != needed:
        check(lib.SECAGG_ERR_SIZE, f"a planar vector has {len(view)} bytes: "
              f"{count} entries of {bits} bits have {needed}", got=len(view),
              needed=needed)
    return view
