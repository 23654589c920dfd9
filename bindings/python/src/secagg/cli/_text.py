# SPDX-License-Identifier: Apache-2.0
"""Numbers, tables and a progress bar as text, and options of the commands."""
from __future__ import annotations

import argparse
import shutil
import sys
from typing import Any, Sequence, TextIO


def size(count: float) -> str:
    """A number of bytes: ``"1.23 MB"``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            break
        count /= 1000
    else:
        unit = "TB"
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.3g} {unit}"


def seconds(count: float) -> str:
    """A time: ``"12 ms"``."""
    if count < 1e-3:
        return f"{1e6 * count:.3g} us"
    return f"{1e3 * count:.3g} ms" if count < 1 else f"{count:.3g} s"


def fraction(text: str) -> float:
    """An option from 0 to below 1: ``0.25``, ``25%`` or ``1/4``."""
    try:
        if text.endswith("%"):
            value = float(text[:-1]) / 100
        elif "/" in text:
            above, below = text.split("/")
            value = float(above) / float(below)
        else:
            value = float(text)
    except (ValueError, ZeroDivisionError):
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no fraction from 0 to below 1, such as 0.25, 25% "
            "or 1/4")
    return value


def positive(text: str) -> int:
    """An option that is a positive integer."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive integer")
    return value


def several(one: Any) -> Any:
    """An option with values of a type, separated by commas."""
    def read(text: str) -> list[Any]:
        return [one(part) for part in text.split(",")]
    return read


class Table:
    """A table whose rows are printed as they come.

    Parameters
    ----------
    columns : sequence of str
        The headings. Columns are as wide as these: leave space in front.
    left : collection of str
        Columns that are flush left.
    """

    def __init__(self, columns: Sequence[str], left: Sequence[str] = ()
                 ) -> None:
        self._widths = [-len(name) if name in left else len(name)
                        for name in columns]
        self.head = "  ".join(columns)

    def row(self, *cells: object) -> str:
        """A row as text."""
        return "  ".join(
            str(cell).ljust(-width) if width < 0 else str(cell).rjust(width)
            for cell, width in zip(cells, self._widths)).rstrip()


class Bar:
    """A progress bar on a terminal; nothing elsewhere.

    Parameters
    ----------
    total : int
        Number of steps.
    file : file, optional
        Where to draw; standard output by default.
    """

    def __init__(self, total: int, file: TextIO | None = None) -> None:
        self._file = file or sys.stdout
        self._total, self._shown = max(1, total), ""
        self._on = self._file.isatty()

    def show(self, done: int, text: str) -> None:
        """Draw the bar in the last line.

        Parameters
        ----------
        done : int
            Number of steps that are done.
        text : str
            What goes on now.
        """
        if not self._on:
            return
        columns = shutil.get_terminal_size().columns
        width = min(30, max(4, columns - 50))
        filled = min(width, width * done // self._total)
        line = f"[{'#' * filled}{'-' * (width - filled)}] {text}"[:columns - 1]
        if line != self._shown:
            self._file.write(f"\r{line}\x1b[K")
            self._file.flush()
            self._shown = line

    def print(self, text: str) -> None:
        """Print a line in place of the bar."""
        self.clear()
        print(text, file=self._file, flush=True)

    def clear(self) -> None:
        """Remove the bar."""
        if self._on and self._shown:
            self._file.write("\r\x1b[K")
            self._file.flush()
            self._shown = ""
