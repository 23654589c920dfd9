# SPDX-License-Identifier: Apache-2.0
"""Signatures and keys on which Ed25519 verifiers in use disagree (3.5). Whoever
makes such a signature knows the discrete logarithms of R and the key, up to a
point of small order; 3.5 accepts none of them. A case is (comment, flags,
public, text, signature)."""
import hashlib

import edwards
from edwards import ELL
from vector_file import test_bytes, test_number

T = edwards.torsion()
SECRET = test_number("disputed secret", ELL)
MIXED, SMALL = "MixedOrder", "LowOrder"


def shifted(scalar, j):
    """Return scalar B + j T."""
    return edwards.add(edwards.multiple(scalar, edwards.BASE), T[j])


def signature(r_bytes, r, secret, public, text):
    """Return R || S, S = r + h secret."""
    h = edwards.hash_scalar(r_bytes, public, text)
    return r_bytes + ((r + h * secret) % ELL).to_bytes(32, "little")


def search(name, public, secret, make_r, fits):
    """Try texts until fits(h) holds. make_r returns (bytes of R, r). Return
    the text and the signature."""
    for i in range(1000):
        text = test_bytes("disputed %s %d" % (name, i), 32)
        r_bytes, r = make_r(i)
        if fits(edwards.hash_scalar(r_bytes, public, text)):
            return text, signature(r_bytes, r, secret, public, text)
    raise AssertionError


def point_r(name, j):
    """Return a function that makes R = r B + j T."""
    def make(i):
        r = test_number("disputed r %s %d" % (name, i), ELL)
        return edwards.encode(shifted(r, j)), r
    return make


def fixed_r(data):
    """Return a function that makes an R of small order, r being 0."""
    return lambda i: (data, 0)


def case(comment, flags, public, secret, make_r, fits=lambda h: True):
    """Return a case."""
    return (comment, flags, public,
            *search(comment, public, secret, make_r, fits))


def torsion_cases():
    """Yield R + jT, A + jT, and what makes both equations agree on them."""
    good = edwards.encode(shifted(SECRET, 0))
    for j in range(1, 8):
        yield case("R + %d T" % j, MIXED, good, SECRET, point_r("R", j))
    for j in range(1, 8):
        yield case("A + %d T" % j, MIXED, edwards.encode(shifted(SECRET, j)),
                   SECRET, point_r("A", 0), lambda h, j=j: h * j % 8)
    for j in (1, 2, 4):
        yield case("A + %d T, [h] of it without T" % j, MIXED,
                   edwards.encode(shifted(SECRET, j)), SECRET,
                   point_r("hA", 0), lambda h, j=j: h * j % 8 == 0)
    for j in (1, 4):
        yield case("R + %d T and A + T, without T in the sum" % j, MIXED,
                   edwards.encode(shifted(SECRET, 1)), SECRET,
                   point_r("both", j), lambda h, j=j: (h + j) % 8 == 0)
    for j in (0, 1, 2, 4):
        yield case("A = %d T, [h] of it the identity" % j, SMALL,
                   edwards.encode(T[j]), 0, point_r("small A", 0),
                   lambda h, j=j: h * j % 8 == 0)
    for j in range(8):
        yield case("R = %d T" % j, SMALL, good, SECRET,
                   fixed_r(edwards.encode(T[j])))
    for comment, data in other_encodings():
        yield case("R = " + comment, SMALL + " NonCanonical", good, SECRET,
                   fixed_r(data))
        yield case("A = " + comment, SMALL + " NonCanonical", data, 0,
                   point_r("encoding", 0), lambda h: h % 8 == 0)
    text, sig = search("S", good, SECRET, point_r("S", 0), lambda h: True)
    s = int.from_bytes(sig[32:], "little")
    for times in (1, 2, 14):
        yield ("S + %d ell" % times, "NonCanonical", good, text,
               sig[:32] + (s + times * ELL).to_bytes(32, "little"))


def other_encodings():
    """Yield the encodings of points of small order that are not canonical."""
    p, sign = edwards.P, 2**255
    for comment, y in (("identity, y = p + 1", p + 1),
                       ("identity with a sign", 1 + sign),
                       ("identity, y = p + 1 and a sign", p + 1 + sign),
                       ("order 2 with a sign", p - 1 + sign),
                       ("order 4, y = p", p),
                       ("order 4, y = p and a sign", p + sign)):
        yield comment, y.to_bytes(32, "little")


def chalkias_cases():
    """Yield cases of the twelve kinds of Chalkias, Garillot and Nikolaenko,
    "Taming the Many EdDSAs", SSR 2020, table 1."""
    def named(number, what, *arguments):
        return case("kind %d of [Cha20]: %s" % (number, what), *arguments)
    key = {j: edwards.encode(shifted(SECRET, j)) for j in (0, 1)}
    small = edwards.encode(T[1])
    minus_one = (edwards.P - 1 + 2**255).to_bytes(32, "little")
    yield named(0, "S = 0, small A and R", SMALL, small, 0, fixed_r(small),
                lambda h: h % 8 == 7)
    yield named(1, "small A, mixed R", SMALL + " " + MIXED, small, 0,
                point_r("1", 1), lambda h: h % 8 == 7)
    yield named(2, "mixed A, small R", SMALL + " " + MIXED, key[1], SECRET,
                fixed_r(small), lambda h: h % 8 == 7)
    yield named(3, "mixed A and R", MIXED, key[1], SECRET, point_r("3", 1),
                lambda h: h % 8 == 7)
    yield named(4, "mixed A and R, with the cofactor only", MIXED, key[1],
                SECRET, point_r("4", 1), lambda h: h % 8 not in (0, 7))
    yield named(5, "mixed A, 8 h reduced is another multiple", MIXED, key[1],
                SECRET, point_r("5", 0),
                lambda h: h % 8 and 8 * h % ELL % 8)
    text, sig = search("6", key[0], SECRET, point_r("6", 0), lambda h: True)
    s = int.from_bytes(sig[32:], "little")
    for number, what, times in ((6, "S over ell", 1), (7, "S far over", 14)):
        yield ("kind %d of [Cha20]: %s" % (number, what), "NonCanonical",
               key[0], text,
               sig[:32] + (s + times * ELL).to_bytes(32, "little"))
    reduced = edwards.encode(edwards.decode(minus_one, canonical=False))
    both = SMALL + " " + MIXED + " NonCanonical"
    yield from reencoded_r(8, 9, both, key[1], minus_one, reduced)
    yield from reencoded_a(10, 11, both, minus_one, reduced)


def reencoded_r(reduced_number, number, flags, public, data, reduced):
    """R is not canonical, A is mixed. Some verifiers encode R anew before they
    hash it."""
    for n, what, hashed in ((reduced_number, "hashed as reduced", reduced),
                            (number, "hashed as sent", data)):
        text, sig = search("Cha20 %d" % n, public, SECRET, fixed_r(hashed),
                           lambda h: (h + 4) % 8 == 0)
        yield ("kind %d of [Cha20]: R not canonical, %s" % (n, what), flags,
               public, text, data + sig[32:])


def reencoded_a(reduced_number, number, flags, data, reduced):
    """The same for a key of small order that is not canonical, and R mixed."""
    for n, what, hashed in ((reduced_number, "hashed as reduced", reduced),
                            (number, "hashed as sent", data)):
        text, sig = search("Cha20 %d" % n, hashed, 0, point_r("A", 4),
                           lambda h: h % 2)
        yield ("kind %d of [Cha20]: A not canonical, %s" % (n, what), flags,
               data, text, sig)


def secret_scalar(seed):
    """Return the secret scalar of an RFC 8032 seed, modulo ell."""
    a = bytearray(hashlib.sha512(seed).digest()[:32])
    a[0] &= 248
    a[31] = a[31] & 63 | 64
    return int.from_bytes(a, "little") % ELL


def sign_shifted(a, public, text, j, fits=lambda h: True):
    """Sign with R = r B + j T, for the first r such that fits(h)."""
    for i in range(1000):
        r = test_number("shifted %s %d %d" % (public.hex(), j, i), ELL)
        r_bytes = edwards.encode(shifted(r, j))
        if fits(edwards.hash_scalar(r_bytes, public, text)):
            return signature(r_bytes, r, a, public, text)
    raise AssertionError
