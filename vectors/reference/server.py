# SPDX-License-Identifier: Apache-2.0
"""The server (9.2), deterministic from its seed."""
import encoding
import messages as m
import params
import schedule
from errors import ARG, CHEAT, STATE, THRESHOLD, demand
from graph import COMPLETE_SEED, Graph, graph_seed
from server_checks import Checks
from server_recovery import Recovery
from suites import valid_public

PHASES = ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK", "DONE", "FAILED")
TAKES = {"KEYS": {m.KEYS}, "SHARES": {m.SHARES},
         "INPUT": {m.INPUT, m.INPUT_PART}, "CONFIRM": {m.CONFIRM},
         "UNMASK": {m.UNMASK}}


class Server(Checks, Recovery):
    """The server of one session."""

    def __init__(self, p, seed):
        """2.2, 5.2."""
        params.check(p)
        self.p, self.seed = p, seed
        self.phase = "KEYS"
        self.h_ctx = p.h_ctx
        self.trusted = {}
        self.in_ = set(range(p.clients))
        self.answered = set()
        self.aborted = set()
        self.keys, self.shares, self.confirms = {}, {}, {}
        self.points = set()
        self.bad = {}
        self.totals = [[0] * ((s.length + 7) // 8 * 8)
                       for s in p.every_segment]
        self.staged = {}
        self.opened, self.own = {}, {}
        self.blame = []

    def trust(self, index, public):
        """3.5: whose key is whose."""
        demand(self.p.active, STATE, "no signatures")
        demand(index < self.p.clients and valid_public(public), ARG, "key")
        others = (k for i, k in self.trusted.items() if i != index)
        demand(public not in others, ARG, "one key, two indices")
        demand(self.trusted.get(index, public) == public, STATE, "other key")
        self.trusted[index] = public

    def blamed(self, u, error):
        """9.5: a client stands on the list once."""
        if u not in [v for v, _ in self.blame]:
            self.blame.append((u, error.__name__))

    # Messages in

    def recv(self, v, data):
        """9.2: one message, through the table of events."""
        demand(v < self.p.clients, ARG, "no such client")
        demand(self.phase not in ("DONE", "FAILED"), STATE, "over")
        kind, part, body = m.read_header(self.p, data, v, m.UP)
        demand(v in self.in_ and v not in self.aborted, STATE, "out")
        if kind == m.ABORT_UP:
            return self.take_abort(v, body)
        self.check_phase(v, kind, data)
        if self.p.active and kind in (m.KEYS, m.CONFIRM):
            demand(self.trusted, STATE, "no keys trusted")
        if kind == m.KEYS:
            self.take_keys(v, body)
        elif kind == m.SHARES:
            self.take_shares(v, body)
        elif kind == m.INPUT:
            self.take_input(v, body)
        elif kind == m.INPUT_PART:
            return self.take_part(v, part, data, body)
        elif kind == m.CONFIRM:
            self.take_confirm(v, body)
        else:
            self.take_unmask(v, body)
        self.answered.add(v)
        return None

    def check_phase(self, v, kind, data):
        """9.2, event 6."""
        demand(kind in TAKES[self.phase], STATE, "type and phase")
        demand(v not in self.answered, STATE, "answered")
        demand(kind != m.INPUT or v not in self.staged, STATE, "parts began")

    def take_abort(self, v, body):
        """8.12: from a client."""
        m.read_abort(body)
        self.aborted.add(v)
        self.staged.pop(v, None)

    # Messages out

    def send(self, v):
        """9.2: the message of this phase for a client, or None."""
        demand(v < self.p.clients, ARG, "no such client")
        if self.phase == "FAILED":
            return self.make_abort(v) if v in self.in_ else None
        if v not in self.in_ or v in self.aborted:
            return None
        makers = {"SHARES": self.make_roster, "INPUT": self.make_relay,
                  "CONFIRM": self.make_survivors}
        if self.p.active:
            makers["UNMASK"] = self.make_signatures
        else:
            makers["UNMASK"] = self.make_survivors
        maker = makers.get(self.phase)
        return maker(v) if maker else None

    def message(self, kind, v, body):
        """8.1."""
        return m.message(self.p, kind, v, body)

    def make_roster(self, v):
        """8.3: ROSTER."""
        listed = self.u1
        if self.p.neighbours:
            listed = self.u1 & (self.graph.peers(v) | {v})
        entries = [(u, self.keys[u].enc, self.keys[u].mask, self.keys[u].sig)
                   for u in sorted(listed)]
        body = m.Roster(self.graph_seed, self.root, len(self.u1), entries)
        return self.message(m.ROSTER, v, body.encode())

    def make_relay(self, v):
        """8.5: RELAY."""
        pairs = [(u, *self.sealed(u, v))
                 for u in sorted(self.graph.peers(v) & self.u2)]
        u2 = schedule.bitmap(self.p.clients, self.u2)
        return self.message(m.RELAY, v, m.Relay(u2, pairs).encode())

    def make_survivors(self, v):
        """8.8: SURVIVORS."""
        return self.message(m.SURVIVORS, v,
                            schedule.bitmap(self.p.clients, self.u3))

    def make_signatures(self, v):
        """8.10: SIGNATURES."""
        rows = [(u, self.confirms[u]) for u in sorted(self.u4)]
        return self.message(m.SIGNATURES, v, m.encode_signatures(rows))

    def make_abort(self, v):
        """8.12: the error of the session, the first that was blamed."""
        first = self.blame[0][0] if self.blame else m.NOBODY
        return self.message(m.ABORT_DOWN, v,
                            m.encode_abort(self.error.number, first))

    def sealed(self, u, v):
        """8.4: the pair of sealed shares that u dealt to v."""
        return next(pair[1:] for pair in self.shares[u].pairs if pair[0] == v)

    # Ends of phases

    def advance(self):
        """9.2: the host ends the phase."""
        demand(self.phase not in ("DONE", "FAILED"), STATE, "over")
        ended = set(self.answered)
        was_in = set(self.in_)
        try:
            self.phase = getattr(self, "end_" + self.phase.lower())(ended)
        except (THRESHOLD, CHEAT) as error:
            self.phase, self.error = "FAILED", error
            self.in_ = was_in - self.aborted
            raise
        self.in_ = ended - self.aborted
        self.answered = set()

    def end_keys(self, ended):
        """9.2, 5.2: U1, graph_seed, H_ros."""
        self.u1 = ended
        demand(len(ended) >= self.p.floor, THRESHOLD, "U1")
        entries = {u: schedule.entry(u, k.enc, k.mask, k.sig)
                   for u, k in self.keys.items()}
        self.root = schedule.roster_root(self.p.clients, entries)
        self.graph_seed = COMPLETE_SEED
        if self.p.neighbours:
            self.graph_seed = graph_seed(self.seed, self.h_ctx, self.root)
        self.graph = Graph(self.p.clients, self.p.neighbours, self.graph_seed)
        self.h_ros = schedule.roster_hash(self.h_ctx, self.graph_seed,
                                          len(self.u1), self.root)
        return "SHARES"

    def end_shares(self, ended):
        """9.2: U2, H_U2."""
        self.u2 = ended
        demand(len(ended) >= self.p.floor, THRESHOLD, "U2")
        self.h_u2 = self.set_digest(2, self.u2)
        return "INPUT"

    def end_input(self, ended):
        """9.2: U3, complaints, early failure."""
        self.u3 = ended
        self.staged = {}
        demand(len(ended) >= self.p.floor, THRESHOLD, "U3")
        demand(self.graph.connected(self.u3), THRESHOLD, "connectivity")
        self.h_u3 = self.set_digest(3, self.u3)
        self.judge_complaints()
        self.check_holders(self.u3)
        return "CONFIRM" if self.p.active else "UNMASK"

    def end_confirm(self, ended):
        """9.2: U4."""
        self.u4 = ended
        demand(len(ended) >= self.p.threshold, THRESHOLD, "U4")
        self.check_holders(self.u4)
        return "UNMASK"

    def end_unmask(self, ended):
        """9.2: U5, recovery, the sum."""
        self.u5 = ended
        self.unmask(self.recover_all())
        return "DONE"

    def set_digest(self, number, members):
        """3.11."""
        return schedule.set_digest(self.h_ros, self.p.round, self.p.app_digest,
                                   number, self.p.clients, members)

    # Results

    def survivors(self):
        """9.2: U3."""
        demand(self.phase == "DONE", STATE, "no sum")
        return sorted(self.u3)

    def sum_of_weights(self):
        """7.3: the hidden segment's sum."""
        demand(self.phase == "DONE", STATE, "no sum")
        return self.totals[-1][0] if self.p.max_weight else 0

    def sums(self, segment):
        """7.5: the sums of a segment as integers."""
        demand(segment < len(self.p.segments), ARG, "segment")
        demand(self.phase == "DONE", STATE, "no sum")
        return self.totals[segment][:self.p.segments[segment].length]

    def means(self, segment):
        """7.5: the means of a segment of reals as doubles."""
        s = self.p.segments[segment]
        demand(s.kind != params.INTEGER, ARG, "integers")
        addends = len(self.u3)
        if s.kind == params.WEIGHTED:
            addends = self.sum_of_weights()
        return [encoding.decode_mean(x, addends, s)
                for x in self.sums(segment)]
