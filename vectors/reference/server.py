# SPDX-License-Identifier: Apache-2.0
"""The server (9.2). All it does follows from its seed."""
import encoding
import messages as m
import params
import planes
import schedule
from errors import (ARG, CHEAT, MESSAGE, REPEAT, STATE, THRESHOLD,
                    require)
from graph import COMPLETE_SEED, Graph, derive_graph_seed
from server_checks import ServerChecks
from server_recovery import Recovery
from trust import Trust

ACCEPTED_TYPES = {"KEYS": {m.KEYS}, "SHARES": {m.SHARES},
                  "INPUT": {m.INPUT, m.INPUT_PART}, "CONFIRM": {m.CONFIRM},
                  "UNMASK": {m.UNMASK}}


class Server(ServerChecks, Recovery):
    """The server of one session."""

    def __init__(self, p, seed):
        """2.2, 5.2: check the parameters; the seed is server_seed."""
        params.check_soundness(p)
        self.p, self.seed = p, seed
        self.phase = "KEYS"
        self.h_ctx = p.h_ctx
        self.trusted = Trust(p)
        self.in_ = set(range(p.clients))
        self.answered = set()
        self.answers = {}
        self.aborted = set()
        self.lost = {}
        self.keys, self.shares, self.confirms = {}, {}, {}
        self.bad = {}
        self.disputes = []
        self.totals = {}
        self.staged = {}
        self.opened, self.own = {}, {}
        self.blame_list = []

    def trust(self, index, public):
        """3.5: trust a public key for an index."""
        self.trusted.add_key(index, public)

    def trust_whole(self):
        """3.5: the list of keys is whole."""
        self.trusted.declare_whole()

    def trust_with(self, verifier):
        """3.5: ask the host whether an identity is that of an index."""
        self.trusted.verify_with(verifier)

    def blame(self, u, error):
        """9.5: append a client to the blame list, once."""
        if u not in [v for v, _ in self.blame_list]:
            self.blame_list.append((u, error.__name__))

    # Incoming messages

    def recv(self, v, message):
        """9.2: receive one message and treat it by the table of events."""
        require(v < self.p.clients, ARG, "no such client")
        require(self.phase not in ("DONE", "FAILED"), STATE, "over")
        type_, part, body = m.decode_header(self.p, message, v, m.UP)
        require(v in self.in_ and v not in self.aborted, STATE, "out")
        if type_ == m.ABORT_FROM_CLIENT:
            return self.accept_abort(v, body)
        require(v not in self.answered
                or not m.repeats(message, self.answers[v]), REPEAT,
                "the message accepted")
        self.check_phase(v, type_, message)
        if type_ == m.KEYS:
            self.accept_keys(v, body)
        elif type_ == m.SHARES:
            self.accept_shares(v, body)
        elif type_ == m.INPUT:
            self.accept_input(v, body)
        elif type_ == m.INPUT_PART:
            return self.accept_input_part(v, part, message, body)
        elif type_ == m.CONFIRM:
            self.accept_confirm(v, body)
        else:
            self.accept_unmask(v, body)
        self.answered.add(v)
        self.answers[v] = message
        return None

    def check_phase(self, v, type_, message):
        """9.2: treat event 7, a type that is not accepted now."""
        require(type_ in ACCEPTED_TYPES[self.phase], STATE, "type and phase")
        require(v not in self.answered or type_ == m.KEYS, STATE, "answered")
        require(type_ != m.INPUT or v not in self.staged, STATE, "parts began")

    def accept_abort(self, v, body):
        """8.12: accept the ABORT of a client. In INPUT its list is the
        complaints of v, unless a message of v brought one before."""
        abort = m.decode_abort(body)
        dealers = abort.dealers
        m.check_list(dealers, self.p.clients)
        if self.phase == "INPUT" and v not in self.bad:
            require(set(dealers) <= self.graph.peers(v) & self.u2, MESSAGE,
                    "a dealer")
            self.bad[v] = set(dealers)
        self.aborted.add(v)
        self.lost[v] = (self.phase, abort.code)
        self.staged.pop(v, None)

    # Outgoing messages

    def send(self, v):
        """9.2: return the message of this phase for a client, or None."""
        require(v < self.p.clients, ARG, "no such client")
        if v in self.aborted:
            return None
        if v not in self.in_:
            return self.encode_message(m.ABORT_FROM_SERVER, v, m.Abort(
                STATE.number, m.NOBODY).encode())
        makers = {"SHARES": self.make_roster, "INPUT": self.make_relay,
                  "CONFIRM": self.make_survivors, "FAILED": self.make_abort}
        if self.p.active:
            makers["UNMASK"] = self.make_signatures
        else:
            makers["UNMASK"] = self.make_survivors
        maker = makers.get(self.phase)
        return maker(v) if maker else None

    def encode_message(self, type_, v, body):
        """8.1: add a header to a body."""
        return m.encode_message(self.p, type_, v, body)

    def make_roster(self, v):
        """8.3: make ROSTER."""
        listed = self.u1
        if self.p.neighbours:
            listed = self.u1 & (self.graph.peers(v) | {v})
        entries = [(u, self.keys[u].enc, self.keys[u].mask,
                    *self.keys[u].proof)
                   for u in sorted(listed)]
        body = m.Roster(self.graph_seed, self.roster_root,
                        len(self.u1), entries)
        return self.encode_message(m.ROSTER, v, body.encode())

    def make_relay(self, v):
        """8.5: make RELAY."""
        pairs = [(u, *self.sealed_pair(u, v))
                 for u in sorted(self.graph.peers(v) & self.u2)]
        u2 = schedule.bitmap(self.p.clients, self.u2)
        return self.encode_message(m.RELAY, v, m.Relay(u2, pairs).encode())

    def make_survivors(self, v):
        """8.8: make SURVIVORS."""
        return self.encode_message(m.SURVIVORS, v,
                                   schedule.bitmap(self.p.clients, self.u3))

    def make_signatures(self, v):
        """8.10: make SIGNATURES."""
        rows = [(u, self.confirms[u]) for u in sorted(self.u4)]
        return self.encode_message(m.SIGNATURES, v, m.encode_signatures(rows))

    def make_abort(self, v):
        """8.12: make ABORT with the session's error and the first client on
        the blame list."""
        first = self.blame_list[0][0] if self.blame_list else m.NOBODY
        return self.encode_message(m.ABORT_FROM_SERVER, v,
                                   m.Abort(self.error.number, first).encode())

    def sealed_pair(self, u, v):
        """8.4: return the pair of sealed shares that u dealt to v."""
        return next(pair[1:] for pair in self.shares[u].pairs if pair[0] == v)

    # Closing a phase

    def advance(self):
        """9.2: close the phase on behalf of the host."""
        require(self.phase not in ("DONE", "FAILED"), STATE, "over")
        answered = set(self.answered)
        was_in = set(self.in_) - self.aborted
        lost = {v: (self.phase, None) for v in was_in - answered}
        try:
            self.phase = getattr(self, "close_" + self.phase.lower())(answered)
        except (THRESHOLD, CHEAT) as error:
            self.phase, self.error = "FAILED", error
            self.lost.update(lost)
            raise
        self.lost.update(lost)
        self.in_ = answered - self.aborted
        self.answered = set()

    def close_keys(self, answered):
        """9.2, 5.2: close KEYS: fix U1, draw the graph, compute H_ros."""
        self.u1 = answered
        self.trusted.closed = True
        require(len(answered) >= self.p.effective_min, THRESHOLD, "U1")
        entries = {u: schedule.roster_entry(u, k.enc, k.mask, *k.proof)
                   for u, k in self.keys.items()}
        self.roster_root = schedule.roster_root(self.p.clients, entries)
        self.graph_seed = COMPLETE_SEED
        if self.p.neighbours:
            self.graph_seed = derive_graph_seed(self.seed, self.h_ctx,
                                                self.roster_root)
        self.graph = Graph(self.p.clients, self.p.neighbours, self.graph_seed)
        self.h_ros = schedule.roster_hash(self.h_ctx, self.graph_seed,
                                          len(self.u1), self.roster_root)
        return "SHARES"

    def close_shares(self, answered):
        """9.2: close SHARES: fix U2, compute H_U2."""
        self.u2 = answered
        require(len(answered) >= self.p.effective_min, THRESHOLD, "U2")
        self.h_u2 = self.set_digest(2, self.u2)
        return "INPUT"

    def close_input(self, answered):
        """9.2, 9.5: close INPUT: fix U3, judge the disputes, test for early
        failure."""
        self.u3 = answered
        self.staged = {}
        self.judge_disputes()
        require(len(answered) >= self.p.effective_min, THRESHOLD, "U3")
        require(self.graph.connected(self.u3), THRESHOLD, "connectivity")
        self.h_u3 = self.set_digest(3, self.u3)
        self.require_holders(self.u3)
        return "CONFIRM" if self.p.active else "UNMASK"

    def close_confirm(self, answered):
        """9.2: close CONFIRM: fix U4, test for early failure again."""
        self.u4 = answered
        require(len(answered) >= self.p.threshold, THRESHOLD, "U4")
        self.require_holders(self.u4)
        return "UNMASK"

    def close_unmask(self, answered):
        """9.2: close UNMASK: fix U5, recover the secrets, unmask the sum."""
        self.u5 = answered
        self.unmask(self.recover_secrets())
        return "DONE"

    def set_digest(self, number, members):
        """3.11: compute H_U2 or H_U3."""
        return schedule.set_digest(self.h_ros, self.p.round, self.p.app_digest,
                                   number, self.p.clients, members)

    # Results

    def survivors(self):
        """9.2: return U3."""
        require(self.phase == "DONE", STATE, "no sum")
        return sorted(self.u3)

    def sum_of_weights(self):
        """7.3, 7.5: return the sum of the hidden segment."""
        require(self.phase == "DONE", STATE, "no sum")
        if not self.p.max_weight:
            return 0
        total = self.segment_totals(len(self.p.segments))[0]
        encoding.check_weight_sum(self.p, total, len(self.u3))
        return total

    def segment_totals(self, segment):
        """7.5: return the totals of a segment, a range of its lane."""
        s, place = self.p.all_segments[segment], self.p.lanes.places[segment]
        return self.totals[s.bits][place:place + s.length]

    def addends(self, s):
        """7.5: return W of a segment."""
        return self.sum_of_weights() if s.kind == params.WEIGHTED \
            else len(self.u3)

    def readable(self, segment):
        """7.5: return a segment whose results may be read."""
        require(self.phase == "DONE", STATE, "no sum")
        require(segment < len(self.p.segments), ARG, "segment")
        return self.p.segments[segment]

    def sums(self, segment):
        """7.5: return the sums of a segment as integers; of reals, those of
        their entries."""
        s = self.readable(segment)
        return [encoding.integer_sum(x, self.addends(s), s)
                for x in self.segment_totals(segment)]

    def means(self, segment):
        """7.5: return the means of a segment of reals as doubles."""
        s = self.readable(segment)
        require(s.kind in params.REALS, ARG, "integers")
        return [encoding.decode_mean(x, self.addends(s), s)
                for x in self.segment_totals(segment)]
