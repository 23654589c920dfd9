# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation in the workflow interface of OpenFL.

A flow inherits from `SecureFlow` and says how a collaborator trains; the
phases of a session are steps that the base class has.
"""
from ._flow import SecureFlow
from ._rounds import Trained, Training

__all__ = ["SecureFlow", "Trained", "Training"]
