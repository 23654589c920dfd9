# SPDX-License-Identifier: Apache-2.0
# Both libraries have exactly the functions that the headers declare as global
# symbols, and no other. In the shared library each has the version node that
# lib/libsecagg.map lists it in; the last node is that of the present ABI.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
sh "$srcdir"/tests/scripts/functions > "$dir/declared"
[ -s "$dir/declared" ] || { echo 'the headers declare nothing'; exit 1; }

# global LIBRARY [-D]: the names of its global symbols, without a version.
global() {
    ${NM:-nm} -P -g --defined-only $2 "$1" |
        sed -n 's/^_*\([^ @]*\)[^ ]* [A-Z] .*/\1/p' | grep -v '^SECAGG_[0-9.]*$' |
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

# The names of the map with their nodes, as nm prints them.
awk '$2 == "{" { node = $1 }
    /^ *secagg_/ { sub(/;$/, "", $1); print $1 "@@" node }' \
    lib/libsecagg.map | sort > "$dir/nodes"
sed 's/@@.*//' "$dir/nodes" | sort | diff "$dir/declared" - || {
    echo 'lib/libsecagg.map.in: headers (<) and names of the map (>) differ'
    failed=1
}
case $SHLIB$SHARED in
yes*.so.*)
    last=$(sed -n 's/^\(SECAGG_[0-9.]*\) {$/\1/p' lib/libsecagg.map | tail -n 1)
    [ "$last" = "SECAGG_${SHARED##*.so.}" ] || {
        echo "$SHARED: the last node of lib/libsecagg.map is $last"
        failed=1
    }
    ${NM:-nm} -P -g --defined-only -D "$SHARED" |
        sed -n 's/^\(secagg_[^ ]*\) [A-Z] .*/\1/p' | sort > "$dir/versions"
    if ! grep -q @ "$dir/versions"; then
        echo "SKIP symbols: version nodes: ${NM:-nm} does not print them"
    elif ! diff "$dir/nodes" "$dir/versions"; then
        echo "$SHARED: map (<) and version nodes (>) differ"
        failed=1
    fi ;;
*)  echo 'SKIP symbols: version nodes: no shared library with nodes' ;;
esac
exit $failed
