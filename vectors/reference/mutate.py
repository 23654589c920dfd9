#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Show that the vectors refuse other readings of the protocol.

usage: mutate.py [-j PROCESSES] [-n TESTS] [-r] [MODULE...]

The script changes the reference in one place at a time (mutations.py): it
removes a check, relaxes a comparison, changes an error, exchanges two
neighbours, drops a set, an operand or a statement that sets some state. Then
it replays the tests that reach the changed lines (replay.py), and stops at the
first that fails. A change that no test refuses is alive, unless equivalents.py
proves that it is no other reading. With MODULEs, only these are changed."""
import argparse
import ast
import collections
import gc
import importlib.abc
import importlib.util
import json
import os
import pathlib
import pickle
import resource
import signal
import sys
import tempfile
import time

# What the reference imports, so that no process imports it again.
import cryptography.hazmat.primitives.asymmetric.ed25519
import cryptography.hazmat.primitives.asymmetric.x25519
import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.serialization
import fractions
import hmac
import struct

import mutations
from equivalents import EQUIVALENT
from readings import READINGS

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ("client", "client_checks", "server", "server_checks",
           "server_recovery", "input_vector", "trust", "messages", "params",
           "saved_state", "lanes", "graph", "encoding")
# Modules that these call.
CALLED = ("errors", "schedule", "suites", "shamir", "scalar",
          "reed_solomon", "planes", "choice")
RULES = "rules of saved states"
RULE_SETS = 4       # as in make_states.py, which must not be imported here
MEMORY = 4 << 30
CPU_SECONDS = 20    # for one test of a changed reference


class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the reference from compiled code, of which one module may be
    changed. A changed module has the names of all errors."""

    def __init__(self):
        self.text = {p.stem: p.read_text() for p in HERE.glob("*.py")}
        self.code = {name: self.compile(name, ast.parse(text))
                     for name, text in self.text.items()}
        self.changed = None

    @staticmethod
    def compile(name, tree):
        """Compile a module."""
        return compile(tree, str(HERE / (name + ".py")), "exec")

    def find_spec(self, name, path=None, target=None):
        """Find a module of the reference."""
        if name not in self.code:
            return None
        return importlib.util.spec_from_loader(name, self,
                                               origin=str(HERE / name))

    def exec_module(self, module):
        """Execute a module."""
        name = module.__name__
        if name == self.changed:
            errors = importlib.import_module("errors")
            vars(module).update((k, v) for k, v in vars(errors).items()
                                if k.isupper())
        module.__file__ = str(HERE / (name + ".py"))
        exec(self.code[name], vars(module))


class Cases:
    """All tests: (file, number of the group, number of the test)."""

    def __init__(self):
        self.groups = {
            p.stem: json.loads(p.read_text())["testGroups"]
            for p in sorted(HERE.parent.glob("*.json"))}
        self.all = [(file, i, j) for file, groups in self.groups.items()
                    for i, group in enumerate(groups)
                    for j in range(len(group["tests"]))]
        self.all += [(RULES, 0, i) for i in range(RULE_SETS)]

    def name(self, case):
        """Return the name of a test."""
        file, group, number = case
        if file == RULES:
            return "%s, %d" % (RULES, number)
        return "%s: tcId %d" % (
            file, self.groups[file][group]["tests"][number]["tcId"])

    def is_invalid(self, case):
        """Tell whether a test demands an error."""
        file, group, number = case
        return file != RULES and bool(
            self.groups[file][group]["tests"][number]["error"])


class Player:
    """Plays tests with the reference that this process has imported."""

    def __init__(self, cases):
        import make_states
        import replay
        self.cases, self.replay, self.states = cases, replay, make_states
        self.files = collections.defaultdict(replay.Groups)

    def play(self, case):
        """Play one test; raise an exception if it fails."""
        file, number, test = case
        if file == RULES:
            return self.states.check_rules([test])
        group = self.cases.groups[file][number]
        return self.files[file].check(file.split("_")[0], number, group,
                                      group["tests"][test])

    def set_up(self, case):
        """Perform the setup that the tests of a group share."""
        file, number, _ = case
        group = self.cases.groups.get(file, {number: {}})[number]
        if "setup" in group:
            self.files[file].after_setup(number, group)


def warm(cases):
    """Test all identities before any process is forked: edwards.py keeps which
    keys are valid. It depends on no module that is changed."""
    import suites
    for groups in cases.groups.values():
        for group in groups:
            seeds = bytes.fromhex(group.get("identitySeeds", ""))
            for i in range(0, len(seeds), 32):
                suites.ed25519_valid_key(suites.ed25519_public(
                    seeds[i:i + 32]))


# Which test reaches which line

def tracer(lines, raised):
    """Return a trace function that notes lines, and those through which an
    error passes."""
    def on_line(frame, event, _):
        if event == "line":
            lines.add(frame.f_lineno)
        elif event == "exception":
            raised.add(frame.f_lineno)
        return on_line
    return on_line


def places(lines):
    """Return a table of lines as (module, line)."""
    return {(name, line) for name, some in lines.items() for line in some}


def traced(modules, function, *arguments):
    """Call a function. Return the (module, line) of some modules that it
    executes, those through which an error passes, and the seconds."""
    lines, raised = (collections.defaultdict(set) for _ in range(2))
    tracers = {str(HERE / (name + ".py")): tracer(lines[name], raised[name])
               for name in modules}
    start = time.process_time()
    sys.settrace(lambda frame, *_: tracers.get(frame.f_code.co_filename))
    try:
        function(*arguments)
    finally:
        sys.settrace(None)
    return places(lines), places(raised), time.process_time() - start


def reach(cases, modules, some):
    """Return for each of some tests its own lines, those with an error, those
    of its setup, and its seconds."""
    player, out, setups = Player(cases), {}, {}
    for case in some:
        if case[:2] not in setups:
            setups[case[:2]] = traced(modules, player.set_up, case)
        lines, raised, seconds = traced(modules, player.play, case)
        out[case] = (lines, raised, setups[case[:2]][0], seconds)
    return out


def fork(function, *arguments):
    """Call a function in a new process, which writes its result into a file.
    Return the process and the file."""
    file = tempfile.TemporaryFile()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            pickle.dump(function(*arguments), file)
            file.flush()
            status = 0
        except Exception as error:
            print("%s: %s" % (type(error).__name__, error), file=sys.stderr)
        os._exit(status)
    return pid, file


def result_of(file):
    """Return what a process wrote."""
    file.seek(0)
    return pickle.load(file)


def reach_all(cases, modules, processes):
    """Return what reach() returns, for all tests."""
    seconds = {}
    shares = [[] for _ in range(processes)]
    by_file = collections.defaultdict(list)
    for case in cases.all:
        by_file[case[0]].append(case)
    for i, file in enumerate(sorted(by_file)):
        shares[i % processes] += by_file[file]
    running = [fork(reach, cases, modules, share) for share in shares if share]
    for pid, file in running:
        if os.waitpid(pid, 0)[1]:
            sys.exit("a test fails without any change")
        seconds.update(result_of(file))
    return seconds


def spread(items, limit):
    """Return all items, or so many: the first ones and some of all others."""
    if limit is None or len(items) <= limit:
        return items
    first, rest = items[:limit // 2], items[limit // 2:]
    return first + rest[::len(rest) // (limit - limit // 2) + 1]


class Reached:
    """Which tests to play for a mutation, in which order."""

    def __init__(self, cases, found):
        self.raised, self.own, self.before = (
            collections.defaultdict(list) for _ in range(3))
        self.rank = {case: (not cases.is_invalid(case), seconds)
                     for case, (_, _, _, seconds) in found.items()}
        for case, (own, raised, before, _) in found.items():
            for table, lines in ((self.raised, raised),
                                 (self.own, own - raised),
                                 (self.before, before - own)):
                for line in lines:
                    table[line].append(case)
        self.of_module = collections.defaultdict(set)
        for table in (self.raised, self.own, self.before):
            for (module, _), some in table.items():
                self.of_module[module].update(some)

    def tests(self, mutation, limit):
        """Return the tests that reach a mutation: first those whose error
        arises there, then those that reach it themselves, last those whose
        setup does."""
        if mutation.function == "module":
            return spread(sorted(self.of_module[mutation.module],
                                 key=self.rank.get), limit)
        lines = [(mutation.module, i) for i in range(
            mutation.lines[0], mutation.lines[1] + 1)]
        out = {}
        for table in (self.raised, self.own, self.before):
            some = set().union(*(table.get(x, ()) for x in lines))
            out.update(dict.fromkeys(sorted(some, key=self.rank.get)))
        return spread(list(out), limit)


# Mutations

def try_mutation(sources, cases, tree, mutation, tests):
    """Play tests with a changed reference; return the name of the first that
    fails, or None."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stderr = open(os.devnull, "w")
    sources.changed = mutation.module
    sources.code[mutation.module] = sources.compile(
        mutation.module, mutation.apply(tree))
    try:
        player = Player(cases)
    except Exception:
        return "import"
    for case in tests:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        try:
            player.play(case)
        except Exception:
            return cases.name(case)
    return None


class Campaign:
    """Tries mutations in several processes."""

    def __init__(self, modules, processes, limit, only_readings):
        self.modules, self.limit = modules, limit
        self.only_readings = only_readings
        self.processes = processes
        self.sources, self.cases = Sources(), Cases()
        sys.meta_path.insert(0, self.sources)
        warm(self.cases)
        self.reached = Reached(self.cases, reach_all(
            self.cases, modules, processes))
        self.running, self.counts = {}, collections.Counter()
        self.keys, self.wrong = set(), []
        gc.collect()
        gc.freeze()

    def end_one(self):
        """Wait for one mutation and note its result."""
        pid, status = os.wait()
        mutation, file, tests = self.running.pop(pid)
        if os.WIFSIGNALED(status):
            killer = "signal %d" % os.WTERMSIG(status)
        else:
            killer = result_of(file) if status == 0 else "exception"
        file.close()
        proof = EQUIVALENT.get(mutation.key())
        outcome = "equivalent" if proof and not killer else \
            "killed" if killer else "alive"
        self.counts[outcome] += 1
        if proof and killer:
            self.wrong.append("%s: no equivalent, %s fails" % (
                mutation.key(), killer))
        if mutation.function == "reading":
            print("%s: %s" % (mutation.text, killer or "alive"), flush=True)
        elif outcome == "alive":
            print("alive: %s.py:%d: %s [%d tests reach it]" % (
                mutation.module, mutation.lines[0],
                mutation.key().split(".", 1)[1], tests), flush=True)

    def run(self):
        """Try all mutations; return true if one is alive."""
        errors = mutations.Errors({
            name: self.sources.text[name] for name in MODULES + CALLED})
        for module in self.modules:
            tree, found = mutations.mutations_of(
                module, self.sources.text[module], errors,
                KEEPS_ERROR.get(module, frozenset()))
            found = mutations.readings_of(
                module, self.sources.text[module], READINGS) + (
                    [] if self.only_readings else found)
            for mutation in found:
                self.keys.add(mutation.key())
                is_reading = mutation.function == "reading"
                tests = self.reached.tests(
                    mutation, None if is_reading else self.limit)
                while len(self.running) >= self.processes:
                    self.end_one()
                pid, file = fork(try_mutation, self.sources, self.cases, tree,
                                 mutation, tests)
                self.running[pid] = mutation, file, len(tests)
        while self.running:
            self.end_one()
        return self.report()

    def report(self):
        """Print the counts; return true if a change is alive or a line of
        equivalents.py is wrong."""
        self.wrong += ["%s: no such mutation" % key for key in EQUIVALENT
                       if key.split(".")[0] in self.modules
                       and key not in self.keys and not self.only_readings]
        print("\n".join(self.wrong + ["%d mutants: %d killed, %d equivalent, "
                                      "%d alive" % (
            sum(self.counts.values()), self.counts["killed"],
            self.counts["equivalent"], self.counts["alive"])]))
        return bool(self.counts["alive"] or self.wrong)


# Functions of which every error becomes MESSAGE (11.2, check 5).
KEEPS_ERROR = {"saved_state": frozenset((
    "secret_value", "decode", "read", "read_identity", "read_sets",
    "read_input", "check", "check_failed", "check_phase", "check_roster",
    "check_sets", "check_set", "check_secrets", "check_points",
    "check_identities", "check_accepted", "check_message"))}


def main():
    """Run the campaign."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("-n", type=int, help="play at most so many tests for "
                        "each change, for a first look")
    parser.add_argument("-r", action="store_true",
                        help="only the readings of readings.py")
    parser.add_argument("modules", nargs="*", default=MODULES)
    arguments = parser.parse_args()
    sys.dont_write_bytecode = True
    return Campaign(arguments.modules, arguments.j, arguments.n,
                    arguments.r).run()


if __name__ == "__main__":
    sys.exit(main())
