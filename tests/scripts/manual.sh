# SPDX-License-Identifier: Apache-2.0
# The manual agrees with the library: exactly one page has the SYNOPSIS of each
# declared and exported function, as in the header; every cross reference has a
# target; mandoc prints no warning; the code between `example begin` and
# `example end` compiles; and the program in secagg.3 prints the output that the
# page shows.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
man=$srcdir/man

wrong() {
    echo "$1"
    failed=1
}

# ---- functions -------------------------------------------------------------

# The declarations of the headers, one per line: `type name(type name, ...)`.
cat "$srcdir"/include/secagg.h "$srcdir"/include/secagg/*.h |
    sed -e '/^ *\*/d' -e '/^ *\/\*/d' -e '/^#/d' -e 's/SECAGG_MUST_CHECK//' |
    tr '\n' ' ' | tr ';{}' '\n\n\n' |
    sed -n -e '/typedef/d' -e 's/   */ /g' -e 's/( */(/' -e 's/^ *//' \
        -e 's/ *$//' -e '/[ *]secagg_[a-z_0-9]* *(/p' | sort > "$dir/declared"

# The declarations of the pages, in the same form.
awk '
    $1 == ".Ft" { type = substr($0, 5) }
    $1 == ".Fo" { line = type (type ~ /\*$/ ? "" : " ") $2 "("; comma = "" }
    $1 == ".Fa" && line != "" {
        argument = substr($0, 5); gsub(/"/, "", argument)
        line = line comma argument; comma = ", "
    }
    $1 == ".Fc" { print line ")"; line = "" }
    /^\.Sh DESCRIPTION/ { line = "" }' "$man"/*.3 | sort > "$dir/documented"
[ -s "$dir/declared" ] || wrong 'the headers declare nothing'
diff "$dir/declared" "$dir/documented" ||
    wrong 'headers (<) and SYNOPSIS (>) differ'

names() {
    sed 's/.*[ *]\(secagg_[a-z_0-9]*\)(.*/\1/' "$dir/documented" | sort
}
names > "$dir/names"
if [ "$SHLIB" = yes ]; then
    ${NM:-nm} -D --defined-only "$SHARED" |
        sed -n 's/.* [TDRBW] \([^@]*\).*/\1/p' | sort > "$dir/exported"
    diff "$dir/exported" "$dir/names" ||
        wrong 'exported names (<) and documented ones (>) differ'
else
    echo 'SKIP manual: exported names: no shared library was built'
fi

# ---- pages -----------------------------------------------------------------

# The target of a reference is a page, or a function that has a page.
awk '/^\./ {
    for (i = 1; i < NF; i++)
        if ($i == ".Xr" || $i == "Xr")
            print FILENAME ":" FNR, $(i + 1), $(i + 2)
    }' "$man"/*.[1357] > "$dir/references"
[ -s "$dir/references" ] || wrong 'the pages have no cross reference'
while read -r where name section; do
    [ -f "$man/$name.$section" ] ||
        { [ "$section" = 3 ] && grep -qx "$name" "$dir/names"; } ||
        wrong "$where: $name($section) does not exist"
done < "$dir/references"

# Each page has the required sections, and secagg.3 refers to it.
for page in "$man"/*.[1357]; do
    name=$(basename "$page") section=${page##*.}
    for part in NAME DESCRIPTION 'SEE ALSO' STANDARDS \
        'SECURITY CONSIDERATIONS'; do
        grep -qx "\.Sh $part" "$page" || wrong "$name has no section $part"
    done
    [ "$name" = secagg.3 ] ||
        grep -q "^\.Xr ${name%.*} $section" "$man"/secagg.3 ||
        grep -q "^\.It Xr ${name%.*} $section" "$man"/secagg.3 ||
        wrong "secagg.3 does not refer to $name"
done

if command -v mandoc > /dev/null; then
    mandoc -T lint -W warning "$man"/*.[1357] ||
        wrong 'mandoc has warnings'
else
    echo 'SKIP manual: lint: no mandoc'
fi

# ---- examples --------------------------------------------------------------

# between MARK PAGE: print the text between `MARK begin` and `MARK end`.
between() {
    sed -n -e "/^\\.\\\\\" $1 begin/,/^\\.\\\\\" $1 end/{" -e '/^\./d' \
        -e 's/\\e/\\/g' -e p -e '}' "$2"
}

compile() {
    $CC -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror \
        $CFLAGS $SUITE_INCLUDES -I "$srcdir"/include "$@" > "$dir/log" 2>&1 &&
        return
    cat "$dir/log"
    return 1
}

for page in $(grep -l '^\.\\" example begin' "$man"/*.[1357]); do
    between example "$page" > "$dir/example.c"
    compile -c -o "$dir/example.o" "$dir/example.c" ||
        wrong "the example of $page does not compile"
done
between example "$man"/secagg.3 > "$dir/example.c"
between output "$man"/secagg.3 > "$dir/expected"
if ! compile -o "$dir/example" "$dir/example.c" "$STATIC" $LDFLAGS $LIBS; then
    wrong 'the example of secagg.3 does not build'
elif ! $WRAPPER "$dir/example" > "$dir/printed" 2> "$dir/log"; then
    cat "$dir/log"
    wrong 'the example of secagg.3 fails'
elif [ ! -s "$dir/expected" ] || ! diff "$dir/expected" "$dir/printed"; then
    wrong 'the example of secagg.3 prints a different text'
fi
exit $failed
