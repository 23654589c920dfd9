# SPDX-License-Identifier: Apache-2.0
"""What a client checks in what it is sent (8.3, 8.5, 8.8, 8.10, 9.4)."""
import messages as m
import schedule
from errors import AUTH, MESSAGE, THRESHOLD, demand
from graph import COMPLETE_SEED, Graph
from schedule import BETA, OMEGA
from suites import check_point, verify


class Checks:
    """The checks of a client, mixed into it."""

    def take_roster(self, body):
        """8.3: ROSTER."""
        r = m.read_roster(self.p, body)
        indices = [e[0] for e in r.entries]
        demand(r.present <= self.p.clients, MESSAGE, "present")
        demand(len(indices) <= r.present, MESSAGE, "count")
        m.check_list(indices, self.p.clients)
        self.check_roster_graph(r, indices)
        self.check_roster_points(r)
        if not self.p.neighbours:
            entries = {e[0]: schedule.entry(*e) for e in r.entries}
            root = schedule.roster_root(self.p.clients, entries)
            demand(r.root == root, MESSAGE, "root")
        if self.p.active:
            self.check_roster_signatures(r)
        self.check_roster_floors(r.present)
        self.h_ros = schedule.roster_hash(self.h_ctx, r.graph_seed, r.present,
                                          r.root)
        self.beta = schedule.beta(self.prk, self.h_ros, self.p.round)

    def check_roster_graph(self, r, indices):
        """8.3 (2)."""
        if not self.p.neighbours:
            demand(r.graph_seed == COMPLETE_SEED, MESSAGE, "graph_seed")
            demand(len(indices) == r.present, MESSAGE, "count")
        self.graph = Graph(self.p.clients, self.p.neighbours, r.graph_seed)
        self.peers = self.graph.peers(self.index)
        demand(set(indices) - {self.index} <= self.peers, MESSAGE, "a peer")

    def check_roster_points(self, r):
        """8.3 (3)."""
        points = [x for e in r.entries for x in e[1:3]]
        for point in points:
            check_point(point)
        self.roster = {e[0]: e[1:] for e in r.entries}
        mine = (self.enc, self.mask, self.sig)
        demand(self.roster.get(self.index) == mine, MESSAGE, "own entry")
        demand(len(set(points)) == len(points), MESSAGE, "a point twice")
        self.present = r.present

    def check_roster_signatures(self, r):
        """8.3 (5)."""
        for u, enc, mask, sig in r.entries:
            if u == self.index:
                continue
            demand(u in self.trusted, AUTH, "no trusted key")
            text = schedule.keys_text(self.h_ctx, u, enc, mask)
            demand(verify(self.trusted[u], sig, text), AUTH, "signature")

    def check_roster_floors(self, present):
        """9.4, ROSTER."""
        demand(present >= self.p.floor, THRESHOLD, "U1")
        near = len(self.peers & set(self.roster))
        demand(1 + near >= self.p.threshold, THRESHOLD, "neighbours")

    def take_relay(self, body):
        """8.5: RELAY."""
        r = m.read_relay(self.p, body)
        u2 = m.read_bitmap(r.u2, self.p.clients)
        dealers = [pair[0] for pair in r.pairs]
        m.check_list(dealers, self.p.clients)
        demand(self.index in u2, MESSAGE, "not in U2")
        near = u2 & self.peers
        if self.p.neighbours:
            demand(near <= set(self.roster), MESSAGE, "U2 and the roster")
            demand(len(u2) <= self.present, MESSAGE, "more than U1")
        else:
            demand(u2 <= set(self.roster), MESSAGE, "U2 not within U1")
        demand(set(dealers) == near, MESSAGE, "dealers")
        self.bad = {u for u, beta, omega in r.pairs
                    if not (self.opens(BETA, u, beta)
                            and self.opens(OMEGA, u, omega))}
        self.u2 = u2
        demand(len(u2) >= self.p.min_survivors, THRESHOLD, "U2")
        demand(len(self.good_dealers()) >= self.p.opened_floor, THRESHOLD,
               "dealers")
        self.h_u2 = schedule.set_digest(self.h_ros, self.p.round,
                                        self.p.app_digest, 2, self.p.clients,
                                        u2)

    def opens(self, kind, u, sealed):
        """8.5 (4): whether a share of u opens."""
        return schedule.opens(self.key(kind, u, self.index), self.h_ros,
                              self.p.round, kind, u, self.index,
                              sealed) is not None

    def good_dealers(self):
        """1.1: G_v."""
        return ({self.index} | (self.peers & self.u2)) - self.bad

    def take_survivors(self, body):
        """8.8: SURVIVORS."""
        u3 = m.read_survivors(self.p, body)
        demand(self.index in u3 and u3 <= self.u2, MESSAGE, "U3")
        demand(len(u3) >= self.p.min_survivors, THRESHOLD, "U3")
        demand(len(self.good_dealers() & u3) >= self.p.opened_floor, THRESHOLD,
               "dealers")
        demand(self.graph.connected(u3), THRESHOLD, "connectivity")
        self.u3 = u3
        self.h_u3 = schedule.set_digest(self.h_ros, self.p.round,
                                        self.p.app_digest, 3, self.p.clients,
                                        u3)

    def take_signatures(self, body):
        """8.10: SIGNATURES."""
        rows = m.read_signatures(body)
        m.check_list([u for u, _ in rows], self.p.clients)
        demand(all(u in self.u3 for u, _ in rows), MESSAGE, "a signer")
        valid = 1
        for u, sig in rows:
            if u != self.index and u in self.trusted:
                valid += verify(self.trusted[u], sig, self.confirm_text(u))
        demand(valid >= self.p.threshold, THRESHOLD, "signatures")
