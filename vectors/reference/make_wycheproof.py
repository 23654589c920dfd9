# SPDX-License-Identifier: Apache-2.0
"""Make wycheproof_*.json: cases of Wycheproof. The files in wycheproof/
contain their facts. The verdict of LSA1 on each case is computed here and must
agree with the verdict of Wycheproof."""
import collections
import pathlib

import edwards
import suites
from errors import AUTH, require
from hashes import extract, hkdf_expand
from vector_file import VectorFile, attempt

Case = collections.namedtuple("Case", "id verdict classes members")

# 1.3: LSA1 rejects the points of these classes; Wycheproof leaves them open.
STRICTER = {"NonCanonicalPublic", "LowOrderPublic"}


class Disagreement(Exception):
    """The reference and Wycheproof expect different results."""


class Cases:
    """The cases of one file of facts, and the file of test vectors that is
    made from them."""

    def __init__(self, name):
        path = pathlib.Path(__file__).parent / "wycheproof" / (name + ".txt")
        lines = path.read_text().splitlines()
        self.head = dict(x[2:].split(": ", 1) for x in lines
                         if x.startswith("# ") and ": " in x)
        self.names = self.head["line"].split()[3:]
        self.all = [self.case(x.split()) for x in lines if x[0] != "#"]
        self.out = VectorFile("wycheproof_" + name)
        self.became = collections.Counter()
        self.remarks = []

    def case(self, words):
        """Read one line; only `size` is a number."""
        members = {n: b"" if w == "-" else int(w) if n == "size"
                   else bytes.fromhex(w)
                   for n, w in zip(self.names, words[3:], strict=True)}
        classes = [] if words[2] == "-" else words[2].split(",")
        return Case(int(words[0]), words[1], classes, members)

    def leave_out(self, condition, reason):
        """Leave out and count the cases that do not concern LSA1."""
        gone = [c for c in self.all if condition(c)]
        self.all = [c for c in self.all if not condition(c)]
        self.remarks.append("Left out, %d: %s" % (len(gone), reason))
        for c in gone:
            self.became[c.verdict, "left out"] += 1

    def add(self, case, flags, error, reason="", **members):
        """Add a test. Its result must be the verdict of the case, unless LSA1
        is stricter (1.3)."""
        here = "invalid" if error else "valid"
        open_ = case.verdict == "acceptable"
        if not open_ and case.verdict != here:
            raise Disagreement(self.out.name, case.id, error)
        if open_ and error:
            flags += " StricterThanWycheproof"
        comment = "tcId %d" % case.id
        if case.classes:
            comment += " (%s)" % ", ".join(case.classes)
        if reason:
            comment += ": " + reason
        self.out.add(comment, "Wycheproof " + flags, error, **members)
        return here

    def file(self):
        """Return the finished file with the origin of its facts."""
        origin = ("{repository}, {file}, commit {commit}, SHA-256 {sha256}, "
                  "licence {licence}").format(**self.head)
        counts = ["%s there, %s here: %d" % (*k, n)
                  for k, n in sorted(self.became.items())]
        self.out.origin = [origin, "%d cases: %s" % (
            sum(self.became.values()), "; ".join(counts))] + self.remarks
        return self.out


def agree_on(case, found, expected):
    """Require an output to be that of Wycheproof."""
    if found != expected:
        raise Disagreement(case.id, found, expected)


def refused_point(point):
    """1.3: return flags and reason if a point is rejected, else two empty
    strings."""
    u = int.from_bytes(point, "little")
    flags, reason = [], []
    if u >= suites.P25519:
        flags.append("NonCanonical")
        reason.append("not below p")
    if u % 2**255 % suites.P25519 in suites.LOW_ORDER:
        flags.append("LowOrder")
        reason.append("of low order")
    return " ".join(flags), " and ".join(reason) + " (1.3)" if reason else ""


def make_x25519():
    """Make wycheproof_x25519.json."""
    cases = Cases("x25519")
    cases.out.group("Agreement")
    for c in cases.all:
        secret, point, expected = c.members.values()
        shared, error = attempt(suites.x25519, secret, point)
        flags, reason = refused_point(point)
        if bool(error) != bool(STRICTER & set(c.classes)) \
                or bool(error) != bool(reason):
            raise Disagreement(c, error)
        if not error:
            agree_on(c, shared, expected)
        here = cases.add(c, flags, error, reason, secret=secret, point=point,
                         shared=shared or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def check_undisputed(case, error, public, signature, text):
    """3.5: require that the result depends neither on the cofactor, nor on an
    R of small order, nor on a key with a component of small order."""
    verdicts = {edwards.verify(public, signature, text),
                edwards.verify_with_cofactor(public, signature, text)}
    if verdicts != {not error} or not edwards.valid_key(public):
        raise Disagreement(case, "verifiers differ")


def check_signature(public, signature, text):
    """8.9: require a valid signature, else AUTH."""
    require(suites.ed25519_verify(public, signature, text), AUTH)


def make_ed25519():
    """Make wycheproof_ed25519.json."""
    cases = Cases("ed25519")
    cases.leave_out(lambda c: len(c.members["sig"]) != 64,
                    "signatures that are not of 64 bytes (3.4): no message "
                    "has room for one")
    cases.out.group("Verify")
    for c in cases.all:
        public, text, signature = c.members.values()
        _, error = attempt(check_signature, public, signature, text)
        check_undisputed(c, error, public, signature, text)
        here = cases.add(c, "WrongSignature" if error else "", error,
                         public=public, text=text, signature=signature)
        cases.became[c.verdict, here] += 1
    return cases.file()


def make_chacha20_poly1305():
    """Make wycheproof_chacha20_poly1305.json: valid cases are sealed (3.8),
    and all cases are opened."""
    cases = Cases("chacha20_poly1305")
    cases.leave_out(lambda c: len(c.members["iv"]) != 12,
                    "nonces that are not of 12 bytes (3.8): no caller gives "
                    "one")
    cases.remarks.append("What is valid stands twice, sealed and opened")
    cases.out.group("Aead")
    for c in cases.all:
        key, nonce, aad, text, sealed, tag = c.members.values()
        if c.verdict == "valid":
            agree_on(c, suites.aead_seal(key, aad, text, nonce), sealed + tag)
            cases.add(c, "", "", key=key, nonce=nonce, aad=aad,
                      plaintext=text, ciphertext=sealed + tag)
    cases.out.group("AeadOpen")
    for c in cases.all:
        key, nonce, aad, text, sealed, tag = c.members.values()
        found, error = attempt(suites.aead_open, key, aad, sealed + tag, nonce)
        if not error:
            agree_on(c, found, text)
        here = cases.add(c, "Tampered" if error else "", error, key=key,
                         nonce=nonce, aad=aad, ciphertext=sealed + tag,
                         plaintext=found or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def make_hkdf():
    """Make wycheproof_hkdf.json."""
    cases = Cases("hkdf")
    cases.out.group("Hkdf")
    for c in cases.all:
        ikm, salt, info, size, expected = c.members.values()
        found, error = attempt(hkdf_expand, extract(salt, ikm), info, size)
        if not error:
            agree_on(c, found, expected)
        here = cases.add(c, "WrongRange" if error else "", error, ikm=ikm,
                         salt=salt, info=info, size=size, output=found or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def make_wycheproof():
    """Make all files of Wycheproof."""
    return [make_x25519(), make_ed25519(), make_chacha20_poly1305(),
            make_hkdf()]
