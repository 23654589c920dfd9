# SPDX-License-Identifier: Apache-2.0
"""Clients that lie, as classes: they are played by their messages."""
import schedule
from client import Client


def for_holders(victims, change):
    """A client that alters what it deals to some holders. `change` is
    "share" (off the polynomial) or "seal" (it does not open)."""
    class Liar(Client):
        def seal(self, kind, v, share):
            if v in victims and change == "share":
                share = (share + 1 + v) % schedule.field.ORDER
            sealed = super().seal(kind, v, share)
            if v in victims and change == "seal":
                sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
            return sealed
    return Liar


def other_root(kind_told):
    """A client whose commitment or mask key is not that of its root."""
    class Liar(Client):
        def make_shares(self):
            true = self.beta, self.omega
            if kind_told == 0:
                message = super().make_shares()
                com = schedule.commitment(self.h_ros, self.p.round,
                                          self.index, self.beta + 1)
                return message[:80] + com + message[112:]
            self.omega = (self.omega + 1) % schedule.field.ORDER
            message = super().make_shares()
            self.beta, self.omega = true
            return message
    return Liar


def wrong_keys(dealers):
    """A client that reveals keys that open nothing."""
    class Liar(Client):
        def key(self, kind, u, v):
            key = super().key(kind, u, v)
            if v == self.index and u in dealers and self.phase == "UNMASK":
                return key[:-1] + bytes([key[-1] ^ 128])
            return key
    return Liar


def wrong_own():
    """A client whose own share is another number."""
    class Liar(Client):
        def make_unmask(self):
            self.own = (self.own + 1) % schedule.field.ORDER
            return super().make_unmask()
    return Liar
