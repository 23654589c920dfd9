# SPDX-License-Identifier: Apache-2.0
"""Formats of the cases of Wycheproof: types that other files have, and what a
published case needs besides."""
from formats_primitives import FILES as OURS

FILES = {
    "wycheproof": {"concern": "cases of Wycheproof (3.2, 3.3, 3.5, 3.8)",
                   "types": {
        "Agreement": OURS["agreement"]["types"]["Agreement"],
        "Verify": OURS["signatures"]["types"]["Verify"],
        "Aead": OURS["sealed"]["types"]["Aead"],
        "AeadOpen": ("3.8", [], [
            ("key", "b32", "key"), ("nonce", "hex", "12 bytes"),
            ("aad", "hex", "AAD"),
            ("ciphertext", "hex", "ciphertext and tag of "
             "ChaCha20-Poly1305; AUTH where the tag is wrong"),
            ("plaintext", "hex", "plaintext; empty where it does not open")]),
        "Hkdf": ("3.2", [], [
            ("ikm", "hex", "keying material"), ("salt", "hex", "salt"),
            ("info", "hex", "info"),
            ("size", "int", "bytes wanted; ARG where they are over 255 * 32 "
             "(RFC 5869, section 2.3)"),
            ("output", "hex", "HKDF-Expand(Extract(salt, ikm), info, size); "
             "empty where refused")]),
    }},
}
