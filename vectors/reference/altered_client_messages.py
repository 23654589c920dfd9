# SPDX-License-Identifier: Apache-2.0
"""Messages of a client to the server, valid and altered (8.2, 8.4, 8.6, 8.9,
8.11, 8.12). A row is (comment, flags, client, message)."""
import messages as m
from altered_any_message import (altered_in_common, flip_bit, overwrite,
                                 with_body, wrong_counts)
from altered_identities import identity_rows
from disputed_signatures import secret_scalar, sign_shifted
from scalar import ELL
from hashes import be16, be32
from suites import LOW_ORDER, P25519, ed25519_sign
from vector_file import test_bytes


def point(u):
    """Encode an integer in 32 bytes, little-endian."""
    return u.to_bytes(32, "little")


def client_message_rows(session, u, good, absent, whole):
    """Yield rows for the message that client u would send now: alterations of
    its body and, if `whole`, all others."""
    kind = good[2]
    yield "good", "Normal", u, good
    for comment, flags, text in BODIES[kind](session, u, good):
        yield comment, flags, u, text
    if not whole:
        if kind == m.INPUT:
            for comment, flags, text in abort_list_rows(session, u):
                yield comment, flags, u, text
        return
    full = kind in (1, 9) and not session.p.active
    for comment, flags, text in altered_in_common(good, True, full):
        yield comment, flags, u, text
    yield from other_rows(session, u, good, absent)


def other_rows(session, u, good, absent):
    """Yield messages of another client, messages of another phase, and
    ABORT."""
    p, kind = session.p, good[2]
    yield "no such client", "WrongRange", p.clients, good
    yield "of another, by whose transport", "WrongHeader", 1, good
    for w in absent:
        if kind != m.KEYS:
            yield "of one that is out", "WrongPhase", w, \
                overwrite(good, 32, be32(w))
    first = next(v for v in range(p.clients) if v not in absent and v != u)
    again = m.encode_message(p, kind, first, good[48:])
    yield "of one that has answered", flag_of_second(kind), first, again
    for other in (1, 3, 5, 7, 9):
        if other != kind:
            yield "type %d in this phase" % other, "WrongPhase", u, \
                overwrite(good, 2, bytes([other]))
    yield from repeat_rows(session, u, first)
    for comment, flags, text in abort_rows(session, u):
        yield comment, flags, u, text


def flag_of_second(kind):
    """8.2, 9.2: other KEYS replace those before; other messages are out of
    phase."""
    return "Repeat" if kind == m.KEYS else "WrongPhase"


def repeat_rows(session, u, first):
    """9.2, event 6: yield the message that client `first` has sent."""
    sent = session.server.answers[first]
    last = m.compared_bytes(sent) - 1
    yield "of one that has answered, equal", "Repeat", first, sent
    yield "of one that has answered, one bit altered", \
        flag_of_second(sent[2]), first, flip_bit(sent, last)
    yield "of one that has answered, one byte more", "WrongPhase", first, \
        with_body(sent, sent[48:] + b"\0")
    yield "of one that has answered, one byte less", "WrongPhase", first, \
        with_body(sent, sent[48:-1])
    for at in range(last + 1, len(sent)):
        if at in (last + 1, len(sent) - 1):
            yield "of one that has answered, other planes", "Repeat", first, \
                flip_bit(sent, at)
    yield "equal, by whose transport", "WrongHeader", u, sent


def encode_abort(p, u, dealers=(), code=23, blamed=m.NOBODY):
    """8.12: encode the ABORT of client u."""
    body = m.Abort(code, blamed, dealers).encode()
    return m.encode_message(p, m.ABORT_FROM_CLIENT, u, body)


def abort_rows(session, u):
    """8.12: yield ABORTs."""
    p = session.p
    for code, blamed in ((21, m.NOBODY), (0, 0), (65535, 7)):
        yield "ABORT", "Abort", encode_abort(p, u, code=code, blamed=blamed)
    for size in (0, 2, 5, 6, 7, 9, 11):
        yield "ABORT of %d bytes" % size, "WrongLength", m.encode_message(
            p, m.ABORT_FROM_CLIENT, u, bytes(size))
    yield from abort_list_rows(session, u)


def abort_list_rows(session, u):
    """8.12, checks 1 to 3: yield ABORTs with complaints."""
    p, server = session.p, session.server
    dealers = sorted(set(range(p.clients)) - {u})
    in_input = server.phase == "INPUT"
    if in_input:
        dealers = sorted(server.graph.peers(u) & server.u2)
    for some in (dealers[:1], dealers[-2:], dealers):
        yield "ABORT with %d complaints" % len(some), "Abort Complaint", \
            encode_abort(p, u, some)
    flags = "WrongSet" if in_input else "Abort"
    for w in sorted(set(range(p.clients)) - set(dealers)):
        yield "ABORT with a complaint of %d" % w, flags, \
            encode_abort(p, u, [w])
    for w in (p.clients, 2**32 - 1):
        yield "ABORT with a complaint of nobody", "WrongRange", \
            encode_abort(p, u, dealers[:1] + [w])
    yield "ABORT, complaints changed about", "WrongOrder", \
        encode_abort(p, u, dealers[1::-1])
    yield "ABORT with a complaint twice", "WrongOrder", \
        encode_abort(p, u, dealers[:1] * 2)
    good = encode_abort(p, u, dealers[:2])
    for comment, text in wrong_counts(good, 54):
        yield "ABORT, " + comment, "WrongCount", text


def keys_rows(session, u, good):
    """8.2: yield altered KEYS."""
    p = session.p
    yield "h_ctx", "WrongDigest", flip_bit(good, 48)
    yield "h_ctx", "WrongDigest", flip_bit(good, 79, 128)
    for at, name in ((80, "enc"), (112, "mask")):
        for low in sorted(LOW_ORDER):
            yield name + " of low order", "LowOrder", \
                overwrite(good, at, point(low))
        for x in (P25519, P25519 + 9, 2**255 - 1, 2**255 + 9):
            yield name + " not canonical", "NonCanonical", \
                overwrite(good, at, point(x))
        yield name + " with the top bit", "NonCanonical", \
            flip_bit(good, at + 31, 128)
        other = session.server.keys[1]
        yield name + " is another's enc", "Duplicate", \
            overwrite(good, at, other.enc)
        yield name + " is another's mask", "Duplicate", \
            overwrite(good, at, other.mask)
    yield "enc is mask", "Duplicate", overwrite(good, 112, good[80:112])
    if p.active:
        yield from keys_identity_rows(session, u, good)


def keys_identity_rows(session, u, good):
    """8.2, checks 1 and 5 to 8: yield KEYS with other identities, signatures
    and credentials."""
    keys = m.decode_keys(session.p, good[48:])
    entry = (keys.enc, keys.mask, *keys.proof)
    absent = next(w for w in range(session.p.clients)
                  if w != u and w not in session.server.keys)
    there = min(session.server.keys)
    for other, twice in ((there, True), (absent, False)):
        for comment, flags, row in identity_rows(session, u, entry, other,
                                                 twice):
            if twice or "another" in comment:
                yield comment, flags, with_body(good, m.Keys(
                    keys.h_ctx, *row[:2], row[2:]).encode())
    size = len(keys.proof[2])
    for wrong in (size - 1, size + 1, 2048, 2049, 65535):
        yield "len %d" % wrong, "WrongLength", overwrite(
            good, 48 + 192, be16(wrong))


def altered_lists(good, at, size):
    """1.4: yield alterations of a list whose items have one size and begin
    with an index."""
    body = good[:at + 4]
    count = int.from_bytes(good[at:at + 4], "big")
    items = [good[at + 4 + size * i:at + 4 + size * i + size]
             for i in range(count)]
    end = good[at + 4 + size * count:]

    def with_items(rows_):
        message = body[:-4] + be32(len(rows_)) + b"".join(rows_) + end
        return with_body(message, message[48:])
    if count > 1:
        yield "the first two changed about", "WrongOrder", with_items(
            [items[1], items[0]] + items[2:])
        yield "descending", "WrongOrder", with_items(items[::-1])
    if count:
        yield "one twice", "WrongOrder", with_items(items[:1] + items)
        yield "the first missing", "WrongSet", with_items(items[1:])
        yield "the last missing", "WrongSet", with_items(items[:-1])
        last = items[-1]
        for index in (2**31, 2**32 - 1):
            yield "index %d" % index, "WrongRange", with_items(
                items[:-1] + [be32(index) + last[4:]])
        yield "none", "WrongSet", with_items([])


def shares_rows(session, u, good):
    """8.4: yield altered SHARES."""
    yield "h_ros", "WrongDigest", flip_bit(good, 48)
    yield "any com", "Normal", flip_bit(good, 80)
    yield "any sealed shares", "Normal", flip_bit(flip_bit(good, 120), -1)
    yield from altered_counts(good, 112)
    yield from altered_lists(good, 112, 100)
    for index, why in ((u, "the dealer itself"),
                       (session.p.clients, "index n"),
                       *((w, "one not in U1") for w in
                         set(range(session.p.clients)) - session.server.u1)):
        yield why + " among the holders", "WrongSet", with_extra_item(
            good, 112, 100, index)


def with_extra_item(good, at, size, index):
    """Insert an item into a list at its place in the order."""
    count = int.from_bytes(good[at:at + 4], "big")
    items = [good[at + 4 + size * i:at + 4 + size * i + size]
             for i in range(count)]
    end = good[at + 4 + size * count:]
    items.append(be32(index) + bytes(size - 4))
    items.sort(key=lambda item: item[:4])
    message = good[:at] + be32(len(items)) + b"".join(items) + end
    return with_body(message, message[48:])


def altered_counts(good, at):
    """Yield messages whose count is wrong."""
    for comment, text in wrong_counts(good, at):
        yield comment, "WrongCount", text


def complaints(good, bad):
    """8.6: replace the list of complaints in INPUT."""
    count = int.from_bytes(good[80:84], "big")
    body = good[48:80] + be32(len(bad)) + b"".join(map(be32, bad)) \
        + good[84 + 4 * count:]
    return with_body(good, body)


def complaint_rows(session, u, good):
    """8.6, checks 1 to 4: yield altered lists of complaints."""
    p, server = session.p, session.server
    yield "h_u2", "WrongDigest", flip_bit(good, 48)
    yield "h_u2", "WrongDigest", flip_bit(good, 79)
    yield from altered_counts(good, 80)
    peers_in_u2 = sorted(server.graph.peers(u) & server.u2)
    spare = 1 + len(peers_in_u2) - p.threshold
    for size in range(len(peers_in_u2) + 1):
        yield "%d complaints" % size, \
            "Complaint" if size <= spare else "TooFew", \
            complaints(good, peers_in_u2[:size])
    if spare > 1:
        yield "complaints changed about", "WrongOrder", complaints(
            good, [peers_in_u2[1], peers_in_u2[0]])
        yield "a complaint twice", "WrongOrder", complaints(
            good, peers_in_u2[:1] * 2)
    yield "a complaint of itself", "WrongSet", complaints(good, [u])
    for w in (p.clients, 2**32 - 1):
        yield "a complaint of nobody", "WrongRange", complaints(good, [w])
    for w in sorted(set(range(p.clients)) - set(peers_in_u2) - {u}):
        yield "a complaint of one not in N(v) cap U2", "WrongSet", complaints(
            good, [w])


def input_rows(session, u, good):
    """8.6: yield altered INPUTs."""
    yield "any planes", "Normal", flip_bit(good, -1, 128)
    yield from complaint_rows(session, u, good)


def confirm_rows(session, u, good):
    """8.9: yield altered CONFIRMs."""
    yield "signature", "WrongSignature", flip_bit(good, 48)
    yield "signature", "WrongSignature", flip_bit(good, 80)
    s = int.from_bytes(good[-32:], "little") + ELL
    yield "S + L", "WrongSignature NonCanonical", overwrite(good, 80, point(s))
    c = session.clients[u]
    text = c.confirm_input(u)
    yield "signed by a stranger", "UntrustedKey", overwrite(
        good, 48, ed25519_sign(test_bytes("forger", 32), text))
    for j in (1, 2, 4):
        yield "R + %d T" % j, "MixedOrder WrongSignature", overwrite(
            good, 48, sign_shifted(secret_scalar(session.identities[u]),
                                   session.publics[u], text, j))
    yield "another U3", "WrongSignature", overwrite(
        good, 48, ed25519_sign(session.identities[u], flip_bit(text, -1)))
    yield "another index", "WrongSignature", overwrite(
        good, 48, ed25519_sign(session.identities[u], c.confirm_input(u + 1)))
    yield "zeros", "WrongSignature", overwrite(good, 48, bytes(64))


def unmask_rows(session, u, good):
    """8.11: yield altered UNMASKs."""
    for x in (ELL, ELL + 1, 2**255, 2**256 - 1):
        yield "own not below L", "NonCanonical", overwrite(good, 48, point(x))
    yield "any own", "WrongShare", overwrite(good, 48, point(5))
    yield "any key", "LyingResponder", flip_bit(good, -1)
    yield from altered_counts(good, 80)
    yield from altered_lists(good, 80, 36)
    for kind in (1 - good[84], 2, 128, 255):
        yield "kind %d of the first" % kind, "WrongKind", overwrite(
            good, 84, bytes([kind]))
    first = int.from_bytes(good[85:88], "big")
    both = with_extra_item(good, 80, 36, first | (1 - good[84]) << 24)
    yield "both kinds of one dealer", "WrongKind", both
    yield "itself among the dealers", "WrongSet", with_extra_key(good, u)
    for w in sorted(set(range(session.p.clients)) - session.server.u2):
        yield "one not in U2 among the dealers", "WrongSet", \
            with_extra_key(good, w)
    for w in sorted(session.clients[u].bad):
        yield "one complained of among the dealers", "WrongSet", \
            with_extra_key(good, w)


def with_extra_key(good, dealer):
    """8.11: insert a key into UNMASK at its place in the order."""
    given = m.decode_unmask(good[48:])
    given.revealed.append((0, dealer, bytes(32)))
    given.revealed.sort(key=lambda row: row[1])
    return with_body(good, given.encode())


BODIES = {m.KEYS: keys_rows, m.SHARES: shares_rows, m.INPUT: input_rows,
          m.CONFIRM: confirm_rows, m.UNMASK: unmask_rows}
