# SPDX-License-Identifier: Apache-2.0
"""Change each member of each type of vectors: vectors.py TOOL FROM TO. Some
test of that type must then fail: what is not looked at could hold anything."""
import copy
import json
import pathlib
import subprocess
import sys

COMMON = ("tcId", "comment", "flags", "result", "error")
# What says what another member holds; and clients that may be played, too.
FREE = {("ToServer", "messageType"), ("ToClient", "messageType"),
        ("ToServer", "serverOnly"), ("ToClient", "serverOnly"),
        ("Session", "serverOnly"),
        # Of parties that are only given messages.
        ("ToServer", "masterSeeds"), ("ToClient", "serverSeed")}
MOST = 12
HEX = "0123456789abcdef"


def changed(value, where):
    """Another value of the same form, or None; text is changed at `where`, 0
    at its beginning, 2 at its end, 3 in the exponent of a double."""
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
    """One item is another; of operations, one is done no more."""
    for i, item in enumerate(items):
        if isinstance(item, dict):
            return items[1:] if where == 0 else items[:-1]
        other = changed(item, where)
        if other is not None:
            return items[:i] + [other] + items[i + 1:]
    return None


def variant(group, name, where):
    """The group with that member changed in some tests; or None."""
    if name in group:
        other = changed(group[name], where)
        some = group["tests"][::max(1, len(group["tests"]) // MOST)][:MOST]
        return None if other is None else {
            **group, name: other, "tests": some}
    tests = []
    for test in group["tests"]:
        other = changed(test[name], where) if not test["error"] else None
        if other is not None:
            tests.append({**test, name: other})
    spread = max(1, len(tests) // MOST)
    return {**group, "tests": tests[::spread][:MOST]} if tests else None


def fails(tool, top, group, path):
    """Whether the tool finds something wrong."""
    top = {**top, "testGroups": [copy.deepcopy(group)]}
    for i, test in enumerate(top["testGroups"][0]["tests"]):
        test["tcId"] = i + 1
    top["numberOfTests"] = len(group["tests"])
    path.write_text(json.dumps(top))
    return subprocess.run([tool, path], capture_output=True,
                          check=False).returncode == 1


def main(tool, source, target):
    """0 if each change is found."""
    alive, tried = {}, set()
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
                if any(fails(tool, top, x, path) for x in others if x):
                    tried.add(key)
                    alive.pop(key, None)
                elif any(others):
                    alive[key] = True
    for key in alive:
        print("%s...: %s: %s may be anything" % key)
    print("%d members were changed" % len(tried))
    return bool(alive) or not tried


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
