# SPDX-License-Identifier: Apache-2.0
# The files of vectors/ are, byte for byte, what the reference makes, and have
# the form of their schemas.
export PYTHONDONTWRITEBYTECODE=1
python3 -c 'import cryptography' 2> /dev/null ||
    { echo 'no python3 with the package cryptography'; exit 77; }
cd "$srcdir/vectors" || exit 1
python3 reference/check.py || exit 1

# A second opinion of the schemas, where there is one.
if ! python3 -c 'import jsonschema' 2> /dev/null; then
    echo 'SKIP reference: a second validator: no jsonschema'
    exit 0
fi
python3 - *.json << 'end'
import json
import sys

import jsonschema

for name in sys.argv[1:]:
    top = json.load(open(name))
    schema = json.load(open(top["schema"]))
    jsonschema.Draft7Validator.check_schema(schema)
    # A group against that of its type: all others in turn would be slow.
    groups = {g["properties"]["type"]["const"]: jsonschema.Draft7Validator(g)
              for g in schema["properties"]["testGroups"]["items"]["oneOf"]}
    for group in top["testGroups"]:
        groups[group["type"]].validate(group)
    jsonschema.Draft7Validator(schema).validate({**top, "testGroups": []})
end
