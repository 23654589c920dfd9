# SPDX-License-Identifier: Apache-2.0
# `make help` describes each goal that a user calls, in lines of 80 columns.
help=$(mktemp) || exit 1
trap 'rm -f "$help"' EXIT
failed=0
$MAKE -s help > "$help" || exit 1
for goal in $(sed -n '/^\.PHONY: help/,/[^\\]$/p' "$srcdir"/Makefile |
    sed 's/^[^:]*://; s/\\$//'); do
    grep -q "^  $goal  " "$help" && continue
    echo "make help does not describe $goal"
    failed=1
done
grep -E '.{81}' "$help" && { echo 'over 80 columns'; failed=1; }
exit $failed
