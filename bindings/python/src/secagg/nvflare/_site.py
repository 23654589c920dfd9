# SPDX-License-Identifier: Apache-2.0
"""The states of a client on its disk, and its answers to packets."""
from __future__ import annotations

import json
import pathlib
from typing import Any, Mapping

import numpy.typing as npt
from nvflare.apis.event_type import EventType
from nvflare.apis.fl_component import FLComponent
from nvflare.apis.fl_constant import FLContextKey
from nvflare.apis.fl_context import FLContext
from nvflare.apis.workspace import Workspace

from .._identity import Identity
from .._params import Policy
from .._store import FileStore
from ..host import Layout, Member, Packet
from ..host import credentials as creds
from ._names import POLICY_FILE
from ._pki import Kit

LEDGERS = 256  # jobs whose spent inputs are remembered


class JobStore(FileStore):
    """The states of one job, and the spent inputs of all jobs of a client.

    Jobs that run at the same time each write a file of their own, and read
    those of all.

    Parameters
    ----------
    folder : path
        The folder of this client.
    job : str
        The id of the job.
    """

    def __init__(self, folder: pathlib.Path, job: str) -> None:
        self._all = folder
        super().__init__(folder / job)

    def note(self, name: str, data: bytes) -> None:
        """Store a note of this job."""
        super().note(name, data)
        old = sorted(self._all.glob(f"*/{name}.note"),
                     key=lambda p: p.stat().st_mtime)
        for path in old[:-LEDGERS]:
            path.unlink(missing_ok=True)

    def noted(self, name: str) -> bytes:
        """The merged notes of all jobs; later ones replace earlier ones."""
        merged: dict[str, str] = {}
        for path in sorted(self._all.glob(f"*/{name}.note"),
                           key=lambda p: p.stat().st_mtime):
            for key, value in json.loads(path.read_bytes()).items():
                merged.pop(key, None)
                merged[key] = value
        return json.dumps(merged).encode() if merged else b""


class SecAggSite(FLComponent):  # type: ignore[misc]
    """The part of a client that the executor and the filters share.

    A file ``local/secagg.json`` of the site, with the members of `Policy`,
    replaces the policy of the job: a job comes from the server.

    Parameters
    ----------
    metrics : mapping of str to float, optional
        The metrics that are sent, with the bound of each.
    policy : mapping, optional
        The members of `Policy`.
    randomised_training : bool
        See `Member`.
    """

    def __init__(self, metrics: Mapping[str, float] | None = None,
                 policy: Mapping[str, Any] | None = None,
                 randomised_training: bool = False) -> None:
        super().__init__()
        self.metrics = dict(metrics or {})
        self.policy = dict(policy) if policy else None
        self.randomised_training = randomised_training

    def layout(self, model: Mapping[str, npt.NDArray[Any]]) -> Layout:
        """The layout of a model with the metrics of this job."""
        return Layout.of(model, self.metrics)

    def member(self, fl_ctx: FLContext) -> Member:
        """The member that answers the packets of this client."""
        workspace = fl_ctx.get_engine().get_workspace()
        folder = folder_of(workspace, fl_ctx.get_identity_name())
        kit = Kit.of(workspace)
        return Member(JobStore(folder, fl_ctx.get_job_id()),
                      policy=self._policy(workspace),
                      identity=_identity(folder, kit) if kit else None,
                      # The server chooses which client has which index.
                      trust=(lambda params: kit.trust()) if kit else None,
                      randomised_training=self.randomised_training,
                      keep_when_done=False)

    def handle_event(self, event_type: str, fl_ctx: FLContext) -> None:
        """Remove the states of a job that has ended.

        The simulator ends the run of a client whenever another client needs
        its thread, so it keeps them.
        """
        if event_type != EventType.END_RUN or fl_ctx.get_prop(
                FLContextKey.SIMULATE_MODE, False):
            return
        folder = folder_of(fl_ctx.get_engine().get_workspace(),
                           fl_ctx.get_identity_name())
        if (folder / fl_ctx.get_job_id()).exists():
            store = JobStore(folder, fl_ctx.get_job_id())
            for name in store.names():
                store.remove(name)

    def answer(self, fl_ctx: FLContext, packet: Packet, **how: Any
               ) -> dict[str, Any]:
        """Answer a packet; see `Member.answer`."""
        return dict(self.member(fl_ctx).answer(packet, **how))

    def _policy(self, workspace: Workspace) -> Policy | None:
        path = pathlib.Path(workspace.get_site_config_dir(), POLICY_FILE)
        if path.exists():
            return Policy(**json.loads(path.read_text()))
        return Policy(**self.policy) if self.policy else None


def folder_of(workspace: Workspace, name: str) -> pathlib.Path:
    """The folder of a client's states, in the workspace of the site."""
    if not name or "/" in name or name.startswith("."):
        raise ValueError(f"{name!r} is no name of a client")
    return pathlib.Path(workspace.get_root_dir(), "secagg", name)


def _identity(folder: pathlib.Path, kit: Kit) -> Identity:
    """The identity of this client, for which its startup kit vouches."""
    identity = creds.identity_file(folder / "identity")
    creds.vouch(identity, kit.key(), kit.certificate())
    return identity
