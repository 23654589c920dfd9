# SPDX-License-Identifier: Apache-2.0
"""Readings that people made of the text, each as a change of the reference:
(reading, module, text that occurs once in it, replacement). mutate.py tries
them beside the mutations that it finds by itself."""

READINGS = (
    ("8.8: a client does not test whether U3 is connected", "client_checks",
     """        require(self.graph.connected(u3), THRESHOLD, "connectivity")
""", ""),
    ("9.1: a client accepts ROSTER before its KEYS is made", "client",
     "type_ or not self.all_made()", "type_"),
    ("9.4: the minimum of active mode is t", "params",
     "return max(self.threshold, self.min_survivors)\n        return self.t",
     "return self.threshold\n        return self.t"),
    ("9.4: the minimum of semi-honest mode is max(t, min_survivors)",
     "params", "        return self.threshold\n\n    @property\n    def all_s",
     """        return max(self.threshold, self.min_survivors)

    @property
    def all_s"""),
    ("9.5 (2): every survivor is counted on", "server_recovery",
     "return v not in self.aborted and len(good) >= self.p.min_dealers",
     "return True"),
    ("9.5 (2): a survivor that sent ABORT is counted on", "server_recovery",
     "return v not in self.aborted and ", "return "),
    ("9.5 (2): a survivor with too few dealers is counted on",
     "server_recovery",
     "return v not in self.aborted and len(good) >= self.p.min_dealers",
     "return v not in self.aborted"),
    ("9.5 (2): only the threshold counts", "server_recovery",
     "len(good) >= self.p.min_dealers", "len(good) >= self.p.threshold"),
    ("9.5 (3): the test is not made again at CONFIRM", "server",
     "        self.require_holders(self.u4)\n", ""),
    ("9.5 (3): the test at CONFIRM takes the needed secrets from U4",
     "server", "        self.require_holders(self.u4)\n",
     "        u3, self.u3 = self.u3, self.u4\n"
     "        self.require_holders(self.u4)\n        self.u3 = u3\n"),
    ("9.5 (6): THRESHOLD comes before CHEAT", "server_recovery",
     '        require(CHEAT not in errors, CHEAT, "a secret is not recovered")\n',
     '        require(THRESHOLD not in errors, THRESHOLD)\n'
     '        require(CHEAT not in errors, CHEAT, "a secret is not recovered")\n'),
    ("9.5 (6): the first secret that is not recovered ends the session",
     "server_recovery", "                errors.add(type(error))\n"
     "                if isinstance(error, CHEAT):\n"
     "                    self.blame(u, CHEAT)\n                continue\n",
     "                if isinstance(error, CHEAT):\n"
     "                    self.blame(u, CHEAT)\n                raise\n"),
    ("9.5 (2): complaints of clients outside U3 count", "server_recovery",
     "            require(len(holders) >= self.p.threshold",
     "            complaints = sum(u in self.bad[v] for v in self.bad\n"
     "                             if v not in self.u3)\n"
     "            require(len(holders) - complaints >= self.p.threshold"),
    ("9.5: omega is needed although no survivor is a peer",
     "server_recovery", "        out += [(u, OMEGA) for u in self.u2 - self.u3\n"
     "                if self.graph.peers(u) & self.u3]\n",
     "        out += [(u, OMEGA) for u in self.u2 - self.u3]\n"),
    ("9.1: entries of a part that is not due are accepted", "input_vector",
     '        require(first <= low and high < end, STATE, "another part")\n',
     ""),
    ("9.1: only the beginning of a piece must be in the part that is due",
     "input_vector", "require(first <= low and high < end, STATE",
     "require(first <= low < end, STATE"),
    ("9.3: no part is repeated after a repeated RELAY", "client",
     "        self.due = self.made is not None and not self.next_part_begun()\n",
     "        self.due = self.made is not None and not (\n"
     '            self.phase == "INPUT" and self.in_parts)\n'),
    ("9.3: a part is repeated although the next one is begun", "client",
     "and self.input_vector.is_begun())",
     "and False)"),
    ("9.3: a part that is due again stays so when the next one is begun",
     "client", "        self.due = self.due and not self.next_part_begun()\n", ""),
    ("8.7: a later part may have another list of complaints",
     "server_checks", '            require(set(message.bad) == stage["bad"], '
     'MESSAGE, "another list")\n', "            pass\n"),
    ("8.10: a client verifies its own signature, too", "client_checks",
     "        valid = 1\n        for u, sig in rows:\n"
     "            if u != self.index:\n"
     "                valid += ed25519_verify(self.roster[u][2], sig,\n"
     "                                        self.confirm_input(u))\n",
     "        valid = sum(ed25519_verify(\n"
     "            self.roster[u][2], sig, self.confirm_input(u))\n"
     "            for u, sig in rows)\n"),
    ("8.10: a client's own signature counts only if it is listed",
     "client_checks", "        valid = 1\n",
     "        valid = int(any(u == self.index for u, _ in rows))\n"),
    ("8.3: THRESHOLD comes before AUTH", "client_checks",
     "        if self.p.active:\n            self.check_roster_identities(r)\n"
     "        self.check_roster_minimums(r.present)\n",
     "        self.check_roster_minimums(r.present)\n"
     "        if self.p.active:\n"
     "            self.check_roster_identities(r)\n"),
    ("8.5: |U2| may be larger than |U1| on the ring", "client_checks",
     '            require(len(u2) <= self.size_u1, MESSAGE, "more than U1")\n',
     ""),
    ("9.2: a client that is out gets STATE whatever the header says",
     "server", "        type_, part, body = m.decode_header(self.p, message, v, "
     "m.UP)\n        require(v in self.in_ and v not in self.aborted, STATE, "
     '"out")\n',
     '        require(v in self.in_ and v not in self.aborted, STATE, "out")\n'
     "        type_, part, body = m.decode_header(self.p, message, v, m.UP)\n"),
    ("9.2: the header counts before DONE and FAILED", "server",
     '        require(self.phase not in ("DONE", "FAILED"), STATE, "over")\n'
     "        type_, part, body = m.decode_header(self.p, message, v, m.UP)\n",
     "        type_, part, body = m.decode_header(self.p, message, v, m.UP)\n"
     '        require(self.phase not in ("DONE", "FAILED"), STATE, "over")\n'),
    ("9.5 (1): disputes come after the minimum numbers", "server",
     """        self.judge_disputes()
        require(len(answered) >= self.p.effective_min, THRESHOLD, "U3")
""", """        require(len(answered) >= self.p.effective_min, THRESHOLD, "U3")
        self.judge_disputes()
"""),
    ("2.3: an extension that is not known is skipped", "params",
     "        require(not block, MESSAGE, \"extension\")\n"[4:], ""),
    ("11.4: UNMASK that was not sent does not spend a vector", "client",
     'if self.phase in ("INPUT", "UNMASK"):', 'if self.phase == "INPUT":'),
)
