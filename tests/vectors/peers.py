# SPDX-License-Identifier: Apache-2.0
"""Run sessions between parties of two implementations over pipes: peers.py C
PYTHON. Both programs have the commands of vectors/reference/peer.py. Whichever
implementation plays which party, a session must have the same messages, byte
for byte, and the same result."""
import itertools
import struct
import subprocess
import sys

PHASES = ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK")
LONGEST = 1100
REALS, UNSIGNED, SIGNED = (1, 2), 3, 4


def be(x, size):
    """Write an unsigned integer, big-endian."""
    return x.to_bytes(size, "big")


class Segment:
    """A segment: kind, length, bits, value_bits, rounding, clip."""

    def __init__(self, kind, length, bits, q=0, rounding=0, clip=0.0):
        self.kind, self.length, self.bits = kind, length, bits
        self.tail = bytes((q, rounding)) + struct.pack(">d", clip)
        self.q, self.clip = q, clip

    def encode(self):
        """2.3: encode the segment."""
        return be(self.length, 8) + bytes((self.kind, self.bits)) + self.tail

    def values(self, client):
        """Return a client's values, the same in every run."""
        xs = [(client * 7919 + e * 104729 + self.length) % 65521
              for e in range(self.length)]
        if self.kind == 0:
            return [x % 2**self.bits for x in xs]
        if self.kind in (UNSIGNED, SIGNED):
            low = -2**(self.q - 1) if self.kind == SIGNED else 0
            return [x % 2**self.q + low for x in xs]
        return [self.clip * (x / 30000 - 1.05) for x in xs]


class Scenario:
    """Parameters, and which client drops out in which phase. `stranger` is a
    client whose key nobody has in its list."""

    def __init__(self, name, n, t, c, drops=None, active=0, k=0, suite=1,
                 part_size=0, weight=20, end="", credentials=(),
                 stranger=None):
        self.name, self.n, self.t, self.c, self.k = name, n, t, c, k
        self.drops, self.active = drops or {}, active
        self.suite, self.part_size, self.weight = suite, part_size, weight
        self.end = end
        self.credentials, self.stranger = credentials, stranger
        length = LONGEST if part_size else 33
        self.segments = [
            Segment(0, length, 13),
            Segment(1, length // 2, (n * 4095).bit_length(), 12, 0, 2.5),
            Segment(2, 9, (n * 65535 * weight).bit_length(), 16, 1, 1.0),
            Segment(UNSIGNED, 7, 16, 10), Segment(SIGNED, 6, 20, 12)]

    def params(self):
        """2.3: encode the parameters."""
        min_survivors = self.c + 2 if self.k else max(3, self.t)
        body = be(1, 2) + be(self.suite, 2) + bytes(
            (self.active, self.k > 0)) + be(0, 2) + be(
                sum(map(ord, self.name)), 16) + be(7, 8)
        for x in (self.n, self.k, self.t, self.c, min_survivors):
            body += be(x, 4)
        body += be(self.weight, 8) + bytes(32) + be(len(self.segments), 4)
        return body + b"".join(s.encode() for s in self.segments) + be(0, 2)

    def answers(self, client, phase):
        """Tell whether a client answers in a phase."""
        return PHASES.index(phase) < PHASES.index(
            self.drops.get(client, "UNMASK")) or client not in self.drops


class Party:
    """A process that plays one party."""

    def __init__(self, command, kind):
        self.process = subprocess.Popen(
            command + [kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.name = command[-1].rsplit("/", 1)[-1]

    def ask(self, *words):
        """Send a command and return the answer, which may be an error."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        assert answer, "%s: no answer: %.80s" % (self.name, words)
        return answer

    def must(self, *words):
        """Send a command that must succeed and return the answer."""
        answer = self.ask(*words)
        assert not answer.startswith("error"), "%s: %.80s: %s" % (
            self.name, " ".join(map(str, words)), answer)
        return answer

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def seed(role, i):
    """Return a 32-byte seed in hex."""
    return ("%02x%02x" % (role, i + 1)) * 16


def lanes(scenario):
    """6.1: return the bits of each lane, ascending, with its segments; that of
    the weight has segment None last."""
    out = {}
    for s, segment in enumerate(scenario.segments):
        out.setdefault(segment.bits, []).append(s)
    out.setdefault((scenario.n * scenario.weight).bit_length(), []).append(
        None)
    return sorted(out.items())


def blocks_of(scenario, client):
    """8.7: return a client's entries as pieces (segment, offset, text), in a
    list for each block of the full vector."""
    out = []
    for _, segments in lanes(scenario):
        entries = [(s, e) for s in segments for e in range(
            1 if s is None else scenario.segments[s].length)]
        for at in range(0, len(entries), 512):
            out.append(pieces_of(scenario, client, entries[at:at + 512]))
    return out


def pieces_of(scenario, client, entries):
    """Return a run of entries (segment, number) of a lane as pieces."""
    out = []
    for s, run in itertools.groupby(entries, lambda entry: entry[0]):
        if s is not None:
            segment, places = scenario.segments[s], [e for _, e in run]
            values = segment.values(client)[places[0]:places[-1] + 1]
            out.append((s, places[0], ",".join(
                map(float.hex if segment.kind in REALS else str, values))))
    return out


def supply_input(scenario, client, party):
    """Supply a client's input. If it sends in parts, supply the weight only
    and return the entries for later."""
    blocks = blocks_of(scenario, client)
    if scenario.part_size:
        party.must("chunk", scenario.part_size)
    party.must("weight", client + 3)
    if not scenario.part_size:
        for piece in itertools.chain(*blocks):
            party.must("input", *piece)
        return []
    return blocks


def trust_all(scenario, server, clients, publics):
    """Let each party trust all public keys but that of a stranger."""
    for party in [server] + clients:
        for i in range(scenario.n if scenario.active else 0):
            if i != scenario.stranger:
                party.must("trust", i, publics[i])
        if scenario.stranger is not None and party is not server:
            party.must("whole")


def present_all(scenario, clients):
    """Let clients present credentials, as long as their numbers."""
    for i, size in enumerate(scenario.credentials):
        clients[i].must("present", ("%02x" % (i + 1)) * size)


def reject_stranger(server, i, keys):
    """3.5: KEYS of a stranger is STATE until the server's list is whole, and
    then AUTH."""
    assert server.ask("recv", i, keys) == "error STATE"
    server.must("whole")
    assert server.ask("recv", i, keys) == "error AUTH"


def client_messages(scenario, i, client, phase, blocks):
    """Yield the messages of a client in a phase: one, or all its parts."""
    step = scenario.part_size // 512
    while True:
        if phase == "INPUT" and blocks is not None and scenario.part_size:
            for piece in itertools.chain(*blocks[:step]):
                client.must("input", *piece)
            del blocks[:step]
        message = client.must("send")
        if message == "none":
            return
        yield message[4:]
        if phase != "INPUT" or not scenario.part_size:
            return


def run(scenario, server, clients, publics):
    """Run a session and return the log of its messages and its result."""
    text, log = scenario.params().hex(), []
    server.must("new", text, "-", seed(9, 0))
    for i, client in enumerate(clients):
        client.must("new", text, i, seed(1, i),
                    *([seed(2, i)] if scenario.active else []))
    trust_all(scenario, server, clients, publics)
    present_all(scenario, clients)
    blocks = [supply_input(scenario, i, c) for i, c in enumerate(clients)]
    while server.must("phase") not in ("DONE", "FAILED"):
        phase = server.must("phase")
        for i, client in enumerate(clients):
            if not scenario.answers(i, phase):
                continue
            if phase != "KEYS":
                down = server.must("send", i)
                log.append(down)
                client.must("recv", down[4:])
            for message in client_messages(scenario, i, client, phase,
                                           blocks[i]):
                log.append(message)
                if i == scenario.stranger:
                    reject_stranger(server, i, message)
                else:
                    server.must("recv", i, message)
        log.append(server.ask("advance"))
    return log + result(scenario, server)


def result(scenario, server):
    """Return the server's results, which are compared with the plain
    values."""
    out = [server.must("phase"), server.must("blamed")]
    if out[0] == "FAILED":
        return out
    out += [server.must("survivors"), server.must("weights")]
    survivors = [int(i) for i in out[2].split(",")]
    for s, segment in enumerate(scenario.segments):
        sums = [int(x) for x in server.must("sum", s).split(",")]
        if segment.kind not in REALS:
            expected = [sum(column) for column in zip(
                *(segment.values(i) for i in survivors))]
            if segment.kind == 0:
                expected = [x % 2**segment.bits for x in expected]
            assert sums == expected, "%s: wrong sum" % scenario.name
            out.append(sums)
            continue
        means = [float.fromhex(x)
                 for x in server.must("mean", s).split(",")]
        check_means(scenario, segment, survivors, means)
        out += [sums, means]
    return out


def check_means(scenario, segment, survivors, means):
    """7.6: check that means equal those of the clipped values, except for the
    rounding."""
    weights = {i: i + 3 if segment.kind == 2 else 1 for i in survivors}
    step = segment.clip / (2**(segment.q - 1) - 1)
    for e, mean in enumerate(means):
        expected = sum(weights[i] * max(-segment.clip, min(
            segment.clip, segment.values(i)[e])) for i in survivors)
        assert abs(mean - expected / sum(weights.values())) < step * 1.001, \
            "%s: wrong mean" % scenario.name


SCENARIOS = (
    Scenario("complete", 5, 3, 0),
    Scenario("complete, suite 2, one corrupt", 5, 4, 1, suite=2),
    Scenario("one drops out in each phase", 7, 4, 0,
             {0: "SHARES", 3: "INPUT", 6: "UNMASK"}),
    Scenario("two drop out at INPUT", 6, 4, 0, {1: "INPUT", 4: "INPUT"}),
    Scenario("one never answers", 5, 3, 0, {2: "KEYS"}, suite=2),
    Scenario("too few answer", 5, 4, 0, {0: "UNMASK", 1: "INPUT"},
             end="THRESHOLD"),
    Scenario("active", 5, 4, 1, active=1),
    Scenario("active, one drops out in each phase", 8, 5, 1,
             {0: "SHARES", 2: "INPUT", 5: "CONFIRM"}, active=1, suite=2),
    Scenario("active, too few confirm", 5, 4, 1,
             {0: "CONFIRM", 1: "CONFIRM"}, active=1, end="THRESHOLD"),
    Scenario("active, with credentials", 5, 4, 1, {4: "CONFIRM"}, active=1,
             credentials=(0, 1, 2048, 77), suite=2),
    Scenario("active, with a stranger", 6, 4, 1, {5: "SHARES"}, active=1,
             credentials=(9, 8, 7, 6, 5, 4), stranger=5),
    Scenario("ring", 8, 3, 0, k=4),
    Scenario("ring, two drop out", 8, 3, 0, {2: "INPUT", 7: "UNMASK"}, k=4,
             suite=2),
    Scenario("parts", 4, 3, 0, part_size=512),
    Scenario("parts of two blocks, one drops out", 5, 3, 0, {3: "INPUT"},
             suite=2, part_size=1024),
    Scenario("active, parts", 5, 4, 1, {1: "UNMASK"}, active=1, part_size=512),
)
# Who plays the server and then each client: C or P(ython).
ASSIGNMENTS = ("CPPPPPPPP", "PCCCCCCCC", "PCPCPCPCP", "CPCCCCCCC", "CCCCCCCCC")


def main(c_command, python_command, first_suite="1"):
    """Return true if an assignment of parties gives another session. The
    library has the suites from first_suite on."""
    commands = {"C": [c_command], "P": [sys.executable, python_command]}
    size = max(s.n for s in SCENARIOS)
    servers = {k: Party(x, "server") for k, x in commands.items()}
    clients = {k: [Party(x, "client") for _ in range(size)]
               for k, x in commands.items()}
    publics = public_keys(size)
    wrong = 0
    for scenario in SCENARIOS:
        scenario.suite = max(scenario.suite, int(first_suite))
        first = None
        for assignment in ASSIGNMENTS:
            parties = [clients[who][i]
                       for i, who in enumerate(assignment[1:scenario.n + 1])]
            log = run(scenario, servers[assignment[0]], parties, publics)
            first = first or log
            wrong += differs(scenario, assignment, first, log)
        ended = [x for x in first if isinstance(x, str)
                 and x.startswith("error")]
        if ended != (["error " + scenario.end] if scenario.end else []):
            print("%s: unexpected end: %s" % (scenario.name, ended))
            wrong += 1
    for party in itertools.chain(servers.values(), *clients.values()):
        party.close()
    print("%d sessions" % (len(SCENARIOS) * len(ASSIGNMENTS)))
    return wrong > 0


def differs(scenario, assignment, first, log):
    """Print the first difference of two logs; return 1 if there is one."""
    for i, (a, b) in enumerate(itertools.zip_longest(first, log)):
        if a != b:
            print("%s, %s: line %d: %.200s, %.200s" % (
                scenario.name, assignment, i, a, b))
            return 1
    return 0


def public_keys(size):
    """Return the public keys of all clients."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return [ed25519.Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex(seed(2, i))).public_key().public_bytes(*raw).hex()
            for i in range(size)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
