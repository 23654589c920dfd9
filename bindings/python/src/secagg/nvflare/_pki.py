# SPDX-License-Identifier: Apache-2.0
"""The startup kit of a site, as provisioning makes it."""
from __future__ import annotations

import dataclasses
import json
import pathlib

from cryptography import x509
from nvflare.apis.workspace import Workspace

from ..host import credentials as creds

SERVERS = ("fed_client.json", "fed_server.json")  # files that name the server


@dataclasses.dataclass(frozen=True)
class Kit:
    """A folder ``startup``.

    One authority certifies clients, servers and administrators. A client has
    neither the name of a server nor a role, which provisioning gives to
    administrators alone.
    """

    folder: pathlib.Path

    @classmethod
    def of(cls, workspace: Workspace) -> Kit | None:
        """The kit of a site; None if there is none, as in the simulator."""
        folder = pathlib.Path(workspace.get_startup_kit_dir())
        return cls(folder) if (folder / "rootCA.pem").exists() else None

    def key(self) -> creds.PrivateKey:
        """The private key of a client."""
        return creds.load_private((self.folder / "client.key").read_bytes())

    def certificate(self) -> x509.Certificate:
        """The certificate of a client."""
        return x509.load_pem_x509_certificate(
            (self.folder / "client.crt").read_bytes())

    def trust(self, names: dict[int, str] | None = None) -> creds.Vouched:
        """Decides whom to trust in one session.

        Parameters
        ----------
        names : mapping of int to str, optional
            The client that has each index.
        """
        servers = self._servers()
        return creds.Vouched(
            issuers=[(self.folder / "rootCA.pem").read_bytes()], names=names,
            accept=lambda certificate: is_client(certificate, servers))

    def _servers(self) -> frozenset[str]:
        """The names of the servers, which are in the kit."""
        found = set()
        for path in (self.folder / name for name in SERVERS):
            if path.exists():
                for server in json.loads(path.read_text())["servers"]:
                    found |= {server.get("identity"),
                              server.get("admin_server")}
        return frozenset(name for name in found if name)


def is_client(certificate: x509.Certificate, servers: frozenset[str]) -> bool:
    """Whether a certificate of the project is that of a client."""
    roles = certificate.subject.get_attributes_for_oid(
        x509.NameOID.UNSTRUCTURED_NAME)
    return not roles and creds.common_name(certificate) not in servers
