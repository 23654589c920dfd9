# SPDX-License-Identifier: Apache-2.0
"""Messages to a client, good and altered (8.3, 8.5, 8.8, 8.10, 8.12). Rows
are (comment, flags, bytes)."""
import altered_sets
import messages as m
import schedule
from altered import common, put, turn, with_body
from altered_up import counts, list_rows, point, with_one
from field import ORDER
from graph import Graph
from hashes import be32
from schedule import bitmap
from suites import LOW_ORDER, P, sign
from vectorfile import data


def rows(script, u, good, whole):
    """All rows for the message that client u would be sent now; only those
    of its body, unless `whole`."""
    p, kind = script.p, good[2]
    yield "good", "Normal", good
    yield from BODIES[kind](script, u, good)
    if not whole:
        return
    yield from common(good, False, kind in (2, 6) and not p.active)
    for other in (2, 4, 6, 8):
        if other != kind:
            yield "type %d in this phase" % other, "WrongPhase", \
                put(good, 2, bytes([other]))
    yield from abort_rows(p, u)
    accepted = script.clients[u].accepted
    if accepted:
        yield "the message before once more", "Repeat", accepted
        yield "the message before, altered", "WrongPhase", turn(accepted, -1)


def abort_rows(p, u):
    """8.12: ABORT."""
    for code in (23, 24, 20, 22, 0, 65535):
        yield "ABORT with %d" % code, "Abort", m.message(
            p, m.ABORT_DOWN, u, m.encode_abort(code))
    yield "ABORT, blamed is nobody invited", "Abort", m.message(
        p, m.ABORT_DOWN, u, m.encode_abort(23, 2**31))
    for size in (0, 2, 5, 7):
        yield "ABORT of %d bytes" % size, "WrongLength Abort", m.message(
            p, m.ABORT_DOWN, u, bytes(size))


def done_rows(script, u):
    """9.1, event 5: the client is DONE."""
    c = script.clients[u]
    yield "the message before once more", "Repeat", c.accepted
    yield "the message before, altered", "WrongPhase", turn(c.accepted, -1)
    yield "a header that is wrong", "WrongHeader", turn(c.accepted, 0)
    yield "ABORT", "WrongPhase Abort", m.message(
        script.p, m.ABORT_DOWN, u, m.encode_abort(23))


def rebuilt(script, good, entries, **members):
    """ROSTER of other entries, root and count as they must be."""
    r = m.read_roster(script.p, good[48:])
    r.entries = sorted(entries)
    rows_ = {e[0]: schedule.entry(*e) for e in r.entries}
    if not script.p.neighbours:
        r.present = len(rows_)
        r.root = schedule.roster_root(script.p.clients, rows_)
    for name, value in members.items():
        setattr(r, name, value)
    return with_body(good, r.encode())


def roster_rows(script, u, good):
    """8.3."""
    p = script.p
    r = m.read_roster(p, good[48:])
    size = 132 if p.active else 68
    yield "present over n", "WrongCount", put(good, 112, be32(p.clients + 1))
    yield "present below count", "WrongCount", put(
        good, 112, be32(len(r.entries) - 1))
    yield "present 0", "WrongCount", put(good, 112, be32(0))
    yield "root", "Normal" if p.neighbours else "WrongDigest", turn(good, 80)
    yield from counts(good, 116)
    yield from list_rows(good, 116, size)
    yield "index n", "WrongRange", with_one(good, 116, size, p.clients)
    if p.neighbours:
        yield "another graph_seed", "WrongSet", turn(good, 48)
        seen = {e[0] for e in r.entries}
        graph = Graph(p.clients, p.neighbours, r.graph_seed)
        far = set(range(p.clients)) - seen - graph.peers(u)
        for w in sorted(far):
            yield "one that is no peer", "WrongSet", with_one(
                good, 116, size, w)
        yield from ring_floors(script, u, good, r.entries)
    else:
        yield "graph_seed not zero", "WrongKind", turn(good, 48)
        yield "present over count", "WrongCount", put(
            good, 112, be32(len(r.entries) + 1))
    yield from roster_points(script, u, good, r.entries)
    yield from roster_floors(script, u, good, r.entries)
    if p.active:
        yield from roster_signatures(script, u, good, r.entries)


def ring_floors(script, u, good, entries):
    """8.3 (6) on a ring: |U1| as told, fewer entries."""
    for present in (script.p.min_survivors - 1, script.p.min_survivors):
        near = [e for e in entries if e[0] != u][:present - 1]
        mine = [e for e in entries if e[0] == u]
        under = present < script.p.floor
        yield "U1 of %d" % present, "TooFew" if under else "Dropout", \
            rebuilt(script, good, near[:present - 1] + mine, present=present)


def at_entry(entries, w, **members):
    """The entries with one changed; members are enc, mask, sig."""
    out = []
    for index, enc, mask, sig in entries:
        if index == w:
            enc = members.get("enc", enc)
            mask = members.get("mask", mask)
            sig = members.get("sig", sig)
        out.append((index, enc, mask, sig))
    return out


def roster_points(script, u, good, entries):
    """8.3 (3)."""
    other = next(e for e in entries if e[0] != u)
    third = next(e for e in entries if e[0] not in (u, other[0]))
    for name, at in (("enc", 1), ("mask", 2)):
        for low in sorted(LOW_ORDER):
            yield name + " of low order", "LowOrder", rebuilt(
                script, good, at_entry(entries, other[0], **{name: point(low)}))
        for x in (P, P + 9, 2**255 + 9):
            yield name + " not canonical", "NonCanonical", rebuilt(
                script, good, at_entry(entries, other[0], **{name: point(x)}))
        yield "own %s altered" % name, "WrongSet", rebuilt(
            script, good, at_entry(entries, u, **{name: point(9)}))
        yield name + " of two", "Duplicate", rebuilt(
            script, good, at_entry(entries, other[0], **{name: third[at]}))
    yield "enc is mask", "Duplicate", rebuilt(
        script, good, at_entry(entries, other[0], enc=other[2]))
    yield "own enc and mask changed about", "WrongSet", rebuilt(
        script, good, at_entry(entries, u, **swapped(entries, u)))
    mine = next(e for e in entries if e[0] == u)
    yield "own mask as another's", "Duplicate", rebuilt(
        script, good, at_entry(entries, other[0], mask=mine[2]))
    yield "own entry missing", "WrongSet", rebuilt(
        script, good, [e for e in entries if e[0] != u])


def swapped(entries, u):
    """enc and mask of one entry changed about."""
    mine = next(e for e in entries if e[0] == u)
    return {"enc": mine[2], "mask": mine[1]}


def roster_floors(script, u, good, entries):
    """9.4."""
    for left in range(1, len(entries)):
        some = [e for e in entries if e[0] != u][:left - 1]
        some += [e for e in entries if e[0] == u]
        near = left < script.p.threshold
        under = near or (not script.p.neighbours and left < script.p.floor)
        yield "only %d entries" % left, "TooFew" if under else "Normal", \
            rebuilt(script, good, some)


def roster_signatures(script, u, good, entries):
    """8.3 (5)."""
    other, third = [e for e in entries if e[0] != u][:2]
    for name, sig in (("signature", turn(other[3], 0)),
                      ("signature", turn(other[3], 40)),
                      ("signature of another entry", third[3]),
                      ("zeros as a signature", bytes(64))):
        yield name, "WrongSignature", rebuilt(
            script, good, at_entry(entries, other[0], sig=sig))
    text = schedule.keys_text(script.p.h_ctx, other[0], other[1], other[2])
    yield "signed by a stranger", "UntrustedKey", rebuilt(
        script, good, at_entry(entries, other[0], sig=sign(
            data("forger", 32), text)))
    yield "another's points under the signature", "WrongSignature", rebuilt(
        script, good, at_entry(entries, other[0], enc=point(9)))
    yield "own signature altered", "WrongSet", rebuilt(
        script, good, at_entry(entries, u, sig=bytes(64)))


def relay(script, good, u2, pairs):
    """RELAY of another set and other pairs."""
    return with_body(good, m.Relay(bitmap(script.p.clients, u2),
                                   pairs).encode())


def relay_rows(script, u, good):
    """8.5."""
    p, c = script.p, script.clients[u]
    r = m.read_relay(p, good[48:])
    u2 = m.read_bitmap(r.u2, p.clients)
    at = 48 + len(r.u2)
    if p.clients % 8:
        yield "a bit beyond n", "WrongBitmap", turn(good, at - 1, 128)
        yield "bit n", "WrongBitmap", turn(good, at - 1, 1 << p.clients % 8)
    yield "itself not in U2", "WrongSet", relay(script, good, u2 - {u},
                                                r.pairs)
    for w in sorted(set(range(p.clients)) - script.server.u1):
        yield "one in U2 that is not in U1", "WrongSet", relay(
            script, good, u2 | {w}, r.pairs)
    yield "nobody in U2", "WrongSet", relay(script, good, set(), [])
    yield from counts(good, at)
    yield from list_rows(good, at, 100)
    for index in (u, p.clients):
        yield "dealer %d" % index, "WrongSet", with_one(good, at, 100, index)
    for bad in range(len(r.pairs) + 1):
        pairs = [(v, turn(b, 3), o) if i < bad else (v, b, o)
                 for i, (v, b, o) in enumerate(r.pairs)]
        good_ones = 1 + len(r.pairs) - len(
            {v for v, _, _ in pairs[:bad]} | spoilt(c, script))
        yield "%d dealers whose beta does not open" % bad, \
            "TooFew" if good_ones < p.opened_floor else "Complaint", \
            relay(script, good, u2, pairs)
    yield "one omega does not open", "Complaint", relay(
        script, good, u2, [(v, b, turn(o, 47)) if i == 0 else (v, b, o)
                           for i, (v, b, o) in enumerate(r.pairs)])
    yield "beta and omega changed about", "Complaint", relay(
        script, good, u2, [(v, o, b) if i == 0 else (v, b, o)
                           for i, (v, b, o) in enumerate(r.pairs)])
    yield "a share that is not below L", "NonCanonical Complaint", relay(
        script, good, u2, forged(script, u, r.pairs))
    near = sorted(c.peers & u2)
    for left in range(len(near)):
        some = set(near[:left]) | {u}
        if p.neighbours:
            some |= u2 - c.peers
        under = len(some) < p.min_survivors or 1 + left < p.opened_floor
        yield "%d of the peers in U2" % left, "TooFew" if under else \
            "Complaint", relay(script, good, some, [
                pair for pair in r.pairs if pair[0] in some])


def spoilt(c, script):
    """Dealers whose shares for c do not open from the start."""
    return {v for v in script.played if v in c.peers}


def forged(script, u, pairs):
    """Pairs of which the first holds no canonical scalar, sealed well."""
    v, beta, omega = pairs[0]
    dealer = script.clients[v]
    beta = schedule.seal_share(dealer.key(0, v, u), dealer.h_ros,
                               script.p.round, 0, v, u, ORDER + 1)
    return [(v, beta, omega)] + pairs[1:]


BODIES = {2: roster_rows, 4: relay_rows, 6: altered_sets.survivors_rows,
          8: altered_sets.signatures_rows}
