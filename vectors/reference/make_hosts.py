# SPDX-License-Identifier: Apache-2.0
"""Sessions whose hosts err (3.5, 7.1, 7.3, 9.1): nothing changes by it."""
import math

from script import Script
from session_cast import give
from suites import sign_public
from vectorfile import data


def finish(f, script, comment, flags):
    """The others give their input, and the session ends with a sum."""
    for u in (1, 2):
        give(script, u)
    script.run()
    assert script.server.phase == "DONE"
    f.add(script, "mode %d, %s" % (script.p.mode, comment), flags)


def start(f, p, name):
    """A script of a name."""
    return Script(p, "%s %s %d" % (f.out.name, name, p.mode))


def fill(script, u, but=()):
    """Zeros for the segments that have no entry yet."""
    for i, s in enumerate(script.p.segments):
        if i not in but:
            script.input(u, i, 0, [0] * s.length)


def weights(f, p, bare):
    """7.3."""
    script = start(f, p, "weights")
    assert script.weight(0, p.max_weight + 1) == "VALUE"
    assert script.weight(0, 2**64 - 1) == "VALUE"
    assert script.input(0, 2, 0, [0.5] * 10) == "STATE"
    script.weight(0, p.max_weight)
    assert script.weight(0, p.max_weight) == "STATE"
    fill(script, 0)
    finish(f, script, "weights", "WrongRange")
    script = start(f, bare, "bare")
    assert script.weight(0, 0) == "STATE"
    assert script.weight(0, 1) == "STATE"
    fill(script, 0)
    finish(f, script, "no weights", "WrongPhase")


def pieces(f, p):
    """7.1."""
    script = start(f, p, "pieces")
    script.weight(0, 1)
    length = p.segments[0].length
    for segment in (3, 4, 2**32 - 1):
        assert attempt_input(script, segment, [0]) == "ARG"
    for offset, count in ((0, length + 1), (length, 1), (length - 1, 2),
                          (2**40, 1)):
        assert script.input(0, 0, offset, [0] * count) == "SIZE"
    top = 2**p.segments[0].bits
    for bad in (top, top + 1, 2**64 - 1):
        assert script.input(0, 0, 0, [1, bad, 2]) == "VALUE"
    for bad in (math.nan, math.inf, -math.inf):
        assert script.input(0, 1, 0, [0.0, bad]) == "VALUE"
        assert script.input(0, 2, 3, [bad]) == "VALUE"
    script.input(0, 0, 5, [7, 8, 9])
    for offset, count in ((5, 1), (4, 2), (7, 2), (0, length)):
        assert script.input(0, 0, offset, [1] * count) == "STATE"
    script.input(0, 0, 8, [1] * (length - 8))
    script.input(0, 0, 0, [2] * 5)
    fill(script, 0, (0,))
    finish(f, script, "pieces", "WrongRange")


def attempt_input(script, segment, values):
    """Input of a segment that is not there, as integers."""
    error = script.note("input", script.clients[0].input, segment, 0, values,
                        client=0, segment=segment, offset=0,
                        values="0" * 16)[1]
    return error


def order(f, p):
    """9.1: what is asked for and given too early or too late."""
    script = start(f, p, "order")
    for u in (1, 2):
        give(script, u)
    c = script.clients[0]
    assert script.make(0) and not script.make(0)
    script.take(0, c.made)
    for u in (1, 2):
        script.up(u)
    script.end()
    for u in range(3):
        script.answer(u, True)
    script.end()
    script.down(0)
    assert script.make(0) is None
    assert script.operations[-1]["error"] == "STATE"
    script.weight(0, 1)
    script.input(0, 0, 0, [0] * p.segments[0].length)
    script.input(0, 1, 0, [0.0] * p.segments[1].length)
    assert script.make(0) is None
    script.input(0, 2, 0, [0.25] * p.segments[2].length)
    made = script.make(0)
    assert script.input(0, 2, 0, [0.25]) == "STATE"
    assert script.weight(0, 1) == "STATE"
    relay = script.serve(0)
    assert script.hear(0, relay) == "" and script.make(0) == made
    script.take(0, made)
    assert script.take(0, made) == "STATE"
    for u in (1, 2):
        script.answer(u, True)
    script.end()
    script.run()
    assert script.server.phase == "DONE"
    last = script.clients[0].accepted
    assert script.hear(0, last) == "" and script.make(0)
    assert not script.make(0)
    f.add(script, "mode %d, order" % p.mode, "WrongPhase Repeat")


def parts(f, p):
    """8.7."""
    script = start(f, p, "parts")
    for entries in (0, 1, 511, 513, 1000):
        assert script.chunk(0, entries) == "ARG"
    give(script, 0, 1024)
    assert script.chunk(0, 512) == "STATE"
    finish(f, script, "parts", "Parts WrongRange")


def keys(f, p):
    """3.5, 8.2, 8.3: identities and trusted keys."""
    script = Script(p, f.out.name + " keys", trust_all=False)
    low = bytes([1]) + bytes(31)
    assert trust(script, 0, 1, low) == "ARG"
    assert trust(script, 0, 3, script.publics[1]) == "ARG"
    assert trust_server(script, 1, low) == "ARG"
    assert trust_server(script, 3, script.publics[1]) == "ARG"
    assert script.make(0) is None
    for u in range(3):
        script.note("identify", script.clients[u].identify,
                    script.identities[u], client=u)
    first = script.make(0)
    assert script.take(0, first) == "STATE"
    trust_server(script, 1, script.publics[1])
    assert script.take(0, first) == "AUTH"
    assert trust_server(script, 0, script.publics[1]) == "ARG"
    for v in (0, 2):
        trust_server(script, v, script.publics[v])
    assert script.take(0, first) == ""
    for u in (1, 2):
        script.up(u)
        for v in range(3):
            trust(script, u, v, script.publics[v])
    script.end()
    roster = script.serve(0)
    assert script.hear(0, roster) == "STATE"
    for v in range(3):
        trust(script, 0, v, script.publics[v])
    assert trust(script, 0, 2, sign_public(data("else", 32))) == "STATE"
    assert script.hear(0, roster) == ""
    script.weight(0, 0)
    fill(script, 0)
    script.up(0)
    for u in (1, 2):
        script.answer(u, True)
    script.end()
    finish(f, script, "keys", "UntrustedKey")


def downgraded(f, p):
    """2.2: a host that has an identity or trusted keys was given parameters of
    a semi-honest session. The other clients end with a sum."""
    script = start(f, p, "downgraded")
    public = sign_public(data("downgraded", 32))
    assert trust(script, 0, 1, public) == "POLICY"
    assert trust(script, 0, 1, public) == "STATE"
    assert identify(script, 0) == "STATE"
    script.up(0)
    assert script.make(0) is None
    script.up(1)
    assert identify(script, 1) == "POLICY"
    script.up(1)
    for u in (2, 3, 4):
        give(script, u)
    script.run()
    assert script.server.phase == "DONE"
    assert script.server.survivors() == [2, 3, 4]
    f.add(script, "identity in semi-honest mode", "UnderPolicy Abort")


def identify(script, u):
    """A client of a semi-honest session is given an identity."""
    return script.note("identify", script.clients[u].identify, bytes(32),
                       client=u)[1]


def trust(script, u, v, public):
    """A client is told a key."""
    return script.note("trust", script.clients[u].trust, v, public, client=u,
                       index=v, public=public.hex())[1]


def trust_server(script, v, public):
    """The server is told a key."""
    return script.note("trustServer", script.server.trust, v, public, index=v,
                       public=public.hex())[1]
