# SPDX-License-Identifier: Apache-2.0
"""Primitives of the suites (1.3, 3.3, 3.4, 3.5, 3.8)."""
import functools

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey, Ed25519PublicKey)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from errors import AUTH, MESSAGE, demand
from hashes import be32

P = 2**255 - 19
LOW_ORDER = {0, 1, P - 1} | {
    int.from_bytes(bytes.fromhex(h), "little") for h in (
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")}
STREAM_SECRET = {1: 28, 2: 44}
ZERO_NONCE = bytes(12)


def check_point(point):
    """1.3: a canonical point that is not of low order, else MESSAGE."""
    demand(len(point) == 32, MESSAGE, "length of a point")
    u = int.from_bytes(point, "little")
    demand(u < P, MESSAGE, "point not canonical")
    demand(u not in LOW_ORDER, MESSAGE, "point of low order")


def X(sk, point):
    """3.3: X25519; the point is canonical."""
    check_point(point)
    private = X25519PrivateKey.from_private_bytes(sk)
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:
        raise MESSAGE("all-zero agreement") from None


def pk(sk):
    """3.3: X(sk, 9)."""
    private = X25519PrivateKey.from_private_bytes(sk)
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def chacha_stream(key, nonce, length, block=0):
    """RFC 8439, 2.4: bytes of the stream, the counter from `block` on."""
    counter = block.to_bytes(4, "little")
    cipher = Cipher(algorithms.ChaCha20(key, counter + nonce), None)
    return cipher.encryptor().update(bytes(length))


def aes_stream(key, nonce, length, block):
    """6.2, suite 1: AES-128-CTR, counter block nonce || be32 i."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + be32(block)))
    return cipher.encryptor().update(bytes(length))


def keystream(suite, secret, length, start=0):
    """6.2: bytes of the suite's stream from `start`, a multiple of 64, on;
    secret is key || nonce."""
    key, nonce = secret[:-12], secret[-12:]
    if suite == 1:
        return aes_stream(key, nonce, length, start // 16)
    return chacha_stream(key, nonce, length, start // 64)


def seal(key, aad, plaintext, nonce=ZERO_NONCE):
    """3.8: ChaCha20-Poly1305; a share has the zero nonce."""
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


def unseal(key, aad, sealed, nonce=ZERO_NONCE):
    """3.8: the plaintext, or AUTH."""
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise AUTH("tag of a sealed share") from None


def sign(secret, text):
    """3.5: pure Ed25519."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(text)


def sign_public(secret):
    """3.5: the public key of an RFC 8032 seed."""
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def verify(public, signature, text):
    """3.5: whether a signature is valid."""
    order = 2**252 + 27742317777372353535851937790883648493
    if not valid_public(public):
        return False
    if int.from_bytes(signature[32:], "little") >= order:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


D = -121665 * pow(121666, P - 2, P) % P


def edwards_add(a, b):
    """RFC 8032, 5.1.4: affine addition on the curve."""
    x1, y1 = a
    x2, y2 = b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P
    return x, y


def edwards_decode(public):
    """RFC 8032, 5.1.3: the point of a canonical encoding, or None."""
    y = int.from_bytes(public, "little")
    sign_bit, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != xx or (x == 0 and sign_bit):
        return None
    return (P - x if x & 1 != sign_bit else x), y


@functools.lru_cache(maxsize=None)
def valid_public(public):
    """3.5: a canonical encoding of a point that is not of small order."""
    if len(public) != 32:
        return False
    point = edwards_decode(public)
    if point is None:
        return False
    for _ in range(3):
        point = edwards_add(point, point)
    return point != (0, 1)
