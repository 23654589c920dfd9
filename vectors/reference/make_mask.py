# SPDX-License-Identifier: Apache-2.0
"""Make mask.json and planar.json."""
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import planes
from hashes import be32, derive, u8
from make_sealed import AEAD_TEXT
from suites import KEY_NONCE_LEN, keystream
from vector_file import VectorFile, attempt, test_bytes, test_number, u64, u64s

# SP 800-38A, F.5.1 and RFC 8439, 2.4.2 and A.1 (1)
AES = ("2b7e151628aed2a6abf7158809cf4f3c", "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
       "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
       "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
       "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
       "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee")
CHACHA = (
    (bytes(range(32)).hex(), "01000000000000000000004a00000000",
     AEAD_TEXT.hex(),
     "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
     "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
     "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
     "5af90bbf74a35be6b40b8eedf2785e42874d"),
    ("00" * 32, "00" * 16, "00" * 64,
     "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
     "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"))


def ciphers(out):
    """Add published values of the stream ciphers."""
    out.group("Cipher")
    key, counter, text, expected = map(bytes.fromhex, AES)
    cipher = Cipher(algorithms.AES(key), modes.CTR(counter))
    assert cipher.encryptor().update(text) == expected
    out.add("F.5.1", "Sp80038a", cipher="AES-128-CTR", key=key,
            counter=counter, input=text, output=expected)
    for row in CHACHA:
        key, counter, text, expected = map(bytes.fromhex, row)
        cipher = Cipher(algorithms.ChaCha20(key, counter), None)
        assert cipher.encryptor().update(text) == expected
        out.add("2.4.2 and A.1", "Rfc8439", cipher="ChaCha20", key=key,
                counter=counter, input=text, output=expected)


def streams(out):
    """Add tests of Stream for both suites."""
    out.group("Stream")
    for suite in (1, 2):
        for i, b in enumerate((1, 2, 1, 3, 19, 32, 33, 64, 52)):
            seed = test_bytes("stream %d" % (i // 2), 32)
            secret = derive(seed, "stream", u8(b), KEY_NONCE_LEN[suite])
            out.add("", "Normal", suite=suite, seed=seed, bits=b,
                    secret=secret, stream=keystream(suite, secret, 160))


def seeds_of(name, signs):
    """Return a mask set with these signs."""
    return [(s, test_bytes("%s %d" % (name, i), 32))
            for i, s in enumerate(signs)]


def add_range(out, comment, flags, suite, signs, b, offset, count):
    """Add a test of Range."""
    name = "range %d %d %d" % (b, offset, count)
    seeds = seeds_of(name, signs)
    before = test_bytes(name, b * ((count + 7) // 8))
    after, error = attempt(planes.apply_masks, suite, seeds, b, offset, before,
                           count)
    out.add(comment, flags, error, set=planes.encode_mask_set(suite, seeds),
            bits=b, offset=u64(offset), count=count, before=before,
            after=after or "")


def worked(out):
    """Add the masks of appendix A.3."""
    seed = bytes.fromhex("569e98ba6c9566d50b21cdd886ca2030"
                         "4889cdd2b635c21a4ff77e13236ab20f")
    before = planes.pack([0, 1, 2, 3, 4, 5, 6, 7, 5, 2], 3)
    for suite, sign, after in ((2, 0, "f6e8182ae1d5"), (2, 1, "f6e844c3793d"),
                               (1, 0, "620984fa6282")):
        mask_set = [(sign, seed)]
        assert planes.apply_masks(suite, mask_set, 3, 0, before,
                                  10).hex() == after
        out.add("A.3", "Worked", set=planes.encode_mask_set(suite, mask_set),
                bits=3, offset=u64(0), count=10, before=before, after=after)


def ranges(out):
    """Add tests of Range: bits, offsets, signs, limits."""
    out.group("Range")
    worked(out)
    for suite in (1, 2):
        for b in (1, 2, 3, 7, 8, 9, 16, 17, 19, 24, 31, 32, 33, 40, 47, 52,
                  63, 64):
            for sign in (0, 1):
                add_range(out, "one seed", "Normal", suite, [sign], b, 0, 24)
        for count in (1, 7, 9, 503, 511, 512, 513, 1030):
            add_range(out, "ragged", "Ragged", suite, [0, 1], 5, 0, count)
        for offset in (512, 1024, 5120, 2**20, 2**30):
            add_range(out, "later blocks", "Blocks", suite, [1], 19, offset,
                      530)
        add_range(out, "many seeds", "Normal", suite, [0, 1] * 20, 19, 0, 40)
        add_range(out, "seeds of one sign", "Normal", suite, [1] * 17, 64,
                  512, 10)
        add_range(out, "no seed", "EdgeCase", suite, [], 9, 0, 20)
        add_range(out, "the last block of 64 bits", "EdgeCase", suite, [0], 64,
                  2**33 - 512, 512)
        add_range(out, "the last block of 1 bit", "EdgeCase", suite, [1], 1,
                  2**39 - 512, 512)
        for b in (0, 65, 255):
            add_range(out, "bits", "WrongRange", suite, [0], b, 0, 8)
        for offset in (1, 8, 64, 511, 513, 768):
            add_range(out, "offset", "WrongRange", suite, [0], 8, offset, 8)
        for b, offset in ((64, 2**33), (64, 2**33 - 512), (1, 2**39),
                          (1, 2**39 - 512), (3, 2**36 // 192 * 512)):
            count = 513 if offset in (2**33 - 512, 2**39 - 512) else 8
            add_range(out, "beyond the stream", "WrongRange", suite, [0], b,
                      offset, count)


def add_set(out, comment, flags, text):
    """Add a test of Set."""
    found, error = attempt(planes.decode_mask_set, text)
    suite, seeds = found or (0, [])
    out.add(comment, flags, error, set=text, suite=suite,
            signs=bytes(s for s, _ in seeds),
            seeds=b"".join(s for _, s in seeds))


def sets(out):
    """Add tests of Set: encodings that are valid and others."""
    out.group("Set")
    for suite in (1, 2):
        for signs in ([], [0], [1], [0, 1, 1, 0, 0]):
            add_set(out, "", "Normal",
                    planes.encode_mask_set(suite, seeds_of("set", signs)))
    twice = seeds_of("twice", [1]) * 2
    add_set(out, "a seed twice", "EdgeCase", planes.encode_mask_set(2, twice))
    good = planes.encode_mask_set(1, seeds_of("good", [0, 1, 0]))
    for i in range(4):
        add_set(out, "magic", "WrongHeader",
                good[:i] + bytes([good[i] ^ 32]) + good[i + 1:])
    for version in (0, 2, 256):
        add_set(out, "version", "WrongHeader",
                good[:4] + version.to_bytes(2, "big") + good[6:])
    for suite in (0, 3, 0x101, 0x201):
        add_set(out, "suite", "WrongHeader",
                good[:6] + suite.to_bytes(2, "big") + good[8:])
    for count in (0, 2, 4, 2**24, 2**24 + 1, 2**32 - 1):
        add_set(out, "count", "WrongCount",
                good[:8] + be32(count) + good[12:])
    for sign in (2, 255):
        add_set(out, "sign", "WrongKind",
                good[:45] + u8(sign) + good[46:])
    for size in (0, 4, 11, 12, 13, len(good) - 33, len(good) - 1):
        add_set(out, "cut", "WrongLength", good[:size])
    add_set(out, "a byte too many", "WrongLength", good + b"\0")


def make_mask():
    """Make mask.json."""
    out = VectorFile("mask")
    ciphers(out)
    streams(out)
    ranges(out)
    sets(out)
    return out


def random_entries(name, b, count):
    """Return entries of b bits; both bounds are among them."""
    out = [test_number("%s %d" % (name, i), 2**b) for i in range(count)]
    out[0] = 2**b - 1
    if count > 2:
        out[2] = 0
    return out


def make_planar():
    """Make planar.json."""
    out = VectorFile("planar")
    out.group("Planes")
    entries = [0, 1, 2, 3, 4, 5, 6, 7, 5, 2]
    out.add("the example of 6.1", "Worked", bits=3, count=10,
            entries=u64s(entries), planes=planes.pack(entries, 3))
    sizes = [(b, 1 + b * 7 % 23) for b in range(1, 65)]
    sizes += [(b, 8) for b in (1, 8, 63, 64)]
    sizes += [(1, 512), (3, 513), (17, 520), (1, 1024), (5, 1537), (33, 514),
              (64, 600), (19, 1000)]
    for b, count in sizes:
        entries = random_entries("planar %d %d" % (b, count), b, count)
        out.add("", "Ragged" if count % 8 else "Normal", bits=b, count=count,
                entries=u64s(entries), planes=planes.pack(entries, b))
    out.group("Ragged")
    for b, count in ((1, 1), (3, 10), (19, 515), (64, 7)):
        text = test_bytes("ragged %d" % b, b * ((count + 7) // 8))
        out.add("ragged bits are ignored", "Ragged", bits=b, count=count,
                planes=text, entries=u64s(planes.unpack(text, b)[:count]))
    out.group("Sum")
    for b, count in [(b, 1 + b * 5 % 19) for b in range(1, 65)] + [
            (7, 513), (64, 530), (19, 1030)]:
        size = b * ((count + 7) // 8)
        left = test_bytes("left %d" % b, size)
        right = test_bytes("right %d" % b, size)
        x, y = planes.unpack(left, b), planes.unpack(right, b)
        out.add("", "Ragged" if count % 8 else "Normal", bits=b, count=count,
                left=left, right=right,
                sum=planes.pack(planes.add(x, y, b), b),
                difference=planes.pack(planes.subtract(x, y, b), b))
    return out
