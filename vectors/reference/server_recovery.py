# SPDX-License-Identifier: Apache-2.0
"""Complaints, early failure, blame and recovery (9.5)."""
import functools

import reed_solomon
import planes
import schedule
from errors import AUTH, CHEAT, THRESHOLD, require
from planes import MINUS, PLUS
from schedule import BETA, OMEGA
from suites import pk


class Recovery:
    """The part of a server that implements clause 9.5."""

    def needed_secrets(self):
        """9.5: return the (u, kind) of all needed secrets in ascending order
        of u."""
        out = [(u, BETA) for u in self.u3]
        out += [(u, OMEGA) for u in self.u2 - self.u3
                if self.graph.peers(u) & self.u3]
        return sorted(out)

    def judge_disputes(self):
        """9.5 (1): list all disputes as (dealer, holder), and blame clients
        that dispute with more than max(c, 1) others."""
        self.disputes = sorted((u, v) for v in self.bad for u in self.bad[v])
        counted = {frozenset(pair) for pair in self.disputes}
        while counted:
            partners = {u: sum(u in pair for pair in counted)
                        for u in set().union(*counted)}
            most = max(partners.values())
            if most <= max(self.p.corrupt, 1):
                return
            u = min(u for u, number in partners.items() if number == most)
            self.blame(u, AUTH)
            counted = {pair for pair in counted if u not in pair}

    def can_be_counted_on(self, v):
        """9.5 (2): tell whether v will accept SURVIVORS."""
        good = (({v} | self.graph.peers(v)) - self.bad[v]) & self.u3
        return v not in self.aborted and len(good) >= self.p.min_dealers

    def require_holders(self, present):
        """9.5 (3): raise THRESHOLD if a needed secret has fewer than t holders
        among `present`, which is U3 or U4."""
        counted = {v for v in present if self.can_be_counted_on(v)}
        for u, _ in self.needed_secrets():
            around = (self.graph.peers(u) | {u}) & counted
            holders = {v for v in around if u not in self.bad[v]}
            require(len(holders) >= self.p.threshold, THRESHOLD, "holders")

    def open_share_with_key(self, v, kind, u, key):
        """9.5 (4): open a share with a revealed key, or blame the responder
        v."""
        sealed = self.sealed_pair(u, v)[kind]
        share = schedule.open_share_or_none(key, self.h_ros, self.p.round,
                                            kind, u, v, sealed)
        if share is None:
            self.blame(v, CHEAT)
        else:
            self.opened[u, kind, v] = share

    def shares_of(self, u, kind):
        """9.5 (5): collect the shares (x, y) of a secret in ascending order of
        x. All opened shares of a dealer are of one kind (8.11)."""
        shares = {self.graph.x(u, v): share
                  for (dealer, _, v), share in self.opened.items()
                  if dealer == u and v in self.u5}
        if kind == BETA and u in self.u5:
            shares[self.graph.x(u, u)] = self.own[u]
        return sorted(shares.items())

    def fits(self, u, kind, secret):
        """4.6: tell whether a candidate for a secret agrees with com_u or
        mask_u."""
        if kind == BETA:
            com = schedule.commitment(self.h_ros, self.p.round, u, secret)
            return com == self.shares[u].com
        sk = schedule.derive_mask_sk(self.h_ctx, secret, u)
        return pk(sk) == self.keys[u].mask

    def recover_secrets(self):
        """9.5 (5), (6): return every needed secret, or raise the error of the
        session."""
        secrets, errors = {}, set()
        for u, kind in self.needed_secrets():
            try:
                secret, wrong = reed_solomon.recover(
                    self.shares_of(u, kind), self.p.threshold,
                    functools.partial(self.fits, u, kind))
            except (CHEAT, THRESHOLD) as error:
                errors.add(type(error))
                if isinstance(error, CHEAT):
                    self.blame(u, CHEAT)
                continue
            if wrong:
                self.blame(u, CHEAT)
            secrets[u, kind] = secret
        require(CHEAT not in errors, CHEAT, "a secret is not recovered")
        require(not errors, THRESHOLD, "too few shares")
        return secrets

    def remaining_masks(self, secrets):
        """9.5 (6): return the (sign, seed) pairs that take the remaining masks
        out of the sum."""
        out = []
        for (u, kind), secret in secrets.items():
            if kind == BETA:
                seed = schedule.derive_self_seed(self.h_ros, secret,
                                                 self.p.round, u, self.h_u2)
                out.append((MINUS, seed))
                continue
            sk = schedule.derive_mask_sk(self.h_ctx, secret, u)
            for v in sorted(self.graph.peers(u) & self.u3):
                seed = schedule.derive_pair_seed(self.h_ros, sk,
                                                 self.keys[v].mask,
                                                 self.p.round, u, v, self.h_u2)
                out.append((MINUS if v > u else PLUS, seed))
        return out

    def unmask(self, secrets):
        """9.5 (6): take the remaining masks out of the sum."""
        masks = self.remaining_masks(secrets)
        for b, count in self.p.lanes.counts.items():
            data = planes.apply_masks(self.p.suite, masks, b, 0,
                                      planes.pack(self.totals[b], b), count)
            self.totals[b] = planes.unpack(data, b)
