# SPDX-License-Identifier: Apache-2.0
"""The layer below the integrations: rounds over a transport in memory."""
import numpy as np
import pytest

import secagg
from secagg.host import Layout, Member, Rounds, Setup

CLIP = 0.5


class Cohort:
    """Members in memory, each with a store of its own on the disk."""

    def __init__(self, folder, count, **options):
        self.model = {"w": np.zeros((3, 4), np.float32),
                      "n": np.zeros(2, np.int64)}
        rng = np.random.default_rng(count)
        self.new = [{"w": rng.uniform(-.4, .4, (3, 4)).astype("f4"),
                     "n": np.zeros(2, np.int64)} for _ in range(count)]
        self.stores = [secagg.FileStore(folder / str(i))
                       for i in range(count)]
        self.options, self.silent, self.told = options, {}, {}
        self.trained = [0] * count
        self.layout = Layout.of(self.model, {"loss": 8.0})

    def exchange(self, phase, packets, timeout):
        for i, packet in packets.items():
            if self.silent.get(i) is not phase:
                yield i, self.answer(i, packet)

    def tell(self, packets):
        self.told.update({i: self.answer(i, p) for i, p in packets.items()})

    def answer(self, i, packet):
        def supply(client):
            self.trained[i] += 1
            self.layout.supply(client, self.new[i], self.model, i + 1,
                               {"loss": float(i)})
        # A new Member each time: nothing is kept but the store.
        return Member(self.stores[i], **self.options).answer(
            packet, supply, self.layout.digest(self.model))

    def rounds(self, **options):
        return Rounds(Setup(CLIP, max_weight=100, **options), self.exchange,
                      self.tell)

    def run(self, rounds, number=1):
        return rounds.run(range(len(self.new)), self.layout,
                          self.layout.digest(self.model), number)

    def mean(self, who):
        w = np.array([i + 1.0 for i in who])
        rows = np.array([self.new[i]["w"].ravel() for i in who], "f8")
        return (w[:, None] * rows).sum(0) / w.sum()


@pytest.mark.parametrize("phase", list(secagg.Phase)[:3]
                         + [secagg.Phase.UNMASK])
def test_a_round_survives_a_dropout_in_each_phase(tmp_path, phase):
    cohort = Cohort(tmp_path, 6)
    cohort.silent = {4: phase}
    out = cohort.run(cohort.rounds())
    assert out.error is None
    late = phase is secagg.Phase.UNMASK
    alive = [i for i in range(6) if late or i != 4]
    assert out.survivors == alive and out.weight == sum(alive) + len(alive)
    step = CLIP / (2 ** 15 - 1)
    assert np.abs(out.mean[:12] - cohort.mean(alive)).max() < step
    joined = cohort.layout.join(out.mean, cohort.model)
    assert joined["n"].dtype == np.int64 and joined["w"].shape == (3, 4)
    assert set(out.lost) == {4} and out.lost[4].phase is phase
    w = np.array([i + 1.0 for i in alive])
    assert abs(out.metrics["loss"] - (w * alive).sum() / w.sum()) < 1e-5


def test_another_session_leaves_out_the_silent(tmp_path):
    cohort = Cohort(tmp_path, 8)
    cohort.silent = dict.fromkeys([0, 1, 2, 3], secagg.Phase.INPUT)
    out = cohort.run(cohort.rounds())
    # Nothing was opened: semi-honest clients give their input again.
    assert out.error is None and out.sessions == 2
    assert out.survivors == [4, 5, 6, 7]


def test_an_input_is_not_given_twice_once_secrets_may_be_open(tmp_path):
    cohort = Cohort(tmp_path, 6)
    cohort.silent = dict.fromkeys([0, 1, 2, 3], secagg.Phase.UNMASK)
    out = cohort.run(cohort.rounds(attempts=1))
    assert isinstance(out.error, secagg.ThresholdError)
    cohort.silent = {}
    out = cohort.run(cohort.rounds(attempts=1))
    assert isinstance(out.error, secagg.ThresholdError)
    assert any("randomised_training" in text for _, text in out.refused)
    assert cohort.trained == [1] * 6
    cohort.options["randomised_training"] = True
    assert cohort.run(cohort.rounds()).error is None


def test_another_model_is_refused_before_training(tmp_path):
    cohort = Cohort(tmp_path, 3)
    rounds = cohort.rounds(corrupt=0, policy=None)
    other = cohort.layout.digest({"w": np.ones((3, 4), np.float32),
                                  "n": np.zeros(2, np.int64)})
    out = rounds.run(range(3), cohort.layout, other, 1)
    assert out.mean is None and cohort.trained == [0] * 3
    assert any("not the one" in text for _, text in out.refused)


def test_a_policy_is_a_refusal_with_its_reason(tmp_path):
    cohort = Cohort(tmp_path, 5, policy=secagg.Policy(min_clients=50))
    out = cohort.run(cohort.rounds())
    assert out.mean is None
    assert any("50" in text for _, text in out.refused)


@pytest.mark.parametrize("mode", ["semi-honest", "active"])
@pytest.mark.parametrize("by", ["list", "function"])
def test_members_with_identities_resume_between_all_packets(tmp_path, mode,
                                                            by):
    cohort = Cohort(tmp_path, 5)
    made = [secagg.Identity.generate() for _ in range(5)]
    keys = {i: one.public_key for i, one in enumerate(made)}

    def trusts(index, key, credential):
        return keys[index] == key

    trust = keys if by == "list" else trusts
    plain = cohort.answer

    def answer(i, packet):
        cohort.options = {"identity": made[i], "trust": lambda params: trust}
        return plain(i, packet)

    cohort.answer = answer
    rounds = Rounds(Setup(CLIP, max_weight=100, mode=mode), cohort.exchange,
                    cohort.tell, trust=lambda params, members: trust)
    out = cohort.run(rounds)
    assert out.error is None and out.survivors == list(range(5))
    assert not out.refused
