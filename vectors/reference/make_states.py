# SPDX-License-Identifier: Apache-2.0
"""Make states.json. Also break each rule of 11.2, check 5, in a state of the
reference; such states are not in the file, because the layout of a state is
the implementation's own."""
import json

import messages as m
import saved_state
from broken_clients import check_client, check_others, error_of
from make_sealed import flip_bit
from recorded_session import RecordedSession
from session_builder import NUMBERS, parameters, supply_input
from suites import hchacha20
from vector_file import VectorFile, attempt, test_bytes, u32s, u64

# draft-irtf-cfrg-xchacha-03, 2.2.1
HCHACHA20 = (bytes(range(32)), "000000090000004a0000000031415927",
             "82413b4227b27bfed30e42508a877d73"
             "a0f9e4d58a74a853c12ec41326d3ecdc")

# PROTOCOL.md A.9
WORKED = (32 * b"\x77", 3, 0, bytes.fromhex(
    "9a067297cb62ed2baef14fdc060cfae920d0b26c648c3a3ba5a2fd7cbe59d8d8"),
    b"state")
WORKED_KEY = ("429075c3ee7d94f92b8029ae94affa53"
              "21a84bc1f65df19c377f1b6abfafe0cc")
WORKED_END = ("417839751a69951a52b95a7f4abc5058103735a41e0cba05"
              "eb438f4078c1e06f4243d59eee4a50baa65bbc9f9f")


def add_seal(out, comment, flags, key, generation, index, h_ctx, state):
    """Add a test of SealState; return the sealed state."""
    head = saved_state.head_of(generation, index, h_ctx)
    save_key, nonce_key = saved_state.keys_of(key, head)
    sealed = saved_state.seal(key, generation, index, h_ctx, state)
    out.add(comment, flags, key=key, generation=u64(generation), index=index,
            hCtx=h_ctx, state=state, saveKey=save_key, nonceKey=nonce_key,
            sealed=sealed)
    return sealed


def open_state(key, sealed, least, index, h_ctx):
    """11.2: make checks 1 to 4; return generation and state."""
    head = saved_state.check_head(sealed, least, index, h_ctx)
    return head[0], saved_state.open_sealed(key, sealed)


def add_open(out, comment, flags, key, sealed, least=0, index=None,
             h_ctx=None):
    """Add a test of OpenState; return the error."""
    found, error = attempt(open_state, key, sealed, least, index, h_ctx)
    generation, state = found or (0, b"")
    out.add(comment, flags, error, key=key, least=u64(least),
            index="" if index is None else u32s([index]),
            hCtx=h_ctx or b"", sealed=sealed, generation=u64(generation),
            state=state)
    return error


def seals(out):
    """Add tests of SealState."""
    out.group("SealState")
    sealed = add_seal(out, "A.9", "Worked", *WORKED)
    assert sealed[52:].hex() == WORKED_END
    assert saved_state.keys_of(WORKED[0], sealed[:52])[0].hex() == WORKED_KEY
    for generation, index, size in ((1, 0, 0), (2, 1, 1), (2**64 - 1, 4094, 64),
                                    (2**32, 2**20 - 1, 65)):
        name = "state %d" % size
        add_seal(out, "%d bytes" % size, "Normal", test_bytes(name + "key", 32),
                 generation, index, test_bytes(name + "ctx", 32),
                 test_bytes(name, size))


def opens(out):
    """Add tests of OpenState: each part of a state altered, and states of
    other clients, sessions and generations."""
    out.group("OpenState")
    key, generation, index, h_ctx, state = WORKED
    sealed = saved_state.seal(*WORKED)
    for known in ((None, None), (index, None), (None, h_ctx), (index, h_ctx)):
        assert not add_open(out, "right", "Normal", key, sealed, 3, *known)
    assert not add_open(out, "empty state", "EdgeCase", key, saved_state.seal(
        key, 1, index, h_ctx, b""))
    for least, error in ((0, ""), (2, ""), (3, ""), (4, "STALE"),
                         (2**64 - 1, "STALE")):
        assert add_open(out, "least %d" % least, "Rollback", key, sealed,
                        least, index, h_ctx) == error
    for field, at, size in (("magic", 0, 4), ("version", 4, 2), ("zero", 6, 2),
                            ("generation", 8, 8), ("index", 16, 4),
                            ("H_ctx", 20, 32), ("nonce", 52, 24),
                            ("ciphertext", 76, 5), ("tag", 81, 16)):
        for bit in (0, 8 * size - 1):
            bent = flip_bit(sealed, 8 * at + bit)
            add_open(out, "a bit of the %s" % field, "Tampered", key, bent)
            if field in ("index", "H_ctx"):
                add_open(out, "a bit of the %s, known" % field, "Tampered",
                         key, bent, 0, index, h_ctx)
    for bit in (0, 255):
        add_open(out, "another key", "Tampered", flip_bit(key, bit), sealed)
    for cut in (0, 4, 52, 91, 92, 96):
        add_open(out, "%d bytes" % cut, "WrongLength", key, sealed[:cut])
    add_open(out, "one byte more", "WrongLength", key, sealed + b"\0")
    swapped_states(out)
    orders_of_checks(out)


def swapped_states(out):
    """11.2: add states of two clients and of two sessions under one key."""
    key, _, _, h_ctx, state = WORKED
    other = test_bytes("other session", 32)
    mine = saved_state.seal(key, 3, 0, h_ctx, state)
    for comment, i, ctx in (("another client", 1, h_ctx),
                            ("another session", 0, other)):
        theirs = saved_state.seal(key, 3, i, ctx, state)
        add_open(out, comment, "Swapped", key, theirs)
        add_open(out, comment + ", known", "Swapped", key, theirs, 0, 0, h_ctx)
        add_open(out, "the head of " + comment, "Swapped", key,
                 theirs[:52] + mine[52:])
        add_open(out, "all but the head of " + comment, "Swapped", key,
                 mine[:52] + theirs[52:])


def orders_of_checks(out):
    """11.2: add states that several checks reject."""
    key, _, index, h_ctx, _ = WORKED
    sealed = saved_state.seal(*WORKED)
    bent = flip_bit(sealed, 700)
    assert add_open(out, "old and altered", "Rollback", key, bent, 4, index,
                    h_ctx) == "STALE"
    assert add_open(out, "old and of another client", "Rollback", key, bent, 4,
                    1, h_ctx) == "AUTH"
    assert add_open(out, "old and of another session", "Rollback", key, bent,
                    4, index, test_bytes("other session", 32)) == "AUTH"
    assert add_open(out, "old, of another client, and another version",
                    "Rollback", key, flip_bit(bent, 40), 4, 1,
                    h_ctx) == "MESSAGE"


# The rules of check 5, in the layout of the reference

def each(field, *values):
    """Return functions that set a field."""
    def setter(value):
        return lambda f: f.__setitem__(field, value)
    return [setter(v) for v in values]


def inside(field, name, *values):
    """The same for a member of a field."""
    def setter(value):
        return lambda f: f[field].__setitem__(name, value)
    return [setter(v) for v in values]


def breaks(c):
    """Return functions that each break one rule in the fields of a client's
    state."""
    out = each("phase", "KEY", "FAILED", 7) + each("spent", "MAYBE")
    out += each("params", "00", (b"\0" + bytes.fromhex(json.loads(
        saved_state.encode(c))["params"])).hex())
    out += each("enc", "00" * 32, "ff" * 32, c.mask.hex())
    out += each("mask", "00" * 32, c.enc.hex())
    out += each("parts", 2, -1, 65536) + each("partBlocks", 0, 2**32)
    out += each("made", 1, "yes") + each("more", 0)
    if c.made is None or c.phase == "INPUT":
        out.append(lambda f: f.update(made=True, message="00"))
    if c.phase == "INPUT" and not c.input_vector.part:
        out += each("inputDigest", "00" * 32)
    out += inside("secrets", "more", "00") + inside("secrets", "prk", "ff" * 32)
    if c.omega is not None:
        out += inside("secrets", "omega", "ff" * 32, "00" * 32)
        out += inside("secrets", "enc_sk", "40" * 32)
    if c.mask_sk is not None:
        out += inside("secrets", "mask_sk", "40" * 32)
    if c.beta is not None:
        out += inside("secrets", "beta", "ff" * 32)
    for name in saved_state.SECRETS:
        if getattr(c, name) is None:
            out += inside("secrets", name, "00" * 32, {})
        else:
            out.append(lambda f, name=name: f["secrets"].pop(name))
    if c.made is not None and c.phase in saved_state.KEPT:
        message = c.made
        out += each("message", "", message[:-1].hex(), (message + b"\0").hex())
        out += [each("message", flip_bit(message, bit).hex())[0]
                for bit in range(7, 384, 8)]
    return (out + breaks_of_phase(c) + breaks_of_roster(c)
            + breaks_of_identities(c))


def breaks_of_phase(c):
    """Return those about the phase, and the message that led to it."""
    out = each("phase", *set(saved_state.PHASES) - {c.phase})
    if c.phase not in ("SHARES", "INPUT"):
        out += each("accepted", "01" * 32)
    if not c.p.active or c.phase not in ("UNMASK", "DONE"):
        return out + each("signatures", "")
    rows = m.decode_signatures(c.signatures)
    few = rows[:c.p.threshold - 1]
    bad = [(u, flip_bit(sig, 0)) for u, sig in rows]
    dropout = sorted(rows[:-1] + [(3, rows[-1][1])])
    for signed in few, bad, dropout:
        body = m.encode_signatures(signed)
        digest = saved_state.digest_of(c, m.SIGNATURES, body)
        out.append(lambda f, new={"signatures": body.hex(),
                                  "accepted": digest.hex()}: f.update(new))
    return out + each("signatures", "", c.signatures.hex() + "00",
                      m.encode_signatures(rows[:-1]).hex())


def breaks_of_roster(c):
    """Return those about roster and sets."""
    if c.phase == "KEYS":
        return []
    v = str(min(c.roster.keys() - {c.index}))
    row = [x.hex() for x in c.roster[int(v)][:3]]
    out = inside("roster", v, ["00" * 32] + row[1:], [row[1]] + row[1:])
    out += inside("roster", str(c.p.clients), row)
    out += each("present", 0, c.size_u1 - 1, c.size_u1 + 1, c.p.clients + 1)
    out += each("hRos", "00" * 32) + each("rosterRoot", "00" * 32)
    out += each("graphSeed", "01" + "00" * 31, "80" + "00" * 31)
    out.append(lambda f: f["roster"].pop(str(c.index)))
    if c.phase == "SHARES":
        return out
    everybody = list(range(c.p.clients))
    out += each("u2", [c.index], sorted(c.u2 - {c.index}), everybody,
                sorted(c.u2) + [c.p.clients])
    out += each("hU2", "00" * 32)
    out += each("bad", [c.index], sorted(c.u2), [min(set(everybody) - c.u2)])
    if c.phase == "INPUT":
        return out
    return out + each("u3", [c.index], sorted(c.u3 - {c.index}),
                      everybody) + each("hU3", "00" * 32)


def breaks_of_identities(c):
    """Return those of active mode."""
    if not c.p.active:
        new = {"credential": None, "trusted": {}, "whole": False}
        return each("identity", "") + [lambda f: f.update(
            identity="", **new if c.phase == "KEYS" else {})]
    out = each("identity", "01" + "00" * 31)
    if c.phase == "KEYS":
        key = next(iter(c.trusted.keys.values())).hex()
        out += inside("trusted", "0", "01" + "00" * 31)
        out += inside("trusted", "2", key) + inside("trusted", "99", key)
        return out + each("credential", "00" * 2049)
    v, w = sorted(c.roster.keys() - {c.index})[:2]
    rows = {u: [x.hex() for x in c.roster[u]] for u in (v, w)}
    out += inside("roster", str(v), rows[v][:2] + ["01" + "00" * 31],
                  rows[v][:2] + [rows[w][2]], rows[v][:2]
                  + [c.identity.hex()])
    return out + each("identity", "")


def check_breaks(c, key):
    """Break each rule in the state of a client. Whatever is cut off or added
    is found, too."""
    head = (c.generation + 1, c.index, c.h_ctx)
    state = saved_state.encode(c)
    assert error_of(key, head, state) == ""
    assert error_of(key, (1, c.p.clients, c.h_ctx), state) == "MESSAGE"
    assert error_of(key, (1, c.index, bytes(32)), state) == "MESSAGE"
    for other in (b"", state[:-1], state + b" ", b" " + state):
        assert error_of(key, head, other) == "MESSAGE"
    for change in breaks(c):
        fields = json.loads(state)
        change(fields)
        other = saved_state.to_bytes(fields)
        assert error_of(key, head, other) == "MESSAGE", (c.phase, other)
    check_client(c, key)


RULES = ((0, 0), (1, 0), (0, 4))    # mode, k
RULE_SETS = len(RULES) + 1          # the last one: clients of no session


def check_rules(sets=range(RULE_SETS)):
    """Break the rules in each phase, in both modes and on the ring. Client 3
    leaves in KEYS, client 4 in SHARES and client 5 in INPUT."""
    key = test_bytes("rules", 32)
    if RULE_SETS - 1 in sets:
        check_others(key)
    for mode, k in [RULES[i] for i in sets if i < len(RULES)]:
        name = "rule %d %d" % (mode, k)
        p = parameters(name, 12 if k else 11, 3 if k else 6, (NUMBERS,),
                       mode=mode, neighbours=k, min_survivors=4 if k else 7)
        session = RecordedSession(p, name)
        for u in range(p.clients):
            supply_input(session, u)
        c, absent = session.clients[1], set()
        leaves = {"KEYS": 3, "SHARES": 4, "INPUT": 5}
        while session.server.phase not in ("DONE", "FAILED"):
            absent |= {leaves.get(session.server.phase)}
            if session.server.phase != "KEYS":
                session.down(1)
            check_breaks(c, key)
            session.up(1)
            check_breaks(c, key)
            session.run_phase({1} | absent)
        assert session.server.phase == "DONE"


def make_states():
    """Make states.json."""
    key, block, want = HCHACHA20
    assert hchacha20(key, bytes.fromhex(block)).hex() == want
    check_rules()
    out = VectorFile("states")
    seals(out)
    opens(out)
    return out
