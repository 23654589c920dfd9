# SPDX-License-Identifier: Apache-2.0
"""The test vectors of the protocol, replayed by the package. The cases come
from an implementation that shares no code with the library."""
import json
import math
import pathlib
import struct

import numpy as np
import pytest

import secagg
from replay import (NAMES, Inexpressible, Parties, check_outcome, identity_of,
                    public_of, u32s)
from support import LAX

VECTORS = pathlib.Path(__file__).resolve().parents[3] / "vectors"
pytestmark = pytest.mark.skipif(not VECTORS.is_dir(),
                                reason="no test vectors beside the package")
SESSIONS = sorted(p.name for p in VECTORS.glob("sessions_*.json"))
# Tests that set an identity or trust after a party was used.
LEFT_OUT = {"sessions_rejected.json": 1, "sessions_saved.json": 3,
            "sessions_trust.json": 3}
STRIDE = 3  # of the many messages in each phase, every third


def groups(name, kind):
    """The groups of a type, which must have tests."""
    found = [g for g in json.loads((VECTORS / name).read_text())["testGroups"]
             if g["type"] == kind]
    assert found and all(g["tests"] for g in found)
    return found


def cases_of(name, kind):
    return [{**g, **t} for g in groups(name, kind) for t in g["tests"]]


def expect(test, call):
    """The result of a call, or None if it failed as it must."""
    try:
        got = call()
    except secagg.Error as error:
        assert test["error"] and type(error) is NAMES[test["error"]], test
        assert error.sentence
        return None
    assert not test["error"], test
    return got


def double(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def test_params_are_decoded_checked_and_encoded():
    cases = cases_of("params.json", "Params")
    assert {t["result"] for t in cases} == {"valid", "invalid"}
    for t in cases:
        data = bytes.fromhex(t["params"])
        params = expect(t, lambda: secagg.Params.decode(data))
        if params is None:
            continue
        assert params.encode() == data
        resolved = params.resolve()
        floor = resolved.min_survivors if params.neighbours else max(
            resolved.threshold, resolved.min_survivors)
        assert floor == t["floor"]
        assert secagg.Params.decode(params.encode()) == params


def unfilled(data):
    """Parameters in the layout of PROTOCOL.md 2.3, given to the package."""
    head = struct.unpack(">HHBBBB16sQIIIIIQ32sI", data[:96])
    (_, suite, mode, _, min_weight, _, session, round_, clients, neighbours,
     threshold, corrupt, min_survivors, max_weight, digest, count) = head
    rows = [struct.unpack(">QBBBBd", data[96 + 20 * i:116 + 20 * i])
            for i in range(count)]
    return secagg.Params(
        [secagg.Segment(length, kind, clip=clip, value_bits=q, bits=b,
                        rounding=rounding)
         for length, kind, b, q, rounding, clip in rows],
        clients=clients, threshold=threshold, corrupt=corrupt,
        neighbours=neighbours, min_survivors=min_survivors,
        max_weight=max_weight, min_weight=min_weight, mode=mode,
        suite=suite or 1,
        round=round_, app_digest=digest, session=session)


def test_defaults_are_filled_in():
    for t in cases_of("params.json", "Fill"):
        data = bytes.fromhex(t["unfilled"])
        made = expect(t, lambda: unfilled(data).encode())
        if made is not None:
            assert made.hex() == t["params"]


def test_policies():
    cases = cases_of("params.json", "Policy")
    assert {t["error"] for t in cases} == {"", "POLICY", "ARG"}
    for t in cases:
        params = secagg.Params.decode(bytes.fromhex(t["params"]))
        policy = secagg.Policy(
            min_clients=t["minClients"], min_ring=t["minRing"],
            min_survivors=t["minSurvivors"],
            min_corrupt=double(t["minCorrupt"]),
            require_active=t["requireActive"], min_weight=t["minWeight"],
            any_digest=t["anyDigest"],
            app_digest=bytes.fromhex(t["appDigest"]))
        client = expect(t, lambda: secagg.Client(
            params, t["index"], policy=policy, seed=bytes(32)))
        if client is not None:
            client.close()


def test_places_of_segments():
    for t in cases_of("params.json", "Lanes"):
        if t["times"] != 1:
            continue
        params = secagg.Params.decode(bytes.fromhex(t["params"]))
        lanes = bytes.fromhex(t["lanes"])
        places = struct.unpack(f">{len(t['places']) // 16}Q",
                               bytes.fromhex(t["places"]))
        for number, place in zip(u32s(t["segments"]), places):
            got = params.place(number)
            assert got.entry == place and got.bits in lanes


@pytest.mark.parametrize("kind", ["Choice", "PolicyChoice"])
def test_parameters_are_chosen(kind):
    for t in cases_of("choice.json", kind):
        policy = LAX if kind == "Choice" else secagg.Policy(
            min_clients=t["policyClients"], min_ring=t["policyRing"],
            min_survivors=t["policySurvivors"],
            min_corrupt=double(t["policyCorrupt"]),
            require_active=t["policyActive"])
        params = secagg.Params(
            [secagg.Segment(1, "integer", bits=8)], clients=t["clients"],
            mode="active" if t["active"] else "semi-honest")
        gamma, delta = double(t["gamma"]), double(t["delta"])
        if expect(t, lambda: params.choose(
                gamma, delta, security_bits=t["sigma"],
                failure_bits=t["eta"], policy=policy)) is None:
            continue
        assert (params.neighbours, params.threshold, params.corrupt) == (
            t["neighbours"], t["threshold"], t["corrupt"])
        default = 0 if params.neighbours else max(3, params.threshold)
        assert (params.min_survivors or default) == t["minSurvivors"]


def test_mask_sets():
    cases = cases_of("mask.json", "Set")
    assert {t["result"] for t in cases} == {"valid", "invalid"}
    for t in cases:
        data = bytes.fromhex(t["set"])
        masks = expect(t, lambda: secagg.Masks.decode(data))
        if masks is None:
            continue
        assert masks.encode() == data
        with secagg.Masks(t["suite"]) as made:
            for k, sign in enumerate(bytes.fromhex(t["signs"])):
                made.add(bytes.fromhex(t["seeds"][64 * k:64 * k + 64]),
                         -1 if sign else 1)
            assert made.encode() == data


def test_masks_of_ranges():
    for t in cases_of("mask.json", "Range"):
        planes = bytearray.fromhex(t["before"])
        with secagg.Masks.decode(bytes.fromhex(t["set"])) as masks:
            expect(t, lambda: masks.apply(
                planes, t["count"], bits=t["bits"],
                offset=int(t["offset"], 16)))
        if not t["error"]:
            assert planes.hex() == t["after"]


def u64s(text):
    return np.frombuffer(bytes.fromhex(text), ">u8").astype("u8")


def test_planar_vectors():
    for t in cases_of("planar.json", "Planes"):
        entries, bits = u64s(t["entries"]), t["bits"]
        assert secagg.planar_pack(entries, bits).hex() == t["planes"]
        if bits <= 32:
            assert secagg.planar_pack(entries.astype("u4"),
                                      bits).hex() == t["planes"]
        np.testing.assert_array_equal(secagg.planar_unpack(
            bytes.fromhex(t["planes"]), t["count"], bits), entries)
    for t in cases_of("planar.json", "Ragged"):
        np.testing.assert_array_equal(secagg.planar_unpack(
            bytes.fromhex(t["planes"]), t["count"], t["bits"]),
            u64s(t["entries"]))
    for t in cases_of("planar.json", "Sum"):
        total = bytearray.fromhex(t["left"])
        secagg.planar_add(total, bytes.fromhex(t["right"]), t["count"],
                          t["bits"])
        assert total.hex() == t["sum"]


def test_public_keys():
    for t in cases_of("signatures.json", "KeysText"):
        assert public_of(bytes.fromhex(t["secret"])).hex() == t["public"]
        with pytest.raises(secagg.ArgumentError):
            secagg.Identity.from_secret(bytes.fromhex(t["secret"]))
        identity = identity_of(bytes.fromhex(t["secret"]))
        assert identity.public_key.hex() == t["public"]


def test_headers_of_messages():
    cases = [t for kind in ("ToServer", "ToClient")
             for t in cases_of("messages.json", kind)
             if t["result"] == "valid"]
    assert len(cases) > 200
    for t in cases:
        params = secagg.Params.decode(bytes.fromhex(t["params"]))
        info = secagg.peek(bytes.fromhex(t["message"]))
        assert info.name == t["messageType"]
        assert info.from_client == (t["direction"] == "up")
        assert (info.index, info.round, info.session) == (
            t["client"], params.round, params.session)


@pytest.mark.parametrize("kind", ["ToServer", "ToClient"])
def test_messages(kind):
    played = 0
    for group in groups("messages.json", kind):
        for test in group["tests"][::STRIDE]:
            parties = Parties(group)
            try:
                parties.run(group["setup"])
                step = {"client": test["client"], "error": test["error"],
                        "message": test["message"]}
                if kind == "ToServer":
                    parties.do_take(step)
                    handle = parties.server.made()
                else:
                    parties.do_hear(step)
                    handle = parties.clients[test["client"]].made()
                    assert (parties.clients[test["client"]].abort.hex()
                            == test["answer"])
                assert handle.phase.name == test["phase"], test
                played += 1
            except Inexpressible:
                pass
            finally:
                parties.close()
    assert played > 100


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(name):
    played, left_out = 0, []
    for group in groups(name, "Session"):
        for test in group["tests"]:
            parties = Parties(group)
            try:
                parties.run(test["operations"])
                check_outcome(parties.server.made(), test, parties.params)
                played += 1
            except Inexpressible as reason:
                left_out.append((test["tcId"], str(reason)))
            finally:
                parties.close()
    assert played and len(left_out) == LEFT_OUT.get(name, 0), left_out
