# SPDX-License-Identifier: Apache-2.0
"""Arrays of the host as memory that the C library reads and writes.

Input may be anything that NumPy sees without a copy: arrays, objects with the
buffer protocol or DLPack on the CPU (tensors of PyTorch, arrays of JAX), and
sequences of numbers. bfloat16 is that of ``ml_dtypes`` or of PyTorch.
"""
from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from ._secagg import ffi, lib

Array = npt.NDArray[Any]
CPU = 1  # kDLCPU of DLPack

_TYPES = {np.dtype(name): number for name, number in (
    ("f2", lib.SECAGG_F16), ("f4", lib.SECAGG_F32), ("f8", lib.SECAGG_F64),
    ("i1", lib.SECAGG_I8), ("u1", lib.SECAGG_U8), ("i2", lib.SECAGG_I16),
    ("u2", lib.SECAGG_U16), ("i4", lib.SECAGG_I32), ("u4", lib.SECAGG_U32),
    ("i8", lib.SECAGG_I64), ("u8", lib.SECAGG_U64))}
_OUT = {np.dtype(name): number for name, number in (
    ("f4", lib.SECAGG_F32), ("f8", lib.SECAGG_F64),
    ("i8", lib.SECAGG_I64), ("u8", lib.SECAGG_U64))}
# The most frequent case needs no more than the letter of the type.
_PLAIN = {dtype.char: number for dtype, number in _TYPES.items()}


class Run:
    """Values at a constant distance in memory: pointer, type, count, stride.

    `array` keeps the memory alive. `copied` is a copy that the caller wipes,
    because it has the values of an input.
    """

    def __init__(self, array: Array, type_: int, stride: int,
                 copied: bool) -> None:
        self.array, self.type, self.stride = array, type_, stride
        self.count, self.copied = int(array.size), copied
        if array.flags.c_contiguous and stride == array.itemsize and (
                self.count):
            self.pointer = ffi.from_buffer(array)
        else:
            address = array.__array_interface__["data"][0]
            self.pointer = ffi.cast("void *", address)

    def wipe(self) -> None:
        """Overwrite the values, if they are a copy."""
        if self.copied:
            lib.secagg_wipe(self.pointer, self.array.nbytes)


def as_array(values: Any) -> tuple[Array, int | None]:
    """The values as an array, and its type if NumPy has no name for it."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        if values.device.type != "cpu":
            raise TypeError(f"the tensor is on {values.device}: move it to "
                            "the CPU first")
        values = values.detach()
        if values.dtype == torch.bfloat16:
            return values.view(torch.int16).numpy(), lib.SECAGG_BF16
        return values.numpy(), None
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError("a masked array is no input: fill it first")
    if (hasattr(values, "__dlpack__") and not hasattr(values, "__array__")
            and not isinstance(values, np.ndarray)):
        return _from_dlpack(values), None
    array = np.asarray(values)
    if array.dtype.name == "bfloat16" and array.dtype.itemsize == 2:
        return array.view(np.uint16), lib.SECAGG_BF16
    return array, None


def _from_dlpack(values: Any) -> Array:
    """An array of another package, if it is in the memory of the CPU."""
    device = getattr(values, "__dlpack_device__", lambda: (CPU, 0))()
    if device[0] != CPU:
        raise TypeError(f"the array is on device {tuple(device)} of DLPack: "
                        "move it to the CPU first")
    try:
        return np.from_dlpack(values)
    except (BufferError, RuntimeError) as error:
        raise TypeError(f"NumPy cannot read the array: {error}") from error


def stride_of(array: Array) -> int | None:
    """The stride if the values in C order lie at a constant distance."""
    shape = [n for n in array.shape if n != 1]
    strides = [s for n, s in zip(array.shape, array.strides) if n != 1]
    if not shape:
        return array.itemsize
    for outer, inner, count in zip(strides, strides[1:], shape[1:]):
        if outer != inner * count:
            return None
    return strides[-1]


def read(values: Any) -> Run:
    """Values for the library to read, without a copy where that is possible.

    An array whose values in C order do not lie at a constant distance, or are
    not of this machine's byte order, is copied.
    """
    if type(values) is np.ndarray and values.flags.c_contiguous:
        plain = _PLAIN.get(values.dtype.char)
        if plain is not None and values.dtype.isnative:
            return Run(values, plain, values.itemsize, False)
    array, type_ = as_array(values)
    native = array.dtype.newbyteorder("=")
    if type_ is None and native not in _TYPES:
        raise TypeError(f"an array of {array.dtype} is no input: it must have "
                        "floats of 16, 32 or 64 bits, bfloat16, or integers")
    number = _TYPES[native] if type_ is None else type_
    stride = stride_of(array)
    if array.dtype != native or stride is None:
        array = array.astype(native, order="C", copy=True)
        return Run(array, number, array.itemsize, True)
    return Run(array, number, stride, False)


def write(out: Array) -> Run:
    """An array for the library to fill in C order."""
    if not isinstance(out, np.ndarray) or out.dtype not in _OUT:
        raise TypeError("out must be an array of float32, float64, int64 or "
                        "uint64")
    stride = stride_of(out)
    if not out.flags.writeable or stride is None or (
            out.size > 1 and abs(stride) < out.itemsize):
        raise TypeError("out must be writable, and its values must lie at a "
                        "constant distance")
    return Run(out, _OUT[out.dtype], stride, False)
