# SPDX-License-Identifier: Apache-2.0
"""The formats: file, group type, members with their kind and meaning. From
this table README.md, the schemas and the check of the files are made."""
import formats_parties
import formats_primitives
import formats_values
import formats_wycheproof

FILES = {**formats_primitives.FILES, **formats_values.FILES,
         **formats_parties.FILES, **formats_wycheproof.FILES}

HEX = "^([0-9a-f]{2})*$"
KINDS = {
    "hex": ("bytes, two hex digits each", HEX),
    "b16": ("16 bytes in hex", "^[0-9a-f]{32}$"),
    "b32": ("32 bytes in hex", "^[0-9a-f]{64}$"),
    "b48": ("48 bytes in hex", "^[0-9a-f]{96}$"),
    "b64": ("64 bytes in hex", "^[0-9a-f]{128}$"),
    "b32s": ("any number of 32 bytes, end to end", "^([0-9a-f]{64})*$"),
    "u64": ("64-bit integer, 16 hex digits, big-endian", "^[0-9a-f]{16}$"),
    "u64s": ("any number of u64, end to end", "^([0-9a-f]{16})*$"),
    "u32s": ("any number of 32-bit integers, 8 hex digits each, big-endian, "
             "end to end", "^([0-9a-f]{8})*$"),
    "double": ("bits of an IEEE 754 double, 16 hex digits, big-endian",
               "^[0-9a-f]{16}$"),
    "doubles": ("any number of doubles, end to end", "^([0-9a-f]{16})*$"),
    "single": ("bits of an IEEE 754 single, 8 hex digits", "^[0-9a-f]{8}$"),
    "int": ("JSON number, an integer of 0 to 2^53 - 1", None),
    "bool": ("JSON true or false", None),
    "text": ("ASCII string", "^[ -~]*$"),
    "error": ("name of an error of 1.2, empty where there is none",
              "^[A-Z]*$"),
    "phase": ("KEYS, SHARES, INPUT, CONFIRM, UNMASK, DONE or FAILED",
              "^[A-Z]+$"),
    "u64lists": ("JSON array, one u64s a segment", "^([0-9a-f]{16})*$"),
    "texts": ("JSON array of strings", None),
    "operations": ("JSON array of operations, see below", None),
}
