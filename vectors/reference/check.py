#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check that the files of vectors/ are what generate.py makes and that they
have the form of their schemas."""
import json
import pathlib
import re
import sys

from formats import FILES
from generate import texts
from schema import schema_of


def fits(value, schema, where):
    """Complaints about a value; only what schema.py uses is known."""
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [where + ": value"]
    if "oneOf" in schema:
        one = [s for s in schema["oneOf"]
               if s["properties"]["type"]["const"] == value.get("type")]
        return fits(value, one[0], where) if one else [where + ": type"]
    return TYPES[schema["type"]](value, schema, where)


def fits_object(value, schema, where):
    """The members of an object."""
    if not isinstance(value, dict):
        return [where + ": no object"]
    known, extra = schema.get("properties", {}), schema["additionalProperties"]
    out = ["%s: no %s" % (where, k) for k in schema.get("required", ())
           if k not in value]
    for k, v in value.items():
        if k not in known and extra is False:
            out.append("%s: %s" % (where, k))
        else:
            out += fits(v, known.get(k, extra), where + "." + k)
    return out


def fits_array(value, schema, where):
    """The items of an array."""
    if not isinstance(value, list):
        return [where + ": no array"]
    return [c for i, v in enumerate(value)
            for c in fits(v, schema["items"], "%s[%d]" % (where, i))]


def fits_string(value, schema, where):
    """A string and its pattern."""
    if not isinstance(value, str):
        return [where + ": no string"]
    good = re.search(schema.get("pattern", ""), value)
    return [] if good else [where + ": pattern"]


def fits_integer(value, schema, where):
    """An integer in its range."""
    good = (type(value) is int and schema.get("minimum", value) <= value
            and value <= schema.get("maximum", value))
    return [] if good else [where + ": integer"]


def fits_boolean(value, _, where):
    """True or false."""
    return [] if isinstance(value, bool) else [where + ": no boolean"]


TYPES = {"object": fits_object, "array": fits_array, "string": fits_string,
         "integer": fits_integer, "boolean": fits_boolean}


def check_ids(top, where):
    """Numbers of tests, counts, flags and results."""
    tests = [t for g in top["testGroups"] for t in g["tests"]]
    out = []
    if [t["tcId"] for t in tests] != list(range(1, len(tests) + 1)):
        out.append(where + ": tcId")
    if top["numberOfTests"] != len(tests):
        out.append(where + ": numberOfTests")
    for t in tests:
        if (t["result"] == "invalid") != bool(t["error"]):
            out.append("%s: error of %d" % (where, t["tcId"]))
    return out


def main():
    """0 if all is well."""
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
            out += fits(top, schema_of(format_), name) + check_ids(top, name)
    known = set(made)
    out += ["%s: nothing makes it" % p.name for p in base.glob("*.json")
            if p.name not in known]
    print("\n".join(out) if out else "%d files are as they are made"
          % len(made))
    return bool(out)


if __name__ == "__main__":
    sys.exit(main())
