# SPDX-License-Identifier: Apache-2.0
"""The checks of the messages that the server receives (8.2, 8.4, 8.6, 8.7,
8.9, 8.11)."""
import scalar
import messages as m
import planes
import schedule
from errors import AUTH, MESSAGE, STATE, require
from schedule import BETA, OMEGA
from suites import check_point, ed25519_valid_key, ed25519_verify


class ServerChecks:
    """The part of a server that checks and accepts messages."""

    def accept_keys(self, v, body):
        """8.2: check KEYS and accept it."""
        keys = m.decode_keys(self.p, body)
        require(keys.h_ctx == self.h_ctx, MESSAGE, "h_ctx")
        check_point(keys.enc)
        check_point(keys.mask)
        points = {keys.enc, keys.mask}
        others = [k for u, k in self.keys.items() if u != v]
        used = {point for k in others for point in (k.enc, k.mask)}
        require(len(points) == 2 and not points & used, MESSAGE,
                "a point twice")
        if self.p.active:
            self.check_proof(v, keys, others)
        self.keys[v] = keys

    def check_proof(self, v, keys, others):
        """8.2, checks 5 to 8: identity, list, signature, verifier."""
        identity, sig, credential = keys.proof
        require(ed25519_valid_key(identity), AUTH, "identity")
        require(all(other.proof[0] != identity for other in others), AUTH,
                "an identity twice")
        self.trusted.check_list([(v, identity)])
        text = schedule.keys_input(self.h_ctx, v, keys.enc, keys.mask,
                                   identity, credential)
        require(ed25519_verify(identity, sig, text), AUTH, "signature")
        self.trusted.ask_verifier(v, identity, credential)

    def accept_shares(self, v, body):
        """8.4: check SHARES and accept it."""
        shares = m.decode_shares(body)
        holders = [pair[0] for pair in shares.pairs]
        m.check_list(holders, self.p.clients)
        require(shares.h_ros == self.h_ros, MESSAGE, "h_ros")
        require(set(holders) == self.graph.peers(v) & self.u1, MESSAGE,
                "holders")
        self.shares[v] = shares

    def check_complaints(self, v, h_u2, bad):
        """8.6, checks 1 to 4: the list of complaints."""
        m.check_list(bad, self.p.clients)
        require(h_u2 == self.h_u2, MESSAGE, "h_u2")
        peers_in_u2 = self.graph.peers(v) & self.u2
        require(1 + len(peers_in_u2) - len(bad) >= self.p.threshold, MESSAGE,
                "bad")
        require(set(bad) <= peers_in_u2, MESSAGE, "a dealer")

    def accept_input(self, v, body):
        """8.6: check INPUT and accept it."""
        message = m.decode_input(self.p, body)
        self.check_complaints(v, message.h_u2, message.bad)
        self.bad[v] = set(message.bad)
        self.add_vector(message.planes)

    def add_vector(self, data):
        """8.6: add the planes of a full vector to the sum."""
        lanes = self.p.lanes
        for b in lanes.counts:
            first = lanes.first_block(b)
            end = first + lanes.blocks_of(b)
            entries = planes.unpack(data[lanes.at(first):lanes.at(end)], b)
            total = self.totals.get(b, [0] * len(entries))
            self.totals[b] = planes.add(total, entries, b)

    def accept_input_part(self, v, part, data, body):
        """8.7: check INPUT_PART and stage it; add the input with its last
        part."""
        stage = self.staged.get(v)
        count = stage["count"] if stage else 0
        if stage and part == count - 1 and m.repeats(
                data, stage["data"]):
            return
        require(part == count, STATE, "number of the part")
        accepted, planes_ = 0, b""
        if stage:
            accepted, planes_ = stage["blocks"], stage["planes"]
        message = m.decode_input_part(self.p, body, accepted)
        self.check_complaints(v, message.h_u2, message.bad)
        if stage:
            require(set(message.bad) == stage["bad"], MESSAGE, "another list")
        self.bad[v] = set(message.bad)
        accepted += message.blocks
        self.staged[v] = {"count": count + 1, "data": data,
                          "bad": set(message.bad), "blocks": accepted,
                          "planes": planes_ + message.planes}
        if accepted == self.p.lanes.nblocks:
            self.add_vector(self.staged.pop(v)["planes"])
            self.answered.add(v)
            self.answers[v] = data

    def accept_confirm(self, v, body):
        """8.9: check CONFIRM and accept it."""
        require(len(body) == 64, MESSAGE, "length")
        text = schedule.confirm_input(self.h_ctx, self.h_ros, self.p.round, v,
                                      self.h_u2, self.h_u3)
        require(ed25519_verify(self.keys[v].proof[0], body, text), AUTH,
                "signature")
        self.confirms[v] = body

    def accept_unmask(self, v, body):
        """8.11, 9.5: check UNMASK, accept it and open the shares."""
        message = m.decode_unmask(body)
        dealers = [u for _, u, _ in message.revealed]
        kinds = [kind for kind, _, _ in message.revealed]
        require(set(kinds) <= {BETA, OMEGA}, MESSAGE, "kind")
        m.check_list(dealers, self.p.clients)
        wanted = {u: BETA if u in self.u3 else OMEGA
                  for u in (self.graph.peers(v) & self.u2) - self.bad[v]}
        require({u: k for k, u, _ in message.revealed} == wanted, MESSAGE,
                "dealers and kinds")
        self.own[v] = scalar.decode(message.own)
        for kind, u, key in message.revealed:
            self.open_share_with_key(v, kind, u, key)
