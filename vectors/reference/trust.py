# SPDX-License-Identifier: Apache-2.0
"""The identities that a party trusts (3.5): a list of keys by index, or a
verifier of the host."""
from errors import ARG, AUTH, POLICY, STATE, require
from suites import ed25519_valid_key


class Trust:
    """The trust of one party."""

    def __init__(self, p):
        self.p = p
        self.keys = {}
        self.declared_whole = False
        self.verifier = None
        self.closed = False

    def add_key(self, index, public):
        """3.5: supply the key of one index."""
        self.require_open()
        require(self.verifier is None and not self.declared_whole, STATE)
        require(index < self.p.clients and ed25519_valid_key(public), ARG)
        require(all(k != public for i, k in self.keys.items() if i != index),
                ARG, "one key, two indices")
        require(self.keys.get(index, public) == public, STATE, "other key")
        self.keys[index] = public

    def declare_whole(self):
        """3.5: the host has supplied all keys that it will."""
        self.require_open()
        require(self.verifier is None, STATE)
        self.declared_whole = True

    def verify_with(self, verifier):
        """3.5: ask the host's verifier in place of a list."""
        self.require_open()
        require(self.verifier is None and not self.keys
                and not self.declared_whole, STATE)
        self.verifier = verifier

    def require_open(self):
        """3.5: keys are for active mode, and come before they are used up."""
        require(self.p.active, POLICY, "semi-honest")
        require(not self.closed, STATE, "too late")

    def compare(self, identities):
        """8.2, 8.3: hold identities, a list of (index, identity) in ascending
        order, against the list. Without a verifier there is always a list,
        if an empty one. A list with a key for every index lacks none, so that
        only a declared one can be whole here."""
        if self.verifier is not None:
            return
        for index, identity in identities:
            if index not in self.keys:
                raise (AUTH if self.declared_whole else STATE)("no key")
            require(self.keys[index] == identity, AUTH, "another key")

    def ask_verifier(self, index, identity, credential):
        """8.2, 8.3: ask the verifier, if there is one."""
        if self.verifier is None:
            return
        answer = self.verifier(index, identity, credential)
        require(answer != "STATE", STATE, "not known yet")
        require(answer == "", AUTH, "the verifier")
