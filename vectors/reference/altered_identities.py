# SPDX-License-Identifier: Apache-2.0
"""KEYS and ROSTER with altered identities, signatures and credentials (8.2,
8.3). A row is (comment, flags, what an entry is replaced by), where an entry is
(enc, mask, id, sig, credential)."""
import edwards
import schedule
from altered_any_message import flip_bit
from disputed_signatures import MIXED, SMALL, T, secret_scalar, sign_shifted
from scalar import ELL
from suites import ed25519_public, ed25519_sign
from vector_file import test_bytes

FORGER = test_bytes("forger", 32)
LONGEST = 2048


def signed(session, u, secret, entry, credential=None):
    """Return an entry of client u with the identity of `secret`."""
    enc, mask, _, _, old = entry
    credential = old if credential is None else credential
    identity = ed25519_public(secret)
    text = schedule.keys_input(session.p.h_ctx, u, enc, mask, identity,
                               credential)
    return enc, mask, identity, ed25519_sign(secret, text), credential


def shifted_key(session, u, entry, j, fits):
    """Return an entry whose identity has j T added, with a signature that
    satisfies the equation without the cofactor if fits(h)."""
    enc, mask, _, _, credential = entry
    a = secret_scalar(session.identities[u])
    identity = edwards.encode(edwards.add(edwards.multiple(a, edwards.BASE),
                                          T[j]))
    text = schedule.keys_input(session.p.h_ctx, u, enc, mask, identity,
                               credential)
    return (enc, mask, identity, sign_shifted(a, identity, text, 0, fits),
            credential)


def identity_rows(session, u, entry, other, twice):
    """Yield what the entry of u is replaced by. `other` is another client that
    the receiver knows; `twice` tells whether it is listed beside."""
    enc, mask, identity, sig, credential = entry
    secret = session.identities[u]
    yield "a stranger's identity", "UntrustedKey", signed(
        session, u, FORGER, entry)
    yield "the identity of another%s" % (", which is there" * twice), \
        "Duplicate" if twice else "UntrustedKey", signed(
            session, u, session.identities[other], entry)
    for j in (1, 2, 4):
        for holds in (True, False):
            yield "identity + %d T, [h] of it %s T" % (
                j, "without" if holds else "with"), MIXED, shifted_key(
                    session, u, entry, j,
                    lambda h, j=j, holds=holds: (h * j % 8 == 0) == holds)
    for j in (0, 1, 2, 4):
        yield "identity of small order", SMALL, (
            enc, mask, edwards.encode(T[j]), sig, credential)
    for y in (edwards.P + 1, 2**255 - 1, 2**255 + 1):
        yield "identity not canonical", "NonCanonical", (
            enc, mask, y.to_bytes(32, "little"), sig, credential)
    text = schedule.keys_input(session.p.h_ctx, u, enc, mask, identity,
                               credential)
    for j in (1, 2, 4):
        yield "R + %d T" % j, MIXED + " WrongSignature", (
            enc, mask, identity,
            sign_shifted(secret_scalar(secret), identity, text, j),
            credential)
    yield from signature_rows(entry, text)
    yield from credential_rows(session, u, entry)


def signature_rows(entry, text):
    """Yield entries whose signature is not valid under their identity."""
    enc, mask, identity, sig, credential = entry

    def with_sig(other):
        return enc, mask, identity, other, credential
    for at in (0, 40):
        yield "signature altered", "WrongSignature", with_sig(
            flip_bit(sig, at))
    yield "zeros as a signature", "WrongSignature", with_sig(bytes(64))
    yield "signed by a stranger", "WrongSignature", with_sig(
        ed25519_sign(FORGER, text))
    s = int.from_bytes(sig[32:], "little") + ELL
    yield "S + ell", "WrongSignature NonCanonical", with_sig(
        sig[:32] + s.to_bytes(32, "little"))
    nine = (9).to_bytes(32, "little")
    yield "another enc under the signature", "WrongSignature", (
        nine, mask, identity, sig, credential)
    yield "another mask under the signature", "WrongSignature", (
        enc, nine, identity, sig, credential)


def credential_rows(session, u, entry):
    """Yield entries with other credentials."""
    enc, mask, identity, sig, credential = entry
    for name, other in (("altered", flip_bit(credential, 0)),
                        ("missing", b""),
                        ("cut", credential[:-1]),
                        ("longer", credential + b"\0")):
        yield "credential %s, same signature" % name, \
            "WrongSignature Credential", (enc, mask, identity, sig, other)
    for size in (0, 1, LONGEST - 1, LONGEST, LONGEST + 1):
        yield "credential of %d bytes" % size, \
            "Credential" if size <= LONGEST else "WrongLength Credential", \
            signed(session, u, session.identities[u], entry,
                   test_bytes("credential", size))
