# SPDX-License-Identifier: Apache-2.0
"""Flower's node keys vouch for the identities of active sessions."""
from __future__ import annotations

import os
import pathlib
from typing import Any, Iterable, Sequence, Union

from flwr.serverapp import Grid

from .._errors import ArgumentError
from .._identity import Identity, Trust
from ..host.credentials import (PublicKey, Vouched, identity_file,
                                load_private, load_public, vouch)

#: A file of public keys, or the keys: PEM or lines of OpenSSH.
Keys = Union[str, "os.PathLike[str]", "Sequence[bytes]"]
END = b"-----END"


def public_keys(keys: Keys) -> list[PublicKey]:
    """The keys in a file, one after another, in PEM or as OpenSSH lines.

    Raises
    ------
    ArgumentError
        There are none, or one is of a kind that cannot vouch.
    """
    if isinstance(keys, (str, os.PathLike)):
        path = pathlib.Path(keys).expanduser()
        parts: Iterable[bytes] = _split(path.read_bytes())
    else:
        parts = keys
    found = [load_public(part) for part in parts]
    if not found:
        raise ArgumentError(f"there is no public key in {keys!r}")
    return found


def _split(data: bytes) -> list[bytes]:
    """The keys in the contents of a file; # begins a comment."""
    parts: list[bytes] = []
    pem: list[bytes] = []
    for line in data.splitlines():
        if pem or line.startswith(b"-----BEGIN"):
            pem.append(line)
            if line.startswith(END):
                parts.append(b"\n".join(pem) + b"\n")
                pem = []
        elif line.strip() and not line.startswith(b"#"):
            parts.append(line)
    return parts


def node_identity(folder: pathlib.Path, key: str | os.PathLike[str]
                  ) -> Identity:
    """The identity of a node, for which its private key vouches.

    Parameters
    ----------
    folder : Path
        Where the identity is kept, in the file ``identity``.
    key : path
        The private key that the SuperNode authenticates with.
    """
    identity = identity_file(folder / "identity")
    vouch(identity, load_private(pathlib.Path(key).expanduser().read_bytes()))
    return identity


class NodeTrust:
    """Trusts an identity if the key of its node vouches for it.

    Parameters
    ----------
    keys : sequence of bytes
        The public key of each index; one that does not parse vouches for
        nobody.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [_one(key) for key in keys]

    def __call__(self, index: int, public_key: bytes, credential: bytes
                 ) -> bool:
        """Whether the node's key vouches for the identity."""
        if index >= len(self._keys):
            return False
        trust = Vouched(keys=self._keys[index])
        return trust(index, public_key, credential)


def _one(key: bytes) -> list[PublicKey]:
    try:
        return [load_public(key)]
    except Exception:  # a node without a key, or with one of another kind
        return []


def server_trust(grid: Grid, nodes: Sequence[int],
                 keys: Sequence[PublicKey] | None) -> Trust:
    """Whom the server trusts: given keys, or those that the nodes registered.

    Raises
    ------
    ArgumentError
        This Grid does not know the keys of nodes.
    """
    if keys is not None:
        return Vouched(keys=keys)
    known: dict[int, Any] = {}
    if hasattr(grid, "get_nodes"):
        known = {node.node_id: getattr(node, "public_key", b"")
                 for node in grid.get_nodes()}
    if not any(known.values()):
        raise ArgumentError("this Grid does not know the public keys of the "
                            "nodes: give `trusted_keys`")
    return NodeTrust([known.get(node, b"") for node in nodes])
