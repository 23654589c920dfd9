# SPDX-License-Identifier: Apache-2.0
"""A file of test vectors while it is made."""
import json
import struct

from errors import Refusal
from flags import FLAGS
from formats import FILES
from hashes import be32, be64, expand, sha256

GENERATOR = "vectors/reference/generate.py, version 1"


def data(label, size):
    """Bytes that look random and are the same at every run."""
    return expand(sha256(label.encode()), b"test data", size) \
        if size <= 8160 else _long_data(label, size)


def _long_data(label, size):
    out = b""
    while len(out) < size:
        out += data("%s %d" % (label, len(out)), 8160)
    return out[:size]


def below(label, limit):
    """A number below a limit, the same at every run."""
    return int.from_bytes(data(label, 40), "big") % limit


def u64(x):
    """16 hex digits."""
    return be64(x).hex()


def u64s(xs):
    """16 hex digits each."""
    return "".join(map(u64, xs))


def u32s(xs):
    """8 hex digits each."""
    return "".join(be32(x).hex() for x in xs)


def double(x):
    """The bits of a double, 16 hex digits."""
    return struct.pack(">d", x).hex()


def doubles(xs):
    """16 hex digits each."""
    return "".join(map(double, xs))


def single(x):
    """7.5: a double converted once to f32, 8 hex digits."""
    try:
        return struct.pack(">f", x).hex()
    except OverflowError:
        return "7f800000" if x > 0 else "ff800000"


def scalars(xs):
    """64 hex digits each, little-endian."""
    return "".join(x.to_bytes(32, "little").hex() for x in xs)


def plain(value):
    """Bytes as hex, all else as it is."""
    return value.hex() if isinstance(value, bytes) else value


def attempt(function, *arguments):
    """(result, name of the error or an empty string)."""
    try:
        return function(*arguments), ""
    except Refusal as error:
        return None, error.name


def lines(value, depth=0):
    """JSON of one member or item a line; what holds no other object or
    array stands on one line."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not any(
            isinstance(v, (dict, list)) for v in inner):
        return json.dumps(value)
    indent = "\n" + " " * depth
    if isinstance(value, dict):
        rows = ["%s: %s" % (json.dumps(k), lines(v, depth + 1))
                for k, v in value.items()]
        return "{" + ",".join(indent + " " + r for r in rows) + indent + "}"
    rows = [lines(v, depth + 1) for v in value]
    return "[" + ",".join(indent + " " + r for r in rows) + indent + "]"


class VectorFile:
    """Groups of one file in the order in which they are made."""

    def __init__(self, name):
        self.name = name
        self.groups = []
        self.count = 0
        self.origin = []

    def group(self, type_, **shared):
        """A new group; tests are added to the last one."""
        members = {k: plain(v) for k, v in shared.items()}
        self.groups.append({"type": type_, **members, "tests": []})

    def add(self, comment, flags, error="", **members):
        """A test; with an error it is one that must be refused."""
        self.count += 1
        self.groups[-1]["tests"].append({
            "tcId": self.count, "comment": comment, "flags": flags.split(),
            **{k: plain(v) for k, v in members.items()},
            "result": "invalid" if error else "valid", "error": error})

    def tests(self):
        """All tests."""
        return [t for g in self.groups for t in g["tests"]]

    def invalid(self):
        """How many must be refused."""
        return sum(t["result"] == "invalid" for t in self.tests())

    def text(self):
        """The bytes of the file."""
        used = sorted({f for t in self.tests() for f in t["flags"]})
        notes = {f: {"bugType": FLAGS[f][0], "description": FLAGS[f][1]}
                 for f in used}
        top = {"algorithm": "LSA1", "schema": self.schema(),
               "generator": GENERATOR, "numberOfTests": self.count,
               "header": [FILES[self.format()]["concern"]] + self.origin,
               "notes": notes, "testGroups": self.groups}
        return lines(top) + "\n"

    def format(self):
        """Files of sessions have one format, and those of Wycheproof."""
        return self.name.split("_")[0]

    def schema(self):
        """Where the format is described."""
        return "schemas/%s.schema.json" % self.format()
