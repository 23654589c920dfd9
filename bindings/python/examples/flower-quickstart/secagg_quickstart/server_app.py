# SPDX-License-Identifier: Apache-2.0
"""What runs on the server. The Grid is wrapped; the strategy is FedAvg."""
from flwr.app import Array, ArrayRecord, MetricRecord
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg

from secagg.flower import SecAggGrid

from . import task

app = ServerApp()


@app.main()
def main(grid, context):
    """Train, and evaluate on the server's own images."""
    options = context.run_config
    nodes = int(options["min-nodes"])
    strategy = FedAvg(fraction_evaluate=0.0, min_train_nodes=nodes,
                      min_available_nodes=nodes)
    initial = ArrayRecord({k: Array(a) for k, a in task.new_model().items()})
    secure = SecAggGrid.from_run_config(grid, options, clip=1.0,
                                        metrics={"train_loss": 10.0})
    strategy.start(grid=secure, initial_arrays=initial, evaluate_fn=evaluate,
                   num_rounds=int(options["num-server-rounds"]))
    for number, outcome in enumerate(secure.history, 1):
        print(f"secagg-quickstart: round {number}: {len(outcome.survivors)} "
              f"of {len(outcome.members)} updates in the mean, weight "
              f"{outcome.weight}")


def evaluate(server_round, arrays):
    """The loss and accuracy of the global model."""
    model = {k: a.numpy() for k, a in arrays.items()}
    loss, accuracy = task.evaluate(model, *task.load_test())
    print(f"secagg-quickstart: after round {server_round}: accuracy "
          f"{accuracy:.3f}")
    return MetricRecord({"loss": loss, "accuracy": accuracy})
