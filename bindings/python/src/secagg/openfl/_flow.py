# SPDX-License-Identifier: Apache-2.0
"""Steps of a flow of OpenFL that run a secure round."""
from __future__ import annotations

import os
import pathlib
from typing import Any, Mapping

import numpy.typing as npt
from openfl.experimental.workflow.interface import FLSpec
from openfl.experimental.workflow.placement import aggregator, collaborator

from .._identity import Identity
from .._params import Policy
from .._store import FileStore
from ..host import Member, Metrics, Outcome, Packet, Setup
from . import _rounds
from ._rounds import Arrays, Round, Trained


class SecureFlow(FLSpec):  # type: ignore[misc]
    """A flow in which the aggregator learns means, and no collaborator's
    model.

    A subclass defines `secagg_train`, which runs on collaborators, and the
    aggregator's step `secagg_done`, which follows each round. A step of the
    aggregator begins a round with two lines:

    >>> self.secagg_begin(model, round=self.round)          # doctest: +SKIP
    >>> self.next(self.secagg_answer, foreach="secagg_asked",
    ...           include=self.secagg_sent)                 # doctest: +SKIP

    In `secagg_done`, ``secagg_outcome()`` is the result.

    Parameters
    ----------
    setup : Setup
        Clip, fractions of corrupt clients and dropouts, and so on.
    metrics : mapping of str to float, optional
        Metrics of which the mean is computed, with the bound of each.
    policy : Policy, optional
        What collaborators accept. It is part of the flow, which the author of
        the flow signs for; a collaborator that has a private attribute
        ``secagg_policy`` uses that one.
    randomised_training : bool
        See `secagg.host.Member`.
    checkpoint : bool
        See ``FLSpec``.

    Notes
    -----
    Private attributes of participants that the steps read: ``secagg_dir``,
    the folder of the durable states (by default one below
    ``$XDG_STATE_HOME/secagg/openfl`` for each name), ``secagg_policy``,
    ``secagg_identity`` (active mode: an `Identity`, or the path of its file,
    which is made) and ``secagg_trust`` (active mode; at the aggregator a
    function of parameters and members, at a collaborator of parameters, as
    for `secagg.host.Rounds` and `secagg.host.Member`).

    Only the packet of a collaborator returns to the aggregator: the steps
    name it in ``include``, so attributes that training sets stay behind.
    """

    #: Attributes that go to collaborators.
    secagg_sent = ["secagg_asked", "secagg_packets", "secagg_model",
                   "secagg_number", "secagg_bounds", "secagg_options"]

    def __init__(self, setup: Setup, *, metrics: Metrics | None = None,
                 policy: Policy | None = None,
                 randomised_training: bool = False, checkpoint: bool = False
                 ) -> None:
        super().__init__(checkpoint=checkpoint)
        self.secagg_setup, self.secagg_bounds = setup, dict(metrics or {})
        self.secagg_options = (policy, randomised_training)
        self.secagg_ended: list[bytes] = []
        self.secagg_banned: set[str] = set()

    # ---- what the author of a flow writes ----------------------------------

    def secagg_train(self, model: dict[str, npt.NDArray[Any]]) -> Trained:
        """Train on a collaborator.

        Parameters
        ----------
        model : dict of str to ndarray
            A copy of the model, which may be changed.

        Returns
        -------
        Trained
            The arrays after training, the weight, and the metrics.
        """
        raise NotImplementedError("the flow must define secagg_train")

    def secagg_begin(self, model: Arrays, *, round: int,
                     members: list[str] | None = None) -> None:
        """Begin a round in a step of the aggregator.

        Parameters
        ----------
        model : mapping of str to ndarray
            The model that collaborators start from.
        round : int
            Number of the round.
        members : list of str, optional
            Names of the collaborators; by default all. Those that were blamed
            in an earlier round are left out.

        Raises
        ------
        ArgumentError
            There are too few members for the setup.
        """
        invited = [name for name in members or self.runtime.collaborators
                   if name not in self.secagg_banned]
        self.secagg_global = dict(model)
        self.secagg_round = _rounds.begin(
            self._store("aggregator"), self.secagg_setup, model, invited,
            round, metrics=self.secagg_bounds, ended=self.secagg_ended,
            trust=getattr(self, "secagg_trust", None))
        self._ask()

    def secagg_outcome(self) -> Outcome[str]:
        """What became of the last round."""
        this: Round = self.secagg_round
        return this.outcome

    def secagg_joined(self) -> dict[str, npt.NDArray[Any]]:
        """The new model: the model of the round and the mean of the updates.

        Raises
        ------
        Error
            The round has no mean.
        """
        this: Round = self.secagg_round
        if this.outcome.mean is None:
            assert this.outcome.error is not None
            raise this.outcome.error
        return this.layout.join(this.outcome.mean, self.secagg_global)

    # ---- steps -------------------------------------------------------------

    @collaborator  # type: ignore[untyped-decorator]
    def secagg_answer(self) -> None:
        """Answer the packet of the aggregator."""
        packet = self.secagg_packets.get(self.input)
        self.secagg_said = None
        if packet is not None:
            self.secagg_said = _rounds.answer(
                self._member(), packet, self.secagg_model,
                self.secagg_bounds, self.secagg_train)
        self.next(self.secagg_collect, include=["secagg_said"])

    @aggregator  # type: ignore[untyped-decorator]
    def secagg_collect(self, inputs: Any) -> None:
        """Take the answers of a phase, and ask for those of the next one."""
        this: Round = self.secagg_round
        _rounds.collect(self._store("aggregator"), this,
                        {one.input: one.secagg_said for one in inputs},
                        getattr(self, "secagg_trust", None))
        self.secagg_ended = this.ended
        self.secagg_banned = self.secagg_banned | set(this.outcome.blamed)
        self._ask()
        if this.over and not this.packets:
            self.next(self.secagg_done)
        else:
            self.next(self.secagg_answer, foreach="secagg_asked",
                      include=self.secagg_sent)

    # ---- inside ------------------------------------------------------------

    def _ask(self) -> None:
        """Set the attributes that collaborators need for the next step."""
        this: Round = self.secagg_round
        self.secagg_packets: Mapping[str, Packet] = {
            **this.goodbyes, **this.packets}
        self.secagg_asked = list(self.secagg_packets)
        self.secagg_number = this.number
        # The model travels once, with the packets that ask for the input.
        self.secagg_model: Arrays | None = (
            self.secagg_global if this.input_due else None)

    def _store(self, name: str) -> FileStore:
        folder = getattr(self, "secagg_dir", None)
        if folder is None:
            state = os.environ.get("XDG_STATE_HOME") or (
                pathlib.Path.home() / ".local/state")
            folder = pathlib.Path(state, "secagg", "openfl", name)
        return FileStore(folder)

    def _member(self) -> Member:
        """The client of this collaborator; its secrets are in its store."""
        policy, randomised = self.secagg_options
        own: Policy | None = getattr(self, "secagg_policy", policy)
        identity: Identity | str | None = getattr(self, "secagg_identity",
                                                  None)
        if isinstance(identity, str):
            from ..host.credentials import identity_file
            identity = identity_file(identity)
        trust: Any = getattr(self, "secagg_trust", None)
        return Member(self._store(str(self.input)), policy=own,
                      identity=identity, trust=trust,
                      randomised_training=randomised)


