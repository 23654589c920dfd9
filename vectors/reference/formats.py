# SPDX-License-Identifier: Apache-2.0
"""The formats of all files, and the kinds of values. README.md, the schemas
and the check of the files follow from these tables."""
import formats_parties
import formats_primitives
import formats_values
import formats_wycheproof

FILES = {**formats_primitives.FILES, **formats_values.FILES,
         **formats_parties.FILES, **formats_wycheproof.FILES}

HEX = "^([0-9a-f]{2})*$"
KINDS = {
    "hex": ("any number of bytes, two hex digits each", HEX),
    "b16": ("16 bytes, two hex digits each", "^[0-9a-f]{32}$"),
    "b32": ("32 bytes, two hex digits each", "^[0-9a-f]{64}$"),
    "b48": ("48 bytes, two hex digits each", "^[0-9a-f]{96}$"),
    "b64": ("64 bytes, two hex digits each", "^[0-9a-f]{128}$"),
    "b32s": ("any number of b32, concatenated", "^([0-9a-f]{64})*$"),
    "u64": ("unsigned 64-bit integer, 16 hex digits, big-endian",
            "^[0-9a-f]{16}$"),
    "u64s": ("any number of u64, concatenated", "^([0-9a-f]{16})*$"),
    "u32s": ("any number of unsigned 32-bit integers, 8 hex digits each, "
             "big-endian, concatenated", "^([0-9a-f]{8})*$"),
    "double": ("bits of an IEEE 754 double, 16 hex digits, big-endian",
               "^[0-9a-f]{16}$"),
    "doubles": ("any number of double, concatenated", "^([0-9a-f]{16})*$"),
    "singles": ("any number of bits of an IEEE 754 single, 8 hex digits each, "
                "big-endian, concatenated", "^([0-9a-f]{8})*$"),
    "int": ("JSON number, an integer from 0 to 2^53 - 1", None),
    "bool": ("JSON true or false", None),
    "text": ("ASCII string", "^[ -~]*$"),
    "error": ("name of an error of clause 1.2; empty if there is none",
              "^[A-Z_]*$"),
    "phase": ("KEYS, SHARES, INPUT, CONFIRM, UNMASK, DONE or FAILED",
              "^[A-Z]+$"),
    "u64lists": ("JSON array with one u64s for each segment",
                 "^([0-9a-f]{16})*$"),
    "texts": ("JSON array of strings", None),
    "operations": ("JSON array of operations, see Operations", None),
}
