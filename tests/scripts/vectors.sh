# SPDX-License-Identifier: Apache-2.0
# The library agrees with every vector, and secagg-vectors fails for anything
# else: a missing file, no tests, a wrong number of tests, an unknown member, or
# a changed value of any member.
tool=tests/vectors/secagg-vectors
[ -x "$tool" ] || { echo 'no jansson'; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

wrong() {
    echo "$1"
    failed=1
}

$WRAPPER "$tool" "$srcdir/vectors" || wrong 'the library does not agree with the vectors'

# ---- rejected files --------------------------------------------------------

mkdir "$dir/vectors" "$dir/empty" || exit 1
cp -r "$srcdir/vectors/schemas" "$dir/vectors" && chmod -R u+w "$dir" || exit 1
one=$dir/vectors/field.json

echo '{}' > "$dir/vectors/schemas/lax.schema.json"

# altered NAME SED-SCRIPT TEXT: the program rejects a valid file after this
# change, by its schema, and under a schema that accepts everything; in the
# second case its message contains TEXT.
altered() {
    sed "$2" "$srcdir/vectors/field.json" > "$one"
    cmp -s "$one" "$srcdir/vectors/field.json" && wrong "$1: the script changes nothing"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "$1: accepted"
    sed -i 's/field.schema/lax.schema/' "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "$1: accepted under a lax schema"
    grep -q "$3" "$dir/log" || { cat "$dir/log"; wrong "$1: the message does not name $3"; }
}

cp "$srcdir/vectors/field.json" "$one"
$WRAPPER "$tool" "$one" > "$dir/log" || wrong 'a single valid file: rejected'
altered 'wrong number of tests' 's/"numberOfTests": /&1/' numberOfTests
altered 'repeated test number' 's/"tcId": 2,/"tcId": 1,/' tcId
altered 'unknown member at the top' 's/^ "header"/ "more": 1,&/' unknown
altered 'unknown member of a group' 's/^   "type"/   "more": 1,&/' more
altered 'unknown member of a test' 's/^     "tcId": 3,/     "more": 1,&/' more
altered 'missing member' '/^     "comment"/d' comment
altered 'unknown type of group' 's/"Reduce"/"Reduces"/' Reduces
altered 'unknown algorithm' 's/"LSA1"/"LSA2"/' LSA1
altered 'wrong error' 's/"MESSAGE"/"ARG"/' 'expected ARG'
altered 'upper case' '/"input"/s/a/A/' input
altered 'string for a number' 's/"tcId": 1,/"tcId": "1",/' tcId
altered 'truncated file' '$d' field.json

# Each pattern matches every text, but regcomp() would take such patterns to any
# size and depth.
for pattern in '.*' '^(.|a)*$' '^([ -~]{0,9}){0,9}' '^[ -~]*[ -~]*$' '^(.*)\\1*'; do
    printf '{"properties": {"generator": {"pattern": "%s"}}}' "$pattern" \
        > "$dir/vectors/schemas/lax.schema.json"
    sed 's/field.schema/lax.schema/' "$srcdir/vectors/field.json" > "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "pattern $pattern: accepted"
    grep -q 'does not match' "$dir/log" || wrong "pattern $pattern: another reason"
done
for schema in none hash; do
    sed "s/field.schema/$schema.schema/" "$srcdir/vectors/field.json" > "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "schema $schema: accepted"
done
for text in '{}' '[]' '' '{"algorithm": "LSA1", "schema": "schemas/field.schema.json", "generator": "", "numberOfTests": 0, "header": [], "notes": {}, "testGroups": []}'; do
    echo "$text" > "$one"
    $WRAPPER "$tool" "$one" > "$dir/log" && wrong "'$text': accepted"
done
$WRAPPER "$tool" "$dir/empty" > "$dir/log" && wrong 'an empty folder: accepted'
$WRAPPER "$tool" "$dir/none" > "$dir/log" && wrong 'a missing file: accepted'
$WRAPPER "$tool" 2> "$dir/log" && wrong 'no argument: accepted'

# A crash in any of these files is one: each value in them is changed.
hostile='agreement field graph hash mask params planar roster schedule sealed
    shamir states decode sessions_saved'
[ -z "$SECAGG_LONG" ] || hostile=$(cd "$srcdir/vectors" && ls *.json)
for name in $hostile; do
    $WRAPPER tests/vectors/hostile "$srcdir/vectors/${name%.json}.json" ||
        wrong 'secagg-vectors does not survive every file'
done

# ---- secagg_vectors(5) -----------------------------------------------------

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
    echo 'SKIP vectors: changes of each member: no python3'
fi
exit $failed
