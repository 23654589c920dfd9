# SPDX-License-Identifier: Apache-2.0
"""Runs a job for test_whole_jobs.py."""
import argparse
import pathlib

import numpy as np
from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.recipe import PocEnv, SimEnv

from losses import Losses
from secagg import Policy
from secagg.nvflare import add_secagg
from test_whole_jobs import PLAN


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--losses", action="store_true")
    parser.add_argument("--env", default="sim")
    parser.add_argument("--mode", default="semi-honest")
    args = parser.parse_args()
    recipe = NumpyFedAvgRecipe(
        name="job", model=np.zeros((4, 3)).tolist(),
        min_clients=args.clients, num_rounds=args.rounds,
        train_script="train.py")
    if args.losses:
        recipe.add_client_input_filter(Losses([p for p, _ in PLAN]),
                                       tasks=["train"])
        recipe.add_client_input_filter(Losses([p for p, _ in PLAN]),
                                       tasks=["secagg"])
    add_secagg(recipe, clip=0.5, metrics={"accuracy": 1}, corrupt=0.1,
               dropout=0.34, mode=args.mode, timeout=300,
               policy=Policy(min_corrupt=0.1))
    if args.env == "sim":
        run = recipe.execute(SimEnv(
            num_clients=args.clients, num_threads=args.threads,
            workspace_root=str(args.out / "sim")))
        run.get_result()
    else:
        run = recipe.execute(PocEnv(num_clients=args.clients,
                                    extra={"login_timeout": 60}))
        run.get_result(timeout=300, clean_up=False)
        assert run.get_status() == "FINISHED:COMPLETED", run.get_status()


if __name__ == "__main__":
    main()
