# SPDX-License-Identifier: Apache-2.0
"""Where a node has its states: never in the Context, which Flower keeps in
memory and sends on after the reply."""
from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import time

from .._store import FileStore

OLD = 7 * 24 * 3600.0  # seconds after which the states of a run are removed


def node_folder(node_id: int, store: str | os.PathLike[str] | None,
                own: str | os.PathLike[str] | None) -> pathlib.Path:
    """The folder of a node.

    Parameters
    ----------
    node_id : int
        The id of the node, which names its folder in a shared one.
    store : path or None
        A folder that nodes share; by default one in the user's state.
    own : path or None
        A folder of this node alone.
    """
    if own is not None:
        return pathlib.Path(own).expanduser()
    if store is None:
        state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        store = pathlib.Path(state, "secagg", "flower")
    return pathlib.Path(store).expanduser() / str(node_id)


class NodeStore(FileStore):
    """The states of one node in one run.

    Several runs may be under way on a node, each with a session. What inputs
    are spent counts for the node, as does the key.

    Parameters
    ----------
    folder : path
        The folder of the node.
    run_id : int
        The run.
    """

    def __init__(self, folder: str | os.PathLike[str], run_id: int) -> None:
        self._node = FileStore(folder)
        own = pathlib.Path(folder) / "runs" / str(run_id)
        if not own.exists():
            _remove_old(own.parent)
        super().__init__(own, key=self._node.key())

    def note(self, name: str, data: bytes) -> None:
        """Store a few bytes for all runs of the node."""
        self._node.note(name, data)

    def noted(self, name: str) -> bytes:
        """The bytes that `note` stored."""
        return self._node.noted(name)


def _remove_old(runs: pathlib.Path) -> None:
    """Remove the folders of runs that ended long ago, with what is left of
    sessions that had no end."""
    now = time.time()
    for folder in runs.glob("*"):
        with contextlib.suppress(OSError):
            if now - folder.stat().st_mtime > OLD:
                shutil.rmtree(folder)
