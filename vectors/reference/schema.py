# SPDX-License-Identifier: Apache-2.0
"""JSON schemas (draft-07) of the test vector files."""
import json

from formats import FILES, KINDS
from formats_parties import OPERATIONS, SPENT


def pattern_schema(pattern):
    """Describe a string that matches a pattern."""
    return {"type": "string", "pattern": pattern}


def operations_schema():
    """Describe a list of operations."""
    members = {"op": {"enum": [name for name, _, _ in OPERATIONS]},
               "public": pattern_schema(KINDS["b32"][1]),
               "secret": pattern_schema(KINDS["b32"][1]),
               "weight": pattern_schema(KINDS["u64"][1]),
               "values": pattern_schema(KINDS["u64s"][1]),
               "message": pattern_schema(KINDS["hex"][1]),
               "credential": pattern_schema(KINDS["hex"][1]),
               "answer": pattern_schema(KINDS["error"][1]),
               "spent": {"enum": list(SPENT)},
               "key": pattern_schema(KINDS["b32"][1]),
               "generation": pattern_schema(KINDS["u64"][1]),
               "least": pattern_schema(KINDS["u64"][1]),
               "error": pattern_schema(KINDS["error"][1])}
    for name in ("client", "index", "entries", "segment", "offset", "state"):
        members[name] = {"type": "integer", "minimum": 0}
    return {"type": "array", "items": {
        "type": "object", "properties": members,
        "required": ["op", "error"], "additionalProperties": False}}


def kind_schema(name):
    """Describe a member of one kind."""
    if name == "int":
        return {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    if name == "bool":
        return {"type": "boolean"}
    if name == "operations":
        return operations_schema()
    if name == "texts":
        return {"type": "array", "items": {"type": "string"}}
    if name == "u64lists":
        return {"type": "array", "items": pattern_schema(KINDS[name][1])}
    return pattern_schema(KINDS[name][1])


def exact_object(members):
    """Describe an object with exactly these members."""
    return {"type": "object", "properties": members,
            "required": list(members), "additionalProperties": False}


def test_schema(members):
    """Describe a test."""
    common = {"tcId": {"type": "integer", "minimum": 1},
              "comment": {"type": "string"},
              "flags": {"type": "array", "items": {"type": "string"}}}
    own = {name: kind_schema(k) for name, k, _ in members}
    end = {"result": {"enum": ["valid", "invalid"]},
           "error": pattern_schema(KINDS["error"][1])}
    return exact_object({**common, **own, **end})


def group_schema(type_, shared, members):
    """Describe a group."""
    own = {name: kind_schema(k) for name, k, _ in shared}
    tests = {"type": "array", "items": test_schema(members)}
    return exact_object({"type": {"const": type_}, **own, "tests": tests})


def schema_of(name):
    """Describe a file."""
    note = exact_object({"bugType": {"type": "string"},
                         "description": {"type": "string"}})
    groups = [group_schema(t, shared, members) for t, (_, _, shared, members)
              in FILES[name]["types"].items()]
    top = exact_object({
        "algorithm": {"const": "LSA1"}, "schema": {"type": "string"},
        "generator": {"type": "string"},
        "numberOfTests": {"type": "integer"},
        "header": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": "object", "additionalProperties": note},
        "testGroups": {"type": "array", "items": {"oneOf": groups}}})
    return {"$schema": "http://json-schema.org/draft-07/schema#",
            "title": FILES[name]["concern"], **top}


def schema_text(name):
    """Return the text of a schema."""
    return json.dumps(schema_of(name), indent=1) + "\n"
