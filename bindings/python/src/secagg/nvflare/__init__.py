# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation for jobs of NVIDIA FLARE.

A job that trains with FedAvg needs one more line::

    recipe = NumpyFedAvgRecipe(...)
    add_secagg(recipe, clip=0.5)
    recipe.execute(env)

The server then learns the weighted mean of the clients' updates and metrics,
and none of these. The training scripts stay as they are.
"""
from ._controller import SecAggFedAvg, SecAggRounds
from ._executor import (SecAggExecutor, SecAggModelFilter,
                        SecAggUpdateFilter)
from ._job import add_secagg
from ._site import SecAggSite

__all__ = ["SecAggExecutor", "SecAggFedAvg", "SecAggModelFilter",
           "SecAggRounds", "SecAggSite", "SecAggUpdateFilter", "add_secagg"]
