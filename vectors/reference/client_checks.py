# SPDX-License-Identifier: Apache-2.0
"""The checks of the messages that a client receives (8.3, 8.5, 8.8, 8.10,
9.4)."""
import messages as m
import schedule
from errors import AUTH, MESSAGE, THRESHOLD, require
from graph import COMPLETE_SEED, Graph
from schedule import BETA, OMEGA
from suites import check_point, ed25519_valid_key, ed25519_verify


class ClientChecks:
    """The part of a client that checks and accepts messages."""

    def accept_roster(self, body):
        """8.3: check ROSTER and accept it."""
        r = m.decode_roster(self.p, body)
        indices = [e[0] for e in r.entries]
        require(r.present <= self.p.clients, MESSAGE, "present")
        require(len(indices) <= r.present, MESSAGE, "count")
        m.check_list(indices, self.p.clients)
        self.check_roster_graph(r, indices)
        self.check_roster_points(r)
        if not self.p.neighbours:
            entries = {e[0]: schedule.roster_entry(*e) for e in r.entries}
            roster_root = schedule.roster_root(self.p.clients, entries)
            require(r.roster_root == roster_root, MESSAGE, "root")
        if self.p.active:
            self.check_roster_identities(r)
        self.check_roster_minimums(r.present)
        self.roster_root = r.roster_root
        self.h_ros = schedule.roster_hash(self.h_ctx, r.graph_seed, r.present,
                                          r.roster_root)
        self.beta = schedule.derive_beta(self.prk, self.h_ros, self.p.round)
        self.poly = {kind: schedule.derive_poly_seed(self.prk, kind,
                                                     self.h_ros, self.p.round)
                     for kind in (BETA, OMEGA)}
        self.wipe("prk")

    def check_roster_graph(self, r, indices):
        """8.3, check 2: the graph."""
        if not self.p.neighbours:
            require(r.graph_seed == COMPLETE_SEED, MESSAGE, "graph_seed")
            require(len(indices) == r.present, MESSAGE, "count")
        self.graph_seed = r.graph_seed
        self.graph = Graph(self.p.clients, self.p.neighbours, r.graph_seed)
        self.peers = self.graph.peers(self.index)
        require(set(indices) - {self.index} <= self.peers, MESSAGE, "a peer")

    def check_roster_points(self, r):
        """8.3, check 3: the points."""
        points = [x for e in r.entries for x in e[1:3]]
        for point in points:
            check_point(point)
        self.roster = {e[0]: e[1:] for e in r.entries}
        mine = (self.enc, self.mask, *self.proof)
        require(self.roster.get(self.index) == mine, MESSAGE, "own entry")
        require(len(set(points)) == len(points), MESSAGE, "a point twice")
        self.present = r.present

    def check_roster_identities(self, r):
        """8.3, check 5: identities, the list, signatures, the verifier. STATE
        is not fatal."""
        others = [e for e in r.entries if e[0] != self.index]
        identities = [e[3] for e in r.entries]
        require(all(map(ed25519_valid_key, identities)), AUTH, "identity")
        require(len(set(identities)) == len(identities), AUTH,
                "an identity twice")
        self.trusted.check_list([(e[0], e[3]) for e in others])
        for u, enc, mask, identity, sig, credential in others:
            text = schedule.keys_input(self.h_ctx, u, enc, mask, identity,
                                       credential)
            require(ed25519_verify(identity, sig, text), AUTH, "signature")
        for u, _, _, identity, _, credential in others:
            self.trusted.ask_verifier(u, identity, credential)

    def check_roster_minimums(self, present):
        """9.4: check the minimum numbers at ROSTER."""
        require(present >= self.p.effective_min, THRESHOLD, "U1")
        peers_in_u1 = len(self.peers & set(self.roster))
        require(1 + peers_in_u1 >= self.p.threshold, THRESHOLD, "peers")

    def accept_relay(self, body):
        """8.5: check RELAY and accept it."""
        r = m.decode_relay(self.p, body)
        u2 = m.decode_bitmap(r.u2, self.p.clients)
        dealers = [pair[0] for pair in r.pairs]
        m.check_list(dealers, self.p.clients)
        require(self.index in u2, MESSAGE, "not in U2")
        peers_in_u2 = u2 & self.peers
        if self.p.neighbours:
            require(peers_in_u2 <= set(self.roster), MESSAGE,
                    "U2 and the roster")
            require(len(u2) <= self.present, MESSAGE, "more than U1")
        else:
            require(u2 <= set(self.roster), MESSAGE, "U2 not within U1")
        require(set(dealers) == peers_in_u2, MESSAGE, "dealers")
        self.bad = {u for u, beta, omega in r.pairs
                    if not (self.opens(BETA, u, beta)
                            and self.opens(OMEGA, u, omega))}
        self.u2 = u2
        require(len(u2) >= self.p.min_survivors, THRESHOLD, "U2")
        require(len(self.good_dealers()) >= self.p.min_dealers, THRESHOLD,
                "dealers")
        self.h_u2 = schedule.set_digest(self.h_ros, self.p.round,
                                        self.p.app_digest, 2, self.p.clients,
                                        u2)

    def opens(self, kind, u, sealed):
        """8.5, check 4: tell whether a share of u opens."""
        key = self.share_key(kind, u, self.index)
        share = schedule.open_share_or_none(key, self.h_ros, self.p.round,
                                            kind, u, self.index, sealed)
        return share is not None

    def good_dealers(self):
        """9.4: return G_v."""
        return ({self.index} | (self.peers & self.u2)) - self.bad

    def accept_survivors(self, body):
        """8.8: check SURVIVORS and accept it."""
        u3 = m.decode_survivors(self.p, body)
        require(self.index in u3 and u3 <= self.u2, MESSAGE, "U3")
        require(len(u3) >= self.p.min_survivors, THRESHOLD, "U3")
        require(len(self.good_dealers() & u3) >= self.p.min_dealers, THRESHOLD,
                "dealers")
        require(self.graph.connected(u3), THRESHOLD, "connectivity")
        self.u3 = u3
        self.h_u3 = schedule.set_digest(self.h_ros, self.p.round,
                                        self.p.app_digest, 3, self.p.clients,
                                        u3)
        self.wipe("rounding", "mask_sk", "beta")

    def accept_signatures(self, body):
        """8.10: check SIGNATURES and accept it."""
        rows = m.decode_signatures(body)
        m.check_list([u for u, _ in rows], self.p.clients)
        require(all(u in self.u3 for u, _ in rows), MESSAGE, "a signer")
        valid = 1
        for u, sig in rows:
            if u != self.index:
                valid += ed25519_verify(self.roster[u][2], sig,
                                        self.confirm_input(u))
        require(valid >= self.p.threshold, THRESHOLD, "signatures")
        self.signatures = body
