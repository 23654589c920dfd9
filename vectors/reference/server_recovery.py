# SPDX-License-Identifier: Apache-2.0
"""Complaints, early failure, blame and recovery (9.5)."""
import decode
import planes
import schedule
from errors import AUTH, CHEAT, THRESHOLD, demand
from planes import MINUS, PLUS
from schedule import BETA, OMEGA
from suites import pk


class Recovery:
    """Clause 9.5, mixed into the server."""

    def needed(self):
        """9.5: (u, kind) of the secrets that are needed, u ascending."""
        out = [(u, BETA) for u in self.u3]
        out += [(u, OMEGA) for u in self.u2 - self.u3
                if self.graph.peers(u) & self.u3]
        return sorted(out)

    def judge_complaints(self):
        """9.5 (1)."""
        for u in sorted(self.u2):
            count = sum(u in self.bad[v] for v in self.u3)
            if count > self.p.corrupt:
                self.blamed(u, AUTH)

    def counted_on(self, v):
        """9.5 (2): v will answer SURVIVORS."""
        near = self.graph.peers(v) & self.u2
        good = (({v} | near) - self.bad[v]) & self.u3
        return v not in self.aborted and len(good) >= self.p.opened_floor

    def check_holders(self, present):
        """9.5 (3), over U3 or U4."""
        counted = {v for v in present if self.counted_on(v)}
        for u, _ in self.needed():
            around = (self.graph.peers(u) | {u}) & counted
            holders = {v for v in around if u not in self.bad[v]}
            demand(len(holders) >= self.p.threshold, THRESHOLD, "holders")

    def open_revealed(self, v, kind, u, key):
        """9.5 (4): a share in its place, or the responder is blamed."""
        sealed = self.sealed(u, v)[kind]
        share = schedule.opens(key, self.h_ros, self.p.round, kind, u, v,
                               sealed)
        if share is None:
            self.blamed(v, CHEAT)
        else:
            self.opened[u, kind, v] = share

    def points_of(self, u, kind):
        """9.5 (5): the points of a secret, and who sent each."""
        who = {self.graph.x(u, v): (v, share)
               for (dealer, k, v), share in self.opened.items()
               if dealer == u and k == kind and v in self.u5}
        if kind == BETA and u in self.u5:
            who[self.graph.x(u, u)] = (u, self.own[u])
        return [(x, who[x][1]) for x in sorted(who)]

    def fits(self, u, kind, root):
        """4.6: the root against com_u or mask_u."""
        if kind == BETA:
            com = schedule.commitment(self.h_ros, self.p.round, u, root)
            return com == self.shares[u].com
        sk = schedule.mask_secret(self.h_ctx, root, u)
        return pk(sk) == self.keys[u].mask

    def recover_all(self):
        """9.5 (5), (6): every needed root, or the error of the session."""
        roots, errors = {}, set()
        for u, kind in self.needed():
            points = self.points_of(u, kind)
            try:
                root, wrong = decode.recover(
                    points, self.p.threshold,
                    lambda r, u=u, kind=kind: self.fits(u, kind, r))
            except (CHEAT, THRESHOLD) as error:
                errors.add(type(error))
                if isinstance(error, CHEAT):
                    self.blamed(u, CHEAT)
                continue
            if wrong:
                self.blamed(u, CHEAT)
            roots[u, kind] = root
        demand(CHEAT not in errors, CHEAT, "a root is not recovered")
        demand(not errors, THRESHOLD, "too few points")
        return roots

    def masks_left(self, roots):
        """9.5 (6): signs and seeds of the masks that are left."""
        out, r = [], self.p.round
        for (u, kind), root in roots.items():
            if kind == BETA:
                out.append((MINUS, schedule.self_seed(self.h_ros, root, r, u,
                                                      self.h_u2)))
                continue
            sk = schedule.mask_secret(self.h_ctx, root, u)
            for v in sorted(self.graph.peers(u) & self.u3):
                seed = schedule.pair_seed(self.h_ros, sk, self.keys[v].mask,
                                          r, u, v, self.h_u2)
                out.append((MINUS if v > u else PLUS, seed))
        return out

    def unmask(self, roots):
        """9.5 (6): the masks taken out of the sum."""
        self.masks = self.masks_left(roots)
        for i, s in enumerate(self.p.every_segment):
            data = planes.pack(self.totals[i], s.bits)
            data = planes.apply_masks(self.p.suite, self.masks, i, s.bits, 0,
                                      data, s.length)
            self.totals[i] = planes.unpack(data, s.bits)
