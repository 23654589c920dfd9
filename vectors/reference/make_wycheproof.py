# SPDX-License-Identifier: Apache-2.0
"""wycheproof_*.json: cases of Wycheproof. Their facts are in wycheproof/; what
LSA1 makes of each is computed here, and must be what Wycheproof says."""
import collections
import functools
import hashlib
import pathlib

import suites
from errors import AUTH, demand
from field import ORDER
from hashes import expand, extract
from vectorfile import VectorFile, attempt

Case = collections.namedtuple("Case", "id verdict classes members")

# 1.3: classes whose points LSA1 refuses, where Wycheproof leaves it open.
STRICTER = {"NonCanonicalPublic", "LowOrderPublic"}
NEUTRAL = (0, 1)


class Disagreement(Exception):
    """The reference and Wycheproof expect different things."""


class Cases:
    """The cases of one file of facts, and the vectors that they become."""

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
        """One line; size alone is a number."""
        members = {n: b"" if w == "-" else int(w) if n == "size"
                   else bytes.fromhex(w)
                   for n, w in zip(self.names, words[3:], strict=True)}
        classes = [] if words[2] == "-" else words[2].split(",")
        return Case(int(words[0]), words[1], classes, members)

    def leave_out(self, condition, why):
        """What LSA1 has no use for, counted."""
        gone = [c for c in self.all if condition(c)]
        self.all = [c for c in self.all if not condition(c)]
        self.remarks.append("Left out, %d: %s" % (len(gone), why))
        for c in gone:
            self.became[c.verdict, "left out"] += 1

    def add(self, case, flags, error, why="", **members):
        """A test, which has the verdict of the case unless LSA1 is stricter
        (1.3)."""
        here = "invalid" if error else "valid"
        open_ = case.verdict == "acceptable"
        if not open_ and case.verdict != here:
            raise Disagreement(self.out.name, case.id, error)
        if open_ and error:
            flags += " StricterThanWycheproof"
        comment = "tcId %d" % case.id
        if case.classes:
            comment += " (%s)" % ", ".join(case.classes)
        if why:
            comment += ": " + why
        self.out.add(comment, "Wycheproof " + flags, error, **members)
        return here

    def file(self):
        """The finished file, with the origin of its facts."""
        origin = ("{repository}, {file}, commit {commit}, SHA-256 {sha256}, "
                  "licence {licence}").format(**self.head)
        counts = ["%s there, %s here: %d" % (*k, n)
                  for k, n in sorted(self.became.items())]
        self.out.origin = [origin, "%d cases: %s" % (
            sum(self.became.values()), "; ".join(counts))] + self.remarks
        return self.out


def agree_on(case, found, expected):
    """An output is that of Wycheproof."""
    if found != expected:
        raise Disagreement(case.id, found, expected)


def refused_point(point):
    """1.3: flags of a point that is refused, and why; else nothing."""
    u = int.from_bytes(point, "little")
    flags, why = [], []
    if u >= suites.P:
        flags.append("NonCanonical")
        why.append("not below p")
    if u % 2**255 % suites.P in suites.LOW_ORDER:
        flags.append("LowOrder")
        why.append("of low order")
    return " ".join(flags), " and ".join(why) + " (1.3)" if why else ""


def make_x25519():
    """wycheproof_x25519.json."""
    cases = Cases("x25519")
    cases.out.group("Agreement")
    for c in cases.all:
        secret, point, expected = c.members.values()
        shared, error = attempt(suites.X, secret, point)
        flags, why = refused_point(point)
        if bool(error) != bool(STRICTER & set(c.classes)) \
                or bool(error) != bool(why):
            raise Disagreement(c, error)
        if not error:
            agree_on(c, shared, expected)
        here = cases.add(c, flags, error, why, secret=secret, point=point,
                         shared=shared or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def times(scalar, point):
    """RFC 8032, 5.1.4: a multiple of a point."""
    out = NEUTRAL
    for bit in bin(scalar)[2:]:
        out = suites.edwards_add(out, out)
        if bit == "1":
            out = suites.edwards_add(out, point)
    return out


@functools.lru_cache(maxsize=None)
def of_prime_order(public):
    """3.5: whether a key has no component of small order."""
    return times(ORDER, suites.edwards_decode(public)) == NEUTRAL


def cofactored(public, signature, text):
    """RFC 8032, 5.1.7: the equation times 8, which some verifiers use."""
    r, s = (suites.edwards_decode(signature[:32]),
            int.from_bytes(signature[32:], "little"))
    if r is None or s >= ORDER:
        return False
    base = suites.edwards_decode(b"\x58" + b"\x66" * 31)
    digest = hashlib.sha512(signature[:32] + public + text).digest()
    k = int.from_bytes(digest, "little") % ORDER
    key = times(k, suites.edwards_decode(public))
    return times(8 * s, base) == times(8, suites.edwards_add(r, key))


def check_undisputed(case, error, public, signature, text):
    """3.5: no vector depends on the cofactor, on an R of small order, or on a
    key with a component of small order."""
    fine = not cofactored(public, signature, text) if error else times(
        8, suites.edwards_decode(signature[:32])) != NEUTRAL
    if not fine or not of_prime_order(public):
        raise Disagreement(case, "verifiers differ")


def check_signature(public, signature, text):
    """8.9: AUTH unless valid."""
    demand(suites.verify(public, signature, text), AUTH)


def make_ed25519():
    """wycheproof_ed25519.json."""
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
    """wycheproof_chacha20_poly1305.json: what is valid is sealed (3.8), and
    all is opened."""
    cases = Cases("chacha20_poly1305")
    cases.leave_out(lambda c: len(c.members["iv"]) != 12,
                    "nonces that are not of 12 bytes (3.8): no caller gives "
                    "one")
    cases.remarks.append("What is valid stands twice, sealed and opened")
    cases.out.group("Aead")
    for c in cases.all:
        key, nonce, aad, text, sealed, tag = c.members.values()
        if c.verdict == "valid":
            agree_on(c, suites.seal(key, aad, text, nonce), sealed + tag)
            cases.add(c, "", "", key=key, nonce=nonce, aad=aad,
                      plaintext=text, ciphertext=sealed + tag)
    cases.out.group("AeadOpen")
    for c in cases.all:
        key, nonce, aad, text, sealed, tag = c.members.values()
        found, error = attempt(suites.unseal, key, aad, sealed + tag, nonce)
        if not error:
            agree_on(c, found, text)
        here = cases.add(c, "Tampered" if error else "", error, key=key,
                         nonce=nonce, aad=aad, ciphertext=sealed + tag,
                         plaintext=found or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def make_hkdf():
    """wycheproof_hkdf.json (3.2)."""
    cases = Cases("hkdf")
    cases.out.group("Hkdf")
    for c in cases.all:
        ikm, salt, info, size, expected = c.members.values()
        found, error = attempt(expand, extract(salt, ikm), info, size)
        if not error:
            agree_on(c, found, expected)
        here = cases.add(c, "WrongRange" if error else "", error, ikm=ikm,
                         salt=salt, info=info, size=size, output=found or "")
        cases.became[c.verdict, here] += 1
    return cases.file()


def make_wycheproof():
    """All of them."""
    return [make_x25519(), make_ed25519(), make_chacha20_poly1305(),
            make_hkdf()]
