# SPDX-License-Identifier: Apache-2.0
"""The log of the library, in the manner of Flower."""
from __future__ import annotations

import logging

FLOWER = "flwr"


class _ToFlower(logging.Handler):
    """Hands records over to Flower's logger, with its level and handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over."""
        flower = logging.getLogger(FLOWER)
        if flower.isEnabledFor(record.levelno):
            flower.handle(record)


def route() -> None:
    """Let the log of the library appear among Flower's, once a process.

    A host that has set up the logger ``secagg`` is left alone.
    """
    logger = logging.getLogger("secagg")
    if logger.handlers:
        return
    logger.addHandler(_ToFlower())
    logger.propagate = False
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
