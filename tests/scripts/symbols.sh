# SPDX-License-Identifier: Apache-2.0
# Both libraries have exactly the functions that the headers declare as global
# symbols, and no other.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
sh "$srcdir"/tests/scripts/functions > "$dir/declared"
[ -s "$dir/declared" ] || { echo 'the headers declare nothing'; exit 1; }

# global LIBRARY [-D]: the names of its global symbols, without a version.
global() {
    ${NM:-nm} -P -g --defined-only $2 "$1" |
        sed -n 's/^_*\([^ @]*\)[^ ]* [A-Z] .*/\1/p' | grep -v '^SECAGG_[0-9]*$' |
        sort
}

global "$STATIC" > "$dir/static"
if [ "$JOINS" = yes ]; then
    diff "$dir/declared" "$dir/static" || {
        echo "$STATIC: headers (<) and global names (>) differ"
        failed=1
    }
else
    echo 'SKIP symbols: internal names of the static library: no objcopy'
fi
if [ "$SHLIB" = yes ]; then
    global "$SHARED" -D > "$dir/shared"
    diff "$dir/declared" "$dir/shared" || {
        echo "$SHARED: headers (<) and exported names (>) differ"
        failed=1
    }
else
    echo 'SKIP symbols: exported names: no shared library was built'
fi
exit $failed
