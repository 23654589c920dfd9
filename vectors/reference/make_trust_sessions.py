# SPDX-License-Identifier: Apache-2.0
"""Sessions whose parties trust in different ways, at different times (3.5)."""
from make_host_errors import finish, fill_zeros
from recorded_session import RecordedSession
from suites import ed25519_public
from vector_file import test_bytes

LOW = bytes([1]) + bytes(31)
STRANGER = ed25519_public(test_bytes("else", 32))


def trust_all(session, u):
    """Give a party the keys of all clients but itself."""
    for v, public in enumerate(session.publics):
        if v != u:
            assert session.trust(u, v, public) == ""


def start(f, p, name, credentials=None):
    """Return a session in which no party trusts anybody."""
    return RecordedSession(p, "%s %s" % (f.out.name, name), trust_all=False,
                           credentials=credentials)


def errors_of_a_list(session, u):
    """3.5: supply wrong keys to an open list, then right ones."""
    key = session.publics
    assert session.trust(u, 1, LOW) == "ARG"
    assert session.trust(u, 3, key[1]) == "ARG"
    assert session.trust(u, 1, key[1]) == ""
    assert session.trust(u, 0, key[1]) == "ARG"
    assert session.trust(u, 1, STRANGER) == "STATE"
    assert session.trust(u, 1, LOW) == "ARG"
    assert session.trust(u, 1, key[1]) == ""
    assert session.trust_with(u) == "STATE"


def after_whole(session, u):
    """3.5: supply keys to a list that was declared whole, or a verifier."""
    assert session.trust_whole(u) == ""
    assert session.trust_whole(u) == ""
    assert session.trust(u, 1, session.publics[1]) == "STATE"
    assert session.trust(u, 1, LOW) == "STATE"
    assert session.trust_with(u) == "STATE"


def keys_one_by_one(f, p):
    """Every error of a list; keys that come after the message."""
    session = start(f, p, "one by one")
    assert session.client_send(0) is None
    for u in range(3):
        assert session.identify(u) == ""
        assert session.identify(u) == "STATE"
    first = session.client_send(0)
    assert session.server_recv(0, first) == "STATE"
    errors_of_a_list(session, None)
    assert session.server_recv(0, first) == "STATE"
    for v in (0, 2):
        session.trust(None, v, session.publics[v])
    assert session.trust(None, 1, session.publics[0]) == "ARG"
    assert session.server_recv(0, first) == ""
    after_whole(session, None)
    for u in (1, 2):
        session.up(u)
        trust_all(session, u)
    session.close_phase()
    assert session.trust(None, 1, session.publics[1]) == "STATE"
    assert session.trust_whole(None) == "STATE"
    roster = session.server_send(0)
    assert session.client_recv(0, roster) == "STATE"
    errors_of_a_list(session, 0)
    assert session.client_recv(0, roster) == "STATE"
    assert session.trust(0, 2, session.publics[2]) == ""
    assert session.trust(0, 0, session.publics[0]) == ""
    assert session.trust(0, 1, session.publics[2]) == "ARG"
    assert session.trust(0, 2**31 + 1, session.publics[2]) == "ARG"
    assert session.client_recv(0, roster) == ""
    assert session.trust(0, 2, session.publics[2]) == "STATE"
    assert session.trust_whole(0) == "STATE"
    complete(f, session, "keys one by one", "UntrustedKey")


def complete(f, session, comment, flags):
    """Bring a session from SHARES to its end; client 0 has ROSTER."""
    session.weight(0, 0)
    fill_zeros(session, 0)
    session.up(0)
    for u in (1, 2):
        session.exchange(u, True)
    session.close_phase()
    finish(f, session, comment, flags)


def verifiers(f, p):
    """Verifiers at all parties; each answers STATE once."""
    credentials = {1: b"one", 2: bytes(2048)}
    session = start(f, p, "verifiers", credentials)
    credentials[0] = b""
    for u in (None, 0, 1, 2):
        assert session.trust_with(u) == ""
        assert session.trust_with(u) == "STATE"
        assert session.trust(u, 1, session.publics[1]) == "STATE"
        assert session.trust_whole(u) == "STATE"
    for u in range(3):
        session.identify(u)
        message = session.client_send(u)
        for answer in ("STATE", ""):
            session.verdict(None, u, session.publics[u], credentials[u],
                            answer)
            assert session.server_recv(u, message) == answer
    session.close_phase()
    for u in range(3):
        others = [v for v in range(3) if v != u]
        roster = session.server_send(u)
        for answers in (("STATE",), ("", "STATE"), ("", "")):
            for v, answer in zip(others, answers):
                session.verdict(u, v, session.publics[v], credentials[v],
                                answer)
            assert session.client_recv(u, roster) == answers[-1]
        session.up(u)
    session.close_phase()
    session.weight(0, 0)
    fill_zeros(session, 0)
    finish(f, session, "verifiers", "Credential")


def credentials_of_hosts(f, p):
    """9.1: credentials that come twice, too late or are too long."""
    session = start(f, p, "credentials")
    assert session.present(0, bytes(2049)) == "SIZE"
    assert session.present(0, bytes(2048)) == ""
    assert session.present(0, b"") == "STATE"
    assert session.present(0, bytes(2049)) == "STATE"
    assert session.present(1, b"") == ""
    assert session.present(1, b"x") == "STATE"
    for u in (None, 0, 1, 2):
        trust_all(session, u)
    for u in range(3):
        session.identify(u)
        session.up(u)
    assert session.present(2, b"late") == "STATE"
    session.close_phase()
    assert session.trust(None, 1, session.publics[1]) == "STATE"
    assert session.trust_whole(None) == "STATE"
    assert session.down(2) == ""
    assert session.present(2, b"late") == "STATE"
    session.down(0)
    complete(f, session, "credentials", "Credential WrongLength")


def empty_lists(f, p):
    """Nobody is trusted: no KEYS is accepted. After the session nothing can be
    given to a client."""
    session = start(f, p, "empty")
    assert session.trust_whole(None) == ""
    assert session.trust_with(None) == "STATE"
    for u in range(2):
        session.identify(u)
        assert session.up(u) == "AUTH"
    assert session.close_phase() == "THRESHOLD"
    assert session.trust_whole(None) == "STATE"
    assert session.down(2) == "THRESHOLD"
    assert session.identify(2) == session.present(2, b"") == "STATE"
    assert session.trust(2, 1, session.publics[1]) == "STATE"
    assert session.trust_whole(2) == session.trust_with(2) == "STATE"
    abort = session.server_send(1)
    for message in (b"", abort, session.server_send(2)):
        assert session.client_recv(2, message) == "STATE"
    assert session.weight(2, 1) == session.set_part_size(2, 512) == "STATE"
    assert session.set_part_size(2, 1) == "STATE"
    assert session.input(2, 0, 0, [0]) == "STATE"
    assert session.weight(1, 6) == "VALUE"
    f.add(session, "an empty list, whole", "UntrustedKey TooFew")


def nothing_is_for_semi_honest_mode(session, key):
    """3.5: supply identities, credentials and trust, early and late."""
    assert session.identify(0) == "POLICY"
    assert session.present(0, b"") == "POLICY"
    assert session.present(0, bytes(2049)) == "POLICY"
    for u in (None, 0):
        assert session.trust(u, 1, key) == "POLICY"
        assert session.trust(u, 3, LOW) == "POLICY"
        assert session.trust_whole(u) == "POLICY"
        assert session.trust_with(u) == "POLICY"


def semi_honest(f, p):
    """Identities, credentials and trust are for active mode."""
    session = start(f, p, "semi-honest")
    key = ed25519_public(test_bytes("some identity", 32))
    session.identities = [test_bytes("some identity", 32)] * 3
    nothing_is_for_semi_honest_mode(session, key)
    session.run_phase()
    session.exchange(0, True)
    nothing_is_for_semi_honest_mode(session, key)
    session.identities = []
    session.weight(0, 0)
    fill_zeros(session, 0)
    finish(f, session, "trust without signatures", "UnderPolicy")


def trust_sessions(f, active, semi):
    """Add all sessions."""
    keys_one_by_one(f, active)
    verifiers(f, active)
    credentials_of_hosts(f, active)
    empty_lists(f, active)
    semi_honest(f, semi)
