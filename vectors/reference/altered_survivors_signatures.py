# SPDX-License-Identifier: Apache-2.0
"""SURVIVORS and SIGNATURES, altered (8.8, 8.10). A row is (comment, flags,
message)."""
import messages as m
from altered_any_message import flip_bit, with_body
from altered_client_messages import altered_counts, altered_lists, point
from disputed_signatures import secret_scalar, sign_shifted
from scalar import ELL
from schedule import bitmap


def survivors_rows(session, u, good):
    """8.8: yield altered SURVIVORS."""
    p, c = session.p, session.clients[u]

    def with_set(u3):
        return with_body(good, bitmap(p.clients, u3))
    if p.clients % 8:
        yield "a bit beyond n", "WrongBitmap", flip_bit(good, -1, 128)
        yield "bit n", "WrongBitmap", flip_bit(good, -1, 1 << p.clients % 8)
    yield "itself not in U3", "WrongSet", with_set(c.u2 - {u})
    yield "nobody", "WrongSet", with_set(set())
    for w in sorted(set(range(p.clients)) - c.u2):
        yield "one that is not in U2", "WrongSet", with_set(c.u2 | {w})
    others = sorted(c.u2 - {u})
    for left in range(len(others)):
        u3 = set(others[:left]) | {u}
        enough = (len(u3) >= p.min_survivors
                  and len(c.good_dealers() & u3) >= p.min_dealers
                  and c.graph.connected(u3))
        yield "%d survivors" % len(u3), "Dropout" if enough else "TooFew", \
            with_set(u3)


def signatures_rows(session, u, good):
    """8.10: yield altered SIGNATURES."""
    p = session.p
    signed = m.decode_signatures(good[48:])

    def with_rows(rows_):
        return with_body(good, m.encode_signatures(rows_))
    yield from altered_counts(good, 48)
    for comment, flags, altered in altered_lists(good, 48, 68):
        yield comment, flags, altered
    for w in sorted(set(range(p.clients)) - session.clients[u].u3):
        yield "a signer that is not in U3", "WrongSet", with_rows(
            sorted(signed + [(w, bytes(64))]))
    yield "index n", "WrongRange", with_rows(signed + [(p.clients, bytes(64))])
    others = [row for row in signed if row[0] != u]
    spare = len(signed) - p.threshold
    for bad in range(len(others) + 1):
        broken = {v for v, _ in others[:bad]}
        rows_ = [(v, flip_bit(s, 0)) if v in broken else (v, s)
                 for v, s in signed]
        yield "%d signatures that are not valid" % bad, \
            "WrongSignature" if bad <= spare else "TooFew", with_rows(rows_)
    yield "the own one not listed", "Normal", with_rows(others)
    yield "the own one is not valid", "Normal", with_rows(
        [(v, bytes(64)) if v == u else (v, s) for v, s in signed])
    for j in (1, 4):
        yield "R + %d T, each but the own one" % j, \
            "MixedOrder TooFew", with_rows([
                (v, s if v == u else sign_shifted(
                    secret_scalar(session.identities[v]), session.publics[v],
                    session.clients[u].confirm_input(v), j))
                for v, s in signed])
    yield "S + L", "WrongSignature NonCanonical", with_rows(
        [(v, s if v == u else s[:32] + point(
            int.from_bytes(s[32:], "little") + ELL)) for v, s in signed])
