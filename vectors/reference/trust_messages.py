# SPDX-License-Identifier: Apache-2.0
"""KEYS and ROSTER for parties that trust in different ways (3.5, 8.2, 8.3)."""
import edwards
import messages as m
import schedule
from altered_any_message import flip_bit, with_body
from altered_identities import FORGER, signed
from altered_server_messages import at_entry, rebuilt
from params import INTEGER, Segment
from recorded_session import RecordedSession
from session_builder import parameters
from suites import ed25519_public

CREDENTIALS = {0: b"", 1: b"one", 2: b"token of two", 3: b"\0" * 2048}
RECEIVER = 2
LISTS = 10
STRANGER = ed25519_public(FORGER)


def new_session(name):
    """Return a session whose clients have identities and credentials; no party
    trusts anybody."""
    p = parameters("messages trust", 4, 3, (Segment(10, INTEGER, 3),), mode=1,
                   min_survivors=3)
    session = RecordedSession(p, "trust " + name, trust_all=False,
                              credentials=CREDENTIALS)
    for u in range(4):
        session.identify(u)
    return session


def trust_only(session, u, keys, whole=False):
    """Give a party a list; keys maps indices to keys."""
    for index, public in keys.items():
        assert session.trust(u, index, public) == ""
    if whole:
        assert session.trust_whole(u) == ""


def lists(session):
    """Yield the lists of a party that looks at client 1 first and at client 3
    last: a name, the keys, whether it is declared whole, and the error. Only
    the last two concern more than client 3."""
    key = dict(enumerate(session.publics))
    others = {v: key[v] for v in (0, 1, 3)}
    without = {v: key[v] for v in (0, 1)}
    yield "no list", {}, False, "STATE"
    yield "an empty list, whole", {}, True, "AUTH"
    yield "the last is missing", without, False, "STATE"
    yield "the last is missing, whole", without, True, "AUTH"
    yield "all others", others, False, ""
    yield "all others, whole", others, True, ""
    yield "all", key, False, ""
    yield "another key for the last", {**without, 3: STRANGER}, False, "AUTH"
    yield "no key for the first, another for the last", \
        {1: key[1], 3: STRANGER}, False, "STATE"
    yield "another key for the first, none for the last", \
        {0: STRANGER, 1: key[1]}, False, "AUTH"


def keys_message(session, good, row):
    """Return KEYS with an entry."""
    h_ctx = m.decode_keys(session.p, good[48:]).h_ctx
    return with_body(good, m.Keys(h_ctx, *row[:2], row[2:]).encode())


def bad_keys(session, good):
    """Yield KEYS of client 3 that no verifier is asked about."""
    keys = m.decode_keys(session.p, good[48:])
    entry = (keys.enc, keys.mask, *keys.proof)
    enc, mask, identity, sig, credential = entry
    yield "signature altered", "WrongSignature", 3, keys_message(
        session, good, (enc, mask, identity, flip_bit(sig, 0), credential))
    yield "credential altered", "WrongSignature Credential", 3, keys_message(
        session, good, (enc, mask, identity, sig, b"\1" + credential[1:]))
    yield "identity of small order", "LowOrder", 3, keys_message(
        session, good, (enc, mask, edwards.encode(edwards.IDENTITY), sig,
                        credential))


def server_groups(file):
    """8.2, checks 6 to 8: client 3 is the only one that the lists lack."""
    for i in range(LISTS - 2):
        session = new_session("server %d" % i)
        name, keys, whole, error = list(lists(session))[i]
        trust_only(session, None, keys, whole)
        good = session.clients[3].send()
        rows = [(name, "UntrustedKey" if error else "Normal", 3, good)]
        if error == "STATE":
            rows += [(name + ", " + comment, flags, v, message) for
                     comment, flags, v, message in bad_keys(session, good)]
        file.server_group(session, rows)
        assert file.out.tests()[-len(rows)]["error"] == error, name
    for answer, error in (("", ""), ("STATE", "STATE"), ("AUTH", "AUTH"),
                          ("POLICY", "AUTH"), ("MEMORY", "AUTH")):
        session = new_session("server verifier " + answer)
        session.trust_with(None)
        session.verdict(None, 3, session.publics[3], CREDENTIALS[3], answer)
        good = session.clients[3].send()
        file.server_group(session, [("the verifier answers %s" % (
            answer or "yes"), "Credential", 3, good)])
        assert file.out.tests()[-1]["error"] == error
    session = new_session("server verifier not asked")
    session.trust_with(None)
    file.server_group(session, bad_keys(session, session.clients[3].send()))


def identities_twice(file):
    """8.2, check 5: KEYS of client 3 with the identity of client 1, whose KEYS
    was accepted. It comes before the list and the verifier."""
    for name in ("list", "verifier"):
        session = new_session("server twice " + name)
        if name == "list":
            trust_only(session, None, {1: session.publics[1]})
        else:
            session.trust_with(None)
            session.verdict(None, 1, session.publics[1], CREDENTIALS[1])
        assert session.up(1) == ""
        good = session.clients[3].send()
        keys = m.decode_keys(session.p, good[48:])
        twice = signed(session, 3, session.identities[1],
                       (keys.enc, keys.mask, *keys.proof))
        file.server_group(session, [(
            "the identity of an accepted client, " + name, "Duplicate", 3,
            keys_message(session, good, twice))])
        assert file.out.tests()[-1]["error"] == "AUTH"


def roster_session(name):
    """Return a session in which client RECEIVER is to receive ROSTER."""
    session = new_session(name)
    trust_only(session, None, dict(enumerate(session.publics)))
    for u in range(4):
        session.up(u)
    session.close_phase()
    return session


def client_groups(file):
    """8.3, check 5, with lists and with a verifier."""
    for i in range(LISTS):
        session = roster_session("client %d" % i)
        name, keys, whole, error = list(lists(session))[i]
        trust_only(session, RECEIVER, keys, whole)
        good = session.server.send(RECEIVER)
        rows = [(name, "UntrustedKey" if error else "Normal", good)]
        if error == "STATE":
            rows += bad_rosters(session, good)
        file.client_group(session, RECEIVER, rows)
        assert file.out.tests()[-len(rows)]["error"] == error, name
    for answers, error in (
            ({0: "", 1: "", 3: ""}, ""), ({0: "STATE"}, "STATE"),
            ({0: "", 1: "", 3: "STATE"}, "STATE"),
            ({0: "", 1: "AUTH"}, "AUTH"), ({0: "", 1: "", 3: "ARG"}, "AUTH")):
        session = roster_session("client verifier %s" % answers)
        key = session.publics
        session.trust_with(RECEIVER)
        for v, answer in answers.items():
            session.verdict(RECEIVER, v, key[v], CREDENTIALS[v], answer)
        file.client_group(session, RECEIVER, [(
            "the verifier answers %s" % ", ".join(
                a or "yes" for a in answers.values()), "Credential",
            session.server.send(RECEIVER))])
        assert file.out.tests()[-1]["error"] == error
    session = roster_session("client verifier not asked")
    session.trust_with(RECEIVER)
    good = session.server.send(RECEIVER)
    file.client_group(session, RECEIVER, bad_rosters(session, good))


def bad_rosters(session, good):
    """Yield ROSTERs that no verifier is asked about: the last entry is not
    valid, for a reason that comes before the list (identities) or after it
    (signatures)."""
    entries = m.decode_roster(session.p, good[48:]).entries
    _, enc, mask, identity, sig, credential = entries[-1]
    for comment, flags, row in (
            ("signature of the last", "WrongSignature",
             (enc, mask, identity, flip_bit(sig, 0), credential)),
            ("credential of the last", "WrongSignature Credential",
             (enc, mask, identity, sig, b"\1" + credential[1:])),
            ("identity of the last of small order", "LowOrder",
             (enc, mask, schedule.bitmap(256, {0}), sig, credential)),
            ("identity of the last is that of the first", "Duplicate",
             signed(session, 3, session.identities[0], entries[-1][1:])),
            ("identity of the last is the receiver's", "Duplicate",
             signed(session, 3, session.identities[RECEIVER],
                    entries[-1][1:]))):
        yield comment, flags, rebuilt(session, good,
                                      at_entry(entries, 3, row))


def trust_groups(file):
    """Add all groups."""
    server_groups(file)
    identities_twice(file)
    client_groups(file)
