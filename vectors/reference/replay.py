#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Replay vector files with the reference, as another implementation does:
replay.py [FILE...]. check.py shows that generate.py makes the same files
again; this script shows that the reference itself passes the tests in
them."""
import json
import pathlib
import pickle
import struct
import sys
import types

import replay_parties
import replay_values
from errors import ProtocolError
from formats import FILES


def split_hex(text, digits):
    """Return the integers in a string of hex, each with so many digits."""
    return [int(text[i:i + digits], 16) for i in range(0, len(text), digits)]


def doubles_of(text):
    """Return the doubles in a string of hex."""
    data = bytes.fromhex(text)
    return list(struct.unpack(">%dd" % (len(data) // 8), data))


def same(value):
    """Return a value of JSON as it is."""
    return value


READ = {**dict.fromkeys(("hex", "b16", "b32", "b48", "b64", "b32s"),
                        bytes.fromhex),
        "u64": lambda text: int(text, 16),
        "u64s": lambda text: split_hex(text, 16),
        "u32s": lambda text: split_hex(text, 8),
        "singles": lambda text: split_hex(text, 8),
        "double": lambda text: doubles_of(text)[0], "doubles": doubles_of}
WRITE = {**dict.fromkeys(("hex", "b16", "b32", "b48", "b64", "b32s"),
                         bytes.hex),
         "u64": "{:016x}".format,
         "u64s": lambda xs: "".join(map("{:016x}".format, xs)),
         "u32s": lambda xs: "".join(map("{:08x}".format, xs)),
         "singles": lambda xs: "".join(map("{:08x}".format, xs)),
         "double": lambda x: struct.pack(">d", x).hex(),
         "doubles": lambda xs: struct.pack(">%dd" % len(xs), *xs).hex()}


class Wrong(Exception):
    """The reference does not agree with a test."""


def check_value(name, group, test):
    """Compare the outputs of a test of replay_values with those that the
    reference computes."""
    type_ = group["type"]
    _, _, shared, members = FILES[name]["types"][type_]
    kinds = {member: kind for member, kind, _ in shared + members}
    given = {**group, **test}
    t = types.SimpleNamespace(**{
        member: READ.get(kind, same)(given[member])
        for member, kind in kinds.items()})
    function = replay_values.TYPES.get(type_) \
        or replay_values.TYPES[name + " " + type_]
    outputs, error = {}, ""
    try:
        outputs = function(t)
    except ProtocolError as raised:
        error = raised.name
    if error != test["error"]:
        raise Wrong("error %s, not %s" % (error, test["error"]))
    for member, value in outputs.items():
        if WRITE.get(kinds[member], same)(value) != given[member]:
            raise Wrong("%s: %s" % (member, value))


class Groups:
    """The parties of messages.json after the setup of their group, which is
    performed once, as pickle writes them."""

    def __init__(self):
        self.parties = {}

    def check(self, name, number, group, test):
        """Check one test. `name` is that of the format, `number` that of the
        group in its file."""
        if name not in ("messages", "sessions"):
            return check_value(name, group, test)
        try:
            if name == "sessions":
                return replay_parties.check_session(group, test)
            return replay_parties.check_message(
                self.after_setup(number, group), group, test)
        except replay_parties.Wrong as wrong:
            raise Wrong(str(wrong)) from None

    def after_setup(self, number, group):
        """Return a copy of the parties of a group after its setup."""
        if number not in self.parties:
            parties = replay_parties.Parties(group)
            parties.perform_all(group["setup"])
            self.parties[number] = pickle.dumps(parties)
        return pickle.loads(self.parties[number])


def main(paths):
    """Return true if a test failed."""
    base = pathlib.Path(__file__).resolve().parent.parent
    count, failed = 0, 0
    for path in paths or sorted(base.glob("*.json")):
        path, groups = pathlib.Path(path), Groups()
        for number, group in enumerate(
                json.loads(path.read_text())["testGroups"]):
            for test in group["tests"]:
                count += 1
                try:
                    groups.check(path.stem.split("_")[0], number, group, test)
                except Wrong as wrong:
                    failed += 1
                    print("%s: tcId %d: %s" % (path.name, test["tcId"], wrong))
    print("%d passed, %d failed" % (count - failed, failed))
    return failed > 0 or count == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
