# SPDX-License-Identifier: Apache-2.0
"""Make agreement.json, schedule.json and roster.json."""
import scalar
import schedule
from scalar import ELL
from schedule import bitmap
from suites import LOW_ORDER, P25519, pk, x25519
from vector_file import VectorFile, attempt, test_bytes, test_number, u64

# RFC 7748: secret, point, result
ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
ALICE_POINT = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
BOB = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
BOB_POINT = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
AGREEMENTS = (
    ("5.2", "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
    ("6.1", ALICE, BOB_POINT, SHARED), ("6.1", BOB, ALICE_POINT, SHARED))
# RFC 7748, 5.2, the second: its top bit is set, which LSA1 refuses
TOP_BIT = "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"


def add_agreement(out, comment, flags, secret, point, expected=None):
    """Add a test of Agreement."""
    shared, error = attempt(x25519, secret, point)
    assert expected in (None, (shared or b"").hex())
    out.add(comment, flags, error, secret=secret, point=point,
            shared=shared or "")


def make_agreement():
    """Make agreement.json."""
    out = VectorFile("agreement")
    out.group("PublicKey")
    for secret, point in ((ALICE, ALICE_POINT), (BOB, BOB_POINT)):
        assert pk(bytes.fromhex(secret)).hex() == point
        out.add("6.1", "Rfc7748", secret=secret, point=point)
    for i in range(8):
        secret = test_bytes("x25519 %d" % i, 32)
        out.add("", "Normal", secret=secret, point=pk(secret))
    for secret in (bytes(32), b"\xff" * 32):
        out.add("clamped bits", "EdgeCase", secret=secret, point=pk(secret))
    out.group("Agreement")
    for section, secret, point, shared in AGREEMENTS:
        add_agreement(out, section, "Rfc7748", bytes.fromhex(secret),
                      bytes.fromhex(point), shared)
    for i in range(10):
        add_agreement(out, "", "Normal", test_bytes("sk %d" % i, 32),
                      pk(test_bytes("peer %d" % i, 32)))
    secret = test_bytes("sk", 32)
    for u in (2, 9, P25519 - 2, P25519 - 9, 2**254, 2**255 - 20):
        add_agreement(out, "canonical", "EdgeCase", secret,
                      u.to_bytes(32, "little"))
    for u in sorted(LOW_ORDER):
        add_agreement(out, "low order", "LowOrder", secret,
                      u.to_bytes(32, "little"))
    for u in sorted(LOW_ORDER):
        add_agreement(out, "low order and top bit", "LowOrder NonCanonical",
                      secret, (u + 2**255).to_bytes(32, "little"))
    for u in (P25519, P25519 + 1, P25519 + 2, P25519 + 9, P25519 + 18):
        add_agreement(out, "not below p", "NonCanonical", secret,
                      u.to_bytes(32, "little"))
    tops = [2**255, 2**255 + 9, 2**256 - 1, 2**256 - 19,
            int.from_bytes(bytes.fromhex(TOP_BIT), "little"),
            int.from_bytes(pk(test_bytes("peer", 32)), "little") + 2**255]
    for u in tops:
        add_agreement(out, "top bit", "NonCanonical", secret,
                      u.to_bytes(32, "little"))
    return out


def client_secrets(out):
    """3.6: add tests of ClientSecrets and RoundingSeed."""
    out.group("ClientSecrets")
    rows = [(0, 0), (1, 7), (4094, 2**64 - 1), (2**20 - 1, 1), (5, 2**32)]
    for index, round_ in rows:
        name = "client %d" % index
        h_ctx = test_bytes(name + "ctx", 32)
        h_ros = test_bytes(name + "ros", 32)
        ms = test_bytes(name, 32)
        prk = schedule.derive_prk(h_ctx, ms)
        enc, omega_u = schedule.derive_enc_sk(prk), schedule.derive_omega(prk)
        mask = schedule.derive_mask_sk(h_ctx, omega_u, index)
        out.add("", "Normal", hCtx=h_ctx, hRos=h_ros, round=u64(round_),
                index=index, masterSeed=ms, prk=prk, encSecret=enc,
                encPoint=pk(enc), omega=scalar.encode(omega_u),
                maskSecret=mask, maskPoint=pk(mask),
                beta=scalar.encode(schedule.derive_beta(prk, h_ros, round_)),
                polyBeta=schedule.derive_poly_seed(prk, 0, h_ros, round_),
                polyOmega=schedule.derive_poly_seed(prk, 1, h_ros, round_))
    out.group("RoundingSeed")
    for i, round_ in enumerate((0, 7, 2**32, 2**64 - 1)):
        prk = test_bytes("prk %d" % i, 32)
        out.add("", "Normal", prk=prk, round=u64(round_),
                seed=schedule.derive_rounding(prk, round_))


def share_keys(out):
    """3.8: add tests of ShareKey."""
    out.group("ShareKey")
    rows = ((0, 0, 1, 0), (1, 0, 1, 0), (0, 1, 0, 0), (1, 1, 0, 7),
            (0, 4094, 3, 2**64 - 1), (1, 2**20 - 1, 65536, 2**63))
    for kind, u, v, round_ in rows:
        name = "share %d %d" % (min(u, v), max(u, v))
        h_ros = test_bytes(name, 32)
        secrets = {u: test_bytes(name + "sk %d" % u, 32),
                   v: test_bytes(name + "sk %d" % v, 32)}
        points = {w: pk(s) for w, s in secrets.items()}
        prk = schedule.derive_pair_prk(h_ros, secrets[u], points[v])
        assert prk == schedule.derive_pair_prk(h_ros, secrets[v], points[u])
        out.add("", "Normal", hRos=h_ros, encSecretDealer=secrets[u],
                encSecretHolder=secrets[v], encDealer=points[u],
                encHolder=points[v], kind=kind, round=u64(round_), dealer=u,
                holder=v, pairPrk=prk,
                key=schedule.derive_share_key(prk, kind, round_, u, v,
                                              points[u], points[v]))


def mask_seeds(out):
    """3.9, 3.10: add tests of PairSeed, SelfSeed and Commitment."""
    out.group("PairSeed")
    for u, v, round_ in ((0, 1, 0), (1, 0, 0), (4094, 17, 2**64 - 1),
                         (17, 4094, 2**64 - 1)):
        name = "pair %d %d" % (min(u, v), max(u, v))
        h_ros, h_u2 = test_bytes(name, 32), test_bytes(name + "u2", 32)
        sk = test_bytes("sk %d" % u, 32)
        point = pk(test_bytes("sk %d" % v, 32))
        out.add("", "Normal", hRos=h_ros, hU2=h_u2, round=u64(round_),
                index=u, peer=v, maskSecret=sk, maskPoint=pk(sk),
                peerPoint=point, seed=schedule.derive_pair_seed(
                    h_ros, sk, point, round_, u, v, h_u2))
    secrets = (0, 1, ELL - 1, test_number("beta", ELL))
    out.group("SelfSeed")
    for i, beta_u in enumerate(secrets):
        h_ros = test_bytes("self %d" % i, 32)
        h_u2 = test_bytes("selfu2 %d" % i, 32)
        out.add("", "Normal", hRos=h_ros, hU2=h_u2, round=u64(i), index=i,
                beta=scalar.encode(beta_u),
                seed=schedule.derive_self_seed(h_ros, beta_u, i, i, h_u2))
    out.group("Commitment")
    for i, beta_u in enumerate(secrets):
        h_ros = test_bytes("com %d" % i, 32)
        out.add("", "Normal", hRos=h_ros, round=u64(i), index=i,
                beta=scalar.encode(beta_u),
                com=schedule.commitment(h_ros, i, i, beta_u))


def make_schedule():
    """Make schedule.json."""
    out = VectorFile("schedule")
    client_secrets(out)
    share_keys(out)
    mask_seeds(out)
    out.group("SetDigest")
    for n, members in ((2, {0, 1}), (5, {0, 1, 3, 4}), (8, set(range(8))),
                       (9, {8}), (16, {0, 15}), (17, {16}), (100, {99, 3})):
        for number in (2, 3):
            h_ros = test_bytes("set %d" % n, 32)
            app = test_bytes("app %d" % n, 32)
            out.add("", "Normal", hRos=h_ros, round=u64(n), appDigest=app,
                    set=number, clients=n, bitmap=bitmap(n, members),
                    digest=schedule.set_digest(h_ros, n, app, number, n,
                                               members))
    return out


def test_entry(name, u, signed):
    """Return an entry of a roster. Credentials have any length."""
    def some(what, size):
        return test_bytes("%s %s %d" % (name, what, u), size)
    proof = (some("id", 32), some("sig", 64), some("credential", u * 7 % 60)) \
        if signed else ()
    return schedule.roster_entry(u, some("enc", 32), some("mask", 32), *proof)


def add_roster(out, comment, n, members, signed):
    """Add a test of Roster."""
    name = "roster %d %d" % (n, signed)
    h_ctx, seed = test_bytes(name + "ctx", 32), test_bytes(name + "seed", 32)
    entries = {u: test_entry(name, u, signed) for u in sorted(members)}
    roster_root = schedule.roster_root(n, entries)
    out.add(comment, "Normal", hCtx=h_ctx, graphSeed=seed, clients=n,
            signed=signed, present=len(entries),
            entries=b"".join(entries.values()), root=roster_root,
            hRos=schedule.roster_hash(h_ctx, seed, len(entries), roster_root))


def make_roster():
    """Make roster.json."""
    out = VectorFile("roster")
    out.group("Roster")
    for signed in (False, True):
        for n in (2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33):
            add_roster(out, "all present", n, set(range(n)), signed)
            add_roster(out, "every third absent", n,
                       {u for u in range(n) if u % 3 != 1}, signed)
        add_roster(out, "only the last", 7, {6}, signed)
        add_roster(out, "all but the first", 8, set(range(1, 8)), signed)
    return out
