# SPDX-License-Identifier: Apache-2.0
"""A FedAvg job on the digits of scikit-learn, with secure aggregation.

``python job.py`` runs it in the simulator. With ``--plain`` it is the same job
without secure aggregation.
"""
import argparse
import os

import numpy as np
from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.recipe import PocEnv, SimEnv

from secagg.nvflare import add_secagg


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--env", choices=("sim", "poc"), default="sim")
    parser.add_argument("--mode", choices=("semi-honest", "active"),
                        default="semi-honest",
                        help="active needs the certificates of --env poc")
    parser.add_argument("--workspace", default="/tmp/secagg-nvflare")
    parser.add_argument("--plain", action="store_true")
    args = parser.parse_args()
    os.chdir(os.path.dirname(os.path.abspath(__file__)))

    recipe = NumpyFedAvgRecipe(
        name="digits", model=np.zeros((65, 10)).tolist(),
        min_clients=args.clients, num_rounds=args.rounds,
        train_script="client.py", train_args=f"--clients {args.clients}")
    if not args.plain:
        add_secagg(recipe, clip=1.0, metrics={"accuracy": 1, "loss": 10},
                   mode=args.mode, timeout=120, randomised_training=True)

    if args.env == "sim":
        env = SimEnv(num_clients=args.clients, num_threads=args.threads,
                     workspace_root=args.workspace)
    else:
        env = PocEnv(num_clients=args.clients, extra={"login_timeout": 60})
    run = recipe.execute(env)
    print("result:", run.get_result(clean_up=False))
    print("status:", run.get_status())


if __name__ == "__main__":
    main()
