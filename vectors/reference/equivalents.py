# SPDX-License-Identifier: Apache-2.0
"""Mutations that are no other reading: each has the same errors and the same
results in all cases. A proof, and the mutations that it concerns."""

PROOFS = (
    ("in semi-honest mode, where POLICY comes first, there is neither a "
     "verifier nor a declared list, and both other errors are STATE",
     ("trust.Trust.add_key: self.require_open(); require(self.verifier is "
      "None and (not self.declared_whole), STATE) => require(self.verifier "
      "is None and (not self.declared_whole), STATE); self.require_open()",
      "trust.Trust.declare_whole: self.require_open(); "
      "require(self.verifier is None, STATE) => require(self.verifier is "
      "None, STATE); self.require_open()",
      "trust.Trust.verify_with: self.require_open(); require(self.verifier "
      "is None and (not self.keys) and (not self.declared_whole), STATE) "
      "=> require(self.verifier is None and (not self.keys) and (not "
      "self.declared_whole), STATE); self.require_open()",)),
    ("a set of all peers breaks the minimum of the check before, since t >= "
     "2",
     ("server_checks.ServerChecks.check_complaints: set(bad) <= "
      "peers_in_u2 => set(bad) < peers_in_u2",)),
    ("what a rejected message set is set again by the accepted one, and "
     "read for clients with an accepted one only",
     ("server_checks.ServerChecks.accept_shares: require(set(holders) == "
      "self.graph.peers(v) & self.u1, MESSAGE, 'holders'); self.shares[v] "
      "= shares => self.shares[v] = shares; require(set(holders) == "
      "self.graph.peers(v) & self.u1, MESSAGE, 'holders')",
      "server_checks.ServerChecks.accept_confirm: "
      "require(ed25519_verify(self.keys[v].proof[0], body, text), AUTH, "
      "'signature'); self.confirms[v] = body => self.confirms[v] = body; "
      "require(ed25519_verify(self.keys[v].proof[0], body, text), AUTH, "
      "'signature')",
      "server_checks.ServerChecks.accept_unmask: require({u: k for k, u, _ "
      "in message.revealed} == wanted, MESSAGE, 'dealers and kinds'); "
      "self.own[v] = scalar.decode(message.own) => self.own[v] = "
      "scalar.decode(message.own); require({u: k for k, u, _ in "
      "message.revealed} == wanted, MESSAGE, 'dealers and kinds')",)),
    ("parameters that were decoded or given to a client are sound (2.2)",
     ("client.Client.__init__: params.check_soundness(p) => pass",
      "server.Server.__init__: params.check_soundness(p) => pass",
      "server.Server.__init__: params.check_soundness(p); self.p, "
      "self.seed = (p, seed) => self.p, self.seed = (p, seed); "
      "params.check_soundness(p)",)),
    ("an ABORT never equals an answer that was accepted",
     ("server.Server.recv: if type_ == m.ABORT_FROM_CLIENT: return "
      "self.accept_abort(v, body); require(v not in self.answered or not "
      "m.repeats(message, self.answers[v]), REPEAT, 'the message "
      "accepted') => require(v not in self.answered or not "
      "m.repeats(message, self.answers[v]), REPEAT, 'the message "
      "accepted'); if type_ == m.ABORT_FROM_CLIENT: return "
      "self.accept_abort(v, body)",)),
    ("parts of a client that is out or did not finish are in no sum; this "
     "frees memory only",
     ("server.Server.accept_abort: self.staged.pop(v, None) => pass",
      "server.Server.close_input: self.staged = {} => pass",)),
    ("on the complete graph all of U1 are the client and its peers",
     ("server.Server.make_roster: self.p.neighbours => True",)),
    ("fewer than t clients in U4 are fewer than t holders of each secret",
     ("server.Server.close_confirm: require(len(answered) >= "
      "self.p.threshold, THRESHOLD, 'U4') => pass",)),
    ("a client whose mask secret is needed is not in U3, so not in U5",
     ("server_recovery.Recovery.shares_of: kind == BETA and u in self.u5 "
      "=> u in self.u5",
      "server_recovery.Recovery.shares_of: kind == BETA => True",)),
    ("shares are opened by UNMASKs that were accepted, whose senders are U5",
     ("server_recovery.Recovery.shares_of: dealer == u and v in self.u5 => "
      "dealer == u",
      "server_recovery.Recovery.shares_of: v in self.u5 => True",)),
    ("on the complete graph all clients but the receiver are its peers, and "
     "all of U1 are in its roster",
     ("client_checks.ClientChecks.accept_relay: self.p.neighbours => True",)),
    ("the roster lists the receiver, which is no peer of itself",
     ("client_checks.ClientChecks.accept_relay: peers_in_u2 <= "
      "set(self.roster) => peers_in_u2 < set(self.roster)",)),
    ("the same in a state: the roster lists the client itself",
     ("saved_state.check_sets: c.u2 & c.peers <= set(c.roster) => c.u2 & "
      "c.peers < set(c.roster)",)),
    ("complaints about all peers in U2 leave one dealer, and t >= 2",
     ("saved_state.check_sets: c.bad <= c.u2 & c.peers => c.bad < c.u2 & "
      "c.peers",)),
    ("the number of clipped values is for the host: encoding.json has it for "
     "each piece",
     ("input_vector.InputVector.supply: self.clipped += clipped => pass",)),
    ("zip() ends with the segments, of which the hidden one is none without "
     "weights",
     ("input_vector.InputVector.lane_entries: [{0: self.weight}] if "
      "self.p.max_weight else [] => [{0: self.weight}]",)),
    ("a client that sent ABORT is asked for before one that is out",
     ("server.Server.advance: answered - self.aborted => answered",)),
    ("2.2 does not order ARG and POLICY, and a client that was refused is none",
     ("client.Client.__init__: require(index < p.clients, ARG, 'index'); if "
      "policy is not None: params.check_policy(policy, p) => if policy is not "
      "None: params.check_policy(policy, p); require(index < p.clients, ARG, "
      "'index')",
      "client.Client.__init__: if policy is not None: "
      "params.check_policy(policy, p); self.h_ctx = p.h_ctx => self.h_ctx = "
      "p.h_ctx; if policy is not None: params.check_policy(policy, p)")),
    ("a client that failed has no next part",
     ("client.Client.send: if self.phase == 'FAILED': return "
      "self.send_abort(); self.due = self.due and (not "
      "self.next_part_begun()) => self.due = self.due and (not "
      "self.next_part_begun()); if self.phase == 'FAILED': return "
      "self.send_abort()",)),
    ("no client is its own peer, so that u and v differ",
     ("server_recovery.Recovery.remaining_masks: v > u => v >= u",)),
    ("where the message is made, no part follows; where it is not, none is "
     "due",
     ("client.Client.next_part_begun: self.phase == 'INPUT' and (not "
      "self.all_made()) and self.input_vector.is_begun() => self.phase == "
      "'INPUT' and self.input_vector.is_begun()",
      "client.Client.next_part_begun: self.phase == 'INPUT' and (not "
      "self.all_made()) and self.input_vector.is_begun() => not "
      "self.all_made() and self.input_vector.is_begun()",
      "client.Client.next_part_begun: self.phase == 'INPUT' => True")),
    ("points and scalars were checked before, so that nothing here fails, "
     "and neither uses what the other makes",
     ("client.Client.make_shares: polynomials = {kind: "
      "shamir.polynomial(secret, self.poly[kind], self.p.threshold) for "
      "kind, secret in ((BETA, self.beta), (OMEGA, self.omega))}; "
      "self.pair_prk = {v: schedule.derive_pair_prk(self.h_ros, self.enc_sk,"
      " self.roster[v][0]) for v in self.peers & set(self.roster)} => "
      "self.pair_prk = {v: schedule.derive_pair_prk(self.h_ros, self.enc_sk,"
      " self.roster[v][0]) for v in self.peers & set(self.roster)}; "
      "polynomials = {kind: shamir.polynomial(secret, self.poly[kind], "
      "self.p.threshold) for kind, secret in ((BETA, self.beta), (OMEGA, "
      "self.omega))}",
      "client.Client.make_shares: self.pair_prk = {v: "
      "schedule.derive_pair_prk(self.h_ros, self.enc_sk, self.roster[v][0]) "
      "for v in self.peers & set(self.roster)}; self.own = "
      "shamir.evaluate(polynomials[BETA], self.graph.x(self.index, "
      "self.index)) => self.own = shamir.evaluate(polynomials[BETA], "
      "self.graph.x(self.index, self.index)); self.pair_prk = {v: "
      "schedule.derive_pair_prk(self.h_ros, self.enc_sk, self.roster[v][0]) "
      "for v in self.peers & set(self.roster)}",
      "client.Client.make_shares: for v in sorted(self.peers & "
      "set(self.roster)): x = self.graph.x(self.index, v) sealed = "
      "[self.seal_share(kind, v, shamir.evaluate(f, x)) for kind, f in "
      "polynomials.items()] pairs.append((v, *sealed)); com = "
      "schedule.commitment(self.h_ros, self.p.round, self.index, self.beta) "
      "=> com = schedule.commitment(self.h_ros, self.p.round, self.index, "
      "self.beta); for v in sorted(self.peers & set(self.roster)): x = "
      "self.graph.x(self.index, v) sealed = [self.seal_share(kind, v, "
      "shamir.evaluate(f, x)) for kind, f in polynomials.items()] "
      "pairs.append((v, *sealed))",
      "client.Client.make_shares: body = m.Shares(self.h_ros, com, "
      "pairs).encode(); self.wipe('enc_sk', 'omega', 'poly') => "
      "self.wipe('enc_sk', 'omega', 'poly'); body = m.Shares(self.h_ros, "
      "com, pairs).encode()")),
    ("no client is its own peer",
     ("client.Client.mask_set: self.index > v => self.index >= v",)),
    ("vectors are replayed in one process",
     ("client.Client.make_input: require(self.process == os.getpid(), STATE,"
      " 'another process (14.6)') => pass",
      "client.Client.make_input: require(self.process == os.getpid(), STATE,"
      " 'another process (14.6)') => MESSAGE",
      "client.Client.make_input: require(self.process == os.getpid(), STATE,"
      " 'another process (14.6)'); require(self.input_vector.is_complete(), "
      "INPUT_DUE, 'input') => require(self.input_vector.is_complete(), "
      "INPUT_DUE, 'input'); require(self.process == os.getpid(), STATE, "
      "'another process (14.6)')")),
    ("the blocks of the part were asked for before",
     ("client.Client.make_input: planes = "
      "self.input_vector.masked_planes(first, end, self.mask_set()); "
      "self.input_vector.part += 1 => self.input_vector.part += 1; planes = "
      "self.input_vector.masked_planes(first, end, self.mask_set())",)),
    ("a check that fails is fatal, so that the phase is FAILED",
     ("client.Client.accept: self.accept_relay(body); self.phase = 'INPUT' "
      "=> self.phase = 'INPUT'; self.accept_relay(body)",
      "client.Client.accept: self.accept_survivors(body); self.phase = "
      "'CONFIRM' if self.p.active else 'UNMASK' => self.phase = 'CONFIRM' if"
      " self.p.active else 'UNMASK'; self.accept_survivors(body)",
      "client.Client.accept: self.accept_signatures(body); self.phase = "
      "'UNMASK' => self.phase = 'UNMASK'; self.accept_signatures(body)")),
    ("send() asks again whether the next part is begun",
     ("client.Client.accept_repeat: self.made is not None and (not "
      "self.next_part_begun()) => self.made is not None",)),
    ("a client that failed only sends its ABORT, and its state has no "
     "secrets",
     ("client.Client.fail: self.wipe(*saved_state.SECRETS) => pass",
      "client.Client.fail: self.wipe(*saved_state.SECRETS); body = "
      "m.Abort(error.number, dealers=sorted(self.bad)).encode() => body = "
      "m.Abort(error.number, dealers=sorted(self.bad)).encode(); "
      "self.wipe(*saved_state.SECRETS)")),
    ("the generation is in the head, not in the state",
     ("client.Client.save: state = saved_state.encode(self); self.generation"
      " += 1 => self.generation += 1; state = saved_state.encode(self)",)),
    ("whatever is read beyond the end, end() finds it; the check comes early"
     " to spare time",
     ("messages.Reader.require_left: len(self.body) - self.at => "
      "len(self.body)",
      "messages.Reader.take: self.require_left(size) => pass",
      "messages.decode_roster: r.require_left(count * (166 if p.active else "
      "68)) => pass",
      "messages.decode_roster: 166 if p.active else 68 => 68")),
    ("a set that is empty lacks its receiver, which is MESSAGE, too",
     ("messages.decode_bitmap: value < 2 ** n => value <= 2 ** n",)),
    ("the header has the length, which was checked",
     ("messages.repeats: len(message) == len(accepted) and message[:count] "
      "== accepted[:count] => message[:count] == accepted[:count]",
      "messages.repeats: len(message) == len(accepted) => True")),
    ("the complete graph has no positions",
     ("graph.Graph.__init__: permutation(seed, n) if k else list(range(n)) "
      "=> permutation(seed, n)",)),
    ("a run of length 0 is shorter than k / 2",
     ("graph.Graph.marked_runs: length => True",)),
    ("a range without entries has no planes",
     ("lanes.Lanes.ranges: low < high => low <= high",)),
    ("beyond the end of a lane there are no entries, and the mask of a whole "
     "block begins with that of a shorter one",
     ("lanes.Lanes.ranges: min((end - base) * BLOCK, total) => (end - base) * "
      "BLOCK",)),
    ("0 is no step from the code of 0, in either direction",
     ("encoding.quantise: value >= 0 => value > 0",)),
    ("integers that are given as unsigned ones are not below 0",
     ("encoding.encode_integers: 0 <= v < 2 ** s.bits => v < 2 ** s.bits",)),
    ("a total has at most 64 bits, and the sum is no more than the total",
     ("encoding.as_unsigned: 0 <= value < 2 ** 64 => 0 <= value <= 2 ** 64",
      "encoding.as_unsigned: 0 <= value < 2 ** 64 => 0 <= value")),
    ("|U3| (2^q - 1) < 2^64 and |U3| <= 2^20, so that |U3| 2^(q-1) <= 2^63; an "
     "INTEGER sum is not below -2^63 either",
     ("encoding.as_signed: -2 ** 63 <= value < 2 ** 63 => value < 2 ** 63",)),
    ("INTEGER without bits is ARG anyway: its least modulus is 0, or it has "
     "value_bits",
     ("params.fill_defaults: s.bits == 0 and s.kind != INTEGER => s.bits == 0",
      "params.fill_defaults: s.kind != INTEGER => True")),
    ("the least modulus of INTEGER is 0, since its value_bits are",
     ("params.check_segment: s.kind == INTEGER or least_modulus(p, s) <= s.bits"
      " => least_modulus(p, s) <= s.bits",
      "params.check_segment: s.kind == INTEGER => False")),
    ("2 <= t <= n on the complete graph, and 2 <= k <= n - 2 on the ring",
     ("params.check_graph: require(p.clients >= 2, ARG, 'clients') => pass",
      "params.check_graph: 4 <= p.clients <= 2 ** 20 => p.clients <= 2 ** "
      "20")),
    ("k is even and not 0",
     ("params.check_graph: 2 <= p.neighbours <= min(p.clients - 2, "
      "choice.NEIGHBOURS_MAX) => p.neighbours <= min(p.clients - 2, "
      "choice.NEIGHBOURS_MAX)",)),
    ("2 t > N_sh + c, and there are at least two holders",
     ("params.check_graph: 2 <= p.threshold <= largest => p.threshold <= "
      "largest",)),
    ("fewer than 98 bytes are too few for any number of segments, which is the "
     "same error",
     ("params.decode_layout: require(len(data) >= 98, MESSAGE, 'length') => "
      "pass",)),
)

EQUIVALENT = {key: proof for proof, keys in PROOFS for key in keys}
