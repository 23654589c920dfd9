# SPDX-License-Identifier: Apache-2.0
"""What runs on the server. The Grid is wrapped; the strategy is FedAvg."""
from flwr.app import ArrayRecord, MetricRecord
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
    secure = SecAggGrid.from_run_config(grid, options, clip=0.5,
                                        metrics={"train_loss": 10.0})
    strategy.start(
        grid=secure, evaluate_fn=evaluate,
        initial_arrays=ArrayRecord(task.new_model().state_dict()),
        num_rounds=int(options["num-server-rounds"]))
    for number, outcome in enumerate(secure.history, 1):
        print(f"round {number}: {len(outcome.survivors)} of "
              f"{len(outcome.members)} updates in the mean, weight "
              f"{outcome.weight}")


def evaluate(server_round, arrays):
    """The loss and accuracy of the global model."""
    model = task.new_model()
    model.load_state_dict(arrays.to_torch_state_dict())
    loss, accuracy = task.evaluate(model, *task.load_test())
    return MetricRecord({"loss": loss, "accuracy": accuracy})
