# SPDX-License-Identifier: Apache-2.0
# The reference generates the files of vectors/ again byte for byte, and they
# conform to their schemas.
export PYTHONDONTWRITEBYTECODE=1
python3 -c 'import cryptography' 2> /dev/null ||
    { echo 'no python3 with the package cryptography'; exit 77; }
cd "$srcdir/vectors" || exit 1
python3 reference/check.py || exit 1

# Another implementation of JSON Schema, if it is installed.
if ! python3 -c 'import jsonschema' 2> /dev/null; then
    echo 'SKIP reference: second validator: no jsonschema'
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
    # Validate each group only against the schema of its type, to save time.
    groups = {g["properties"]["type"]["const"]: jsonschema.Draft7Validator(g)
              for g in schema["properties"]["testGroups"]["items"]["oneOf"]}
    for group in top["testGroups"]:
        groups[group["type"]].validate(group)
    jsonschema.Draft7Validator(schema).validate({**top, "testGroups": []})
end
