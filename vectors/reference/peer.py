#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One party over pipes, for sessions with parties of another implementation.

    peer.py server
    peer.py client

reads commands from standard input, one a line, and answers each with one
line on standard output, at once. Bytes are hex. Where a command fails the
answer is `error NAME`, NAME being of clause 1.2; a line that is no command
of this party, or one with arguments that cannot be read, is `error ARG`; all
but `new` and `quit` before `new` is `error STATE`. Clients have no policy.

    new PARAMS INDEX SEED [IDENTITY]  ok
        PARAMS as of 2.3. A client: its index, its master seed and, in active
        mode, its RFC 8032 seed. A server: `-` as INDEX, its server seed. A
        second `new` begins a new party.
    trust INDEX PUBLIC                ok
    weight N                          ok                     client
    input SEGMENT OFFSET VALUES       ok                     client
        VALUES are separated by commas: of an INTEGER segment integers,
        decimal; of another doubles, decimal or as C's %a prints them.
    chunk ENTRIES                     ok                     client
    send                              msg HEX | none         client
    send TO                           msg HEX | none         server
    recv HEX                          ok                     client
    recv FROM HEX                     ok                     server
    advance                           ok                     server
        `error THRESHOLD` and `error CHEAT` end the session.
    phase                             KEYS, SHARES, INPUT, CONFIRM, UNMASK,
                                      DONE or FAILED
    sum SEGMENT                       integers, decimal      server
    mean SEGMENT                      doubles as of %a       server
    weights                           the sum of weights     server
    survivors                         indices | none         server
    blamed                            INDEX:NAME | none      server
    clipped                           number of clipped      client
    quit                              no answer; so does the end of input

Lists are separated by commas, without spaces. After `error` a party is as
clause 1.2 says: a client may be FAILED, and its `send` gives ABORT then.
"""
import sys

import params
from client import Client
from errors import ARG, STATE, ProtocolError, require
from server import Server


def listed(values):
    """A list as text."""
    return ",".join(map(str, values)) or "none"


def real(text):
    """A double, decimal or hexadecimal."""
    return float.fromhex(text) if "x" in text.lower() else float(text)


def sent(message):
    """What `send` answers."""
    return "msg " + message.hex() if message else "none"


class Peer:
    """What both kinds of party have."""

    def __init__(self):
        self.party = None

    def do(self, line):
        """The answer to a line."""
        name, *arguments = line.split()
        command = getattr(self, "do_" + name, None)
        require(command is not None, ARG, "command")
        require(name == "new" or self.party is not None, STATE, "no party")
        answer = command(*arguments)
        return "ok" if answer is None else str(answer)

    def do_trust(self, index, public):
        self.party.trust(int(index), bytes.fromhex(public))

    def do_phase(self):
        return self.party.phase


class ServerPeer(Peer):
    """A server's commands."""

    def do_new(self, text, _, seed):
        self.party = Server(params.decode(bytes.fromhex(text)),
                            bytes.fromhex(seed))

    def do_send(self, to):
        return sent(self.party.send(int(to)))

    def do_recv(self, sender, message):
        self.party.recv(int(sender), bytes.fromhex(message))

    def do_advance(self):
        self.party.advance()

    def do_sum(self, segment):
        return listed(self.party.sums(int(segment)))

    def do_mean(self, segment):
        require(int(segment) < len(self.party.p.segments), ARG, "segment")
        return listed(x.hex() for x in self.party.means(int(segment)))

    def do_weights(self):
        return self.party.sum_of_weights()

    def do_survivors(self):
        return listed(self.party.survivors())

    def do_blamed(self):
        return listed("%d:%s" % row for row in self.party.blame_list)


class ClientPeer(Peer):
    """A client's commands."""

    def do_new(self, text, index, seed, identity=""):
        party = Client(params.decode(bytes.fromhex(text)), int(index),
                       bytes.fromhex(seed))
        if identity:
            party.identify(bytes.fromhex(identity))
        self.party = party

    def do_weight(self, weight):
        self.party.weight(int(weight))

    def do_input(self, segment, offset, values):
        segment, segments = int(segment), self.party.p.segments
        require(segment < len(segments), ARG, "segment")
        whole = segments[segment].kind == params.INTEGER
        self.party.input(segment, int(offset), [
            (int if whole else real)(text) for text in values.split(",")])

    def do_chunk(self, entries):
        self.party.set_part_size(int(entries))

    def do_send(self):
        return sent(self.party.send())

    def do_recv(self, message):
        self.party.recv(bytes.fromhex(message))

    def do_clipped(self):
        return self.party.input_vector.clipped


def answer(peer, line):
    """The answer to a line, errors too."""
    try:
        return peer.do(line)
    except ProtocolError as error:
        return "error " + error.name
    except (TypeError, ValueError, OverflowError):
        return "error ARG"


def main():
    """Read, do, answer."""
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
