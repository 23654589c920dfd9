# SPDX-License-Identifier: Apache-2.0
"""Whole sessions: sessions_*.json."""
import make_hosts
from client import Client
from liars import for_holders, other_root, wrong_keys, wrong_own
from script import Script
from session_cast import (COARSE, LONG, MIXED, NUMBERS, REALS, WEIGHED, File,
                          give, parameters)
from vectorfile import data


def complete(suite, mode, name):
    """The files of the complete graph."""
    f = File(name)
    base = dict(suite=suite, mode=mode, max_weight=20)
    last = "CONFIRM" if mode else "UNMASK"
    f.run("three clients", "Normal",
          parameters(name + "3", 3, 3, (NUMBERS,), suite=suite, mode=mode,
                     corrupt=1))
    f.run("four clients, all kinds of segments", "Normal",
          parameters(name + "4", 4, 3, MIXED, corrupt=1, **base))
    p = parameters(name + "5", 5, 4, (REALS, WEIGHED), corrupt=1, round=2**63,
                   app_digest=data("app", 32), **base)
    f.run("client 2 drops out at INPUT, 0 at UNMASK", "Dropout TooFew", p,
          {0: "UNMASK", 2: "INPUT"})
    for phase in ("KEYS", "SHARES", "INPUT", "CONFIRM", "UNMASK"):
        if suite == 1 or phase == "CONFIRM" and not mode:
            continue
        f.run("client 2 drops out at " + phase, "Dropout", p, {2: phase})
        f.run("clients 0 and 2 drop out at " + phase, "Dropout TooFew", p,
              {0: phase, 2: phase})
    p7 = parameters(name + "7", 7, 4, (NUMBERS, COARSE), max_weight=9,
                    suite=suite, mode=mode)
    f.run("dropouts at all phases", "Dropout", p7,
          {0: "INPUT", 3: "SHARES", 6: last})
    if suite == 2 or mode:
        return f
    p12 = parameters(name + "12", 12, 8, (COARSE,), suite=suite,
                     mode=mode, corrupt=3)
    f.run("twelve clients", "Dropout", p12,
          {0: "KEYS", 5: "INPUT", 7: "SHARES", 11: "UNMASK"})
    return f


def liars(suite, mode, name):
    """Complaints, lying dealers and responders."""
    f = File(name)
    p = parameters(name, 6, 4, (COARSE,), suite=suite, mode=mode,
                   corrupt=1, min_survivors=4)
    f.run("one share does not open", "Complaint", p,
          kinds={2: for_holders({4}, "seal")})
    f.run("two shares do not open", "Complaint", p,
          kinds={2: for_holders({0, 4}, "seal")})
    f.run("three shares do not open", "Complaint TooFew", p,
          kinds={2: for_holders({0, 3, 4}, "seal")})
    if mode:
        return some_liars(f, p)
    f.run("a share does not open, dealer drops out", "Complaint Dropout", p,
          {2: "INPUT"}, kinds={2: for_holders({4}, "seal")})
    f.run("one wrong share", "LyingDealer", p,
          kinds={1: for_holders({5}, "share")})
    f.run("two wrong shares", "LyingDealer", p,
          kinds={1: for_holders({0, 5}, "share")})
    f.run("one wrong share of a mask root", "LyingDealer Dropout", p,
          {1: "INPUT"}, kinds={1: for_holders({5}, "share")})
    f.run("a commitment of another root", "LyingDealer", p,
          kinds={3: other_root(0)})
    f.run("shares of another mask root, not needed", "LyingDealer", p,
          kinds={3: other_root(1)})
    f.run("shares of another mask root", "LyingDealer Dropout", p,
          {3: "INPUT"}, kinds={3: other_root(1)})
    f.run("one wrong key", "LyingResponder", p, kinds={5: wrong_keys({0})})
    f.run("all keys of one wrong", "LyingResponder", p,
          kinds={5: wrong_keys(set(range(6)))})
    f.run("three with wrong keys", "LyingResponder TooFew", p,
          kinds={u: wrong_keys({0, 1}) for u in (3, 4, 5)})
    f.run("a wrong own share", "LyingDealer", p, kinds={0: wrong_own()})
    f.run("a wrong own share, one missing", "LyingDealer Dropout", p,
          {4: "UNMASK"}, kinds={0: wrong_own()})
    f.run("a wrong key and a wrong share", "LyingDealer LyingResponder", p,
          kinds={5: wrong_keys({0}), 1: for_holders({2}, "share")})
    return f


def some_liars(f, p):
    """The most important of them, in active mode."""
    f.run("one wrong share", "LyingDealer", p,
          kinds={1: for_holders({5}, "share")})
    f.run("one wrong share, the holder drops out at CONFIRM",
          "LyingDealer Dropout", p, {5: "CONFIRM"},
          kinds={1: for_holders({5}, "share")})
    f.run("two wrong shares", "LyingDealer", p,
          kinds={1: for_holders({0, 5}, "share")})
    f.run("shares of another mask root", "LyingDealer Dropout", p,
          {3: "INPUT"}, kinds={3: other_root(1)})
    f.run("all keys of one wrong", "LyingResponder", p,
          kinds={5: wrong_keys(set(range(6)))})
    return f


def parts(name):
    """Inputs in parts."""
    f = File(name)
    for suite, mode in ((1, 0), (2, 1)):
        p = parameters("%s%d" % (name, suite), 4, 3, (LONG, COARSE, WEIGHED),
                       suite=suite, mode=mode, max_weight=3, corrupt=1)
        tag = "suite %d, " % suite
        f.run(tag + "all in parts of 512", "Parts", p,
              chunks=dict.fromkeys(range(4), 512))
        if suite == 1:
            f.run(tag + "parts of 1024, 1536 and 2048, one whole", "Parts", p,
                  chunks={0: 1024, 1: 1536, 3: 2048})
        unfinished(f, p, tag)
    return f


def unfinished(f, p, tag):
    """A client whose last part does not come in time."""
    script = Script(p, f.out.name + tag)
    for u in range(4):
        give(script, u, 512 if u == 2 else 0)
    script.phase()
    script.phase()
    for u in (0, 1, 3):
        script.answer(u, True)
    script.down(2)
    script.up(2)
    script.more(2)
    script.up(2)
    script.end()
    script.run({2: "UNMASK" if p.mode == 0 else "CONFIRM"})
    f.add(script, tag + "parts that do not end", "Parts Dropout")


def ring(name):
    """The ring."""
    f = File(name)
    for suite in (1, 2):
        tag = "suite %d, " % suite
        p = parameters("%s%d" % (name, suite), 12, 4, (COARSE, REALS),
                       suite=suite, neighbours=6, min_survivors=7)
        f.run(tag + "dropouts at all phases", "Dropout", p,
              {1: "KEYS", 4: "SHARES", 7: "INPUT", 9: "UNMASK"})
        if suite == 2:
            weighted_ring(f, name, suite, tag)
            continue
        f.run(tag + "too many drop out at INPUT", "Dropout TooFew", p,
              dict.fromkeys((0, 2, 4, 6, 8, 10), "INPUT"))
        weighted_ring(f, name, suite, tag)
        thin = parameters("%st%d" % (name, suite), 12, 2, (NUMBERS,),
                          suite=suite, neighbours=2, min_survivors=2)
        f.run(tag + "it falls apart", "Dropout TooFew", thin,
              dict.fromkeys((1, 4, 9), "INPUT"))
        f.run(tag + "it falls apart before INPUT", "Dropout TooFew", thin,
              dict.fromkeys((1, 4, 9), "SHARES"))
    return f


def weighted_ring(f, name, suite, tag):
    """A ring with weights and liars."""
    w = parameters("%sw%d" % (name, suite), 8, 3, MIXED, suite=suite,
                   neighbours=4, min_survivors=5, max_weight=100)
    f.run(tag + "weights", "Normal", w, {2: "INPUT", 5: "UNMASK"})
    f.run(tag + "in parts", "Parts", w, {3: "INPUT"},
          chunks=dict.fromkeys(range(0, 8, 2), 1024))
    f.run(tag + "a complaint", "Complaint", w,
          kinds={6: for_holders(set(range(0, 8, 5)), "seal")})
    f.run(tag + "a wrong share", "LyingDealer", w,
          kinds={6: for_holders({0, 2, 4}, "share")})
    return f


def aborts(name):
    """ABORT from clients."""
    f = File(name)
    for mode in (0, 1):
        p = parameters("%s%d" % (name, mode), 4, 3, (NUMBERS,), mode=mode,
                       corrupt=1, suite=1 + mode)
        phases = ("INPUT", "CONFIRM") if mode else (
            "KEYS", "SHARES", "INPUT", "UNMASK")
        for phase in phases:
            for after in (False, True):
                abort_session(f, p, phase, after)
    return f


def abort_session(f, p, phase, after):
    """Client 3 gives up in a phase, after its message or before."""
    name = "mode %d, ABORT %s the message of %s" % (
        p.mode, "after" if after else "before", phase)
    script = Script(p, f.out.name + name, kinds={3: Client})
    for u in range(4):
        give(script, u)
    while script.server.phase != phase:
        script.phase()
    if after:
        script.answer(3, True)
    c = script.clients[3]
    body = b"\0\x15" + b"\xff" * 4
    script.take(3, c.message(11, body))
    if not after:
        script.take(3, c.message(11, body))
    script.run()
    f.add(script, name, "Abort")


def hosts(name):
    """Errors of a client's host, and what changes nothing."""
    f = File(name)
    for mode in (0, 1):
        p = parameters("%s%d" % (name, mode), 3, 3, (NUMBERS, COARSE, WEIGHED),
                       mode=mode, max_weight=5)
        bare = parameters("%sbare%d" % (name, mode), 3, 3, (NUMBERS,),
                          mode=mode)
        make_hosts.order(f, p)
        if not mode:
            make_hosts.weights(f, p, bare)
            make_hosts.pieces(f, p)
            make_hosts.parts(f, p)
    make_hosts.keys(f, p)
    make_hosts.downgraded(f, parameters(name + "five", 5, 3, (NUMBERS,)))
    return f


def make_sessions():
    """All files of sessions."""
    return [
        complete(1, 0, "semihonest_1").out, complete(2, 0, "semihonest_2").out,
        complete(1, 1, "active_1").out, complete(2, 1, "active_2").out,
        liars(1, 0, "liars_1").out, liars(2, 1, "liars_2").out,
        parts("parts").out, ring("ring").out, aborts("aborts").out,
        hosts("hosts").out]
