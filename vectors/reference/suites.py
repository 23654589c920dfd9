# SPDX-License-Identifier: Apache-2.0
"""The primitives of the suites (1.3, 3.3, 3.4, 3.5, 3.8)."""
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey, Ed25519PublicKey)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import edwards
from errors import AUTH, MESSAGE, require
from hashes import be32
from scalar import ELL

P25519 = 2**255 - 19
LOW_ORDER = {0, 1, P25519 - 1} | {
    int.from_bytes(bytes.fromhex(h), "little") for h in (
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")}
KEY_NONCE_LEN = {1: 28, 2: 44}
ZERO_NONCE = bytes(12)


def check_point(point):
    """1.3: require a canonical point that is not of low order, else
    MESSAGE."""
    require(len(point) == 32, MESSAGE, "length of a point")
    u = int.from_bytes(point, "little")
    require(u < P25519, MESSAGE, "point not canonical")
    require(u not in LOW_ORDER, MESSAGE, "point of low order")


def x25519(sk, point):
    """3.3: compute X25519(sk, point). The point must be canonical."""
    check_point(point)
    private = X25519PrivateKey.from_private_bytes(sk)
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:
        raise MESSAGE("all-zero agreement") from None


def pk(sk):
    """3.3: compute pk(sk) = X25519(sk, 9)."""
    private = X25519PrivateKey.from_private_bytes(sk)
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def chacha20_keystream(key, nonce, length, block=0):
    """6.2, suite 2: return bytes of the ChaCha20 keystream (RFC 8439, 2.4);
    the block counter begins at `block`."""
    counter = block.to_bytes(4, "little")
    cipher = Cipher(algorithms.ChaCha20(key, counter + nonce), None)
    return cipher.encryptor().update(bytes(length))


def aes128_ctr_keystream(key, nonce, length, block):
    """6.2, suite 1: return bytes of AES-128-CTR; the counter block is nonce ||
    be32 i."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + be32(block)))
    return cipher.encryptor().update(bytes(length))


def keystream(suite, key_nonce, length, start=0):
    """6.2: return `length` bytes of the suite's keystream from `start` on,
    which is a multiple of 64."""
    key, nonce = key_nonce[:-12], key_nonce[-12:]
    if suite == 1:
        return aes128_ctr_keystream(key, nonce, length, start // 16)
    return chacha20_keystream(key, nonce, length, start // 64)


def aead_seal(key, aad, plaintext, nonce=ZERO_NONCE):
    """3.8: encrypt with ChaCha20-Poly1305. Shares use the zero nonce."""
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


def aead_open(key, aad, sealed, nonce=ZERO_NONCE):
    """3.8: return the plaintext. A wrong tag is AUTH."""
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise AUTH("tag of a sealed share") from None


def hchacha20(key, block):
    """11.2: compute HChaCha20 (draft-irtf-cfrg-xchacha-03, 2.2) of a block of
    16 bytes: the first and the last row of the ChaCha20 state before the
    addition of its input, which a keystream block has added."""
    cipher = Cipher(algorithms.ChaCha20(key, block), None)
    stream = cipher.encryptor().update(bytes(64))
    rows = stream[:16] + stream[48:]
    added = b"expand 32-byte k" + block
    words = [(int.from_bytes(rows[i:i + 4], "little")
              - int.from_bytes(added[i:i + 4], "little")) % 2**32
             for i in range(0, 32, 4)]
    return b"".join(w.to_bytes(4, "little") for w in words)


def xchacha_seal(key, nonce, aad, plaintext):
    """11.2: encrypt with XChaCha20-Poly1305 (the same draft, 2.3)."""
    return aead_seal(hchacha20(key, nonce[:16]), aad, plaintext,
                     bytes(4) + nonce[16:])


def xchacha_open(key, nonce, aad, sealed):
    """11.2: return the plaintext. A wrong tag is AUTH."""
    return aead_open(hchacha20(key, nonce[:16]), aad, sealed,
                     bytes(4) + nonce[16:])


def ed25519_sign(secret, text):
    """3.5: sign with pure Ed25519."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(text)


def ed25519_public(secret):
    """3.5: return the public key of an RFC 8032 seed."""
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_valid_key(public):
    """3.5: tell whether a public key is valid."""
    return edwards.valid_key(public)


def ed25519_verify(public, signature, text):
    """3.5: tell whether a signature is valid. OpenSSL tests the equation
    without the cofactor; it accepts R = identity, which 3.5 does not."""
    if not ed25519_valid_key(public):
        return False
    if int.from_bytes(signature[32:], "little") >= ELL \
            or signature[:32] == edwards.encode(edwards.IDENTITY):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
