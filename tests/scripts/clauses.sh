# SPDX-License-Identifier: Apache-2.0
# Each clause of PROTOCOL.md that the code names exists, and code in lib/ names
# each clause that it implements.
cd "$srcdir" || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

sed -n 's/^###* \([0-9][0-9.]*\) .*/\1/p' vectors/PROTOCOL.md |
    LC_ALL=C sort > "$dir/headings"
[ "$(wc -l < "$dir/headings")" -gt 60 ] ||
    { echo 'PROTOCOL.md has too few numbered headings'; exit 1; }

# The clause numbers in a text that has one comment or docstring per line: those
# after PROTOCOL.md, alone in parentheses, or before the colon at the start of a
# docstring. Section numbers of other documents are removed first. `3.9 to 3.11`
# includes all numbers between.
numbers() {
    sed -E -e 's/sections? [0-9][0-9.]*( and [0-9.]+)?//g' \
        -e 's/(RFC|SP|FIPS) [0-9]+(-[0-9A-Z]+)?, [A-Z]?[0-9.]+//g' |
        grep -oE '(PROTOCOL\.md [0-9]+|\([0-9]+\.[0-9]+|^[0-9]+\.[0-9]+)[^A-Za-z0-9.]?(\.?[0-9]+|, [0-9]+\.[0-9]+| (to|and) [0-9]+\.[0-9]+)*([):;,]|\. |$| )' |
        sed -E 's/PROTOCOL\.md//; s/[():;]/ /g; s/, / /g; s/ and / /g; s/\. / /; s/ to / to /' |
        awk '{
            for (i = 1; i <= NF; i++) {
                if ($i != "to") { print $i; last = $i; continue }
                split(last, a, "."); split($(i + 1), b, ".")
                for (n = a[2] + 1; n < b[2]; n++) print a[1] "." n
            }
        }' | grep -E '^[0-9]+(\.[0-9]+)?$' | LC_ALL=C sort -u
}

# Comments of C, one per line.
comments() {
    cat "$@" | tr '\n' ' ' | sed -e 's/ \* / /g' -e 's,\*/,\n,g' |
        sed -n 's,.*/\*,,p'
}

# Docstrings and comments of Python, one per line.
docstrings() {
    cat "$@" | awk '/"""/ || /# /' | sed -E -e 's/"""$//' \
        -e 's/^.*("""|# )//'
}

comments lib/*/*.[ch] | numbers > "$dir/lib"
comments include/*.h include/secagg/*.h | numbers > "$dir/include"
docstrings vectors/reference/*.py | numbers > "$dir/reference"
for where in lib include reference; do
    [ -s "$dir/$where" ] || { echo "$where names no clause at all"; failed=1; }
    LC_ALL=C comm -23 "$dir/$where" "$dir/headings" > "$dir/none"
    sed "s/^/$where names a clause that does not exist: /" "$dir/none"
    [ ! -s "$dir/none" ] || failed=1
done

# ---- every clause is named -------------------------------------------------

# Clauses of 2 to 9 and 11 that need no code, and the reason.
cat > "$dir/exempt" << 'end'
7.6 error bounds: they follow from 7.1 and 7.5
end
sed 's/ .*//' "$dir/exempt" | LC_ALL=C sort > "$dir/free"
grep -E '^([2-9]|11)\.' "$dir/headings" | LC_ALL=C comm -23 - "$dir/free" |
    LC_ALL=C comm -23 - "$dir/lib" > "$dir/unnamed"
sed 's/^/no comment in lib names clause /' "$dir/unnamed"
[ ! -s "$dir/unnamed" ] || failed=1
LC_ALL=C comm -12 "$dir/free" "$dir/lib" > "$dir/twice"
sed 's/$/ is named by code and must not be exempt/' "$dir/twice"
[ ! -s "$dir/twice" ] || failed=1
LC_ALL=C comm -23 "$dir/free" "$dir/headings" > "$dir/gone"
sed 's/$/ is exempt, but there is no such clause/' "$dir/gone"
[ ! -s "$dir/gone" ] || failed=1
exit $failed
