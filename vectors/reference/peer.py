#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run one party over pipes, for sessions with parties of another
implementation.

    peer.py server
    peer.py client

The program reads commands from standard input, one per line, and answers each
with one line on standard output, at once. Bytes are hex. If a command fails,
the answer is `error NAME`, where NAME is an error of clause 1.2. A line that
is not a command of this party, or whose arguments cannot be read, is
`error ARG`. Before `new`, every command but `new` and `quit` is
`error STATE`. Clients have no policy.

    new PARAMS INDEX SEED [IDENTITY]  ok
        Begins a new party and ends the one before. PARAMS are encoded as in
        2.3. For a client: its index, its master seed and, in active mode, the
        RFC 8032 seed of its signing key. For a server: `-` as INDEX, and its
        server seed.
    trust INDEX PUBLIC                ok
    whole                             ok
        The list of trusted keys is whole.
    present [CREDENTIAL]              ok                     client
    weight N                          ok                     client
    input SEGMENT OFFSET VALUES       ok                     client
        VALUES are separated by commas: for a REAL or WEIGHTED segment
        doubles, decimal or as C's %a prints them; for others decimal
        integers.
    chunk ENTRIES                     ok                     client
        The client sends its input in parts of ENTRIES entries.
    send                              msg HEX | none         client
    send TO                           msg HEX | none         server
    recv HEX                          ok                     client
    recv FROM HEX                     ok                     server
    advance                           ok                     server
        `error THRESHOLD` and `error CHEAT` end the session.
    phase                             KEYS, SHARES, INPUT, CONFIRM, UNMASK,
                                      DONE or FAILED
    sum SEGMENT                       integers, decimal      server
    mean SEGMENT                      doubles as %a          server
    weights                           the sum of weights     server
    survivors                         indices | none         server
    blamed                            INDEX:NAME | none      server
    disputed                          DEALER:HOLDER | none   server
    clipped                           number of clipped      client
    spent                             NOTHING, INPUT or UNMASK   client
    quit                              no answer; the end of input does the same

Lists are separated by commas, without spaces. After an error the party is in
the state that clause 1.2 defines: a client may be FAILED, and its next `send`
then answers with ABORT.
"""
import sys

import params
from client import Client
from errors import ARG, STATE, ProtocolError, require
from server import Server


def join_list(values):
    """Write a list as text."""
    return ",".join(map(str, values)) or "none"


def read_double(text):
    """Read a double, decimal or hexadecimal."""
    return float.fromhex(text) if "x" in text.lower() else float(text)


def send_answer(message):
    """Return the answer to `send`."""
    return "msg " + message.hex() if message else "none"


class Peer:
    """The commands of both parties."""

    def __init__(self):
        self.party = None

    def perform(self, line):
        """Perform a command and return its answer."""
        name, *arguments = line.split()
        command = getattr(self, "do_" + name, None)
        require(command is not None, ARG, "command")
        require(name == "new" or self.party is not None, STATE, "no party")
        answer = command(*arguments)
        return "ok" if answer is None else str(answer)

    def do_trust(self, index, public):
        self.party.trust(int(index), bytes.fromhex(public))

    def do_whole(self):
        self.party.trust_whole()

    def do_phase(self):
        return self.party.phase


class ServerPeer(Peer):
    """The commands of a server."""

    def do_new(self, text, _, seed):
        self.party = Server(params.decode(bytes.fromhex(text)),
                            bytes.fromhex(seed))

    def do_send(self, to):
        return send_answer(self.party.send(int(to)))

    def do_recv(self, sender, message):
        self.party.recv(int(sender), bytes.fromhex(message))

    def do_advance(self):
        self.party.advance()

    def do_sum(self, segment):
        return join_list(self.party.sums(int(segment)))

    def do_mean(self, segment):
        require(int(segment) < len(self.party.p.segments), ARG, "segment")
        return join_list(x.hex() for x in self.party.means(int(segment)))

    def do_weights(self):
        return self.party.sum_of_weights()

    def do_survivors(self):
        return join_list(self.party.survivors())

    def do_blamed(self):
        return join_list("%d:%s" % row for row in self.party.blame_list)

    def do_disputed(self):
        return join_list("%d:%d" % pair for pair in self.party.disputes)


class ClientPeer(Peer):
    """The commands of a client."""

    def do_new(self, text, index, seed, identity=""):
        party = Client(params.decode(bytes.fromhex(text)), int(index),
                       bytes.fromhex(seed))
        if identity:
            party.identify(bytes.fromhex(identity))
        self.party = party

    def do_present(self, credential=""):
        self.party.present(bytes.fromhex(credential))

    def do_weight(self, weight):
        self.party.weight(int(weight))

    def do_input(self, segment, offset, values):
        segment, segments = int(segment), self.party.p.segments
        require(segment < len(segments), ARG, "segment")
        reals = segments[segment].kind in params.REALS
        read = read_double if reals else int
        self.party.input(segment, int(offset),
                         [read(text) for text in values.split(",")])

    def do_chunk(self, entries):
        self.party.set_part_size(int(entries))

    def do_send(self):
        return send_answer(self.party.send())

    def do_recv(self, message):
        self.party.recv(bytes.fromhex(message))

    def do_clipped(self):
        return self.party.input_vector.clipped

    def do_spent(self):
        return self.party.spent


def answer(peer, line):
    """Return the answer to a line, which may be an error."""
    try:
        return peer.perform(line)
    except ProtocolError as error:
        return "error " + error.name
    except (TypeError, ValueError, OverflowError):
        return "error ARG"


def main():
    """Answer each line of standard input."""
    kinds = {"server": ServerPeer, "client": ClientPeer}
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    peer = kinds[sys.argv[1]]()
    for line in sys.stdin:
        if line.split() == ["quit"]:
            break
        print(answer(peer, line) if line.strip() else "error ARG", flush=True)


if __name__ == "__main__":
    main()
