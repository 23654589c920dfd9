# SPDX-License-Identifier: Apache-2.0
"""Saved states of a client (11.1, 11.2). A state is JSON: the layout of an
implementation is its own."""
import json

import messages as m
import params
import scalar
import schedule
from errors import AUTH, MESSAGE, STALE, ProtocolError, require
from graph import COMPLETE_SEED, Graph
from hashes import (be16, be32, be64, decode_be, derive, hmac_sha256,
                    sha256)
from input_vector import InputVector
from suites import (check_point, ed25519_valid_key, pk, xchacha_open,
                    xchacha_seal)

MAGIC, VERSION = b"LSAS", 1
HEAD, NONCE, TAG = 52, 24, 16
PHASES = ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK", "DONE")
SECRETS = ("prk", "enc_sk", "omega", "mask_sk", "rounding", "poly", "beta",
           "own", "pair_prk")
SCALARS = ("omega", "beta", "own")
FATAL = (11, 20, 21, 23, 24, 30, 32)
SIGNATURE = slice(m.HEADER + 128, m.HEADER + 192)   # in KEYS (8.2)
KEPT = {"KEYS": m.KEYS, "SHARES": m.SHARES, "CONFIRM": m.CONFIRM,
        "DONE": m.UNMASK}


# Sealing (11.2)

def head_of(generation, index, h_ctx):
    """11.2: encode a head."""
    return (MAGIC + be16(VERSION) + be16(0) + be64(generation) + be32(index)
            + h_ctx)


def keys_of(key, head):
    """11.2: derive save_key and nonce_key."""
    context = head[20:52] + head[16:20]
    return (derive(key, "save key", context, 32),
            derive(key, "save nonce", context, 32))


def seal(key, generation, index, h_ctx, state):
    """11.2: seal a state."""
    head = head_of(generation, index, h_ctx)
    save_key, nonce_key = keys_of(key, head)
    nonce = hmac_sha256(nonce_key, head + state)[:NONCE]
    return head + nonce + xchacha_seal(save_key, nonce, head, state)


def check_head(sealed, least, index=None, h_ctx=None):
    """11.2, checks 1 to 3: return generation, index and H_ctx."""
    require(len(sealed) >= HEAD + NONCE + TAG, MESSAGE, "length")
    require(sealed[:8] == MAGIC + be16(VERSION) + be16(0), MESSAGE, "head")
    generation, own = decode_be(sealed[8:16]), decode_be(sealed[16:20])
    require(index in (None, own), AUTH, "index")
    require(h_ctx in (None, sealed[20:52]), AUTH, "H_ctx")
    require(generation >= least, STALE, "generation")
    return generation, own, sealed[20:52]


def open_sealed(key, sealed):
    """11.2, check 4: return the state."""
    head, nonce = sealed[:HEAD], sealed[HEAD:HEAD + NONCE]
    return xchacha_open(keys_of(key, head)[0], nonce, head,
                        sealed[HEAD + NONCE:])


# The fields (11.1)

def secrets_of(phase, made):
    """9.1: return the names of the secrets that a phase needs."""
    if phase == "KEYS":
        return {"prk", "enc_sk", "omega", "mask_sk", "rounding"}
    if phase == "SHARES" and not made:
        return {"enc_sk", "omega", "mask_sk", "rounding", "poly", "beta"}
    if phase in ("SHARES", "INPUT"):
        return {"mask_sk", "rounding", "beta", "own", "pair_prk"}
    return {"own", "pair_prk"} if phase in ("CONFIRM", "UNMASK") else set()


def secret_json(name, value):
    """Write a secret as JSON."""
    if name in ("poly", "pair_prk"):
        return {str(k): v.hex() for k, v in value.items()}
    return (scalar.encode(value) if name in SCALARS else value).hex()


def secret_value(name, value):
    """Read a secret. A scalar that is not canonical is MESSAGE."""
    if name in ("poly", "pair_prk"):
        return {int(k): bytes.fromhex(v) for k, v in value.items()}
    value = bytes.fromhex(value)
    return scalar.decode(value) if name in SCALARS else value


def encode(c):
    """11.1: write the state of a client."""
    f = {"params": params.encode(c.p).hex(), "phase": c.phase,
         "spent": c.spent}
    if c.phase == "FAILED":
        f.update(error=c.error, message=c.last_abort.hex())
        return to_bytes(f)
    parts = c.input_vector.part + c.repeats_input
    f.update(accepted=c.accepted_digest.hex(), enc=c.enc.hex(),
             mask=c.mask.hex(), parts=parts, inParts=c.in_parts,
             partBlocks=c.input_vector.part_blocks,
             made=c.made is not None and c.phase in KEPT)
    if f["made"]:
        f["message"] = c.made.hex()
    if c.phase == "INPUT" and parts:
        f["inputDigest"] = c.input_digest.hex()
    if c.p.active:
        f.update(identity_fields(c))
    f.update(set_fields(c))
    f["secrets"] = {name: secret_json(name, getattr(c, name))
                    for name in SECRETS if getattr(c, name) is not None}
    return to_bytes(f)


def identity_fields(c):
    """11.1: return the fields of active mode."""
    f = {"identity": (c.identity or b"").hex()}
    if c.phase == "KEYS":
        f.update(credential=None if c.credential is None
                 else c.credential.hex(),
                 trusted={str(i): k.hex() for i, k in c.trusted.keys.items()},
                 whole=c.trusted.declared_whole)
    return f


def set_fields(c):
    """11.1: return the roster, the sets and their digests."""
    f = {}
    if c.phase != "KEYS":
        f.update(graphSeed=c.graph_seed.hex(), present=c.size_u1,
                 rosterRoot=c.roster_root.hex(), hRos=c.h_ros.hex(),
                 roster={str(u): [x.hex() for x in row[:3]]
                         for u, row in c.roster.items()})
    if c.phase not in ("KEYS", "SHARES"):
        f.update(u2=sorted(c.u2), hU2=c.h_u2.hex(), bad=sorted(c.bad))
    if c.phase in ("CONFIRM", "UNMASK", "DONE"):
        f.update(u3=sorted(c.u3), hU3=c.h_u3.hex())
    if c.p.active and c.phase in ("UNMASK", "DONE"):
        f.update(signatures=c.signatures.hex())
    return f


def to_bytes(fields):
    """Write JSON in one way only."""
    return json.dumps(fields, sort_keys=True).encode()


# Reading, and check 5 of 11.2

def decode(c, head, state):
    """11.2, check 5: make `c` the client of a state. What is no state is
    MESSAGE."""
    try:
        fields = json.loads(state)
        c.generation, index, h_ctx = head
        read(c, index, fields)
        require(encode(c) == state, MESSAGE, "other fields, or bytes left")
    except ProtocolError as error:
        raise MESSAGE(str(error)) from None
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        raise MESSAGE("no state") from None
    require(c.h_ctx == h_ctx, MESSAGE, "H_ctx")


def read(c, index, f):
    """11.1: read the fields."""
    p = params.decode(bytes.fromhex(f["params"]))
    require(index < p.clients, MESSAGE, "index")
    generation = c.generation
    c.start(p, index)
    c.generation, c.phase, c.spent = generation, f["phase"], f["spent"]
    require(c.phase in PHASES + ("FAILED",), MESSAGE, "phase")
    c.input_vector = InputVector(p, None)
    c.wipe(*SECRETS)
    if c.phase == "FAILED":
        c.error = f["error"]
        c.abort = c.last_abort = bytes.fromhex(f["message"])
        return
    c.accepted_digest = bytes.fromhex(f["accepted"])
    c.enc, c.mask = bytes.fromhex(f["enc"]), bytes.fromhex(f["mask"])
    for name in SECRETS:
        if name in f["secrets"]:
            setattr(c, name, secret_value(name, f["secrets"][name]))
    c.made = bytes.fromhex(f["message"]) if f["made"] else None
    if p.active:
        read_identity(c, f)
    read_sets(c, f)
    read_input(c, f)
    c.due = c.made is not None
    c.trusted.closed = c.phase != "KEYS"


def read_identity(c, f):
    """11.1: read the fields of active mode."""
    c.identity = bytes.fromhex(f["identity"]) or None
    if c.phase != "KEYS":
        return
    if f["credential"] is not None:
        c.credential = bytes.fromhex(f["credential"])
    if c.made is not None:
        c.proof = (c.identity, c.made[SIGNATURE], c.credential or b"")
    for i, key in f["trusted"].items():
        c.trusted.add_key(int(i), bytes.fromhex(key))
        c.known[int(i)] = bytes.fromhex(key)
    c.trusted.declared_whole = f["whole"]


def read_sets(c, f):
    """11.1: read the roster, the sets and their digests."""
    if c.phase != "KEYS":
        c.graph_seed, c.size_u1 = bytes.fromhex(f["graphSeed"]), f["present"]
        c.graph = Graph(c.p.clients, c.p.neighbours, c.graph_seed)
        c.peers = c.graph.peers(c.index)
        c.roster_root = bytes.fromhex(f["rosterRoot"])
        c.h_ros = bytes.fromhex(f["hRos"])
        c.roster = {int(u): tuple(bytes.fromhex(x) for x in row)
                    for u, row in f["roster"].items()}
        if c.p.active:
            c.known = {u: row[2] for u, row in c.roster.items()}
    if "u2" in f:
        c.u2, c.bad = set(f["u2"]), set(f["bad"])
        c.h_u2 = bytes.fromhex(f["hU2"])
    if "u3" in f:
        c.u3, c.h_u3 = set(f["u3"]), bytes.fromhex(f["hU3"])
    if "signatures" in f:
        c.signatures = bytes.fromhex(f["signatures"])


def read_input(c, f):
    """11.1, 11.3: read what is known of the input. The part made last is due
    once its entries are supplied again."""
    v = c.input_vector
    v.part_blocks, c.in_parts = f["partBlocks"], f["inParts"]
    c.repeats_input = c.phase == "INPUT" and f["parts"] > 0
    v.part = f["parts"] - c.repeats_input
    v.rounding = c.rounding
    if c.repeats_input:
        c.input_digest = bytes.fromhex(f["inputDigest"])


def check(c):
    """11.2, check 5: check that a client is one that the protocol can lead
    to."""
    try:
        if c.phase == "FAILED":
            return check_failed(c)
        check_phase(c)
        check_roster(c)
        check_sets(c)
        check_secrets(c)
        check_points(c)
        check_identities(c)
        check_accepted(c)
        check_message(c)
    except ProtocolError as error:
        raise MESSAGE(str(error)) from None


def check_failed(c):
    """8.12: a client that failed has an ABORT that names its error."""
    require(c.error in FATAL, MESSAGE, "error")
    require(c.spent in ("NOTHING", "INPUT"), MESSAGE, "spent")
    type_, _, body = m.decode_header(c.p, c.abort, c.index, m.UP)
    abort = m.decode_abort(body)
    m.check_list(abort.dealers, c.p.clients)
    require((type_, abort.code, abort.blamed)
            == (m.ABORT_FROM_CLIENT, c.error, m.NOBODY), MESSAGE, "ABORT")


def check_phase(c):
    """9.1, 8.7: check phase, parts and spent against each other."""
    v = c.input_vector
    require(c.phase != "CONFIRM" or c.p.active, MESSAGE, "CONFIRM")
    require((c.phase == "DONE") <= (c.made is not None), MESSAGE, "UNMASK")
    if c.in_parts:
        require(v.lanes.s_min <= v.part_blocks < 2**32, MESSAGE, "size")
    else:
        require(v.part_blocks == v.lanes.nblocks, MESSAGE, "one message")
    parts = v.part + c.repeats_input
    all_parts = -(-v.lanes.nblocks // v.part_blocks)
    low, high = {"KEYS": (0, 0), "SHARES": (0, 0),
                 "INPUT": (0, all_parts)}.get(c.phase, (all_parts, all_parts))
    require(low <= parts <= high, MESSAGE, "parts")
    require(c.spent == ("UNMASK" if c.phase == "DONE" else
                        "INPUT" if parts else "NOTHING"), MESSAGE, "spent")


def check_roster(c):
    """8.3, 9.4: check what ROSTER brought."""
    if c.phase == "KEYS":
        return
    complete, listed = not c.p.neighbours, set(c.roster)
    require(not complete or c.graph_seed == COMPLETE_SEED, MESSAGE, "seed")
    require(c.index in listed and listed - {c.index} <= c.peers, MESSAGE,
            "peers")
    require(c.roster[c.index][:2] == (c.enc, c.mask), MESSAGE, "own points")
    require(c.size_u1 <= c.p.clients and (
        c.size_u1 == len(listed) if complete else c.size_u1 >= len(listed)),
        MESSAGE, "present")
    c.check_roster_minimums(c.size_u1)
    if complete and not c.p.active:
        entries = {u: schedule.roster_entry(u, *row)
                   for u, row in c.roster.items()}
        root = schedule.roster_root(c.p.clients, entries)
        require(c.roster_root == root, MESSAGE, "roster_root")
    require(c.h_ros == schedule.roster_hash(c.h_ctx, c.graph_seed, c.size_u1,
                                            c.roster_root),
            MESSAGE, "H_ros")


def check_sets(c):
    """8.5, 8.8, 9.4: check U2, U3, complaints and minimum numbers."""
    if c.phase in ("KEYS", "SHARES"):
        return
    require(c.u2 <= set(range(c.p.clients)) and c.index in c.u2, MESSAGE, "U2")
    require(c.u2 & c.peers <= set(c.roster), MESSAGE, "U2 and the roster")
    require(len(c.u2) <= c.size_u1, MESSAGE, "U2 and U1")
    require(c.bad <= c.u2 & c.peers, MESSAGE, "BAD")
    check_set(c, 2, c.u2, c.h_u2)
    if c.phase != "INPUT":
        require(c.index in c.u3 and c.u3 <= c.u2, MESSAGE, "U3")
        check_set(c, 3, c.u3, c.h_u3)
        require(c.graph.connected(c.u3), MESSAGE, "connectivity")


def check_set(c, number, members, digest):
    """3.11, 9.4: check a set's size, the dealers in it, and its digest."""
    require(len(members) >= c.p.min_survivors, MESSAGE, "a set")
    require(len(c.good_dealers() & members) >= c.p.min_dealers, MESSAGE,
            "dealers")
    require(digest == schedule.set_digest(c.h_ros, c.p.round, c.p.app_digest,
                                          number, c.p.clients, members),
            MESSAGE, "digest of a set")


def check_secrets(c):
    """9.1, 3.6: check that the secrets are those of the phase, and follow from
    each other."""
    present = {name for name in SECRETS if getattr(c, name) is not None}
    require(present == secrets_of(c.phase, c.made is not None), MESSAGE,
            "secrets")
    if "prk" in present:
        require(c.enc_sk == schedule.derive_enc_sk(c.prk)
                and c.omega == schedule.derive_omega(c.prk)
                and c.rounding == schedule.derive_rounding(c.prk, c.p.round),
                MESSAGE, "PRK_u")
    if "omega" in present:
        require(c.mask_sk == schedule.derive_mask_sk(c.h_ctx, c.omega,
                                                     c.index),
                MESSAGE, "mask_sk")
    if "pair_prk" in present:
        require(set(c.pair_prk) == set(c.roster) - {c.index}, MESSAGE,
                "PRK_uv")


def check_points(c):
    """1.3: check that points are canonical, distinct and those of the
    secrets. The own points are in the roster, or those of secrets."""
    points = [x for row in c.roster.values() for x in row[:2]]
    for point in points:
        check_point(point)
    require(len(set(points)) == len(points), MESSAGE, "a point twice")
    require(c.enc_sk is None or pk(c.enc_sk) == c.enc, MESSAGE, "enc")
    require(c.mask_sk is None or pk(c.mask_sk) == c.mask, MESSAGE, "mask")


def check_identities(c):
    """3.5: check that identities are valid and distinct. The trusted keys of
    a list were checked when they were read."""
    if not c.p.active:
        return
    require(c.identity is not None or c.made is None, MESSAGE, "no identity")
    rows = {u: row[2] for u, row in c.roster.items()}
    require(c.index not in rows or rows[c.index] == c.identity, MESSAGE,
            "own identity")
    keys = list(rows.values()) or [c.identity] * (c.identity is not None)
    require(all(map(ed25519_valid_key, keys)), MESSAGE, "identity")
    require(len(set(keys)) == len(keys), MESSAGE, "an identity twice")
    require(len(c.credential or b"") <= m.CREDENTIAL_MAX, MESSAGE,
            "credential")


def check_accepted(c):
    """11.2: check the message accepted last, where the state has what is in
    it. UNMASK of active mode follows only from SIGNATURES."""
    digest = c.accepted_digest
    if c.phase == "KEYS":
        require(digest == bytes(32), MESSAGE, "nothing was accepted")
    elif c.p.active and c.phase in ("UNMASK", "DONE"):
        c.accept_signatures(c.signatures)
        require(digest == digest_of(c, m.SIGNATURES, c.signatures), MESSAGE,
                "SIGNATURES")
    elif c.phase in ("CONFIRM", "UNMASK", "DONE"):
        u3 = schedule.bitmap(c.p.clients, c.u3)
        require(digest == digest_of(c, m.SURVIVORS, u3), MESSAGE, "SURVIVORS")


def digest_of(c, type_, body):
    """9.3: return the digest of a message to a client."""
    return sha256(m.encode_message(c.p, type_, c.index, body))


def check_message(c):
    """8.1: check header, type and length of the message that is kept."""
    if c.made is None:
        return
    type_, _, body = m.decode_header(c.p, c.made, c.index, m.UP)
    require(type_ == KEPT[c.phase], MESSAGE, "type")
    sizes = {
        "KEYS": 96 + (98 + len(c.credential or b"")) * c.p.active,
        "SHARES": 68 + 100 * (len(c.roster) - 1),
        "CONFIRM": 64,
        "DONE": 36 + 36 * (len(c.good_dealers()) - 1)
        if c.phase == "DONE" else 0}
    require(len(body) == sizes[c.phase], MESSAGE, "length")
