#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Restate cases of Wycheproof as facts: restate.py DIR COMMIT [TO]. DIR is
testvectors_v1 of github.com/C2SP/wycheproof at that commit; a file of facts
for each algorithm is written into TO, else beside this script. What a line has
stands in its head; bytes are hex, and what is empty is a dash. Names of
classes are theirs, their sentences are left behind."""
import hashlib
import json
import pathlib
import sys

HEAD = """# SPDX-License-Identifier: Apache-2.0
# Made by restate.py of cases of Wycheproof: do not edit.
# repository: github.com/C2SP/wycheproof
# commit: %s
# file: testvectors_v1/%s
# sha256: %s
# licence: Apache-2.0
# line: tcId verdict classes %s
"""

# Name here, file there, members of a case. `pk` stands in its group.
SOURCES = (
    ("x25519", "x25519_test.json", ("private", "public", "shared")),
    ("ed25519", "ed25519_test.json", ("pk", "msg", "sig")),
    ("chacha20_poly1305", "chacha20_poly1305_test.json",
     ("key", "iv", "aad", "msg", "ct", "tag")),
    ("hkdf", "hkdf_sha256_test.json", ("ikm", "salt", "info", "size", "okm")),
)


def line(group, test, members):
    """One case."""
    known = {**group.get("publicKey", {}), **test}
    words = [test["tcId"], test["result"], ",".join(test["flags"])]
    words += [known[m] for m in members]
    return " ".join(str(w) if w != "" else "-" for w in words) + "\n"


def facts(path, commit, members):
    """The text of a file of facts."""
    source = path.read_bytes()
    top = json.loads(source)
    cases = [line(g, t, members) for g in top["testGroups"]
             for t in g["tests"]]
    assert len(cases) == top["numberOfTests"]
    digest = hashlib.sha256(source).hexdigest()
    head = HEAD % (commit, path.name, digest, " ".join(members))
    return head + "".join(cases)


def main(source, commit, target=pathlib.Path(__file__).parent):
    """Write the files."""
    for name, file, members in SOURCES:
        text = facts(pathlib.Path(source) / file, commit, members)
        (pathlib.Path(target) / (name + ".txt")).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
