# SPDX-License-Identifier: Apache-2.0
"""Write inputs for fuzz_vectors: vectors_seeds.py FROM TO.

FROM is the folder of the vectors. There are two inputs for each type of tests:
the shortest test that is valid, and the shortest that is not; then, for some
types, the first of them with its schema inside."""
import json
import pathlib
import sys

WITH_SCHEMA = ("Hash", "Lanes", "ToServer", "Session")


def alone(top, group, test):
    """Return a file with one test."""
    return {**top, "numberOfTests": 1, "header": [],
            "notes": {flag: top["notes"][flag] for flag in test["flags"]},
            "testGroups": [{**group, "tests": [{**test, "tcId": 1}]}]}


def with_schema(top, folder):
    """Return the file with the schema of its group in the place of the name."""
    schema = json.loads((folder / top["schema"]).read_text())
    groups = schema["properties"]["testGroups"]
    kind = top["testGroups"][0]["type"]
    groups["items"]["oneOf"] = [
        g for g in groups["items"]["oneOf"]
        if g["properties"]["type"]["const"] == kind]
    schema["properties"]["schema"] = {"type": "object"}
    return {**top, "schema": schema}


def main(source, target):
    """Write the inputs."""
    source, target = pathlib.Path(source), pathlib.Path(target)
    best = {}
    for file in sorted(source.glob("*.json")):
        top = json.loads(file.read_text())
        for group in top["testGroups"]:
            for test in group["tests"]:
                seed = alone(top, group, test)
                name = group["type"] + ("-invalid" if test["error"] else "")
                if name not in best or len(str(seed)) < len(str(best[name])):
                    best[name] = seed
    for name in WITH_SCHEMA:
        best[name + "-schema"] = with_schema(best[name], source)
    for name, seed in best.items():
        (target / name).write_text(json.dumps(seed, separators=(",", ":")))


if __name__ == "__main__":
    main(*sys.argv[1:])
