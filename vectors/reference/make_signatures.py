# SPDX-License-Identifier: Apache-2.0
"""Make signatures.json."""
import edwards
import schedule
import suites
from disputed_signatures import chalkias_cases, torsion_cases
from errors import ARG, AUTH, require
from scalar import ELL
from vector_file import VectorFile, attempt, test_bytes, u64

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


def flip_bit(text, bit):
    """Flip one bit."""
    out = bytearray(text)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


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


def add_equation(out, comment, flags, public, text, signature):
    """Add a test of Equation. All verifiers that 3.5 permits agree."""
    verdicts = {edwards.verify(public, signature, text),
                edwards.verify_with_cofactor(public, signature, text),
                suites.ed25519_verify(public, signature, text)}
    assert len(verdicts) == 1
    out.add(comment, flags, "" if verdicts == {True} else "AUTH",
            public=public, text=text, signature=signature,
            withoutCofactor=edwards.holds_without_cofactor(
                public, signature, text),
            withCofactor=edwards.holds_with_cofactor(public, signature, text))


def equations(out):
    """Add tests of Equation: whatever verifiers in use disagree on."""
    out.group("Equation")
    secret = test_bytes("equation", 32)
    for text in (b"", test_bytes("equation", 200)):
        add_equation(out, "valid", "Normal", suites.ed25519_public(secret),
                     text, suites.ed25519_sign(secret, text))
    for cases in (torsion_cases(), chalkias_cases()):
        for comment, flags, public, text, signature in cases:
            add_equation(out, comment, flags, public, text, signature)
            assert out.tests()[-1]["error"]


CREDENTIALS = (0, 1, 31, 2047, 2048)


def texts(out):
    """Add tests of KeysText and ConfirmText."""
    out.group("KeysText")
    for u, size in zip((0, 1, 2, 3, 2047), CREDENTIALS):
        secret = test_bytes("identity %d" % u, 32)
        public = suites.ed25519_public(secret)
        credential = test_bytes("credential %d" % size, size)
        parts = [test_bytes("keys %d" % u, 32), u,
                 suites.pk(test_bytes("e", 32)),
                 suites.pk(test_bytes("m", 32))]
        text = schedule.keys_input(*parts, public, credential)
        out.add("credential of %d bytes" % size, "Normal", hCtx=parts[0],
                index=u, enc=parts[2], mask=parts[3], credential=credential,
                credentialDigest=schedule.credential_digest(credential),
                secret=secret, public=public, text=text,
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
                               test_bytes("m", 32), public, b"")
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
    equations(out)
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


def bad_keys():
    """3.5: yield keys that are not valid."""
    for j, point in enumerate(edwards.torsion()):
        yield "small order", "LowOrder", edwards.encode(point)
        if j:
            yield ("A + %d T" % j, "MixedOrder", edwards.encode(
                edwards.add(edwards.BASE, point)))
    p = suites.P25519
    for y in (p, p + 1, p + 3, p + 18, 2**255 - 1):
        yield "y not below p", "NonCanonical", y.to_bytes(32, "little")
        yield ("y not below p, sign", "NonCanonical",
               (y + 2**255).to_bytes(32, "little"))
    for y in (1, p - 1):
        yield "x is 0 and has a sign", "NonCanonical", \
            (y + 2**255).to_bytes(32, "little")
    off = (y for y in range(2, 100)
           if edwards.decode(y.to_bytes(32, "little")) is None)
    for _ in range(3):
        yield "no point", "WrongRange", next(off).to_bytes(32, "little")
