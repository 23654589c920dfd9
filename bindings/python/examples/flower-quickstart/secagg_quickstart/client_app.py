# SPDX-License-Identifier: Apache-2.0
"""What runs on a node. The mod is the only line about secure aggregation."""
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from secagg.flower import secagg_mod

from . import task

# Mini-batches come in a random order, so a node may train on a model again.
app = ClientApp(mods=[secagg_mod(randomised_training=True)])


@app.train()
def train(message, context):
    """Train on the data of this node."""
    options = context.run_config
    part = int(context.node_config["partition-id"])
    parts = int(context.node_config["num-partitions"])
    images, labels = task.load_part(part, parts)
    model = {k: a.numpy() for k, a in message.content["arrays"].items()}
    model = task.train(model, images, labels,
                       epochs=int(options["local-epochs"]),
                       rate=float(options["learning-rate"]),
                       batch_size=int(options["batch-size"]))
    loss, _ = task.evaluate(model, images, labels)
    return Message(RecordDict({
        "arrays": ArrayRecord({k: Array(a) for k, a in model.items()}),
        "metrics": MetricRecord({"num-examples": len(images),
                                 "train_loss": loss})}), reply_to=message)
