#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Generate every file of vectors/: generate.py [DIR]."""
import importlib
import pathlib
import sys

from formats import FILES
from readme import readme
from schema import schema_text

MAKERS = (
    ("make_hash", ("make_hash", "make_field")),
    ("make_shamir", ("make_shamir", "make_decode")),
    ("make_keys", ("make_agreement", "make_schedule", "make_roster")),
    ("make_sealed", ("make_sealed",)),
    ("make_states", ("make_states",)),
    ("make_signatures", ("make_signatures",)),
    ("make_mask", ("make_mask", "make_planar")),
    ("make_encoding", ("make_encoding",)),
    ("make_params", ("make_params",)),
    ("make_choice", ("make_choice",)),
    ("make_graph", ("make_graph",)),
    ("make_messages", ("make_messages",)),
    ("make_sessions", ("make_sessions",)),
    ("make_wycheproof", ("make_wycheproof",)),
)


def make_all():
    """Return all test vector files as VectorFile objects."""
    out = []
    for module, names in MAKERS:
        code = importlib.import_module(module)
        for name in names:
            made = getattr(code, name)()
            out += made if isinstance(made, list) else [made]
    return out


def texts():
    """Return a map from path in vectors/ to text, for each generated file."""
    files = make_all()
    out = {f.name + ".json": f.text() for f in files}
    for name in FILES:
        out["schemas/%s.schema.json" % name] = schema_text(name)
    out["README.md"] = readme(files, out)
    return out


def main():
    """Write the files."""
    here = pathlib.Path(__file__).resolve().parent.parent
    base = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    (base / "schemas").mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (base / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
