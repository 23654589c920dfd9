# SPDX-License-Identifier: Apache-2.0
"""JSON schemas (draft-07) of the formats."""
import json

from formats import FILES, KINDS
from formats_parties import OPERATIONS


def text_of(pattern):
    """A string of a pattern."""
    return {"type": "string", "pattern": pattern}


def operations():
    """The schema of a list of operations."""
    members = {"op": {"enum": [name for name, _, _ in OPERATIONS]},
               "public": text_of(KINDS["b32"][1]),
               "weight": text_of(KINDS["u64"][1]),
               "values": text_of(KINDS["u64s"][1]),
               "message": text_of(KINDS["hex"][1]),
               "error": text_of(KINDS["error"][1])}
    for name in ("client", "index", "entries", "segment", "offset"):
        members[name] = {"type": "integer", "minimum": 0}
    return {"type": "array", "items": {
        "type": "object", "properties": members,
        "required": ["op", "error"], "additionalProperties": False}}


def kind(name):
    """The schema of one kind of member."""
    if name == "int":
        return {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    if name == "bool":
        return {"type": "boolean"}
    if name == "operations":
        return operations()
    if name == "texts":
        return {"type": "array", "items": {"type": "string"}}
    if name == "u64lists":
        return {"type": "array", "items": text_of(KINDS[name][1])}
    return text_of(KINDS[name][1])


def strict(members):
    """An object of exactly these members."""
    return {"type": "object", "properties": members,
            "required": list(members), "additionalProperties": False}


def test_of(members):
    """The schema of a test."""
    common = {"tcId": {"type": "integer", "minimum": 1},
              "comment": {"type": "string"},
              "flags": {"type": "array", "items": {"type": "string"}}}
    own = {name: kind(k) for name, k, _ in members}
    end = {"result": {"enum": ["valid", "invalid"]},
           "error": text_of(KINDS["error"][1])}
    return strict({**common, **own, **end})


def group_of(type_, shared, members):
    """The schema of a group."""
    own = {name: kind(k) for name, k, _ in shared}
    tests = {"type": "array", "items": test_of(members)}
    return strict({"type": {"const": type_}, **own, "tests": tests})


def schema_of(name):
    """The schema of a file."""
    note = strict({"bugType": {"type": "string"},
                   "description": {"type": "string"}})
    groups = [group_of(t, shared, members) for t, (_, shared, members)
              in FILES[name]["types"].items()]
    top = strict({
        "algorithm": {"const": "LSA1"}, "schema": {"type": "string"},
        "generator": {"type": "string"},
        "numberOfTests": {"type": "integer"},
        "header": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": "object", "additionalProperties": note},
        "testGroups": {"type": "array", "items": {"oneOf": groups}}})
    return {"$schema": "http://json-schema.org/draft-07/schema#",
            "title": FILES[name]["concern"], **top}


def schema_text(name):
    """The bytes of a schema."""
    return json.dumps(schema_of(name), indent=1) + "\n"
