# SPDX-License-Identifier: Apache-2.0
"""Messages to the server, good and altered (8.2, 8.4, 8.6, 8.7, 8.9, 8.11,
8.12). Rows are (comment, flags, client, bytes)."""
import messages as m
from altered import common, count_rows, put, turn, with_body
from field import ORDER
from hashes import be32
from suites import LOW_ORDER, P, sign
from vectorfile import data


def point(u):
    """32 bytes, little-endian."""
    return u.to_bytes(32, "little")


def rows(script, u, good, absent, whole):
    """All rows for the message that client u would send now; only those of
    its body, unless `whole`."""
    kind = good[2]
    yield "good", "Normal", u, good
    for comment, flags, text in BODIES[kind](script, u, good):
        yield comment, flags, u, text
    if not whole:
        return
    full = kind in (1, 9) and not script.p.active
    for comment, flags, text in common(good, True, full):
        yield comment, flags, u, text
    yield from other_rows(script, u, good, absent)


def other_rows(script, u, good, absent):
    """Of others, of another phase, and ABORT."""
    p, kind = script.p, good[2]
    yield "no such client", "WrongRange", p.clients, good
    yield "of another, by whose transport", "WrongHeader", 1, good
    for w in absent:
        if kind != m.KEYS:
            yield "of one that is out", "WrongPhase", w, put(good, 32, be32(w))
    first = next(v for v in range(p.clients) if v not in absent and v != u)
    again = m.message(p, kind, first, good[48:])
    yield "of one that has answered", "WrongPhase", first, again
    for other in (1, 3, 5, 7, 9):
        if other != kind:
            yield "type %d in this phase" % other, "WrongPhase", u, \
                put(good, 2, bytes([other]))
    for comment, flags, text in abort_rows(p, u):
        yield comment, flags, u, text


def abort_rows(p, u):
    """8.12: ABORT."""
    for code, blamed in ((21, m.NOBODY), (0, 0), (65535, 7)):
        yield "ABORT", "Abort", m.message(p, m.ABORT_UP, u,
                                          m.encode_abort(code, blamed))
    for size in (0, 2, 5, 7):
        yield "ABORT of %d bytes" % size, "WrongLength", m.message(
            p, m.ABORT_UP, u, bytes(size))


def keys_rows(script, u, good):
    """8.2."""
    p = script.p
    yield "h_ctx", "WrongDigest", turn(good, 48)
    yield "h_ctx", "WrongDigest", turn(good, 79, 128)
    for at, name in ((80, "enc"), (112, "mask")):
        for low in sorted(LOW_ORDER):
            yield name + " of low order", "LowOrder", put(good, at, point(low))
        for x in (P, P + 9, 2**255 - 1, 2**255 + 9):
            yield name + " not canonical", "NonCanonical", \
                put(good, at, point(x))
        yield name + " with the top bit", "NonCanonical", \
            turn(good, at + 31, 128)
        other = script.server.keys[1]
        yield name + " is another's enc", "Duplicate", put(good, at, other.enc)
        yield name + " is another's mask", "Duplicate", \
            put(good, at, other.mask)
    yield "enc is mask", "Duplicate", put(good, 112, good[80:112])
    if p.active:
        yield "signature", "WrongSignature", turn(good, -64)
        yield "signature", "WrongSignature", turn(good, -32)
        other = script.server.keys[1].sig
        yield "another's signature", "WrongSignature", put(good, 144, other)
        s = int.from_bytes(good[-32:], "little") + ORDER
        yield "S + L", "WrongSignature NonCanonical", \
            put(good, len(good) - 32, point(s))
        yield "another enc under the signature", "WrongSignature", \
            put(good, 80, point(9))
        forged = sign(data("forger", 32), b"LSA1 keys\0" + good[48:80]
                      + be32(u) + good[80:144])
        yield "signed by a stranger", "UntrustedKey", put(good, 144, forged)


def list_rows(good, at, size):
    """1.4: a list of items of one size that begin with an index."""
    body = good[:at + 4]
    count = int.from_bytes(good[at:at + 4], "big")
    items = [good[at + 4 + size * i:at + 4 + size * i + size]
             for i in range(count)]
    end = good[at + 4 + size * count:]

    def text(rows_):
        whole = body[:-4] + be32(len(rows_)) + b"".join(rows_) + end
        return with_body(whole, whole[48:])
    if count > 1:
        yield "the first two changed about", "WrongOrder", text(
            [items[1], items[0]] + items[2:])
        yield "descending", "WrongOrder", text(items[::-1])
    if count:
        yield "one twice", "WrongOrder", text(items[:1] + items)
        yield "the first missing", "WrongSet", text(items[1:])
        yield "the last missing", "WrongSet", text(items[:-1])
        last = items[-1]
        for index in (2**31, 2**32 - 1):
            yield "index %d" % index, "WrongRange", text(
                items[:-1] + [be32(index) + last[4:]])
        yield "none", "WrongSet", text([])


def shares_rows(script, u, good):
    """8.4."""
    yield "h_ros", "WrongDigest", turn(good, 48)
    yield "any com", "Normal", turn(good, 80)
    yield "any sealed shares", "Normal", turn(turn(good, 120), -1)
    yield from counts(good, 112)
    yield from list_rows(good, 112, 100)
    for index, why in ((u, "the dealer itself"),
                       (script.p.clients, "index n"),
                       *((w, "one not in U1") for w in
                         set(range(script.p.clients)) - script.server.u1)):
        yield why + " among the holders", "WrongSet", with_one(
            good, 112, 100, index)


def with_one(good, at, size, index):
    """A list with one item more, in its place."""
    count = int.from_bytes(good[at:at + 4], "big")
    items = [good[at + 4 + size * i:at + 4 + size * i + size]
             for i in range(count)]
    end = good[at + 4 + size * count:]
    items.append(be32(index) + bytes(size - 4))
    items.sort(key=lambda item: item[:4])
    whole = good[:at] + be32(len(items)) + b"".join(items) + end
    return with_body(whole, whole[48:])


def counts(good, at):
    """Counts that lie."""
    for comment, text in count_rows(good, at):
        yield comment, "WrongCount", text


def complaints(good, bad):
    """8.6: the same INPUT with another list."""
    count = int.from_bytes(good[80:84], "big")
    body = good[48:80] + be32(len(bad)) + b"".join(map(be32, bad)) \
        + good[84 + 4 * count:]
    return with_body(good, body)


def complaint_rows(script, u, good):
    """8.6 (1) to (4)."""
    p, server = script.p, script.server
    yield "h_u2", "WrongDigest", turn(good, 48)
    yield "h_u2", "WrongDigest", turn(good, 79)
    yield from counts(good, 80)
    near = sorted(server.graph.peers(u) & server.u2)
    spare = 1 + len(near) - p.threshold
    for size in range(len(near) + 1):
        yield "%d complaints" % size, \
            "Complaint" if size <= spare else "TooFew", \
            complaints(good, near[:size])
    if spare > 1:
        yield "complaints changed about", "WrongOrder", complaints(
            good, [near[1], near[0]])
        yield "a complaint twice", "WrongOrder", complaints(
            good, near[:1] * 2)
    yield "a complaint of itself", "WrongSet", complaints(good, [u])
    for w in (p.clients, 2**32 - 1):
        yield "a complaint of nobody", "WrongRange", complaints(good, [w])
    for w in sorted(set(range(p.clients)) - set(near) - {u}):
        yield "a complaint of one not in N(v) cap U2", "WrongSet", complaints(
            good, [w])


def input_rows(script, u, good):
    """8.6."""
    yield "any planes", "Normal", turn(good, -1, 128)
    yield from complaint_rows(script, u, good)


def confirm_rows(script, u, good):
    """8.9."""
    yield "signature", "WrongSignature", turn(good, 48)
    yield "signature", "WrongSignature", turn(good, 80)
    s = int.from_bytes(good[-32:], "little") + ORDER
    yield "S + L", "WrongSignature NonCanonical", put(good, 80, point(s))
    c = script.clients[u]
    text = c.confirm_text(u)
    yield "signed by a stranger", "UntrustedKey", put(
        good, 48, sign(data("forger", 32), text))
    yield "another U3", "WrongSignature", put(
        good, 48, sign(script.identities[u], turn(text, -1)))
    yield "another index", "WrongSignature", put(
        good, 48, sign(script.identities[u], c.confirm_text(u + 1)))
    yield "zeros", "WrongSignature", put(good, 48, bytes(64))


def unmask_rows(script, u, good):
    """8.11."""
    for x in (ORDER, ORDER + 1, 2**255, 2**256 - 1):
        yield "own not below L", "NonCanonical", put(good, 48, point(x))
    yield "any own", "WrongShare", put(good, 48, point(5))
    yield "any key", "LyingResponder", turn(good, -1)
    yield from counts(good, 80)
    yield from list_rows(good, 80, 36)
    for kind in (1 - good[84], 2, 128, 255):
        yield "kind %d of the first" % kind, "WrongKind", put(
            good, 84, bytes([kind]))
    first = int.from_bytes(good[85:88], "big")
    both = with_one(good, 80, 36, first | (1 - good[84]) << 24)
    yield "both kinds of one dealer", "WrongKind", both
    yield "itself among the dealers", "WrongSet", by_dealer(good, u)
    for w in sorted(set(range(script.p.clients)) - script.server.u2):
        yield "one not in U2 among the dealers", "WrongSet", by_dealer(good, w)
    for w in sorted(script.clients[u].bad):
        yield "one complained of among the dealers", "WrongSet", \
            by_dealer(good, w)


def by_dealer(good, dealer):
    """UNMASK with one key more, in its place."""
    given = m.read_unmask(good[48:])
    given.revealed.append((0, dealer, bytes(32)))
    given.revealed.sort(key=lambda row: row[1])
    return with_body(good, given.encode())


BODIES = {1: keys_rows, 3: shares_rows, 5: input_rows, 7: confirm_rows,
          9: unmask_rows}
