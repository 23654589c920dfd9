# SPDX-License-Identifier: Apache-2.0
"""Make sealed.json."""
import scalar
import schedule
import suites
from scalar import ELL
from vector_file import VectorFile, attempt, test_bytes, test_number, u64

# RFC 8439, 2.8.2
AEAD_KEY = bytes(range(0x80, 0xa0))
AEAD_NONCE = bytes.fromhex("070000004041424344454647")
AEAD_AAD = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
AEAD_TEXT = (b"Ladies and Gentlemen of the class of '99: If I could offer you "
             b"only one tip for the future, sunscreen would be it.")
AEAD_TAG = "1ae10b594f09e26a7e902ecbd0600691"


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
