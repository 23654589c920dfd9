# SPDX-License-Identifier: Apache-2.0
"""A file of test vectors, and values in the form that JSON needs."""
import json
import struct

from errors import ProtocolError
from flags import FLAGS
from formats import FILES
from hashes import be32, be64, hkdf_expand, sha256

GENERATOR = "vectors/reference/generate.py, version 1"


def test_bytes(label, size):
    """Return bytes that look random and are the same in every run."""
    return hkdf_expand(sha256(label.encode()), b"test data", size) \
        if size <= 8160 else long_test_bytes(label, size)


def long_test_bytes(label, size):
    """Return more test bytes than one call of HKDF-Expand allows."""
    out = b""
    while len(out) < size:
        out += test_bytes("%s %d" % (label, len(out)), 8160)
    return out[:size]


def test_number(label, limit):
    """Return a number below a limit that is the same in every run."""
    return int.from_bytes(test_bytes(label, 40), "big") % limit


def u64(x):
    """Write an integer as 16 hex digits."""
    return be64(x).hex()


def u64s(xs):
    """Write integers as 16 hex digits each."""
    return "".join(map(u64, xs))


def twos_complement(xs):
    """Write integers as 16 hex digits each, negative ones in two's
    complement."""
    return u64s(x % 2**64 for x in xs)


def u32s(xs):
    """Write integers as 8 hex digits each."""
    return "".join(be32(x).hex() for x in xs)


def double(x):
    """Write the bits of a double as 16 hex digits."""
    return struct.pack(">d", x).hex()


def doubles(xs):
    """Write the bits of doubles as 16 hex digits each."""
    return "".join(map(double, xs))


def scalars(xs):
    """Write scalars as 64 hex digits each, little-endian."""
    return "".join(x.to_bytes(32, "little").hex() for x in xs)


def to_json(value):
    """Write bytes as hex and return any other value as it is."""
    return value.hex() if isinstance(value, bytes) else value


def attempt(function, *arguments):
    """Call a function. Return its result and an empty string, or None and the
    name of the error."""
    try:
        return function(*arguments), ""
    except ProtocolError as error:
        return None, error.name


def json_text(value, depth=0):
    """Write JSON with one member or item per line. A value that contains no
    object or array takes one line."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not any(
            isinstance(v, (dict, list)) for v in inner):
        return json.dumps(value)
    indent = "\n" + " " * depth
    if isinstance(value, dict):
        rows = ["%s: %s" % (json.dumps(k), json_text(v, depth + 1))
                for k, v in value.items()]
        return "{" + ",".join(indent + " " + r for r in rows) + indent + "}"
    rows = [json_text(v, depth + 1) for v in value]
    return "[" + ",".join(indent + " " + r for r in rows) + indent + "]"


class VectorFile:
    """A file of test vectors; its groups have the order in which they are
    made."""

    def __init__(self, name):
        self.name = name
        self.groups = []
        self.count = 0
        self.origin = []

    def group(self, type_, **shared):
        """Begin a group; add() adds tests to the last one."""
        members = {k: to_json(v) for k, v in shared.items()}
        self.groups.append({"type": type_, **members, "tests": []})

    def add(self, comment, flags, error="", **members):
        """Add a test. With an error, it is a test that must be rejected or
        refused."""
        self.count += 1
        self.groups[-1]["tests"].append({
            "tcId": self.count, "comment": comment, "flags": flags.split(),
            **{k: to_json(v) for k, v in members.items()},
            "result": "invalid" if error else "valid", "error": error})

    def tests(self):
        """Return all tests."""
        return [t for g in self.groups for t in g["tests"]]

    def invalid(self):
        """Return the number of invalid tests."""
        return sum(t["result"] == "invalid" for t in self.tests())

    def text(self):
        """Return the text of the file."""
        used = sorted({f for t in self.tests() for f in t["flags"]})
        notes = {f: {"bugType": FLAGS[f][0], "description": FLAGS[f][1]}
                 for f in used}
        top = {"algorithm": "LSA1", "schema": self.schema(),
               "generator": GENERATOR, "numberOfTests": self.count,
               "header": [FILES[self.format()]["concern"]] + self.origin,
               "notes": notes, "testGroups": self.groups}
        return json_text(top) + "\n"

    def format(self):
        """Return the name of the format; all files of sessions share one, and
        so do all files of Wycheproof."""
        return self.name.split("_")[0]

    def schema(self):
        """Return the path of the schema."""
        return "schemas/%s.schema.json" % self.format()
