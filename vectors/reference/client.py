# SPDX-License-Identifier: Apache-2.0
"""The client (9.1). All it does follows from its master seed."""
import scalar
import messages as m
import params
import schedule
import shamir
from client_checks import ClientChecks
from errors import (ARG, CHEAT, INPUT_DUE, MESSAGE, POLICY, SIZE, STATE,
                    THRESHOLD, ProtocolError, require)
from planes import MINUS, PLUS
from schedule import BETA, OMEGA
from suites import ed25519_public, ed25519_sign, pk
from trust import Trust
from input_vector import InputVector

WAITS_FOR = {"KEYS": m.ROSTER, "SHARES": m.RELAY, "INPUT": m.SURVIVORS,
             "CONFIRM": m.SIGNATURES}


class Client(ClientChecks):
    """One client of one session."""

    def __init__(self, p, index, ms, policy=None):
        """2.2, 3.6: check the parameters, then derive the client's keys."""
        params.check_soundness(p)
        require(index < p.clients, ARG, "index")
        if policy is not None:
            params.check_policy(policy, p)
        self.p, self.index = p, index
        self.phase = "KEYS"
        self.h_ctx = p.h_ctx
        self.prk = schedule.derive_prk(self.h_ctx, ms)
        self.enc_sk = schedule.derive_enc_sk(self.prk)
        self.omega = schedule.derive_omega(self.prk)
        self.mask_sk = schedule.derive_mask_sk(self.h_ctx, self.omega, index)
        self.enc, self.mask = pk(self.enc_sk), pk(self.mask_sk)
        rounding = schedule.derive_rounding(self.prk, p.round)
        self.input_vector = InputVector(p, rounding)
        self.signing_key, self.credential, self.proof = None, None, ()
        self.trusted = Trust(p, own=index)
        self.in_parts = False
        self.made, self.due = None, False
        self.accepted = None
        self.bad = set()
        self.spent = "NOTHING"

    # Calls by the host

    def identify(self, secret):
        """3.5: accept the long-term signing key."""
        require(self.p.active, POLICY, "semi-honest")
        require(self.phase != "FAILED" and self.signing_key is None, STATE,
                "identity")
        self.signing_key = secret

    def present(self, credential):
        """3.5: accept the credential that KEYS carries."""
        require(self.p.active, POLICY, "semi-honest")
        require(self.phase == "KEYS" and self.made is None
                and self.credential is None, STATE, "credential")
        require(len(credential) <= m.CREDENTIAL_MAX, SIZE, "credential")
        self.credential = credential

    def trust(self, index, public):
        """3.5: trust a public key for an index."""
        self.trusted.add(index, public)

    def trust_whole(self):
        """3.5: the list of keys is whole."""
        self.trusted.declare_whole()

    def trust_with(self, verifier):
        """3.5: ask the host whether an identity is that of an index."""
        self.trusted.verify_with(verifier)

    def accepts_input(self):
        """9.1: tell whether the host may still supply input: INPUT, or its
        last part, is not made yet."""
        return self.phase in ("KEYS", "SHARES") or (
            self.phase == "INPUT"
            and (self.made is None or not self.all_made()))

    def weight(self, w):
        """7.3: accept the weight from the host."""
        require(self.accepts_input(), STATE, "too late")
        self.input_vector.supply_weight(w)

    def input(self, segment, offset, values):
        """7.1: accept entries from the host."""
        require(self.accepts_input(), STATE, "too late")
        self.input_vector.supply(segment, offset, values)

    def set_part_size(self, entries):
        """8.7: send the input in parts of this many entries."""
        require(self.accepts_input(), STATE, "too late")
        self.input_vector.set_part_size(entries)
        self.in_parts = True

    # Outgoing messages

    def send(self):
        """9.1: return the message that is due, or None."""
        if self.phase == "FAILED":
            return self.send_abort()
        if self.due:
            self.due = False
            return self.made
        if self.phase == "DONE" or self.all_made():
            return None
        require(not self.p.active or self.signing_key is not None, STATE,
                "no signing key")
        self.made = getattr(self, "make_" + self.phase.lower())()
        self.note_spent()
        if self.phase == "UNMASK":
            self.phase = "DONE"
        return self.made

    def note_spent(self):
        """11.4: note that a message made now may leave the client."""
        if self.phase in ("INPUT", "UNMASK"):
            self.spent = self.phase

    def send_abort(self):
        """8.12: return the one ABORT; after it, raise STATE."""
        require(self.abort is not None, STATE, "failed")
        out, self.abort = self.abort, None
        return out

    def all_made(self):
        """9.1: tell whether the message of this phase, or its last part, is
        made."""
        if self.made is None:
            return False
        return self.phase != "INPUT" or self.input_vector.is_made()

    def encode_message(self, type_, body, part=0):
        """8.1: add a header to a body."""
        return m.encode_message(self.p, type_, self.index, body, part)

    def make_keys(self):
        """8.2: make KEYS."""
        if self.p.active:
            identity = ed25519_public(self.signing_key)
            credential = self.credential or b""
            text = schedule.keys_input(self.h_ctx, self.index, self.enc,
                                       self.mask, identity, credential)
            self.proof = (identity, ed25519_sign(self.signing_key, text),
                          credential)
        body = m.Keys(self.h_ctx, self.enc, self.mask, self.proof)
        return self.encode_message(m.KEYS, body.encode())

    def make_shares(self):
        """8.4: split both secrets and make SHARES."""
        polynomials = {}
        for kind, secret in ((BETA, self.beta), (OMEGA, self.omega)):
            seed = schedule.derive_poly_seed(self.prk, kind, self.h_ros,
                                             self.p.round)
            polynomials[kind] = shamir.polynomial(secret, seed,
                                                  self.p.threshold)
        self.own = shamir.evaluate(polynomials[BETA],
                                   self.graph.x(self.index, self.index))
        pairs = []
        for v in sorted(self.peers & set(self.roster)):
            x = self.graph.x(self.index, v)
            sealed = [self.seal_share(kind, v, shamir.evaluate(f, x))
                      for kind, f in polynomials.items()]
            pairs.append((v, *sealed))
        com = schedule.commitment(self.h_ros, self.p.round, self.index,
                                  self.beta)
        body = m.Shares(self.h_ros, com, pairs).encode()
        return self.encode_message(m.SHARES, body)

    def share_key(self, kind, u, v):
        """3.8: derive K(kind, u, v), where this client is u or v."""
        other = v if u == self.index else u
        prk_uv = schedule.derive_pair_prk(self.h_ros, self.enc_sk,
                                          self.roster[other][0])
        return schedule.derive_share_key(prk_uv, kind, self.p.round, u, v,
                                         self.roster[u][0], self.roster[v][0])

    def seal_share(self, kind, v, share):
        """3.8: seal a share for v."""
        key = self.share_key(kind, self.index, v)
        return schedule.seal_share(key, self.h_ros, self.p.round, kind,
                                   self.index, v, share)

    def mask_set(self):
        """3.9: return the (sign, seed) pairs of the masking equation."""
        own = schedule.derive_self_seed(self.h_ros, self.beta, self.p.round,
                                        self.index, self.h_u2)
        out = [(PLUS, own)]
        for v in sorted(self.peers & self.u2):
            mask_v = self.roster[v][1]
            seed = schedule.derive_pair_seed(self.h_ros, self.mask_sk, mask_v,
                                             self.p.round, self.index, v,
                                             self.h_u2)
            out.append((PLUS if self.index > v else MINUS, seed))
        return out

    def make_input(self):
        """8.6, 8.7: make INPUT or the next INPUT_PART."""
        require(self.p.max_weight == 0 or self.input_vector.weight is not None,
                INPUT_DUE, "weight")
        bad, part = sorted(self.bad), self.input_vector.part
        first, end = self.input_vector.due_part()
        planes = self.input_vector.masked_planes(first, end,
                                                 self.mask_set())
        self.input_vector.part += 1
        if not self.in_parts:
            body = m.Input(self.h_u2, bad, planes).encode()
            return self.encode_message(m.INPUT, body)
        body = m.InputPart(self.h_u2, bad, first, end - first, planes).encode()
        return self.encode_message(m.INPUT_PART, body, part)

    def make_confirm(self):
        """8.9: make CONFIRM."""
        signature = ed25519_sign(self.signing_key,
                                 self.confirm_input(self.index))
        return self.encode_message(m.CONFIRM, signature)

    def confirm_input(self, u):
        """3.5: return the confirm input of client u for the sets that this
        client accepted."""
        return schedule.confirm_input(self.h_ctx, self.h_ros, self.p.round, u,
                                      self.h_u2, self.h_u3)

    def make_unmask(self):
        """8.11: make UNMASK."""
        revealed = []
        for u in sorted((self.peers & self.u2) - self.bad):
            kind = BETA if u in self.u3 else OMEGA
            revealed.append((kind, u, self.share_key(kind, u, self.index)))
        body = m.Unmask(scalar.encode(self.own), revealed).encode()
        return self.encode_message(m.UNMASK, body)

    # Incoming messages

    def recv(self, message):
        """9.1: receive one message and treat it by the table of events."""
        require(self.phase != "FAILED", STATE, "failed")
        type_, _, body = m.decode_header(self.p, message, self.index, m.DOWN)
        if type_ == m.ABORT_FROM_SERVER and self.phase != "DONE":
            self.accept_abort(body)
        if (WAITS_FOR.get(self.phase) != type_ or not self.all_made()):
            return self.accept_repeat(message)
        try:
            self.accept(type_, body)
        except STATE:
            raise
        except ProtocolError as error:
            self.fail(error)
        self.accepted, self.made, self.due = message, None, False
        return None

    def accept(self, type_, body):
        """9.1: check a body and enter the next phase."""
        if type_ == m.ROSTER:
            self.accept_roster(body)
            self.trusted.closed = True
            self.phase = "SHARES"
        elif type_ == m.RELAY:
            self.accept_relay(body)
            self.phase = "INPUT"
        elif type_ == m.SURVIVORS:
            self.accept_survivors(body)
            self.phase = "CONFIRM" if self.p.active else "UNMASK"
        else:
            self.accept_signatures(body)
            self.phase = "UNMASK"

    def accept_repeat(self, message):
        """9.3: accept the message accepted last once more; any other is
        STATE."""
        require(message == self.accepted, STATE, "out of phase")
        self.due = self.made is not None

    def accept_abort(self, body):
        """8.12: fail with the error of the server's ABORT."""
        error = MESSAGE
        try:
            abort = m.decode_abort(body)
            if not abort.dealers:
                error = {23: THRESHOLD, 24: CHEAT}.get(abort.code, MESSAGE)
        except MESSAGE:
            pass
        self.fail(error("the server's abort"))

    def fail(self, error):
        """1.2: fail with a fatal error and keep one ABORT to send."""
        self.phase = "FAILED"
        self.trusted.closed = True
        body = m.Abort(error.number, dealers=sorted(self.bad)).encode()
        self.abort = self.encode_message(m.ABORT_FROM_CLIENT, body)
        raise error
