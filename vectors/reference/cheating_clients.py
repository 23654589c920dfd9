# SPDX-License-Identifier: Apache-2.0
"""Clients that cheat. Each function returns a class that replaces Client; the
vectors contain only the messages of such a client."""
import schedule
from client import Client
from errors import THRESHOLD, require
from scalar import ELL


def cheating_dealer(victims, alteration):
    """Return a client that deals bad shares to the holders in `victims`. The
    alteration is "share" (a share off the polynomial) or "seal" (a sealed
    share that does not open)."""
    class CheatingDealer(Client):
        def seal_share(self, kind, v, share):
            if v in victims and alteration == "share":
                share = (share + 1 + v) % ELL
            sealed = super().seal_share(kind, v, share)
            if v in victims and alteration == "seal":
                sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
            return sealed
    return CheatingDealer


def dealers(victims, *indices):
    """Return the classes of dealers whose shares for the victims do not
    open."""
    return dict.fromkeys(indices, cheating_dealer(set(victims), "seal"))


def inconsistent_dealer(kind):
    """Return a client that shares one secret and commits to another: its
    com_u (kind 0) or mask_u (kind 1) does not fit the shared secret."""
    class InconsistentDealer(Client):
        def make_shares(self):
            if kind == 0:
                message = super().make_shares()
                com = schedule.commitment(self.h_ros, self.p.round,
                                          self.index, self.beta + 1)
                return message[:80] + com + message[112:]
            committed = self.omega
            self.omega = (committed + 1) % ELL
            message = super().make_shares()
            self.omega = committed
            return message
    return InconsistentDealer


def cheating_responder(dealers):
    """Return a client that reveals wrong keys to the shares of `dealers`."""
    class CheatingResponder(Client):
        def share_key(self, kind, u, v):
            key = super().share_key(kind, u, v)
            if v == self.index and u in dealers and self.phase == "UNMASK":
                return key[:-1] + bytes([key[-1] ^ 128])
            return key
    return CheatingResponder


def wrong_own_share():
    """Return a client that sends a wrong own share in UNMASK."""
    class WrongOwnShare(Client):
        def make_unmask(self):
            self.own = (self.own + 1) % ELL
            return super().make_unmask()
    return WrongOwnShare


def false_complainer(dealers):
    """Return a client that complains of `dealers`, whose shares opened. With
    too few dealers left it aborts, as an honest client does (9.4)."""
    class FalseComplainer(Client):
        def accept_relay(self, body):
            super().accept_relay(body)
            self.bad |= dealers & self.peers & self.u2
            require(len(self.good_dealers()) >= self.p.min_dealers, THRESHOLD,
                    "dealers")
    return FalseComplainer


def cheating_input(segment, entry, value):
    """Return a client whose masked vector has `value` as an entry, whatever
    its host supplies. Segment None is the hidden one, whose entry is the
    weight."""
    class CheatingInput(Client):
        def make_input(self):
            if segment is None:
                self.input_vector.weight = value
            else:
                self.input_vector.entries[segment][entry] = value
            return super().make_input()
    return CheatingInput
