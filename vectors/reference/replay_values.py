# SPDX-License-Identifier: Apache-2.0
"""Replay the tests of all files but messages.json and sessions_*.json: each
function computes the outputs of one type from a test, whose members have the
Python values that replay.py gives them."""
import struct
from dataclasses import replace
from fractions import Fraction

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import choice
import edwards
import encoding
import graph
import hashes
import make_shamir
import messages
import params
import planes
import reed_solomon
import saved_state
import scalar
import schedule
import shamir
import suites
from client import Client
from errors import ARG, AUTH, MESSAGE, VALUE, ProtocolError, require
from params import Params, Policy, Segment


def scalars_of(data):
    """1.3: read scalars."""
    return [scalar.decode(data[i:i + 32]) for i in range(0, len(data), 32)]


def joined(scalars):
    """1.3: write scalars."""
    return b"".join(map(scalar.encode, scalars))


# Hashes, keys and shares

def derive(t):
    return {"output": hashes.derive(t.prk, t.name, t.context, t.size)}


def hkdf(t):
    prk = hashes.extract(t.salt, t.ikm)
    return {"output": hashes.hkdf_expand(prk, t.info, t.size)}


def reduce(t):
    return {"scalar": scalar.encode(scalar.reduce(t.input))}


def canonical_scalar(t):
    return {"scalar": scalar.encode(scalar.decode(t.scalar))}


def split(t):
    return {"shares": joined(make_shamir.split(t.secret, t.polySeed,
                                               t.threshold, t.count))}


def join(t):
    return {"secret": scalar.encode(make_shamir.join(t.ranks, t.shares))}


def rank(t):
    found = graph.Graph(t.clients, t.neighbours, t.graphSeed)
    return {"x": found.x(t.dealer, t.holder)}


def decode_shares(t):
    def fits(candidate):
        if t.kind == 0:
            return t.com == schedule.commitment(t.hRos, t.round, t.dealer,
                                                candidate)
        return t.maskPoint == suites.pk(schedule.derive_mask_sk(
            t.hCtx, candidate, t.dealer))
    secret, wrong = reed_solomon.recover(
        list(zip(t.xs, scalars_of(t.shares))), t.threshold, fits)
    return {"root": scalar.encode(secret), "wrong": wrong}


def public_key(t):
    return {"point": suites.pk(t.secret)}


def agreement(t):
    return {"shared": suites.x25519(t.secret, t.point)}


def client_secrets(t):
    prk = schedule.derive_prk(t.hCtx, t.masterSeed)
    enc, omega = schedule.derive_enc_sk(prk), schedule.derive_omega(prk)
    mask = schedule.derive_mask_sk(t.hCtx, omega, t.index)
    poly = [schedule.derive_poly_seed(prk, kind, t.hRos, t.round)
            for kind in (0, 1)]
    return {"prk": prk, "encSecret": enc, "encPoint": suites.pk(enc),
            "omega": scalar.encode(omega), "maskSecret": mask,
            "maskPoint": suites.pk(mask),
            "beta": scalar.encode(schedule.derive_beta(prk, t.hRos, t.round)),
            "polyBeta": poly[0], "polyOmega": poly[1]}


def rounding_seed(t):
    return {"seed": schedule.derive_rounding(t.prk, t.round)}


def share_key(t):
    prks = {schedule.derive_pair_prk(t.hRos, *pair)
            for pair in ((t.encSecretDealer, t.encHolder),
                         (t.encSecretHolder, t.encDealer))}
    require(len(prks) == 1, ARG, "two sides")
    prk = prks.pop()
    return {"pairPrk": prk, "encDealer": suites.pk(t.encSecretDealer),
            "encHolder": suites.pk(t.encSecretHolder),
            "key": schedule.derive_share_key(
                prk, t.kind, t.round, t.dealer, t.holder, t.encDealer,
                t.encHolder)}


def pair_seed(t):
    return {"maskPoint": suites.pk(t.maskSecret),
            "seed": schedule.derive_pair_seed(
                t.hRos, t.maskSecret, t.peerPoint, t.round, t.index, t.peer,
                t.hU2)}


def self_seed(t):
    return {"seed": schedule.derive_self_seed(
        t.hRos, scalar.decode(t.beta), t.round, t.index, t.hU2)}


def commitment(t):
    return {"com": schedule.commitment(t.hRos, t.round, t.index,
                                       scalar.decode(t.beta))}


def members_of(bitmap, n):
    """1.4: read a bitmap."""
    return {i for i in range(n) if bitmap[i // 8] >> i % 8 & 1}


def set_digest(t):
    return {"digest": schedule.set_digest(
        t.hRos, t.round, t.appDigest, t.set, t.clients,
        members_of(t.bitmap, t.clients))}


def roster(t):
    entries, at = {}, 0
    while at < len(t.entries):
        size = 68
        if t.signed:
            size = 166 + hashes.decode_be(t.entries[at + 164:at + 166])
        entry = t.entries[at:at + size]
        entries[hashes.decode_be(entry[:4])] = entry
        at += size
    root = schedule.roster_root(t.clients, entries)
    return {"present": len(entries), "root": root,
            "hRos": schedule.roster_hash(t.hCtx, t.graphSeed, len(entries),
                                         root)}


def seal(t):
    return {"sealed": schedule.seal_share(
        t.key, t.hRos, t.round, t.kind, t.dealer, t.holder,
        scalar.decode(t.share))}


def open_share(t):
    return {"share": scalar.encode(schedule.open_share(
        t.key, t.hRos, t.round, t.kind, t.dealer, t.holder, t.sealed))}


def aead(t):
    return {"ciphertext": suites.aead_seal(t.key, t.aad, t.plaintext,
                                           t.nonce)}


def aead_open(t):
    return {"plaintext": suites.aead_open(t.key, t.aad, t.ciphertext,
                                          t.nonce)}


def seal_state(t):
    head = saved_state.head_of(t.generation, t.index, t.hCtx)
    save_key, nonce_key = saved_state.keys_of(t.key, head)
    return {"saveKey": save_key, "nonceKey": nonce_key,
            "sealed": saved_state.seal(t.key, t.generation, t.index, t.hCtx,
                                       t.state)}


def open_state(t):
    head = saved_state.check_head(t.sealed, t.least, *t.index or [None],
                                  t.hCtx or None)
    return {"generation": head[0],
            "state": saved_state.open_sealed(t.key, t.sealed)}


# Signatures

def sign(t, text):
    """3.5: sign a text and verify the signature."""
    signature = suites.ed25519_sign(t.secret, text)
    require(suites.ed25519_verify(t.public, signature, text), AUTH)
    return {"public": suites.ed25519_public(t.secret), "text": text,
            "signature": signature}


def keys_text(t):
    digest = schedule.credential_digest(t.credential)
    return {"credentialDigest": digest, **sign(t, schedule.keys_input(
        t.hCtx, t.index, t.enc, t.mask, t.public, t.credential))}


def confirm_text(t):
    return sign(t, schedule.confirm_input(t.hCtx, t.hRos, t.round, t.index,
                                          t.hU2, t.hU3))


def verify(t):
    require(suites.ed25519_verify(t.public, t.signature, t.text), AUTH)
    return {}


def equation(t):
    without = edwards.holds_without_cofactor(t.public, t.signature, t.text)
    with_ = edwards.holds_with_cofactor(t.public, t.signature, t.text)
    require((without, with_) == (t.withoutCofactor, t.withCofactor), ARG)
    return verify(t)


def trusted_key(t):
    require(suites.ed25519_valid_key(t.public), ARG)
    return {}


# Masks and values

def cipher(t):
    algorithm = algorithms.ChaCha20(t.key, t.counter) \
        if t.cipher == "ChaCha20" else algorithms.AES(t.key)
    mode = None if t.cipher == "ChaCha20" else modes.CTR(t.counter)
    return {"output": Cipher(algorithm, mode).encryptor().update(t.input)}


def stream(t):
    secret = hashes.derive(t.seed, "stream", hashes.u8(t.bits),
                           planes.KEY_NONCE_LEN[t.suite])
    return {"secret": secret,
            "stream": suites.keystream(t.suite, secret, len(t.stream))}


def mask_range(t):
    suite, mask_set = planes.decode_mask_set(t.set)
    return {"after": planes.apply_masks(suite, mask_set, t.bits, t.offset,
                                        t.before, t.count)}


def decode_mask_set(t):
    suite, mask_set = planes.decode_mask_set(t.set)
    return {"set": planes.encode_mask_set(suite, mask_set), "suite": suite,
            "signs": bytes(s for s, _ in mask_set),
            "seeds": b"".join(s for _, s in mask_set)}


def lay_out(t):
    return {"planes": planes.pack(t.entries, t.bits),
            "entries": planes.unpack(t.planes, t.bits)[:t.count]}


def ragged(t):
    return {"entries": planes.unpack(t.planes, t.bits)[:t.count]}


def sum_of_planes(t):
    x, y = (planes.unpack(side, t.bits) for side in (t.left, t.right))
    return {"sum": planes.pack(planes.add(x, y, t.bits), t.bits),
            "difference": planes.pack(planes.subtract(x, y, t.bits), t.bits)}


def rounding_words(t):
    return {"words": encoding.rounding_words(
        t.suite, t.roundingSeed, t.bits, t.offset, len(t.words))}


def quantise(t):
    s = Segment(2**20, t.kind, 64, t.valueBits, t.rounding, t.clip)
    words = None
    if s.is_stochastic():
        words = encoding.rounding_words(t.suite, t.roundingSeed, t.bits,
                                        t.offset, len(t.values))
    entries, clipped = encoding.encode_reals(t.values, s, words, t.weight)
    return {"words": words or [], "entries": entries, "clipped": clipped}


def rounded(t):
    s = Segment(1, params.REAL, 64, t.valueBits, 0, t.clip)
    return {"entries": encoding.encode_reals(
        t.values, s, [t.word] * len(t.values), 1)[0]}


def integers_of(t):
    """2.1: return a segment of integers."""
    return Segment(1, t.kind, t.bits, t.valueBits)


def integers(t):
    values = t.values
    if t.signed:
        values = [x - 2**64 if x >= 2**63 else x for x in values]
    entries = encoding.encode_integers(values, integers_of(t), t.signed)
    return {"planes": planes.pack(entries, t.bits)}


def list_of(function, *arguments):
    """7.5, check 4: return one result, or none if it is VALUE."""
    try:
        return [function(*arguments) % 2**64]
    except VALUE:
        return []


def total(t):
    s = integers_of(t)
    value = encoding.integer_sum(t.total, t.survivors, s)
    as_signed = value
    if s.kind == params.INTEGER:
        as_signed = encoding.signed(t.total, s.bits)
    return {"unsigned": list_of(encoding.as_unsigned, value),
            "signed": list_of(encoding.as_signed, as_signed)}


def weight_sum(t):
    p = Params(bytes(16), 5, 3, min_weight=t.minWeight,
               max_weight=t.maxWeight)
    encoding.check_weight_sum(p, t.total, t.survivors)
    return {"bits": p.all_segments[0].bits}


def decode_real(t):
    s = Segment(1, params.REAL, 64, t.valueBits, 1, t.clip)
    decode = encoding.decode_mean if t.mean else encoding.decode_sum
    value = decode(t.total, t.addends, s)
    try:
        single = struct.unpack(">I", encoding.to_single(value))
    except VALUE:
        single = ()
    return {"value": value, "single": list(single)}


# Parameters and the graph

def parameters(t):
    p = params.decode(t.params)
    return {"params": params.encode(p), "hCtx": p.h_ctx,
            "floor": p.effective_min, "vectorSize": p.vector_size}


def unfilled(data):
    """2.3: read members in the layout of 2.3, whatever they are."""
    be = hashes.decode_be
    segments = tuple(
        Segment(be(x[:8]), x[8], x[9], x[10], x[11],
                struct.unpack(">d", x[12:])[0])
        for x in (data[i:i + 20] for i in range(96, len(data) - 2, 20)))
    return Params(
        session=data[8:24], round=be(data[24:32]), suite=be(data[2:4]),
        mode=data[4], clients=be(data[32:36]), neighbours=be(data[36:40]),
        threshold=be(data[40:44]), corrupt=be(data[44:48]),
        min_survivors=be(data[48:52]), max_weight=be(data[52:60]),
        min_weight=data[6], app_digest=data[60:92], segments=segments)


def fill(t):
    filled = params.fill_defaults(unfilled(t.unfilled))
    params.check_soundness(filled)
    return {"params": params.encode(filled)}


def policy(t):
    members = Policy(t.minClients, t.minRing, t.minSurvivors, t.minCorrupt,
                     t.requireActive, t.minWeight, t.appDigest, t.anyDigest)
    Client(params.decode(t.params), t.index, bytes(32), members)
    return {}


def lay_out_lanes(t):
    p = unfilled(t.params)
    p = replace(p, segments=p.segments * t.times)
    params.check_soundness(p)
    lanes = p.lanes
    return {"lanes": bytes(lanes.counts),
            "counts": list(lanes.counts.values()),
            "nblocks": lanes.nblocks, "vectorSize": lanes.at(lanes.nblocks),
            "minPart": lanes.s_min,
            "places": [lanes.places[i] for i in t.segments],
            "offsets": [lanes.at(i) for i in t.blocks]}


def part(t):
    body = messages.InputPart(bytes(32), [], t.first, t.blocks,
                              bytes(t.planeBytes)).encode()
    messages.decode_input_part(params.decode(t.params), body, t.accepted)
    return {}


CHOSEN = ("neighbours", "threshold", "corrupt", "minSurvivors")


def choose(t):
    return dict(zip(CHOSEN, choice.choose(t.clients, t.gamma, t.delta,
                                          t.sigma, t.eta, t.active)))


def choose_with_policy(t):
    members = Policy(t.policyClients, t.policyRing, t.policySurvivors,
                     t.policyCorrupt, t.policyActive)
    return dict(zip(CHOSEN, choice.choose(t.clients, t.gamma, t.delta,
                                          t.sigma, t.eta, t.active, members)))


def accepted(t):
    n = t.clients
    _, threshold, corrupt, _ = choice.choose(
        n, 0.0, 0.0, 40, 20, False, Policy(min_ring=2**32 - 1))
    ring = (0, 0, 0, 0)
    try:
        found = choice.choose(n, 0.0, 0.05, 40, 20, False, Policy())
        ring = found if found[0] else ring
    except ProtocolError:
        pass
    names = ("neighbours", "ringThreshold", "ringCorrupt", "ringSurvivors")
    return {"corrupt": corrupt, "threshold": threshold,
            "dropouts": n - threshold, **dict(zip(names, ring))}


def cut(t):
    numbers = (t.clients, t.neighbours, t.threshold, t.corrupt,
               t.minSurvivors)
    probability = choice.p_cut(*numbers)
    given = Fraction(hashes.decode_be(t.numerator),
                     hashes.decode_be(t.denominator))
    require(probability == given, VALUE, "P_cut")
    sigma = 0
    while sigma < 128 and choice.e2_holds(*numbers, sigma + 1):
        sigma += 1
    return {"sigma": sigma}


def graph_seed(t):
    return {"graphSeed": graph.derive_graph_seed(t.serverSeed, t.hCtx,
                                                 t.root)}


def permutation(t):
    return {"permutation": graph.permutation(t.graphSeed, t.clients)}


def peers(t):
    found = graph.Graph(t.clients, t.neighbours, t.graphSeed)
    return {"peers": sorted(found.peers(t.index))}


def connected(t):
    require(len(t.u3) == (t.clients + 7) // 8, MESSAGE)
    found = graph.Graph(t.clients, t.neighbours, t.graphSeed)
    return {"connected": found.connected(members_of(t.u3, t.clients))}


TYPES = {
    "Sha256": lambda t: {"digest": hashes.sha256(t.data)},
    "Hash": lambda t: {"digest": hashes.H(t.label, t.data)},
    "Extract": lambda t: {"prk": hashes.extract(t.salt, t.ikm)},
    "Expand": lambda t: {"output": hashes.hkdf_expand(t.prk, t.info, t.size)},
    "L": derive, "Hkdf": hkdf, "Reduce": reduce,
    "Scalar": canonical_scalar, "Split": split, "Join": join, "Rank": rank,
    "decode Decode": decode_shares, "PublicKey": public_key,
    "Agreement": agreement, "ClientSecrets": client_secrets,
    "RoundingSeed": rounding_seed, "ShareKey": share_key,
    "PairSeed": pair_seed, "SelfSeed": self_seed, "Commitment": commitment,
    "SetDigest": set_digest, "Roster": roster, "Seal": seal,
    "Open": open_share, "Aead": aead, "AeadOpen": aead_open,
    "SealState": seal_state, "OpenState": open_state,
    "KeysText": keys_text, "ConfirmText": confirm_text, "Verify": verify,
    "Equation": equation, "TrustedKey": trusted_key, "Cipher": cipher,
    "Stream": stream, "Range": mask_range, "Set": decode_mask_set,
    "Planes": lay_out, "Ragged": ragged, "Sum": sum_of_planes,
    "Words": rounding_words, "Quantise": quantise, "Rounded": rounded,
    "Integers": integers, "Total": total, "WeightSum": weight_sum,
    "encoding Decode": decode_real, "Params": parameters, "Fill": fill,
    "Policy": policy, "Lanes": lay_out_lanes, "Part": part, "Choice": choose,
    "PolicyChoice": choose_with_policy, "Accepted": accepted, "Cut": cut,
    "GraphSeed": graph_seed, "Permutation": permutation, "Peers": peers,
    "Connected": connected}
