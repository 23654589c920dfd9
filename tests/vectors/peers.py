# SPDX-License-Identifier: Apache-2.0
"""Sessions of parties of two implementations over pipes: peers.py C PYTHON,
two programs with the commands of vectors/reference/peer.py. Whoever plays a
part, the messages of a session are the same bytes, and so is its end."""
import itertools
import struct
import subprocess
import sys

PHASES = ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK")
LONGEST = 1100


def be(x, size):
    """An unsigned integer, big-endian."""
    return x.to_bytes(size, "big")


class Segment:
    """What is summed: kind, length, bits, value_bits, rounding, clip."""

    def __init__(self, kind, length, bits, q=0, rounding=0, clip=0.0):
        self.kind, self.length, self.bits = kind, length, bits
        self.tail = bytes((q, rounding)) + struct.pack(">d", clip)
        self.q, self.clip = q, clip

    def encode(self):
        """2.3."""
        return be(self.length, 8) + bytes((self.kind, self.bits)) + self.tail

    def values(self, client):
        """What a client gives; the same at every run."""
        xs = [(client * 7919 + e * 104729 + self.length) % 65521
              for e in range(self.length)]
        if self.kind == 0:
            return [x % 2**self.bits for x in xs]
        return [self.clip * (x / 30000 - 1.05) for x in xs]


class Scene:
    """Parameters, and who leaves before which message."""

    def __init__(self, name, n, t, c, leaves=None, active=0, k=0, suite=1,
                 chunk=0, weight=20, end=""):
        self.name, self.n, self.t, self.c, self.k = name, n, t, c, k
        self.leaves, self.active = leaves or {}, active
        self.suite, self.chunk, self.weight = suite, chunk, weight
        self.end = end
        length = LONGEST if chunk else 33
        self.segments = [
            Segment(0, length, 13),
            Segment(1, length // 2, (n * 4095).bit_length(), 12, 0, 2.5),
            Segment(2, 9, (n * 65535 * weight).bit_length(), 16, 1, 1.0)]

    def params(self):
        """2.3."""
        least = self.c + 2 if self.k else max(3, self.t)
        body = be(1, 2) + be(self.suite, 2) + bytes(
            (self.active, self.k > 0)) + be(0, 2) + be(
                sum(map(ord, self.name)), 16) + be(7, 8)
        for x in (self.n, self.k, self.t, self.c, least):
            body += be(x, 4)
        body += be(self.weight, 8) + bytes(32) + be(len(self.segments), 4)
        return body + b"".join(s.encode() for s in self.segments) + be(0, 2)

    def stays(self, client, phase):
        """Whether a client still speaks in a phase."""
        return PHASES.index(phase) < PHASES.index(
            self.leaves.get(client, "UNMASK")) or client not in self.leaves


class Party:
    """A process that obeys."""

    def __init__(self, command, kind):
        self.process = subprocess.Popen(
            command + [kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.name = command[-1].rsplit("/", 1)[-1]

    def ask(self, *words):
        """The answer, an error too."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        assert answer, "%s has died: %.80s" % (self.name, words)
        return answer

    def must(self, *words):
        """The answer, which is no error."""
        answer = self.ask(*words)
        assert not answer.startswith("error"), "%s: %.80s: %s" % (
            self.name, " ".join(map(str, words)), answer)
        return answer

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def seed(role, i):
    """32 bytes in hex."""
    return ("%02x%02x" % (role, i + 1)) * 16


def pieces(scene, client):
    """Entries in blocks of 512: (segment, offset, text)."""
    for s, segment in enumerate(scene.segments):
        values = segment.values(client)
        for at in range(0, len(values), 512):
            some = values[at:at + 512]
            yield s, at, ",".join(map(str if segment.kind == 0
                                      else float.hex, some))


def give(scene, client, party):
    """All the input; or how to go on with it in parts."""
    blocks = list(pieces(scene, client))
    if scene.chunk:
        party.must("chunk", scene.chunk)
    party.must("weight", client + 3)
    if not scene.chunk:
        for block in blocks:
            party.must("input", *block)
        return []
    return blocks


def identities(scene, server, clients, publics):
    """Each is told the key of each."""
    for party in [server] + clients:
        for i in range(scene.n if scene.active else 0):
            party.must("trust", i, publics[i])


def speak(scene, i, client, phase, blocks):
    """What a client says in a phase: in parts as many as there are."""
    step = scene.chunk // 512
    while True:
        if phase == "INPUT" and blocks is not None and scene.chunk:
            for block in blocks[:step]:
                client.must("input", *block)
            del blocks[:step]
        said = client.must("send")
        if said == "none":
            return
        yield said[4:]
        if phase != "INPUT" or not scene.chunk:
            return


def run(scene, server, clients, publics):
    """All that is said, and how it ends."""
    text, log = scene.params().hex(), []
    server.must("new", text, "-", seed(9, 0))
    for i, client in enumerate(clients):
        client.must("new", text, i, seed(1, i),
                    *([seed(2, i)] if scene.active else []))
    identities(scene, server, clients, publics)
    blocks = [give(scene, i, c) for i, c in enumerate(clients)]
    while server.must("phase") not in ("DONE", "FAILED"):
        phase = server.must("phase")
        for i, client in enumerate(clients):
            if not scene.stays(i, phase):
                continue
            if phase != "KEYS":
                down = server.must("send", i)
                log.append(down)
                client.must("recv", down[4:])
            for said in speak(scene, i, client, phase, blocks[i]):
                log.append(said)
                server.must("recv", i, said)
        log.append(server.ask("advance"))
    return log + result(scene, server)


def result(scene, server):
    """What the server knows in the end."""
    out = [server.must("phase"), server.must("blamed")]
    if out[0] == "FAILED":
        return out
    out += [server.must("survivors"), server.must("weights")]
    there = [int(i) for i in out[2].split(",")]
    for s, segment in enumerate(scene.segments):
        sums = [int(x) for x in server.must("sum", s).split(",")]
        if segment.kind == 0:
            plain = [sum(column) % 2**segment.bits for column in zip(
                *(segment.values(i) for i in there))]
            assert sums == plain, "%s: another sum" % scene.name
            out.append(sums)
            continue
        means = [float.fromhex(x)
                 for x in server.must("mean", s).split(",")]
        near(scene, segment, there, means)
        out += [sums, means]
    return out


def near(scene, segment, there, means):
    """7.6: means are those of the clipped values, but for the rounding."""
    weights = {i: i + 3 if segment.kind == 2 else 1 for i in there}
    step = 2 * segment.clip / (2**segment.q - 1)
    for e, mean in enumerate(means):
        plain = sum(weights[i] * max(-segment.clip, min(
            segment.clip, segment.values(i)[e])) for i in there)
        assert abs(mean - plain / sum(weights.values())) < step * 1.001, \
            "%s: another mean" % scene.name


SCENES = (
    Scene("complete", 5, 3, 0),
    Scene("complete, suite 2, one corrupt", 5, 4, 1, suite=2),
    Scene("one leaves in each phase", 7, 4, 0,
          {0: "SHARES", 3: "INPUT", 6: "UNMASK"}),
    Scene("two leave before INPUT", 6, 4, 0, {1: "INPUT", 4: "INPUT"}),
    Scene("one never comes", 5, 3, 0, {2: "KEYS"}, suite=2),
    Scene("too few answer", 5, 4, 0, {0: "UNMASK", 1: "INPUT"},
          end="THRESHOLD"),
    Scene("active", 5, 4, 1, active=1),
    Scene("active, one leaves in each phase", 8, 5, 1,
          {0: "SHARES", 2: "INPUT", 5: "CONFIRM"}, active=1, suite=2),
    Scene("active, too few confirm", 5, 4, 1,
          {0: "CONFIRM", 1: "CONFIRM"}, active=1, end="THRESHOLD"),
    Scene("ring", 8, 3, 0, k=4),
    Scene("ring, two leave", 8, 3, 0, {2: "INPUT", 7: "UNMASK"}, k=4,
          suite=2),
    Scene("parts", 4, 3, 0, chunk=512),
    Scene("parts of two blocks, one leaves", 5, 3, 0, {3: "INPUT"}, suite=2,
          chunk=1024),
    Scene("active, parts", 5, 4, 1, {1: "UNMASK"}, active=1, chunk=512),
)
# Who plays the server and the clients: C or the other.
CASTS = ("CPPPPPPPP", "PCCCCCCCC", "PCPCPCPCP", "CPCCCCCCC", "CCCCCCCCC")


def main(c_command, python_command):
    """0 if all casts say the same."""
    commands = {"C": [c_command], "P": [sys.executable, python_command]}
    size = max(s.n for s in SCENES)
    servers = {k: Party(x, "server") for k, x in commands.items()}
    clients = {k: [Party(x, "client") for _ in range(size)]
               for k, x in commands.items()}
    publics = public_keys(size)
    wrong = 0
    for scene in SCENES:
        first = None
        for cast in CASTS:
            parties = [clients[who][i]
                       for i, who in enumerate(cast[1:scene.n + 1])]
            log = run(scene, servers[cast[0]], parties, publics)
            first = first or log
            wrong += differs(scene, cast, first, log)
        ended = [x for x in first if isinstance(x, str)
                 and x.startswith("error")]
        if ended != (["error " + scene.end] if scene.end else []):
            print("%s: ended otherwise: %s" % (scene.name, ended))
            wrong += 1
    for party in itertools.chain(servers.values(), *clients.values()):
        party.close()
    print("%d sessions" % (len(SCENES) * len(CASTS)))
    return wrong > 0


def differs(scene, cast, first, log):
    """Say where the first difference is."""
    for i, (a, b) in enumerate(itertools.zip_longest(first, log)):
        if a != b:
            print("%s, %s: line %d: %.200s, %.200s" % (scene.name, cast, i,
                                                       a, b))
            return 1
    return 0


def public_keys(size):
    """Of the identities."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return [ed25519.Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex(seed(2, i))).public_key().public_bytes(*raw).hex()
            for i in range(size)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
