# SPDX-License-Identifier: Apache-2.0
"""The client (9.1). All it does follows from its master seed."""
import os

import scalar
import messages as m
import params
import saved_state
import schedule
import shamir
from client_checks import ClientChecks
from errors import (ARG, AUTH, CHEAT, INPUT_DUE, MESSAGE, POLICY, SIZE, STATE,
                    THRESHOLD, ProtocolError, require)
from hashes import H, sha256
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
        self.h_ctx = p.h_ctx
        self.prk = schedule.derive_prk(self.h_ctx, ms)
        self.enc_sk = schedule.derive_enc_sk(self.prk)
        self.omega = schedule.derive_omega(self.prk)
        self.mask_sk = schedule.derive_mask_sk(self.h_ctx, self.omega, index)
        self.enc, self.mask = pk(self.enc_sk), pk(self.mask_sk)
        self.rounding = schedule.derive_rounding(self.prk, p.round)
        self.wipe("poly", "beta", "own", "pair_prk")
        self.input_vector = InputVector(p, self.rounding)
        self.start(p, index)

    def start(self, p, index):
        """9.1: set what is the same in every new client."""
        self.p, self.index, self.h_ctx = p, index, p.h_ctx
        self.process = os.getpid()
        self.phase = "KEYS"
        self.signing_key, self.identity = None, None
        self.credential, self.proof = None, ()
        self.trusted, self.known = Trust(p), {}
        self.in_parts = False
        self.made, self.due = None, False
        self.accepted, self.accepted_digest = None, bytes(32)
        self.roster, self.bad, self.signatures = {}, set(), None
        self.spent = "NOTHING"
        self.generation, self.unsaved, self.held = 0, False, False
        self.input_digest, self.repeats_input = bytes(32), False

    # Calls by the host

    def identify(self, secret):
        """3.5: accept the long-term signing key."""
        require(self.p.active, POLICY, "semi-honest")
        require(self.phase not in ("DONE", "FAILED")
                and self.signing_key is None, STATE, "identity")
        require(self.identity in (None, ed25519_public(secret)), AUTH,
                "not the identity in the state")
        self.signing_key, self.identity = secret, ed25519_public(secret)

    def present(self, credential):
        """3.5: accept the credential that KEYS carries."""
        require(self.p.active, POLICY, "semi-honest")
        require(self.phase == "KEYS" and self.made is None
                and self.credential is None, STATE, "credential")
        require(len(credential) <= m.CREDENTIAL_MAX, SIZE, "credential")
        self.credential = credential

    def trust(self, index, public):
        """3.5: trust a public key for an index. 11.1: one that is in a state
        is the same, else AUTH."""
        if index in self.known:
            require(self.known[index] == public, AUTH, "key in the state")
            return
        self.trusted.add_key(index, public)

    def trust_whole(self):
        """3.5: the list of keys is whole."""
        self.trusted.declare_whole()

    def trust_with(self, verifier):
        """3.5: ask the host whether an identity is that of an index."""
        self.trusted.verify_with(verifier)

    def accepts_input(self):
        """9.1: tell whether the host may still supply input: INPUT, or its
        last part, is not made yet. 11.3: after a resume it may have to be made
        again, and no part may wait for a save."""
        return self.phase in ("KEYS", "SHARES") or (
            self.phase == "INPUT" and not self.held
            and (self.repeats_input or not self.all_made()))

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
        self.due = self.due and not self.next_part_begun()
        if self.due:
            require(not self.unsaved, STATE, "save first")
            self.due = self.held = False
            return self.made
        if self.all_made() and not (
                self.repeats_input and self.input_vector.is_complete()):
            return None
        require(not self.p.active or self.signing_key is not None, STATE,
                "no signing key")
        saved_before = self.repeats_input
        self.made = getattr(self, "make_" + self.phase.lower())()
        self.note_spent()
        if self.phase == "UNMASK":
            self.wipe("own", "pair_prk")
            self.phase = "DONE"
        if self.generation and not saved_before:
            self.due = self.held = self.unsaved = True
            raise STATE("save first")
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
        if self.repeats_input:
            return self.input_vector.is_made(1)
        if self.made is None:
            return False
        return self.phase != "INPUT" or self.input_vector.is_made()

    def next_part_begun(self):
        """9.3: tell whether an entry of the part after the one made last was
        supplied."""
        return (self.phase == "INPUT" and not self.all_made()
                and self.input_vector.is_begun())

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
        polynomials = {
            kind: shamir.polynomial(secret, self.poly[kind], self.p.threshold)
            for kind, secret in ((BETA, self.beta), (OMEGA, self.omega))}
        self.pair_prk = {
            v: schedule.derive_pair_prk(self.h_ros, self.enc_sk,
                                        self.roster[v][0])
            for v in self.peers & set(self.roster)}
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
        self.wipe("enc_sk", "omega", "poly")
        return self.encode_message(m.SHARES, body)

    def share_key(self, kind, u, v):
        """3.8: derive K(kind, u, v), where this client is u or v."""
        other = v if u == self.index else u
        return schedule.derive_share_key(self.pair_prk[other], kind,
                                         self.p.round, u, v,
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
        require(self.process == os.getpid(), STATE, "another process (14.6)")
        require(self.input_vector.is_complete(), INPUT_DUE, "input")
        bad, part = sorted(self.bad), self.input_vector.part
        first, end = self.input_vector.due_part()
        planes = self.input_vector.masked_planes(first, end,
                                                 self.mask_set())
        self.input_vector.part += 1
        if not self.in_parts:
            body = m.Input(self.h_u2, bad, planes).encode()
            return self.check_input(self.encode_message(m.INPUT, body))
        body = m.InputPart(self.h_u2, bad, first, end - first, planes).encode()
        return self.check_input(self.encode_message(m.INPUT_PART, body, part))

    def check_input(self, message):
        """11.3: return an INPUT or part. One that is made again must be what
        it was, else the client fails with STATE."""
        digest = H("LSA1 input", message)
        if self.repeats_input and digest != self.input_digest:
            self.fail(STATE("another input"))
        self.input_digest, self.repeats_input = digest, False
        return message

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
        self.accepted, self.accepted_digest = message, sha256(message)
        # An input that was not made again, because it had arrived, is made.
        self.input_vector.part += self.repeats_input
        self.made, self.due, self.repeats_input = None, False, False
        self.held = self.unsaved = False
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
        require(sha256(message) == self.accepted_digest, STATE,
                "out of phase")
        self.due = self.made is not None and not self.next_part_begun()

    def accept_abort(self, body):
        """8.12: fail with the error of the server's ABORT."""
        error = MESSAGE
        try:
            abort = m.decode_abort(body)
            if not abort.dealers:
                error = {11: STATE, 23: THRESHOLD, 24: CHEAT}.get(
                    abort.code, MESSAGE)
        except MESSAGE:
            pass
        self.fail(error("the server's abort"))

    def fail(self, error):
        """1.2: fail with a fatal error and keep one ABORT to send."""
        self.phase, self.error = "FAILED", error.number
        self.trusted.closed = True
        self.wipe(*saved_state.SECRETS)
        body = m.Abort(error.number, dealers=sorted(self.bad)).encode()
        self.abort = self.encode_message(m.ABORT_FROM_CLIENT, body)
        self.last_abort = self.abort
        raise error

    # Saving

    def wipe(self, *names):
        """9.1: wipe secrets."""
        for name in names:
            setattr(self, name, None)

    def save(self, key):
        """11.1, 11.2: return the sealed state."""
        state = saved_state.encode(self)
        self.generation += 1
        self.unsaved = False
        return saved_state.seal(key, self.generation, self.index, self.h_ctx,
                                state)

    @classmethod
    def resume(cls, key, sealed, least, index=None, h_ctx=None):
        """11.2: make a client from a sealed state, if it is one that the host
        expects."""
        head = saved_state.check_head(sealed, least, index, h_ctx)
        state = saved_state.open_sealed(key, sealed)
        client = cls.__new__(cls)
        saved_state.decode(client, head, state)
        saved_state.check(client)
        return client
