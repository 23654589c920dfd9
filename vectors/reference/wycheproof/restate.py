#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Extract the facts of cases of Wycheproof: restate.py DIR COMMIT [TO].

DIR is the directory testvectors_v1 of github.com/C2SP/wycheproof at COMMIT.
The script writes one file of facts for each algorithm into the directory TO,
or beside this script. The head of a file names the fields of its lines. Bytes
are hex, and a dash is an empty value. The names of classes (flags) are those
of Wycheproof; its comments are not copied."""
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

# Name of our file, name of the source, members of a case. `pk` is a member of
# the group.
SOURCES = (
    ("x25519", "x25519_test.json", ("private", "public", "shared")),
    ("ed25519", "ed25519_test.json", ("pk", "msg", "sig")),
    ("chacha20_poly1305", "chacha20_poly1305_test.json",
     ("key", "iv", "aad", "msg", "ct", "tag")),
    ("hkdf", "hkdf_sha256_test.json", ("ikm", "salt", "info", "size", "okm")),
)


def line(group, test, members):
    """Return the line of one case."""
    known = {**group.get("publicKey", {}), **test}
    words = [test["tcId"], test["result"], ",".join(test["flags"])]
    words += [known[m] for m in members]
    return " ".join(str(w) if w != "" else "-" for w in words) + "\n"


def facts(path, commit, members):
    """Return the text of a file of facts."""
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
