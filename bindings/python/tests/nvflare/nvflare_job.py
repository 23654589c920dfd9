# SPDX-License-Identifier: Apache-2.0
"""Runs a job for test_nvflare_whole_jobs.py."""
import argparse
import pathlib

import numpy as np
from nvflare.apis.fl_exception import FLCommunicationError
from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.fuel.flare_api.api_spec import NoConnection
from nvflare.recipe import PocEnv, SimEnv

from nvflare_losses import Losses
from secagg import Policy
from secagg.nvflare import add_secagg
from test_nvflare_whole_jobs import PLAN


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
        train_script="nvflare_train.py")
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
        run = start(recipe, args.clients)
        run.get_result(timeout=300, clean_up=False)
        assert run.get_status() == "FINISHED:COMPLETED", run.get_status()


def start(recipe, clients):
    """Start the processes and submit the job; on a busy machine NVFLARE's
    login sometimes times out, and then all is started anew."""
    for tries in (2, 1, 0):
        env = PocEnv(num_clients=clients, extra={"login_timeout": 60})
        try:
            return recipe.execute(env)
        except (FLCommunicationError, NoConnection):
            if not tries:
                raise
            env.stop()


if __name__ == "__main__":
    main()
