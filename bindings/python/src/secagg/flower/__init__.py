# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation in Flower's Message API.

`SecAggGrid` wraps the Grid of a ServerApp, `secagg_mod` is the mod of a
ClientApp; strategies and training stay as they are. The module
`secagg.flower.legacy` has drop-ins for Flower's older workflow API.
"""
from ._grid import SecAggGrid
from ._mod import secagg_mod

__all__ = ["SecAggGrid", "secagg_mod"]
