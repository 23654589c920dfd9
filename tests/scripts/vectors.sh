# SPDX-License-Identifier: Apache-2.0
# The library agrees with every vector, and the program that says so refuses
# what does not agree: no file, no test, another number of tests, another
# member, another value of any member.
tool=tests/vectors/secagg-vectors
[ -x "$tool" ] || { echo 'no jansson to read vectors with'; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

wrong() {
    echo "$1"
    failed=1
}

$WRAPPER "$tool" "$srcdir/vectors" || wrong 'vectors: not what the library does'

# ---- refusals --------------------------------------------------------------

mkdir "$dir/vectors" "$dir/empty" || exit 1
cp -r "$srcdir/vectors/schemas" "$dir/vectors" && chmod -R u+w "$dir" || exit 1
one=$dir/vectors/field.json

echo '{}' > "$dir/vectors/schemas/lax.schema.json"

# altered WHY SED-SCRIPT WHAT: a good file that is changed so is refused, by
# the reader alone as under its schema; of the reader's words WHAT is one.
altered() {
    sed "$2" "$srcdir/vectors/field.json" > "$one"
    cmp -s "$one" "$srcdir/vectors/field.json" && wrong "$1: nothing changed"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "$1: passed"
    sed -i 's/field.schema/lax.schema/' "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "$1: passed a lax schema"
    grep -q "$3" "$dir/log" || { cat "$dir/log"; wrong "$1: not said"; }
}

cp "$srcdir/vectors/field.json" "$one"
$WRAPPER "$tool" "$one" > "$dir/log" || wrong 'one file: refused'
altered 'another count' 's/"numberOfTests": /&1/' numberOfTests
altered 'a number twice' 's/"tcId": 2,/"tcId": 1,/' tcId
altered 'a member at the top' 's/^ "header"/ "more": 1,&/' unknown
altered 'a member of a group' 's/^   "type"/   "more": 1,&/' more
altered 'a member of a test' 's/^     "tcId": 3,/     "more": 1,&/' more
altered 'a member that is missing' '/^     "comment"/d' comment
altered 'another type' 's/"Reduce"/"Reduces"/' Reduces
altered 'another algorithm' 's/"LSA1"/"LSA2"/' LSA1
altered 'an error that is none' 's/"MESSAGE"/"ARG"/' 'expected ARG'
altered 'upper case' '/"input"/s/a/A/' input
altered 'no number' 's/"tcId": 1,/"tcId": "1",/' tcId
altered 'cut' '$d' field.json
for schema in none hash; do
    sed "s/field.schema/$schema.schema/" "$srcdir/vectors/field.json" > "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "schema $schema: passed"
done
for what in '{}' '[]' '' '{"algorithm": "LSA1", "schema": "schemas/field.schema.json", "generator": "", "numberOfTests": 0, "header": [], "notes": {}, "testGroups": []}'; do
    echo "$what" > "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "'$what': passed"
done
$WRAPPER "$tool" "$dir/empty" > "$dir/log" && wrong 'an empty folder: passed'
$WRAPPER "$tool" "$dir/none" > "$dir/log" && wrong 'no such file: passed'
$WRAPPER "$tool" 2> "$dir/log" && wrong 'no argument: passed'

# ---- the page --------------------------------------------------------------

grep -oh '"const": *"[A-Za-z0-9]*"' "$srcdir"/vectors/schemas/*.json |
    sed 's/.*"\(.*\)"/\1/' | grep -vx LSA1 | sort -u > "$dir/types"
[ "$(wc -l < "$dir/types")" -gt 30 ] || wrong 'the schemas have few types'
while read -r type; do
    grep -q "^\.Em $type\( :\)*$" "$srcdir/man/secagg_vectors.5" ||
        wrong "secagg_vectors(5) has no $type"
done < "$dir/types"

# ---- every member ----------------------------------------------------------

if command -v python3 > /dev/null; then
    PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/vectors/vectors.py" "$tool" \
        "$srcdir/vectors" "$dir/vectors" || failed=1
else
    echo 'SKIP vectors: a change of each member: no python3'
fi
exit $failed
