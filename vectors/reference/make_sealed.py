# SPDX-License-Identifier: Apache-2.0
"""Make sealed.json and signatures.json."""
import scalar
import schedule
import suites
from errors import ARG, AUTH, require
from scalar import ELL
from vector_file import VectorFile, attempt, test_bytes, test_number, u64

# RFC 8439, 2.8.2
AEAD_KEY = bytes(range(0x80, 0xa0))
AEAD_NONCE = bytes.fromhex("070000004041424344454647")
AEAD_AAD = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
AEAD_TEXT = (b"Ladies and Gentlemen of the class of '99: If I could offer you "
             b"only one tip for the future, sunscreen would be it.")
AEAD_TAG = "1ae10b594f09e26a7e902ecbd0600691"

# RFC 8032, 7.1: secret, public, text, signature
RFC8032 = (
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"))


def add_open(out, comment, flags, key, fields, sealed):
    """Add a test of Open. `fields` is h_ros, round, kind, dealer, holder."""
    share, error = attempt(schedule.open_share, key, *fields, sealed)
    h_ros, round_, kind, u, v = fields
    out.add(comment, flags, error, key=key, hRos=h_ros, round=u64(round_),
            kind=kind, dealer=u, holder=v, sealed=sealed,
            share="" if error else scalar.encode(share))


def flip_bit(text, bit):
    """Flip one bit."""
    out = bytearray(text)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def opens(out):
    """Add tests of Open: valid, altered in each field, not canonical."""
    out.group("Open")
    key = test_bytes("sealed key", 32)
    base = [test_bytes("sealed ros", 32), 7, 0, 3, 4]
    sealed = schedule.seal_share(key, *base, test_number("share", ELL))
    add_open(out, "right", "Normal", key, base, sealed)
    for bit in (0, 7, 100, 255, 256, 300, 383):
        add_open(out, "bit %d of sealed" % bit, "Tampered", key, base,
                 flip_bit(sealed, bit))
    for bit in (0, 77, 255):
        add_open(out, "bit %d of the key" % bit, "Tampered",
                 flip_bit(key, bit), base, sealed)
        other = [flip_bit(base[0], bit)] + base[1:]
        add_open(out, "bit %d of H_ros" % bit, "Tampered", key, other, sealed)
    for at, values, name in ((1, (6, 7 + 2**32, 7 + 2**63), "round"),
                             (2, (1,), "kind"),
                             (3, (2, 4, 3 + 2**16), "dealer"),
                             (4, (3, 5, 4 + 2**16), "holder")):
        for value in values:
            other = base[:at] + [value] + base[at + 1:]
            add_open(out, "another " + name, "Tampered", key, other, sealed)
    swapped = base[:3] + [base[4], base[3]]
    add_open(out, "dealer and holder changed about", "Tampered", key, swapped,
             sealed)
    add_open(out, "zeros", "Tampered", key, base, bytes(48))
    for x in (0, 1, ELL - 1):
        add_open(out, "share at a bound", "EdgeCase", key, base,
                 schedule.seal_share(key, *base, x))
    for x in (ELL, ELL + 1, 2**253, 2**255, 2**256 - 1):
        add_open(out, "share not below L", "NonCanonical", key, base,
                 schedule.seal_share(key, *base, x))


def make_sealed():
    """Make sealed.json."""
    out = VectorFile("sealed")
    out.group("Aead")
    aead = suites.ChaCha20Poly1305(AEAD_KEY)
    sealed = aead.encrypt(AEAD_NONCE, AEAD_TEXT, AEAD_AAD)
    assert sealed[-16:].hex() == AEAD_TAG
    out.add("2.8.2", "Rfc8439", key=AEAD_KEY, nonce=AEAD_NONCE, aad=AEAD_AAD,
            plaintext=AEAD_TEXT, ciphertext=sealed)
    out.group("Seal")
    for kind, u, v, round_ in ((0, 0, 1, 0), (1, 1, 0, 1),
                               (0, 4094, 3, 2**64 - 1),
                               (1, 2**20 - 1, 2**16, 2**40)):
        name = "seal %d %d" % (u, v)
        key, h_ros = test_bytes(name, 32), test_bytes(name + "ros", 32)
        share = test_number(name, ELL)
        out.add("", "Normal", key=key, hRos=h_ros, round=u64(round_),
                kind=kind, dealer=u, holder=v, share=scalar.encode(share),
                sealed=schedule.seal_share(key, h_ros, round_, kind, u, v,
                                           share))
    opens(out)
    return out


def check_signature(public, signature, text):
    """8.9: require a valid signature, else AUTH."""
    require(suites.ed25519_verify(public, signature, text), AUTH, "signature")


def check_public(public):
    """3.5: require a valid key, else ARG."""
    require(suites.ed25519_valid_key(public), ARG, "key")


def add_verify(out, comment, flags, public, text, signature):
    """Add a test of Verify."""
    _, error = attempt(check_signature, public, signature, text)
    out.add(comment, flags, error, public=public, text=text,
            signature=signature)


def texts(out):
    """Add tests of KeysText and ConfirmText."""
    out.group("KeysText")
    for u in (0, 1, 2047):
        secret = test_bytes("identity %d" % u, 32)
        parts = [test_bytes("keys %d" % u, 32), u,
                 suites.pk(test_bytes("e", 32)),
                 suites.pk(test_bytes("m", 32))]
        text = schedule.keys_input(*parts)
        out.add("", "Normal", hCtx=parts[0], index=u, enc=parts[2],
                mask=parts[3], secret=secret,
                public=suites.ed25519_public(secret), text=text,
                signature=suites.ed25519_sign(secret, text))
    out.group("ConfirmText")
    for u, round_ in ((0, 0), (1, 7), (2047, 2**64 - 1)):
        secret = test_bytes("identity %d" % u, 32)
        ctx, ros, u2, u3 = (test_bytes("confirm %d %d" % (u, i), 32)
                            for i in range(4))
        text = schedule.confirm_input(ctx, ros, round_, u, u2, u3)
        out.add("", "Normal", hCtx=ctx, hRos=ros, round=u64(round_), index=u,
                hU2=u2, hU3=u3, secret=secret,
                public=suites.ed25519_public(secret), text=text,
                signature=suites.ed25519_sign(secret, text))


def verifies(out):
    """Add tests of Verify: valid and wrong signatures."""
    out.group("Verify")
    for i, (secret, public, text, sig) in enumerate(RFC8032):
        secret, public, text, sig = map(bytes.fromhex,
                                        (secret, public, text, sig))
        assert suites.ed25519_public(secret) == public
        assert suites.ed25519_sign(secret, text) == sig
        add_verify(out, "7.1, test %d" % (i + 1), "Rfc8032", public, text, sig)
    secret = test_bytes("identity", 32)
    public = suites.ed25519_public(secret)
    text = schedule.keys_input(test_bytes("c", 32), 3, test_bytes("e", 32),
                               test_bytes("m", 32))
    sig = suites.ed25519_sign(secret, text)
    add_verify(out, "right", "Normal", public, text, sig)
    for bit in (0, 255, 256, 400, 507):
        add_verify(out, "bit %d of the signature" % bit, "WrongSignature",
                   public, text, flip_bit(sig, bit))
    for bit in (0, 10 * 8, 42 * 8 + 3, 46 * 8, 109 * 8 + 7):
        add_verify(out, "bit %d of the text" % bit, "WrongSignature", public,
                   flip_bit(text, bit), sig)
    add_verify(out, "text too short", "WrongSignature", public, text[:-1], sig)
    add_verify(out, "text too long", "WrongSignature", public, text + b"\0",
               sig)
    other = suites.ed25519_public(test_bytes("other", 32))
    add_verify(out, "another's key", "WrongSignature", other, text, sig)
    s = int.from_bytes(sig[32:], "little")
    for times in (1, 2, 7, 14):
        more = (s + times * ELL).to_bytes(32, "little")
        add_verify(out, "S + %d L" % times, "NonCanonical WrongSignature",
                   public, text, sig[:32] + more)
    for bad in (ELL, 2**256 - 1):
        add_verify(out, "S not below L", "NonCanonical WrongSignature",
                   public, text, sig[:32] + bad.to_bytes(32, "little"))
    add_verify(out, "zeros", "WrongSignature", public, text, bytes(64))


def make_signatures():
    """Make signatures.json."""
    out = VectorFile("signatures")
    texts(out)
    verifies(out)
    out.group("TrustedKey")
    for i in range(4):
        key = suites.ed25519_public(test_bytes("trusted %d" % i, 32))
        _, error = attempt(check_public, key)
        out.add("right", "Normal", error, public=key)
    for comment, flags, key in bad_keys():
        _, error = attempt(check_public, key)
        assert error
        out.add(comment, flags, error, public=key)
    return out


def torsion():
    """3.5: return the points of order 1, 2, 4 and 8 (RFC 8032, 5.1). A
    multiple of any point by the prime order is one of them."""
    found = set()
    i = 0
    while len(found) < 8:
        point = suites.edwards_decode(test_bytes("curve %d" % i, 32))
        i += 1
        if point is None:
            continue
        small = (0, 1)
        for bit in bin(ELL)[2:]:
            small = suites.edwards_add(small, small)
            if bit == "1":
                small = suites.edwards_add(small, point)
        multiple = (0, 1)
        for _ in range(8):
            multiple = suites.edwards_add(multiple, small)
            found.add(multiple)
    return sorted(found)


def encode_point(x, y):
    """3.5: encode a point (RFC 8032, 5.1.2)."""
    return (y | (x & 1) << 255).to_bytes(32, "little")


def bad_keys():
    """3.5: yield keys that are not valid."""
    for x, y in torsion():
        yield "small order", "LowOrder", encode_point(x, y)
    p = suites.P25519
    for y in (p, p + 1, p + 3, p + 18, 2**255 - 1):
        yield "y not below p", "NonCanonical", y.to_bytes(32, "little")
        yield ("y not below p, sign", "NonCanonical",
               (y + 2**255).to_bytes(32, "little"))
    for y in (1, p - 1):
        yield "x is 0 and has a sign", "NonCanonical", \
            (y + 2**255).to_bytes(32, "little")
    off = (y for y in range(2, 100)
           if suites.edwards_decode(y.to_bytes(32, "little")) is None)
    for _ in range(3):
        yield "no point", "WrongRange", next(off).to_bytes(32, "little")
