# SPDX-License-Identifier: Apache-2.0
"""A client (9.1), deterministic from its master seed."""
import field
import messages as m
import params
import schedule
import shamir
from client_checks import Checks
from errors import (ARG, CHEAT, MESSAGE, POLICY, STATE, THRESHOLD, Refusal,
                    demand)
from planes import MINUS, PLUS
from schedule import BETA, OMEGA
from suites import pk, sign, sign_public, valid_public
from vector import Vector, pieces_of_part

PHASES = ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK", "DONE", "FAILED")
WAITS_FOR = {"KEYS": m.ROSTER, "SHARES": m.RELAY, "INPUT": m.SURVIVORS,
             "CONFIRM": m.SIGNATURES}


class Client(Checks):
    """One client of one session."""

    def __init__(self, p, index, ms, policy=None):
        """2.2, 3.6: parameters are checked before anything else."""
        params.check(p)
        demand(index < p.clients, ARG, "index")
        if policy is not None:
            params.check_policy(policy, p)
        self.p, self.index = p, index
        self.phase = "KEYS"
        self.h_ctx = p.h_ctx
        self.prk = schedule.prk(self.h_ctx, ms)
        self.enc_sk = schedule.enc_secret(self.prk)
        self.omega = schedule.omega(self.prk)
        self.mask_sk = schedule.mask_secret(self.h_ctx, self.omega, index)
        self.enc, self.mask = pk(self.enc_sk), pk(self.mask_sk)
        self.vector = Vector(p, self.prk)
        self.identity, self.trusted, self.sig = None, {}, b""
        self.chunk_entries, self.part = 0, 0
        self.made, self.due = None, False
        self.accepted = None
        self.bad = set()

    # What the host gives

    def identify(self, secret):
        """3.5: the long-term signing key."""
        self.require_active()
        demand(self.identity is None, STATE, "identity")
        self.identity = secret

    def trust(self, index, public):
        """3.5: whose key is whose."""
        self.require_active()
        demand(index < self.p.clients and valid_public(public), ARG, "key")
        others = (k for i, k in self.trusted.items() if i != index)
        demand(public not in others, ARG, "one key, two indices")
        demand(self.trusted.get(index, public) == public, STATE, "other key")
        self.trusted[index] = public

    def require_active(self):
        """2.2: an identity and trusted keys ask for active mode."""
        if not self.p.active:
            demand(self.phase not in ("DONE", "FAILED"), STATE, "over")
            self.fail(POLICY("semi-honest"))

    def input_open(self):
        """9.1: input is taken until the first of INPUT is made."""
        return self.phase in ("KEYS", "SHARES") or (
            self.phase == "INPUT"
            and (self.made is None or not self.all_made()))

    def weight(self, w):
        """7.3."""
        demand(self.input_open(), STATE, "too late")
        self.vector.give_weight(w)

    def input(self, segment, offset, values):
        """7.1."""
        demand(self.input_open(), STATE, "too late")
        self.vector.give(segment, offset, values)

    def chunk(self, entries):
        """8.7: INPUT goes in parts of so many entries."""
        demand(entries > 0 and entries % params.BLOCK == 0, ARG, "entries")
        demand(self.input_open() and self.vector.untouched(), STATE,
               "input was given")
        self.chunk_entries = entries

    # Messages out

    def send(self):
        """9.1: the message that is due, or None."""
        if self.phase == "FAILED":
            return self.send_abort()
        if self.due:
            self.due = False
            return self.made
        if self.phase == "DONE" or self.all_made():
            return None
        demand(not self.p.active or self.identity is not None, STATE,
               "no signing key")
        self.made = getattr(self, "make_" + self.phase.lower())()
        if self.phase == "UNMASK":
            self.phase = "DONE"
        return self.made

    def send_abort(self):
        """8.12: one ABORT, then STATE."""
        demand(self.abort is not None, STATE, "failed")
        out, self.abort = self.abort, None
        return out

    def all_made(self):
        """9.1: the message of this phase is made, in parts the last."""
        if self.made is None:
            return False
        if self.phase == "INPUT" and self.chunk_entries:
            return pieces_of_part(self.p, self.chunk_entries,
                                  self.part - 1)[1]
        return True

    def message(self, kind, body, part=0):
        """8.1."""
        return m.message(self.p, kind, self.index, body, part)

    def make_keys(self):
        """8.2: KEYS."""
        if self.p.active:
            text = schedule.keys_text(self.h_ctx, self.index, self.enc,
                                      self.mask)
            self.sig = sign(self.identity, text)
        body = m.Keys(self.h_ctx, self.enc, self.mask, self.sig)
        return self.message(m.KEYS, body.encode())

    def make_shares(self):
        """8.4: SHARES."""
        split = {}
        for kind, root in ((BETA, self.beta), (OMEGA, self.omega)):
            key = schedule.poly_key(self.prk, kind, self.h_ros, self.p.round)
            f = shamir.polynomial(root, key, self.p.threshold)
            split[kind] = f
        x = self.graph.x
        self.own = shamir.evaluate(split[BETA], x(self.index, self.index))
        pairs = []
        for v in sorted(self.peers & set(self.roster)):
            at = x(self.index, v)
            sealed = [self.seal(kind, v, shamir.evaluate(split[kind], at))
                      for kind in (BETA, OMEGA)]
            pairs.append((v, *sealed))
        com = schedule.commitment(self.h_ros, self.p.round, self.index,
                                  self.beta)
        return self.message(m.SHARES,
                            m.Shares(self.h_ros, com, pairs).encode())

    def key(self, kind, u, v):
        """3.8: K(kind, u, v), this client being u or v."""
        other = v if u == self.index else u
        p_uv = schedule.pair_prk(self.h_ros, self.enc_sk,
                                 self.roster[other][0])
        return schedule.share_key(p_uv, kind, self.p.round, u, v,
                                  self.roster[u][0], self.roster[v][0])

    def seal(self, kind, v, share):
        """3.8: a share for v."""
        return schedule.seal_share(self.key(kind, self.index, v), self.h_ros,
                                   self.p.round, kind, self.index, v, share)

    def masks(self):
        """3.9: signs and seeds of the masking equation."""
        r = self.p.round
        out = [(PLUS, schedule.self_seed(self.h_ros, self.beta, r, self.index,
                                         self.h_u2))]
        for v in sorted(self.peers & self.u2):
            seed = schedule.pair_seed(self.h_ros, self.mask_sk,
                                      self.roster[v][1], r, self.index, v,
                                      self.h_u2)
            out.append((PLUS if self.index > v else MINUS, seed))
        return out

    def make_input(self):
        """8.6, 8.7: INPUT or the next INPUT_PART."""
        weights = self.p.max_weight > 0
        demand(not weights or self.vector.weight is not None, STATE, "weight")
        bad = sorted(self.bad)
        if not self.chunk_entries:
            planes = self.vector.whole(self.masks())
            return self.message(m.INPUT,
                                m.Input(self.h_u2, bad, planes).encode())
        spans, last = pieces_of_part(self.p, self.chunk_entries, self.part)
        masks = self.masks()
        pieces = [(s, o, c, self.vector.masked(s, o, c, masks))
                  for s, o, c in spans]
        body = m.InputPart(self.h_u2, bad, int(last), pieces).encode()
        self.part += 1
        return self.message(m.INPUT_PART, body, self.part - 1)

    def make_confirm(self):
        """8.9: CONFIRM."""
        return self.message(m.CONFIRM,
                            sign(self.identity, self.confirm_text(self.index)))

    def confirm_text(self, u):
        """3.5: what u signs if it saw the same sets."""
        return schedule.confirm_text(self.h_ctx, self.h_ros, self.p.round, u,
                                     self.h_u2, self.h_u3)

    def make_unmask(self):
        """8.11: UNMASK."""
        revealed = []
        for u in sorted((self.peers & self.u2) - self.bad):
            kind = BETA if u in self.u3 else OMEGA
            revealed.append((kind, u, self.key(kind, u, self.index)))
        body = m.Unmask(field.encode(self.own), revealed).encode()
        return self.message(m.UNMASK, body)

    # Messages in

    def recv(self, data):
        """9.1: one message, through the table of events."""
        demand(self.phase != "FAILED", STATE, "failed")
        kind, _, body = m.read_header(self.p, data, self.index, m.DOWN)
        if kind == m.ABORT_DOWN and self.phase != "DONE":
            self.server_abort(body)
        if (WAITS_FOR.get(self.phase) != kind or not self.all_made()):
            return self.repeat(data)
        demand(not self.p.active or self.trusted, STATE, "no keys trusted")
        try:
            self.take(kind, body)
        except Refusal as error:
            self.fail(error)
        self.accepted, self.made, self.due = data, None, False
        return None

    def take(self, kind, body):
        """9.1: the checks of a body, then the next phase."""
        if kind == m.ROSTER:
            self.take_roster(body)
            self.phase = "SHARES"
        elif kind == m.RELAY:
            self.take_relay(body)
            self.phase = "INPUT"
        elif kind == m.SURVIVORS:
            self.take_survivors(body)
            self.phase = "CONFIRM" if self.p.active else "UNMASK"
        else:
            self.take_signatures(body)
            self.phase = "UNMASK"

    def repeat(self, data):
        """9.3: the message accepted last is accepted once more."""
        demand(data == self.accepted, STATE, "out of phase")
        self.due = self.made is not None

    def server_abort(self, body):
        """8.12: the server's ABORT is fatal."""
        error = MESSAGE
        if len(body) == 6:
            code, _ = m.read_abort(body)
            error = {23: THRESHOLD, 24: CHEAT}.get(code, MESSAGE)
        self.fail(error("the server's abort"))

    def fail(self, error):
        """1.2: fatal."""
        self.phase = "FAILED"
        self.abort = self.message(m.ABORT_UP, m.encode_abort(error.number))
        raise error


def public_of(secret):
    """3.5: the public key of an identity seed."""
    return sign_public(secret)
