# SPDX-License-Identifier: Apache-2.0
"""vectors/README.md, from the formats and the files."""
import hashlib

from formats import FILES, KINDS
from formats_parties import OPERATIONS

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made by reference/generate.py: do not edit. -->
# Test vectors

`PROTOCOL.md` is the protocol. `reference/` is an implementation of it in
Python that was written from that text alone and shares no code with the
library; it is plain and slow, and it is not for use. The `.json` files are
test vectors that it made.

| File | Concern | Cases | Valid | Invalid | SHA-256 |
| --- | --- | --- | --- | --- | --- |
"""

RUN = """
Every file is made by `reference/generate.py`. It needs Python 3.11 and the
package cryptography 38 (Debian 12: python3-cryptography).

    reference/generate.py            writes all files into this directory
    reference/generate.py DIR        writes them into another
    reference/check.py               says whether the files here equal new ones
    reference/peer.py server|client  one party over pipes; see its head

## Format

A file is one JSON object in the manner of Wycheproof:

| Member | Content |
| --- | --- |
| algorithm | "LSA1" |
| schema | its JSON schema, from this directory |
| generator | what made it |
| numberOfTests | tests in all groups |
| header | the concern of the file, and where its facts are from |
| notes | for each flag that is used its bugType and description |
| testGroups | array of groups: `type`, what the tests share, `tests` |

A test has, beside the members of its type: `tcId` (a number, unique in the
file), `comment`, `flags` (array of names), `result` ("valid" or "invalid")
and `error` (the name of the error if it is invalid, else an empty string).
Members always stand in the order of the tables below, all of them, and there
are no others. Where a test is invalid its outputs are empty strings, zeros or
false, and say nothing. Bytes are lower-case hex. Scalars and points are bytes
as in clause 1.3.

| Kind | In JSON |
| --- | --- |
"""

SESSIONS = """
## Operations

Messages and sessions have arrays of operations: what is done with the
parties, in order. All parties have the same `params`. The server is made of
`serverSeed`, client u of `masterSeeds` (bytes [32 u, 32 u + 32)) and, in
active mode, the Ed25519 key pair of `identitySeeds` (likewise). Clients have
the laxest policy there is (min_clients 2, min_ring 1, min_survivors 2,
min_corrupt -1, any_digest 1); where it would not take the parameters,
`serverOnly` is true. An operation is
an object with
`op`, members of its own and, always last, `error`: the name of the error that
it must have, or an empty string. After an error the party is as clause 1.2
says (refused or fatal).

| op | Members | What is done |
| --- | --- | --- |
"""

TESTS = """
A test of `ToServer` or `ToClient` begins with new parties; the operations of
`setup` are done, and then the message is given to the party. `phase` is then
the party's phase. A test of `Session` does its operations with new parties;
then the server is DONE (`result` is valid) or FAILED with `error`, and has the
blame list that is given.
"""


ORIGINS = """
## Wycheproof

The files `wycheproof_*.json` have the cases of Wycheproof that concern LSA1.
Their facts (inputs, outputs, verdict, tcId, names of classes) stand in
`reference/wycheproof/`, as `restate.py` there takes them from the files of the
commit that is named. What is expected of a case follows from the protocol, by
the reference, which refuses to make the file if that is not what Wycheproof
expects; where Wycheproof leaves a case open and LSA1 refuses it, the test has
the flag `StricterThanWycheproof` and its comment names the clause. A tcId in a
comment is that of Wycheproof.
"""


def row(*cells):
    """A row of a table."""
    return "| " + " | ".join(cells) + " |\n"


def summary(files, texts):
    """The table of files."""
    out = ""
    for f in files:
        digest = hashlib.sha256(texts[f.name + ".json"].encode()).hexdigest()
        out += row("%s.json" % f.name, FILES[f.format()]["concern"],
                   str(f.count), str(f.count - f.invalid()),
                   str(f.invalid()), "`%s`" % digest)
    total = sum(f.count for f in files)
    bad = sum(f.invalid() for f in files)
    return out + row("all", "", str(total), str(total - bad), str(bad), "")


def origins(files):
    """Where facts of others are from, and what became of their cases."""
    out = ""
    for f in files:
        if f.origin:
            out += "\n### Cases of %s.json\n\n" % f.name
            out += "".join("- %s\n" % line for line in f.origin)
    return out


def type_table(type_, clauses, shared, members):
    """The members of one type."""
    out = "\n**%s** (%s)\n\n| Member | Kind | Meaning |\n" % (type_, clauses)
    out += "| --- | --- | --- |\n"
    for name, kind, meaning in shared:
        out += row(name, kind, meaning + " (of the group)")
    for name, kind, meaning in members:
        out += row(name, kind, meaning)
    return out


def format_section(name):
    """The types of one file."""
    title = name + "_*" if name in ("sessions", "wycheproof") else name
    out = "\n### %s.json\n" % title
    for type_, (clauses, shared, members) in FILES[name]["types"].items():
        out += type_table(type_, clauses, shared, members)
    return out


def readme(files, texts):
    """The text of README.md."""
    out = HEAD + summary(files, texts) + RUN
    out += "".join(row(k, what) for k, (what, _) in KINDS.items())
    out += SESSIONS
    out += "".join(row(*o) for o in OPERATIONS) + TESTS
    out += ORIGINS + origins(files)
    out += "\n## Types\n" + "".join(map(format_section, FILES))
    return out
