# SPDX-License-Identifier: Apache-2.0
"""Check that secagg-vectors compares every member: vectors.py TOOL FROM TO.

The script changes each member of each type of vectors in the directory FROM
and writes the changed file into TO. TOOL must then report a failed test of
that type; otherwise it does not compare the member. A build without suite 1
leaves out its tests, and the script skips members that only those have."""
import copy
import json
import pathlib
import subprocess
import sys

COMMON = ("tcId", "comment", "flags", "result", "error")
# Members whose change need not be noticed.
FREE = {("ToServer", "messageType"), ("ToClient", "messageType"),
        ("ToServer", "serverOnly"), ("ToClient", "serverOnly"),
        ("Session", "serverOnly"),
        # Seeds of parties of which the test has the messages only.
        ("ToServer", "masterSeeds"), ("ToClient", "serverSeed")}
MAX_TESTS = 12
HEX = "0123456789abcdef"


def changed(value, where):
    """Return another value of the same form, or None. A string is changed at
    its beginning (where = 0), in its middle (1), at its end (2) or in the
    exponent of a double (3)."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 10**where
    if isinstance(value, list):
        return changed_list(value, where)
    if not value:
        return None
    at = min(2, len(value) - 1) if where == 3 \
        else where * (len(value) - 1) // 2
    old = value[at]
    new = "f0" if where == 3 else "01" if old in HEX else "AB"
    return value[:at] + new[old == new[0]] + value[at + 1:]


def changed_list(items, where):
    """Return the list with one item changed, or with one operation less."""
    for i, item in enumerate(items):
        if isinstance(item, dict):
            return items[1:] if where == 0 else items[:-1]
        other = changed(item, where)
        if other is not None:
            return items[:i] + [other] + items[i + 1:]
    return None


def variant(group, name, where):
    """Return the group with that member changed in some tests, or None."""
    if name in group:
        other = changed(group[name], where)
        step = max(1, len(group["tests"]) // MAX_TESTS)
        some = group["tests"][::step][:MAX_TESTS]
        return None if other is None else {
            **group, name: other, "tests": some}
    tests = []
    for test in group["tests"]:
        other = changed(test[name], where) if not test["error"] else None
        if other is not None:
            tests.append({**test, name: other})
    spread = max(1, len(tests) // MAX_TESTS)
    return {**group, "tests": tests[::spread][:MAX_TESTS]} if tests else None


def fails(tool, top, group, path):
    """Tell whether the tool reports a failure, or None if it does not and
    leaves out tests."""
    top = {**top, "testGroups": [copy.deepcopy(group)]}
    for i, test in enumerate(top["testGroups"][0]["tests"]):
        test["tcId"] = i + 1
    top["numberOfTests"] = len(group["tests"])
    path.write_text(json.dumps(top))
    result = subprocess.run([tool, path], capture_output=True, check=False,
                            text=True)
    if result.returncode != 1 and "left out" in result.stdout:
        return None
    return result.returncode == 1


def main(tool, source, target):
    """Return true if a change was not noticed."""
    unnoticed, tried, left_out = {}, set(), set()
    for file in sorted(pathlib.Path(source).glob("*.json")):
        top = json.loads(file.read_text())
        for group in top["testGroups"]:
            names = [m for m in list(group) + list(group["tests"][0])
                     if m not in COMMON + ("type", "tests")]
            for name in names:
                key = (file.name[:4], group["type"], name)
                if key[1:] in FREE or key in tried:
                    continue
                path = pathlib.Path(target) / file.name
                others = [variant(group, name, i) for i in (2, 0, 1, 3)]
                results = [fails(tool, top, x, path) for x in others if x]
                if True in results:
                    tried.add(key)
                    unnoticed.pop(key, None)
                elif False in results:
                    unnoticed[key] = True
                elif results:
                    left_out.add(key)
    for key in unnoticed:
        print("%s...: %s: a change of %s is not noticed" % key)
    left_out -= tried | set(unnoticed)
    if left_out:
        print("SKIP vectors: %d members that only tests of suite 1 have"
              % len(left_out))
    print("%d members were changed" % len(tried))
    return bool(unnoticed) or not tried


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
