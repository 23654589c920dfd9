#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check that the files of vectors/ equal those that generate.py makes, and
that they fit their schemas."""
import json
import pathlib
import re
import sys

from formats import FILES
from generate import texts
from schema import schema_of


def violations(value, schema, where):
    """Return what is wrong with a value under a schema. Only the keywords that
    schema.py uses are known."""
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [where + ": not an allowed value"]
    if "oneOf" in schema:
        one = [s for s in schema["oneOf"]
               if s["properties"]["type"]["const"] == value.get("type")]
        if not one:
            return [where + ": unknown type"]
        return violations(value, one[0], where)
    return TYPES[schema["type"]](value, schema, where)


def object_violations(value, schema, where):
    """Check the members of an object."""
    if not isinstance(value, dict):
        return [where + ": not an object"]
    known, extra = schema.get("properties", {}), schema["additionalProperties"]
    out = ["%s: no member %s" % (where, k) for k in schema.get("required", ())
           if k not in value]
    for k, v in value.items():
        if k not in known and extra is False:
            out.append("%s: unknown member %s" % (where, k))
        else:
            out += violations(v, known.get(k, extra), where + "." + k)
    return out


def array_violations(value, schema, where):
    """Check the items of an array."""
    if not isinstance(value, list):
        return [where + ": not an array"]
    return [c for i, v in enumerate(value)
            for c in violations(v, schema["items"], "%s[%d]" % (where, i))]


def string_violations(value, schema, where):
    """Check a string against its pattern."""
    if not isinstance(value, str):
        return [where + ": not a string"]
    good = re.search(schema.get("pattern", ""), value)
    return [] if good else [where + ": does not match its pattern"]


def integer_violations(value, schema, where):
    """Check an integer against its range."""
    good = (type(value) is int and schema.get("minimum", value) <= value
            and value <= schema.get("maximum", value))
    return [] if good else [where + ": not an integer in its range"]


def boolean_violations(value, _, where):
    """Check that a value is true or false."""
    return [] if isinstance(value, bool) else [where + ": not a boolean"]


TYPES = {"object": object_violations, "array": array_violations,
         "string": string_violations, "integer": integer_violations,
         "boolean": boolean_violations}


def check_tests(top, where):
    """Check the numbers, the count and the results of tests."""
    tests = [t for g in top["testGroups"] for t in g["tests"]]
    out = []
    if [t["tcId"] for t in tests] != list(range(1, len(tests) + 1)):
        out.append(where + ": tcId does not count from 1")
    if top["numberOfTests"] != len(tests):
        out.append(where + ": numberOfTests is wrong")
    for t in tests:
        if (t["result"] == "invalid") != bool(t["error"]):
            out.append("%s: result and error of test %d disagree"
                       % (where, t["tcId"]))
    return out


def main():
    """Return true if something is wrong."""
    base = pathlib.Path(__file__).resolve().parent.parent
    out = []
    made = texts()
    for name, text in made.items():
        path = base / name
        if not path.exists() or path.read_bytes() != text.encode():
            out.append(name + ": differs from what generate.py makes")
        if "/" not in name and name.endswith(".json"):
            top = json.loads(text)
            format_ = name[:-5].split("_")[0]
            assert format_ in FILES
            out += violations(top, schema_of(format_), name)
            out += check_tests(top, name)
    known = set(made)
    out += ["%s: generate.py does not make it" % p.name
            for p in base.glob("*.json") if p.name not in known]
    print("\n".join(out) if out
          else "%d files equal new ones" % len(made))
    return bool(out)


if __name__ == "__main__":
    sys.exit(main())
