# SPDX-License-Identifier: Apache-2.0
"""A client or a server that is saved in a store."""
from __future__ import annotations

import weakref
from typing import Callable

from ._handle import Handle
from ._store import Store, ending


class Stored(Handle):
    """What clients and servers do in the same way with their store."""

    _store: Store | None = None
    _name = ""
    _unsaved = False
    _end: Callable[[], object] | None = None

    @property
    def generation(self) -> int:
        """The generation of the state that was saved last."""
        raise NotImplementedError

    def save(self, key: bytes) -> bytes:
        """The party as sealed bytes.

        Parameters
        ----------
        key : bytes
            32 secret bytes.
        """
        raise NotImplementedError

    def _hold(self, store: Store) -> None:
        """Save here from now on. The name is this party's, until the end."""
        self._end = weakref.finalize(self, ending(store, self._name))
        self._store = store
        try:
            self._save()
        except BaseException:
            self.close()
            raise

    def _save(self) -> None:
        # No other thread saves before this state is in the store. If it does
        # not get there, no message leaves before another one does.
        with self._owner:
            if self._store is not None:
                self._unsaved = True
                state = self.save(self._store.key())
                self._store.save(self._name, state, self.generation)
                self._unsaved = False

    def forget(self) -> None:
        """Remove the saved state, once nobody needs it: no client asks for a
        message again, or the sum has been used."""
        if self._store is not None:
            self._store.remove(self._name)

    def close(self) -> None:
        """Wipe the secrets and free the handle. A saved state stays."""
        super().close()
        if self._end is not None:
            self._end()
