# SPDX-License-Identifier: Apache-2.0
"""One step of a party from a store: what the process of a host does that ends
between any two messages.

As a program: worker.py client|server FOLDER, with JSON on its standard input
and output.
"""
from __future__ import annotations

import json
import sys

import secagg
from support import LAX, supply


def client_step(store, packet):
    """Answer a message, or begin the session, and return the messages."""
    params = secagg.Params.decode(bytes.fromhex(packet["params"]))
    index, message = packet["index"], bytes.fromhex(packet["message"])
    settings = {}
    if packet["secret"]:
        settings = {
            "identity": secagg.Identity.from_secret(
                bytes.fromhex(packet["secret"])),
            "trust": {int(i): bytes.fromhex(k)
                      for i, k in packet["trust"].items()}}
    try:
        client = secagg.Client.from_store(store, params.session, index,
                                          params=params, **settings)
    except KeyError:
        client = secagg.Client(params, index, policy=LAX, store=store,
                               **settings)
    with client:
        if message:
            client.recv(message)
        if client.phase is secagg.Phase.INPUT:  # due, or to be sent again
            supply(client)
        return [m.hex() for m in client.reply()]


def server_step(store, packet):
    """Take the answers of a phase, close it and return the outbox."""
    params = secagg.Params.decode(bytes.fromhex(packet["params"]))
    trust = {int(i): bytes.fromhex(k) for i, k in packet["trust"].items()}
    settings = {"trust": trust} if trust else {}
    try:
        server = secagg.Server.from_store(store, params.session, **settings)
    except KeyError:
        server = secagg.Server(params, store=store, **settings)
    with server:
        if server.phase.name == packet["phase"]:  # not closed by a process
            for index, message in packet["answers"]:  # that ended since
                server.recv(index, bytes.fromhex(message))
            server.checkpoint()
            if packet["owe"]:
                return {"owing": server.owing()}
            server.advance()
        made = {"phase": server.phase.name, "outbox": {
            str(i): m.hex() for i, m in server.outbox().items()}}
        if server.done:
            made["sums"] = [[float(x) for x in server.sum(n, dtype="f8")]
                            if s.kind in (1, 2) else
                            [int(x) for x in server.sum(n)]
                            for n, s in enumerate(params.segments)]
            made["survivors"], made["weight"] = server.survivors, server.weight
        return made


STEPS = {"client": client_step, "server": server_step}

if __name__ == "__main__":
    json.dump(STEPS[sys.argv[1]](secagg.FileStore(sys.argv[2]),
                                 json.load(sys.stdin)), sys.stdout)
