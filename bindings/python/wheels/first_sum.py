# SPDX-License-Identifier: Apache-2.0
"""A session of five clients, one of which drops out: the sum is that of numpy.
Prints the suite and the version of the library."""
import numpy as np

import secagg

params = secagg.Params([secagg.Segment(1000, "signed", value_bits=20)],
                       clients=5)
params.choose(corrupt=0.2, dropout=0.2, policy=secagg.Policy(min_clients=5))
rng = np.random.default_rng(1)
inputs = rng.integers(-1000, 1000, (params.clients, 1000))
policy = secagg.Policy(min_clients=5)
clients = {i: secagg.Client(params, i, policy=policy)
           for i in range(params.clients)}
with secagg.Server(params) as server:
    to_server = {i: client.reply() for i, client in clients.items()}
    while not server.done:
        for i, messages in to_server.items():
            for message in messages:
                server.recv(i, message)
        server.advance()
        to_server = {}
        if server.phase is secagg.Phase.INPUT:
            clients.pop(4).close()
        for i, message in server.outbox().items():
            if i not in clients:
                continue
            clients[i].recv(message)
            if clients[i].input_due:
                clients[i].input(inputs[i])
            to_server[i] = clients[i].reply()
    assert list(server.survivors) == [0, 1, 2, 3]
    assert (server.sum() == inputs[:4].sum(axis=0)).all(), "the sum is wrong"
print(params.suite, secagg.__version__)
