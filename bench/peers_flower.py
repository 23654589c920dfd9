# SPDX-License-Identifier: Apache-2.0
"""Flower's functions, called in the order of its workflow; see peers.py."""
import logging
import os
import time

import numpy as np
import flwr.compat.common.recorddict_compat as compat
import flwr.common.serde as serde
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.client.mod.secure_aggregation.secaggplus_mod import secaggplus_mod
from flwr.common import (Code, FitRes, Status, ndarrays_to_parameters,
                         parameters_to_ndarrays)
from flwr.common.secure_aggregation.crypto.shamir import (combine_shares,
                                                          create_shares)
from flwr.common.secure_aggregation.ndarrays_arithmetic import (
    parameters_addition)
from flwr.common.secure_aggregation.quantization import quantize
from flwr.common.secure_aggregation.secaggplus_constants import (
    RECORD_KEY_CONFIGS, Key, Stage)
from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen
from flwr.proto.message_pb2 import Message as ProtoMessage
from flwr.server.client_manager import SimpleClientManager
from flwr.server.client_proxy import ClientProxy
from flwr.server.compat.legacy_context import LegacyContext
from flwr.server.strategy import FedAvg
from flwr.server.workflow.constant import (MAIN_CONFIGS_RECORD,
                                           MAIN_PARAMS_RECORD)
from flwr.server.workflow.constant import Key as WorkflowKey
from flwr.server.workflow.secure_aggregation.secaggplus_workflow import (
    SecAggPlusWorkflow)
from flwr.supercore.primitives.asymmetric import (generate_key_pairs,
                                                  private_key_to_bytes)
from flwr.supercore.task_identity import TaskIdentity

logging.getLogger("flwr").setLevel(logging.ERROR)
TaskIdentity.run_id, TaskIdentity.task_id, TaskIdentity.node_id = 0, 0, 0

CLIP, VALUE_BITS, MODULUS = 8.0, 22, 1 << 32  # Flower's defaults
WEIGHT, MAX_WEIGHT = 100, 1000


def mask(count, seeds):
    keys = [i.to_bytes(32, "little") for i in range(1, seeds + 1)]
    total = [np.zeros(count, np.int64)]
    start = time.process_time()
    for key in keys:
        total = parameters_addition(
            total, pseudo_rand_gen(key, MODULUS, [(count,)]))
    return time.process_time() - start


def random_secrets(count):
    """Returns the seed of the self mask and the key of the pair masks (PEM)."""
    return [os.urandom(32),
            private_key_to_bytes(generate_key_pairs()[0])][:count]


def create(n, t, secrets):
    values = random_secrets(secrets)
    start = time.process_time()
    for value in values:
        create_shares(value, t, n)
    return time.process_time() - start


def join(n, t, used, which):
    secret = random_secrets(2)[which]
    shares = create_shares(secret, t, n)[:used]
    start = time.process_time()
    found = combine_shares(shares)
    spent = time.process_time() - start
    assert found == secret
    return spent


def quantise(values):
    start = time.process_time()
    quantize([values], CLIP, 1 << VALUE_BITS)
    return time.process_time() - start


class Proxy(ClientProxy):
    """An entry for a client in Flower's list. Flower calls no method of it."""

    def __init__(self, node_id):
        super().__init__(str(node_id))
        self.node_id = node_id

    def _no(self, *args, **kwargs):
        raise NotImplementedError

    get_properties = get_parameters = fit = evaluate = reconnect = _no


def over_the_wire(message):
    """Serialises and parses a message; returns it and its bytes."""
    data = serde.message_to_proto(message).SerializeToString()
    return serde.message_from_proto(ProtoMessage.FromString(data)), len(data)


class Grid:
    """Connects the workflow with clients in this process."""

    def __init__(self, updates, dropouts):
        self.updates, self.dropouts = updates, dropouts
        self.sent = [0] * len(updates)
        self.contexts = [Context(0, i + 1, {}, RecordDict(), {})
                         for i in range(len(updates))]

    def train(self, message, _):
        i = message.metadata.dst_node_id - 1
        result = FitRes(Status(Code.OK, ""),
                        ndarrays_to_parameters([self.updates[i]]), WEIGHT, {})
        return Message(compat.fitres_to_recorddict(result, True),
                       reply_to=message)

    def send_and_receive(self, messages, *, timeout=None):
        del timeout
        replies = []
        for message in messages:
            i = message.metadata.dst_node_id - 1
            message, _ = over_the_wire(message)
            configs = message.content.config_records[RECORD_KEY_CONFIGS]
            if i in self.dropouts and configs[Key.STAGE] in (
                    Stage.COLLECT_MASKED_VECTORS, Stage.UNMASK):
                continue
            reply = secaggplus_mod(message, self.contexts[i], self.train)
            reply, size = over_the_wire(reply)
            self.sent[i] += size
            replies.append(reply)
        return replies


def one_round(updates, dropouts, threshold):
    manager = SimpleClientManager()
    for i in range(len(updates)):
        manager.register(Proxy(i + 1))
    context = LegacyContext(
        Context(0, 0, {}, RecordDict(), {}), client_manager=manager,
        strategy=FedAvg(min_fit_clients=len(updates),
                        min_available_clients=len(updates)))
    context.state.config_records[MAIN_CONFIGS_RECORD] = ConfigRecord(
        {WorkflowKey.CURRENT_ROUND: 1})
    context.state.array_records[MAIN_PARAMS_RECORD] = (
        compat.parameters_to_arrayrecord(ndarrays_to_parameters(
            [np.zeros_like(updates[0])]), True))
    grid = Grid(updates, dropouts)
    SecAggPlusWorkflow(1.0, threshold, max_weight=MAX_WEIGHT)(grid, context)
    found = compat.arrayrecord_to_parameters(
        context.state.array_records[MAIN_PARAMS_RECORD], True)
    return parameters_to_ndarrays(found)[0], max(grid.sent)
