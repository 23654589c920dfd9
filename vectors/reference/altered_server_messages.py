# SPDX-License-Identifier: Apache-2.0
"""Messages of the server to a client, valid and altered (8.3, 8.5, 8.8, 8.10,
8.12). A row is (comment, flags, message)."""
import messages as m
import schedule
from altered_any_message import (altered_in_common, flip_bit, overwrite,
                                 with_body)
from altered_client_messages import (altered_counts, altered_lists, point,
                                     with_extra_item)
from altered_identities import FORGER, identity_rows, signed
from altered_survivors_signatures import signatures_rows, survivors_rows
from scalar import ELL
from graph import Graph
from hashes import be16, be32
from schedule import bitmap
from suites import LOW_ORDER, P25519


def server_message_rows(session, u, good, whole):
    """Yield rows for the message that client u would receive now: alterations
    of its body and, if `whole`, all others."""
    p, kind = session.p, good[2]
    yield "good", "Normal", good
    yield from BODIES[kind](session, u, good)
    if not whole:
        return
    yield from altered_in_common(good, False, kind in (2, 6) and not p.active)
    for other in (2, 4, 6, 8):
        if other != kind:
            yield "type %d in this phase" % other, "WrongPhase", \
                overwrite(good, 2, bytes([other]))
    yield from abort_rows(p, u)
    accepted = session.clients[u].accepted
    if accepted:
        yield "the message before once more", "Repeat", accepted
        yield "the message before, altered", "WrongPhase", \
            flip_bit(accepted, -1)


def abort_rows(p, u):
    """8.12: yield ABORTs."""
    for code in (23, 24, 20, 22, 0, 65535):
        yield "ABORT with %d" % code, "Abort", m.encode_message(
            p, m.ABORT_FROM_SERVER, u, m.Abort(code).encode())
    yield "ABORT, blamed is nobody invited", "Abort", m.encode_message(
        p, m.ABORT_FROM_SERVER, u, m.Abort(23, 2**31).encode())
    for code in (23, 24):
        yield "ABORT with %d and a list" % code, "WrongCount Abort", \
            m.encode_message(p, m.ABORT_FROM_SERVER, u,
                             m.Abort(code, dealers=[0]).encode())
    for count in (1, 2**32 - 1):
        yield "ABORT with 23, count %d and no list" % count, \
            "WrongCount Abort", m.encode_message(
                p, m.ABORT_FROM_SERVER, u,
                m.Abort(23).encode()[:6] + be32(count))
    for size in (0, 2, 5, 6, 7, 9, 11):
        yield "ABORT of %d bytes" % size, "WrongLength Abort", \
            m.encode_message(p, m.ABORT_FROM_SERVER, u, bytes(size))


def done_rows(session, u):
    """9.1, event 5: yield messages to a client that is DONE."""
    c = session.clients[u]
    yield "the message before once more", "Repeat", c.accepted
    yield "the message before, altered", "WrongPhase", flip_bit(c.accepted, -1)
    yield "a header that is wrong", "WrongHeader", flip_bit(c.accepted, 0)
    yield "ABORT", "WrongPhase Abort", m.encode_message(
        session.p, m.ABORT_FROM_SERVER, u, m.Abort(23).encode())


def rebuilt(session, good, entries, **members):
    """8.3: replace the entries of ROSTER; roster_root and count are made to
    agree with them."""
    r = m.decode_roster(session.p, good[48:])
    r.entries = sorted(entries)
    rows_ = {e[0]: schedule.roster_entry(*e) for e in r.entries}
    if not session.p.neighbours:
        r.present = len(rows_)
        r.roster_root = schedule.roster_root(session.p.clients, rows_)
    for name, value in members.items():
        setattr(r, name, value)
    return with_body(good, r.encode())


def roster_rows(session, u, good):
    """8.3: yield altered ROSTERs."""
    p = session.p
    r = m.decode_roster(p, good[48:])
    size = len(schedule.roster_entry(*r.entries[0]))
    yield "present over n", "WrongCount", overwrite(
        good, 112, be32(p.clients + 1))
    yield "present below count", "WrongCount", overwrite(
        good, 112, be32(len(r.entries) - 1))
    yield "present 0", "WrongCount", overwrite(good, 112, be32(0))
    yield "root", "Normal" if p.neighbours else "WrongDigest", \
        flip_bit(good, 80)
    yield from altered_counts(good, 116)
    yield from altered_lists(good, 116, size)
    yield "index n", "WrongRange", with_extra_item(good, 116, size, p.clients)
    if p.neighbours:
        yield "another graph_seed", "WrongSet", flip_bit(good, 48)
        seen = {e[0] for e in r.entries}
        graph = Graph(p.clients, p.neighbours, r.graph_seed)
        far = set(range(p.clients)) - seen - graph.peers(u)
        for w in sorted(far):
            yield "one that is no peer", "WrongSet", with_extra_item(
                good, 116, size, w)
        yield from ring_minimums(session, u, good, r.entries)
    else:
        yield "graph_seed not zero", "WrongKind", flip_bit(good, 48)
        yield "present over count", "WrongCount", overwrite(
            good, 112, be32(len(r.entries) + 1))
    yield from roster_points(session, u, good, r.entries)
    yield from roster_minimums(session, u, good, r.entries)
    if p.active:
        yield from roster_identities(session, u, good, r.entries)


def ring_minimums(session, u, good, entries):
    """8.3, check 6: yield ROSTERs of a ring that state a smaller |U1| and have
    fewer entries."""
    for present in (session.p.min_survivors - 1, session.p.min_survivors):
        some = [e for e in entries if e[0] != u][:present - 1]
        some += [e for e in entries if e[0] == u]
        too_few = present < session.p.effective_min
        yield "U1 of %d" % present, "TooFew" if too_few else "Dropout", \
            rebuilt(session, good, some, present=present)


def at_entry(entries, w, row):
    """Replace what client w advertised, from enc on."""
    return [(w, *row) if e[0] == w else e for e in entries]


def with_point(entries, w, name, value):
    """Replace enc or mask of client w."""
    entry = next(e for e in entries if e[0] == w)
    row = (value, *entry[2:]) if name == "enc" else (
        entry[1], value, *entry[3:])
    return at_entry(entries, w, row)


def roster_points(session, u, good, entries):
    """8.3, check 3: yield ROSTERs with wrong points."""
    other = next(e for e in entries if e[0] != u)
    third = next(e for e in entries if e[0] not in (u, other[0]))
    for name, at in (("enc", 1), ("mask", 2)):
        for low in sorted(LOW_ORDER):
            yield name + " of low order", "LowOrder", rebuilt(
                session, good,
                with_point(entries, other[0], name, point(low)))
        for x in (P25519, P25519 + 9, 2**255 + 9):
            yield name + " not canonical", "NonCanonical", rebuilt(
                session, good, with_point(entries, other[0], name, point(x)))
        yield "own %s altered" % name, "WrongSet", rebuilt(
            session, good, with_point(entries, u, name, point(9)))
        yield name + " of two", "Duplicate", rebuilt(
            session, good, with_point(entries, other[0], name, third[at]))
    yield "enc is mask", "Duplicate", rebuilt(
        session, good, with_point(entries, other[0], "enc", other[2]))
    yield "own enc and mask changed about", "WrongSet", rebuilt(
        session, good, swapped(entries, u))
    mine = next(e for e in entries if e[0] == u)
    yield "own mask as another's", "Duplicate", rebuilt(
        session, good, with_point(entries, other[0], "mask", mine[2]))
    yield "own entry missing", "WrongSet", rebuilt(
        session, good, [e for e in entries if e[0] != u])


def swapped(entries, u):
    """Put one entry's enc and mask in each other's place."""
    mine = next(e for e in entries if e[0] == u)
    return at_entry(entries, u, (mine[2], mine[1], *mine[3:]))


def roster_minimums(session, u, good, entries):
    """9.4: yield ROSTERs with fewer and fewer entries."""
    for left in range(1, len(entries)):
        some = [e for e in entries if e[0] != u][:left - 1]
        some += [e for e in entries if e[0] == u]
        minimum = session.p.threshold
        if not session.p.neighbours:
            minimum = max(minimum, session.p.effective_min)
        too_few = left < minimum
        yield "only %d entries" % left, "TooFew" if too_few else "Normal", \
            rebuilt(session, good, some)


def roster_identities(session, u, good, entries):
    """8.3, checks 1, 3 and 5: yield ROSTERs with other identities, signatures
    and credentials."""
    others = [e for e in entries if e[0] != u]
    other, third = others[:2]
    for comment, flags, row in identity_rows(session, other[0], other[1:],
                                             third[0], True):
        yield comment, flags, rebuilt(session, good, at_entry(
            entries, other[0], row))
    absent = next(w for w in range(session.p.clients)
                  if w not in [e[0] for e in entries])
    yield "the identity of an absent client", "UntrustedKey", rebuilt(
        session, good, at_entry(entries, other[0], signed(
            session, other[0], session.identities[absent], other[1:])))
    yield "the receiver's identity for another", "Duplicate", rebuilt(
        session, good, at_entry(entries, other[0], signed(
            session, other[0], session.identities[u], other[1:])))
    yield "signature of another entry", "WrongSignature", rebuilt(
        session, good, at_entry(entries, other[0],
                                (*other[1:4], third[4], other[5])))
    mine = next(e for e in entries if e[0] == u)
    for name, row in (
            ("identity", signed(session, u, FORGER, mine[1:])),
            ("signature", (*mine[1:4], bytes(64), mine[5])),
            ("credential", (*mine[1:5], flip_bit(mine[5], 0))),
            ("credential, one byte longer,", (*mine[1:5], mine[5] + b"\0")),
            ("credential, one byte shorter,", (*mine[1:5], mine[5][:-1])),
            ("credential, signed,", signed(
                session, u, session.identities[u], mine[1:], b"other"))):
        yield "own %s altered" % name, "WrongSet", rebuilt(
            session, good, at_entry(entries, u, row))
    size = len(entries[0][5])
    for wrong in (size - 1, size + 1, 2049, 65535):
        yield "len %d of the first" % wrong, "WrongLength", overwrite(
            good, 48 + 72 + 164, be16(wrong))


def relay(session, good, u2, pairs):
    """8.5: replace the set and the pairs of RELAY."""
    return with_body(good, m.Relay(bitmap(session.p.clients, u2),
                                   pairs).encode())


def relay_rows(session, u, good):
    """8.5: yield altered RELAYs."""
    p, c = session.p, session.clients[u]
    r = m.decode_relay(p, good[48:])
    u2 = m.decode_bitmap(r.u2, p.clients)
    at = 48 + len(r.u2)
    if p.clients % 8:
        yield "a bit beyond n", "WrongBitmap", flip_bit(good, at - 1, 128)
        yield "bit n", "WrongBitmap", \
            flip_bit(good, at - 1, 1 << p.clients % 8)
    yield "itself not in U2", "WrongSet", relay(session, good, u2 - {u},
                                                r.pairs)
    for w in sorted(set(range(p.clients)) - session.server.u1):
        yield "one in U2 that is not in U1", "WrongSet", relay(
            session, good, u2 | {w}, r.pairs)
    yield "nobody in U2", "WrongSet", relay(session, good, set(), [])
    yield from altered_counts(good, at)
    yield from altered_lists(good, at, 100)
    for index in (u, p.clients):
        yield "dealer %d" % index, "WrongSet", \
            with_extra_item(good, at, 100, index)
    for bad in range(len(r.pairs) + 1):
        pairs = [(v, flip_bit(b, 3), o) if i < bad else (v, b, o)
                 for i, (v, b, o) in enumerate(r.pairs)]
        good_ones = 1 + len(r.pairs) - len(
            {v for v, _, _ in pairs[:bad]} | dealers_not_opening(c, session))
        yield "%d dealers whose beta does not open" % bad, \
            "TooFew" if good_ones < p.min_dealers else "Complaint", \
            relay(session, good, u2, pairs)
    yield "one omega does not open", "Complaint", relay(
        session, good, u2, [(v, b, flip_bit(o, 47)) if i == 0 else (v, b, o)
                            for i, (v, b, o) in enumerate(r.pairs)])
    yield "beta and omega changed about", "Complaint", relay(
        session, good, u2, [(v, o, b) if i == 0 else (v, b, o)
                            for i, (v, b, o) in enumerate(r.pairs)])
    yield "a share that is not below L", "NonCanonical Complaint", relay(
        session, good, u2, non_canonical_pairs(session, u, r.pairs))
    near = sorted(c.peers & u2)
    for left in range(len(near)):
        some = set(near[:left]) | {u}
        if p.neighbours:
            some |= u2 - c.peers
        too_few = len(some) < p.min_survivors or 1 + left < p.min_dealers
        yield "%d of the peers in U2" % left, "TooFew" if too_few else \
            "Complaint", relay(session, good, some, [
                pair for pair in r.pairs if pair[0] in some])


def dealers_not_opening(c, session):
    """Return the dealers whose shares do not open for client c even in the
    valid message."""
    return {v for v in session.unrecorded if v in c.peers}


def non_canonical_pairs(session, u, pairs):
    """Replace the first share by one that opens but is not a canonical
    scalar."""
    v, beta, omega = pairs[0]
    dealer = session.clients[v]
    beta = schedule.seal_share(dealer.share_key(0, v, u), dealer.h_ros,
                               session.p.round, 0, v, u, ELL + 1)
    return [(v, beta, omega)] + pairs[1:]


BODIES = {m.ROSTER: roster_rows, m.RELAY: relay_rows,
          m.SURVIVORS: survivors_rows, m.SIGNATURES: signatures_rows}
