# SPDX-License-Identifier: Apache-2.0
"""Make hash.json and field.json."""
import scalar
from hashes import H, derive, extract, hkdf_expand, sha256
from vector_file import VectorFile, attempt, test_bytes

SECRETS = (("enc key", 0, 32), ("mask root", 0, 64), ("mask key", 4, 32),
           ("self root", 40, 64), ("poly", 41, 32), ("rounding", 8, 32),
           ("rounding words", 1, 28), ("rounding words", 1, 44),
           ("share", 81, 32), ("pair mask", 112, 32), ("self mask", 44, 32),
           ("graph", 64, 32), ("stream", 1, 28), ("stream", 1, 44),
           ("save key", 0, 32), ("save nonce", 0, 32))

# RFC 5869, A.1 to A.3: ikm, salt, info, length, prk, okm
RFC5869 = (
    ("0b" * 22, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42,
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
     "34007208d5b887185865"),
    (bytes(range(0x00, 0x50)).hex(), bytes(range(0x60, 0xb0)).hex(),
     bytes(range(0xb0, 0x100)).hex(), 82,
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"),
    ("0b" * 22, "", "", 42,
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
     "9d201395faa4b61a96c8"))

# Values published with FIPS 180-4
FIPS180 = (
    (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (b"abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"))


def published(out):
    """Add values that standards publish."""
    out.group("Sha256")
    for text, digest in FIPS180:
        assert sha256(text).hex() == digest
        out.add("published value", "Fips180", data=text, digest=digest)
    out.group("Extract")
    for i, (ikm, salt, _, _, prk, _) in enumerate(RFC5869):
        assert extract(bytes.fromhex(salt), bytes.fromhex(ikm)).hex() == prk
        out.add("A.%d" % (i + 1), "Rfc5869", salt=salt, ikm=ikm, prk=prk)
    out.group("Expand")
    for i, (_, _, info, size, prk, okm) in enumerate(RFC5869):
        assert hkdf_expand(bytes.fromhex(prk), bytes.fromhex(info),
                           size).hex() == okm
        out.add("A.%d" % (i + 1), "Rfc5869", prk=prk, info=info, size=size,
                output=okm)


def make_hash():
    """Make hash.json."""
    out = VectorFile("hash")
    published(out)
    out.group("Hash")
    for label in ("LSA1 ctx", "LSA1 roster", "LSA1 com", "LSA1 set",
                  "LSA1 input"):
        for size in (0, 1, 31, 32, 55, 64, 119, 300):
            x = test_bytes("hash %s %d" % (label, size), size)
            out.add("%d bytes" % size, "Normal", label=label, data=x,
                    digest=H(label, x))
    out.group("Extract")
    for size in (32, 64, 0, 1, 100):
        salt = test_bytes("salt %d" % size, 32)
        ikm = test_bytes("ikm %d" % size, size)
        out.add("keying material of %d bytes" % size, "Normal", salt=salt,
                ikm=ikm, prk=extract(salt, ikm))
    out.group("L")
    for name, size, length in SECRETS:
        prk = test_bytes("prk " + name, 32)
        context = test_bytes("context %s %d" % (name, length), size)
        out.add("context of %d bytes" % size, "Normal", prk=prk, name=name,
                context=context, size=length,
                output=derive(prk, name, context, length))
    return out


def make_field():
    """Make field.json."""
    out = VectorFile("field")
    order = scalar.ELL
    out.group("Reduce")
    edges = [0, 1, order - 1, order, order + 1, 2 * order, 2**252, 2**253,
             2**255 - 19, 2**256 - 1, 2**256, order << 256, order * order,
             order * order - 1, 2**512 - 1, (2**512 // order) * order,
             (2**512 // order) * order - 1, 2**511]
    for x in edges:
        out.add("integer at a bound", "EdgeCase",
                input=x.to_bytes(64, "little"),
                scalar=scalar.encode(x % order))
    for i in range(30):
        x = test_bytes("reduce %d" % i, 64)
        out.add("", "Normal", input=x, scalar=scalar.encode(scalar.reduce(x)))
    out.group("Scalar")
    for x in (0, 1, 2, order - 2, order - 1, 2**252 - 1, 2**252):
        out.add("canonical", "EdgeCase", scalar=scalar.encode(x))
    wrong = [order, order + 1, 2 * order, 2**253, 2**254, 2**255, 2**255 + 1,
             2**256 - 1, 15 * order, order + 2**128, 2**252 + 2**125]
    for x in wrong:
        _, error = attempt(scalar.decode, scalar.encode(x))
        out.add("not below L", "NonCanonical", error, scalar=scalar.encode(x))
    for size in (0, 31, 33):
        _, error = attempt(scalar.decode, bytes(size))
        out.add("%d bytes" % size, "WrongLength", error, scalar=bytes(size))
    return out
