#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Test what build.sh makes and the ways to install it: `make check-wheel`. The
# last line has the totals. PYTHON and WHEEL_TOOLS are those of build.sh. With
# SECAGG_SMALL, the ways that build the C library once more are left out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WHEEL_TOOLS="${WHEEL_TOOLS:-$work/tools}"
export PYTHONDONTWRITEBYTECODE=1
if [ ! -x "$WHEEL_TOOLS/bin/auditwheel" ]; then
    "${PYTHON:-python3}" -m venv "$WHEEL_TOOLS"
    "$WHEEL_TOOLS/bin/pip" -q install --no-compile -r "$here/requirements.txt"
fi
mkdir "$work/tmp"
which=test
[ -z "${SECAGG_SMALL:-}" ] ||
    which='not libsodium_alone and not installed_library and not tree_installs'
TMPDIR=$work/tmp timeout -k 10 2400 "$WHEEL_TOOLS/bin/python" -m pytest -q \
    -p no:cacheprovider -c "$here/../pyproject.toml" \
    --basetemp "$work/base" --junitxml "$work/wheels.xml" \
    -k "$which" "$here/test_wheels.py" || :
python3 "$here/../../../tests/scripts/junit.py" wheel="$work/wheels.xml"
