# SPDX-License-Identifier: Apache-2.0
"""Formats of the cases of Wycheproof: three types of other files, and two
types of their own."""
from formats_primitives import FILES as PRIMITIVES

TYPES = {
    "Agreement": PRIMITIVES["agreement"]["types"]["Agreement"],
    "Verify": PRIMITIVES["signatures"]["types"]["Verify"],
    "Aead": PRIMITIVES["sealed"]["types"]["Aead"],
    "AeadOpen": ("3.8", "Decrypt with ChaCha20-Poly1305. The error is AUTH if "
                 "the tag is wrong.", [], [
        ("key", "b32", "key"), ("nonce", "hex", "nonce, 12 bytes"),
        ("aad", "hex", "associated data"),
        ("ciphertext", "hex", "ciphertext, then tag"),
        ("plaintext", "hex", "plaintext; empty if invalid")]),
    "Hkdf": ("3.2", "Compute HKDF. The error is ARG if size is over 255 * 32 "
             "(RFC 5869, section 2.3).", [], [
        ("ikm", "hex", "input keying material"),
        ("salt", "hex", "salt"), ("info", "hex", "info"),
        ("size", "int", "length of the output in bytes"),
        ("output", "hex", "HKDF-Expand(Extract(salt, ikm), info, size); empty "
         "if invalid")]),
}

FILES = {"wycheproof": {
    "concern": "cases of Wycheproof (3.2, 3.3, 3.5, 3.8)", "types": TYPES}}
