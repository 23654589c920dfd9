# SPDX-License-Identifier: Apache-2.0
"""Clients that break one rule of 11.2, check 5, each with the digests that
follow from what it has, so that only the check of that rule can reject its
state; and clients at the bounds of the rules, whose states are accepted."""
import copy

import messages as m
import saved_state
import schedule
from client import Client
from errors import MESSAGE
from params import INTEGER, Segment
from scalar import ELL
from session_builder import NUMBERS, parameters
from suites import P25519, pk
from vector_file import attempt, test_bytes

SECRET = test_bytes("another secret key", 32)
OTHER = test_bytes("one more secret key", 32)


def error_of(key, head, state):
    """11.2: return the error with which a client is resumed from a state."""
    sealed = saved_state.seal(key, *head, state)
    return attempt(Client.resume, key, sealed, 0)[1]


def error_of_client(key, c):
    """11.2: return the error with which the state of a client is resumed."""
    head = (1, c.index, c.p.h_ctx)
    return error_of(key, head, saved_state.encode(c))


def altered(c, **members):
    """Return a client with other members, and with the digests and the list
    of peers that follow from them."""
    out = copy.copy(c)
    vars(out).update(members)
    if c.phase not in ("KEYS", "FAILED"):
        set_roster_hash(out, members)
    if c.phase not in ("KEYS", "SHARES", "FAILED"):
        set_digests(out)
    return out


def set_roster_hash(c, members):
    """3.7: compute again what follows from the roster."""
    if not c.p.active and not c.p.neighbours and "roster_root" not in members:
        c.roster_root = schedule.roster_root(c.p.clients, {
            u: schedule.roster_entry(u, *row) for u, row in c.roster.items()})
    c.h_ros = schedule.roster_hash(c.h_ctx, c.graph_seed, c.size_u1,
                                   c.roster_root)
    if c.pair_prk is not None and "roster" in members:
        c.pair_prk = {v: SECRET for v in c.roster.keys() - {c.index}}


def set_digests(c):
    """3.11: compute again what follows from the sets."""
    def digest(number, members):
        return schedule.set_digest(c.h_ros, c.p.round, c.p.app_digest, number,
                                   c.p.clients, members)
    c.h_u2 = digest(2, c.u2)
    if c.phase not in ("CONFIRM", "UNMASK", "DONE"):
        return
    c.h_u3 = digest(3, c.u3)
    if c.phase == "CONFIRM" or not c.p.active:
        bitmap = schedule.bitmap(c.p.clients, c.u3)
        c.accepted_digest = saved_state.digest_of(c, m.SURVIVORS, bitmap)


def with_parts(c, part, blocks, in_parts, spent):
    """8.7: return a client that made so many parts of a size."""
    vector = copy.copy(c.input_vector)
    vector.part, vector.part_blocks = part, blocks
    return altered(c, input_vector=vector, in_parts=in_parts, spent=spent,
                   repeats_input=False)


def with_row(c, u, *row, **members):
    """8.3: return a client whose roster has another row for u."""
    old = c.roster.get(u, ())
    roster = {**c.roster, u: row + old[len(row):]}
    return altered(c, roster=roster, **members)


def with_own(c, **members):
    """8.3: return a client with other secrets and points, which are in its
    roster, too."""
    out = altered(c, **members)
    return out if c.phase == "KEYS" else with_row(out, c.index, out.enc,
                                                  out.mask)


# Broken rules

def false_phases(c):
    """9.1, 8.7: break the rules of phases and parts."""
    parts, spent = c.input_vector.part, c.spent
    wipe = dict.fromkeys(saved_state.SECRETS)
    for blocks in 2, 2**32:
        yield with_parts(c, parts, blocks, False, spent)
    for blocks in -1, 0, 2**32:
        yield with_parts(c, parts, blocks, True, spent)
    yield with_parts(c, -1, 1, False, "INPUT")
    if c.phase not in ("INPUT", "DONE"):
        yield with_parts(c, 1 - parts, 1, False,
                         "INPUT" if parts == 0 else "NOTHING")
    if c.phase == "INPUT":
        yield with_parts(c, 2, 1, False, "INPUT")
        yield altered(with_parts(c, 1, 1, False, "INPUT"), phase="MORE",
                      **wipe)
    if c.phase == "DONE":
        yield altered(c, made=None)
        yield with_parts(c, 0, 1, False, "UNMASK")


def false_secrets(c):
    """9.1, 3.6: break the rules of secrets and of the own points."""
    if c.prk is not None:
        omega = (c.omega + 1) % ELL
        mask_sk = schedule.derive_mask_sk(c.h_ctx, omega, c.index)
        yield altered(c, rounding=SECRET)
        yield with_own(c, enc_sk=SECRET, enc=pk(SECRET))
        yield with_own(c, omega=omega, mask_sk=mask_sk, mask=pk(mask_sk))
    if c.omega is not None:
        yield with_own(c, mask_sk=SECRET, mask=pk(SECRET))
        yield with_own(c, enc=pk(SECRET))
    if c.mask_sk is not None:
        yield with_own(c, mask=pk(SECRET))
    if c.pair_prk is not None:
        peers = sorted(c.pair_prk)
        yield altered(c, pair_prk={v: SECRET for v in peers[1:]})
        for v in c.index, c.p.clients:
            yield altered(c, pair_prk={**c.pair_prk, v: SECRET})


def false_points(c):
    """8.3, 1.3: break the rules of the points that ROSTER brought."""
    if c.phase == "KEYS":
        return
    n, points = c.p.clients, (pk(SECRET), pk(OTHER))
    strangers = set(range(n)) - c.peers - {c.index}
    for w in {n} | set(sorted(strangers)[:1]):
        yield with_row(c, w, *points)
        yield with_row(c, w, *points, size_u1=c.size_u1 + 1)
    yield with_row(c, c.index, *points)
    for enc in (P25519.to_bytes(32, "little"), points[0], c.mask,
                (P25519 + 9).to_bytes(32, "little")):
        yield with_row(c, min(c.peers & set(c.roster)), enc, points[0])


def false_rosters(c):
    """8.3, 9.4: break the other rules of what ROSTER brought."""
    if c.phase == "KEYS":
        return
    yield altered(c, size_u1=c.p.clients + 1)
    yield altered(c, size_u1=len(c.roster) - 1)
    for count in c.p.threshold - 1, c.p.effective_min - 1:
        few = first_of(c, set(c.roster), count)
        yield altered(c, roster={u: c.roster[u] for u in few},
                      size_u1=len(few))
    if not c.p.neighbours:
        yield altered(c, size_u1=c.size_u1 + 1)
        yield altered(c, graph_seed=SECRET)
        if not c.p.active:
            yield altered(c, roster_root=SECRET)


def first_of(c, members, count):
    """Return so many members of a set: the client, peers, then others."""
    rest = sorted(members - {c.index}, key=lambda u: (u not in c.peers, u))
    return {c.index, *rest[:count - 1]}


def some_bad(c, members, good):
    """9.4: return complaints about peers in a set, after which so many dealers
    are left in it, the client itself included."""
    return set(sorted(members & c.peers)[good - 1:])


def false_sets(c):
    """8.5, 8.8, 9.4: break the rules of sets and complaints."""
    if c.phase in ("KEYS", "SHARES"):
        return
    everybody, minimum = set(range(c.p.clients)), c.p.min_dealers
    for u2 in ({*c.u2, c.p.clients}, c.u2 - {c.index},
               first_of(c, c.u2, c.p.min_survivors - 1),
               *({*c.u2, v} for v in c.peers - set(c.roster))):
        yield altered(c, u2=u2)
    yield altered(c, size_u1=len(c.u2) - 1)
    for bad in ({c.index}, everybody - c.u2 - {c.index},
                c.u2 - c.peers - {c.index}, some_bad(c, c.u2, minimum - 1)):
        if bad:
            yield altered(c, bad=bad)
    if c.phase == "INPUT":
        return
    for u3 in (c.u3 - {c.index}, c.u3 | {4},
               first_of(c, c.u3, c.p.min_survivors - 1)):
        yield altered(c, u3=u3)
    yield altered(c, bad=some_bad(c, c.u3, minimum - 1))
    if c.p.neighbours:
        perm = c.graph.perm
        at = perm.index(c.index)
        yield altered(c, u3=c.u3 & {perm[(at + d) % len(perm)]
                                    for d in (-2, -1, 0, 1, 2, 5, 6, 7)})


def false_messages(c):
    """8.1: break the rules of the message that is kept."""
    if c.made is None or c.phase == "INPUT":
        return
    body = c.made[m.HEADER:]
    for type_ in m.UP - {c.made[2]}:
        yield altered(c, made=c.encode_message(type_, body))
    for other in b"", body[:-1], body + b"\0":
        yield altered(c, made=c.encode_message(c.made[2], other))


def false_identities(c):
    """3.5: break the rules of identities and credentials."""
    if not c.p.active:
        return
    if c.phase == "KEYS" and c.made is not None:
        yield altered(c, identity=None)
    if c.phase == "KEYS" and c.made is None:
        yield altered(c, credential=bytes(m.CREDENTIAL_MAX + 1))


def broken(c):
    """Yield clients of which each breaks one rule."""
    for rules in (false_phases, false_secrets, false_points, false_rosters,
                  false_sets, false_messages, false_identities):
        yield from rules(c)


# Bounds of the rules

def at_bounds(c):
    """Yield clients at the bounds of the rules. None has a message whose
    length depends on them, nor signatures of other sets."""
    if c.phase == "KEYS":
        yield from new_clients(c)
    if c.phase == "SHARES" and c.made is None and c.p.neighbours:
        yield altered(c, size_u1=c.p.clients)
        yield altered(c, size_u1=len(c.roster))
    if c.phase == "INPUT":
        yield altered(c, u2=first_of(c, c.u2, c.p.min_survivors))
        yield altered(c, bad=some_bad(c, c.u2, c.p.min_dealers))
        if c.p.neighbours:
            yield altered(c, size_u1=len(c.u2))
    if c.phase == "CONFIRM" or c.phase == "UNMASK" and not c.p.active:
        yield altered(c, bad=some_bad(c, c.u3, c.p.min_dealers))
        if not c.p.neighbours:
            yield altered(c, u3=first_of(c, c.u3, c.p.min_survivors))


def new_clients(c):
    """8.7, 3.5: yield those in KEYS."""
    for blocks in 1, 2**32 - 1:
        yield with_parts(c, 0, blocks, True, "NOTHING")
    if c.p.active and c.made is None:
        yield altered(c, identity=None)
        for size in 0, m.CREDENTIAL_MAX:
            yield altered(c, credential=bytes(size))


def check_client(c, key):
    """Check the states of all altered clients."""
    for number, other in enumerate(broken(c)):
        assert error_of_client(key, other) == "MESSAGE", (c.phase, number)
    for number, other in enumerate(at_bounds(c)):
        assert error_of_client(key, other) == "", (c.phase, number)


# Clients that failed, and those with many blocks

def failed(c, error=20, code=20, type_=m.ABORT_FROM_CLIENT, blamed=m.NOBODY,
           dealers=(), spent="NOTHING", tail=b"", index=1):
    """8.12: return a client that failed with an ABORT."""
    body = m.Abort(code, blamed, dealers).encode() + tail
    return altered(c, phase="FAILED", error=error, spent=spent, index=index,
                   last_abort=m.encode_message(c.p, type_, 1, body))


def check_failed(key):
    """8.12: check states of clients that failed."""
    p = parameters("failed", 4, 3, (NUMBERS,))
    c = Client(p, 1, SECRET)
    attempt(c.fail, MESSAGE("failed"))
    for code in range(40):
        wanted = "" if code in (11, 20, 21, 23, 24, 30, 32) else "MESSAGE"
        assert error_of_client(key, failed(c, code, code)) == wanted, code
    for spent, wanted in (("NOTHING", ""), ("INPUT", ""),
                          ("UNMASK", "MESSAGE"), ("", "MESSAGE")):
        assert error_of_client(key, failed(c, spent=spent)) == wanted, spent
    for dealers, wanted in (((0, 3), ""), ((3, 0), "MESSAGE"),
                            ((0, 0), "MESSAGE"), ((4,), "MESSAGE")):
        assert error_of_client(key, failed(c, dealers=dealers)) == wanted
    for other in ({"code": 21}, {"blamed": 0}, {"type_": m.KEYS},
                  {"type_": m.ABORT_FROM_SERVER}, {"tail": b"\0"},
                  {"index": 2}):
        assert error_of_client(key, failed(c, **other)) == "MESSAGE", other
    stranger = altered(failed(c), index=4)
    stranger.last_abort = m.encode_message(p, m.ABORT_FROM_CLIENT, 4,
                                           m.Abort(20).encode())
    assert error_of_client(key, stranger) == "MESSAGE"


def check_many_blocks(key):
    """8.7: check the least size of a part of 65,537 blocks."""
    p = parameters("blocks", 3, 3, (Segment(65537 * 512, INTEGER, 1),))
    c = Client(p, 1, SECRET)
    for blocks, wanted in ((1, "MESSAGE"), (2, "")):
        many = with_parts(c, 0, blocks, True, "NOTHING")
        assert error_of_client(key, many) == wanted


def check_others(key):
    """Check the states that no session of check_rules() has."""
    check_failed(key)
    check_many_blocks(key)
