# SPDX-License-Identifier: Apache-2.0
"""The command line: ``python -m secagg demo | params | simulate``."""
from __future__ import annotations

import argparse
import os
import sys
from typing import Sequence

import secagg

from . import _demo, _explain, _simulate
from .._errors import Error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secagg", description="Secure aggregation: the server "
        "learns the sum of its clients' vectors, and none of the vectors.")
    parser.add_argument("--version", action="version",
                        version=f"secagg {secagg.__version__}")
    commands = parser.add_subparsers(dest="command", required=True,
                                     metavar="demo | params | simulate")
    for module in (_demo, _explain, _simulate):
        module.add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        The exit status: 0, 1 if a result is wrong, or 2 if an option is
        invalid or a package is missing.
    """
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except Error as error:
        print(f"secagg: {error.sentence}", file=sys.stderr)
    except ImportError as error:
        print(f"secagg: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return 2
