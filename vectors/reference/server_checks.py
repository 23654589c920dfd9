# SPDX-License-Identifier: Apache-2.0
"""What the server checks in what it is sent (8.2 to 8.11)."""
import field
import messages as m
import planes
import schedule
from errors import AUTH, MESSAGE, STATE, demand
from params import BLOCK
from schedule import BETA, OMEGA
from suites import check_point, verify


class Checks:
    """The checks of a server, mixed into it."""

    def take_keys(self, v, body):
        """8.2: KEYS."""
        keys = m.read_keys(self.p, body)
        demand(keys.h_ctx == self.h_ctx, MESSAGE, "h_ctx")
        check_point(keys.enc)
        check_point(keys.mask)
        points = {keys.enc, keys.mask}
        demand(len(points) == 2 and not points & self.points, MESSAGE,
               "a point twice")
        if self.p.active:
            text = schedule.keys_text(self.h_ctx, v, keys.enc, keys.mask)
            self.check_signature(v, keys.sig, text)
        self.points |= points
        self.keys[v] = keys

    def check_signature(self, v, sig, text):
        """8.2 (4), 8.9: valid under the key trusted for v, else AUTH."""
        demand(v in self.trusted, AUTH, "no trusted key")
        demand(verify(self.trusted[v], sig, text), AUTH, "signature")

    def take_shares(self, v, body):
        """8.4: SHARES."""
        shares = m.read_shares(body)
        holders = [pair[0] for pair in shares.pairs]
        m.check_list(holders, self.p.clients)
        demand(shares.h_ros == self.h_ros, MESSAGE, "h_ros")
        demand(set(holders) == self.graph.peers(v) & self.u1, MESSAGE,
               "holders")
        self.shares[v] = shares

    def check_complaints(self, v, h_u2, bad):
        """8.6 (1) to (4)."""
        m.check_list(bad, self.p.clients)
        demand(h_u2 == self.h_u2, MESSAGE, "h_u2")
        near = self.graph.peers(v) & self.u2
        demand(1 + len(near) - len(bad) >= self.p.threshold, MESSAGE, "bad")
        demand(set(bad) <= near, MESSAGE, "a dealer")

    def take_input(self, v, body):
        """8.6: INPUT."""
        given = m.read_input(self.p, body)
        self.check_complaints(v, given.h_u2, given.bad)
        self.bad[v] = set(given.bad)
        self.add_vector(given.planes)

    def add_vector(self, data):
        """8.6: the planes of a vector into the sum."""
        at = 0
        for i, s in enumerate(self.p.every_segment):
            entries = planes.unpack(data[at:at + s.size()], s.bits)
            self.totals[i] = planes.add(self.totals[i], entries, s.bits)
            at += s.size()

    def take_part(self, v, part, data, body):
        """8.7: INPUT_PART."""
        stage = self.staged.get(v)
        count = stage["count"] if stage else 0
        if stage and part == count - 1 and data == stage["data"]:
            return
        demand(part == count, STATE, "number of the part")
        given = m.read_input_part(self.p, body)
        self.check_complaints(v, given.h_u2, given.bad)
        if stage:
            demand(set(given.bad) == stage["bad"], MESSAGE, "another list")
        cursor, planes_ = self.check_pieces(given, stage)
        self.staged[v] = {"count": count + 1, "data": data,
                          "bad": set(given.bad), "cursor": cursor,
                          "planes": planes_}
        if given.last:
            self.bad[v] = set(given.bad)
            self.add_vector(self.staged.pop(v)["planes"])
            self.answered.add(v)

    def check_pieces(self, given, stage):
        """8.7 (3): the cursor behind the part, and all planes so far."""
        demand(given.last in (0, 1), MESSAGE, "last")
        demand(given.pieces, MESSAGE, "no piece")
        every = self.p.every_segment
        segment, offset = stage["cursor"] if stage else (0, 0)
        data = stage["planes"] if stage else b""
        for s, o, count, piece in given.pieces:
            demand((s, o) == (segment, offset), MESSAGE, "cursor")
            end = o + count
            demand(count >= 1 and end <= every[s].length, MESSAGE, "count")
            demand(count % BLOCK == 0 or end == every[s].length, MESSAGE,
                   "not whole blocks")
            data += piece
            segment, offset = (s, end) if end < every[s].length else (s + 1, 0)
        demand(given.last == (segment == len(every)), MESSAGE, "last")
        return (segment, offset), data

    def take_confirm(self, v, body):
        """8.9: CONFIRM."""
        demand(len(body) == 64, MESSAGE, "length")
        text = schedule.confirm_text(self.h_ctx, self.h_ros, self.p.round, v,
                                     self.h_u2, self.h_u3)
        self.check_signature(v, body, text)
        self.confirms[v] = body

    def take_unmask(self, v, body):
        """8.11, 9.5 (4): UNMASK."""
        given = m.read_unmask(body)
        dealers = [u for _, u, _ in given.revealed]
        demand(all(k in (BETA, OMEGA) for k, _, _ in given.revealed), MESSAGE,
               "kind")
        m.check_list(dealers, self.p.clients)
        wanted = {u: BETA if u in self.u3 else OMEGA
                  for u in (self.graph.peers(v) & self.u2) - self.bad[v]}
        demand({u: k for k, u, _ in given.revealed} == wanted, MESSAGE,
               "dealers and kinds")
        self.own[v] = field.decode(given.own)
        for kind, u, key in given.revealed:
            self.open_revealed(v, kind, u, key)
