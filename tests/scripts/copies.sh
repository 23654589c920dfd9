# SPDX-License-Identifier: Apache-2.0
# Several copies of the library in one process work, alone and together
# (copies.c): two shared libraries that a program loads, and the same beside a
# static library in the program, whose names the program exports. A shared
# library calls its own functions, not those of another copy, and binds all of
# its symbols when it is loaded.
if [ "$SHLIB" != yes ]; then
    echo 'no shared library was built'
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cp "$SHARED" "$dir/one" && cp "$SHARED" "$dir/two" || exit 1

# run NAME COPIES FLAGS...: build the program and run it.
run() {
    name=$1 want=$2
    shift 2
    $CC $CFLAGS -I "$srcdir"/include -o "$dir/$name" \
        "$srcdir"/tests/scripts/copies.c "$@" $LDFLAGS $LIBS -ldl \
        > "$dir/log" 2>&1 &&
        $WRAPPER "$dir/$name" "$dir/one" "$dir/two" > "$dir/log" 2>&1 &&
        grep -qx "$want copies" "$dir/log" && return
    cat "$dir/log"
    echo "$name: fails"
    exit 1
}

run loaded 2
run static 3 -DWITH_OWN "$STATIC"
run exported 3 -DWITH_OWN -rdynamic "$STATIC"
run shared 3 -DWITH_OWN "$SHARED" -Wl,-rpath,"$PWD/${SHARED%/*}"

if ! command -v readelf > /dev/null || ! readelf -h "$SHARED" > "$dir/log" 2>&1
then
    echo 'SKIP copies: symbols that are bound outside: no readelf or no ELF'
    exit 0
fi
readelf -d "$SHARED" | grep -q -e BIND_NOW -e 'Flags:.* NOW' || {
    echo "$SHARED binds its symbols late"
    exit 1
}
! readelf -rW "$SHARED" | grep ' secagg_' || {
    echo "$SHARED calls its functions by way of the dynamic linker"
    exit 1
}
