# SPDX-License-Identifier: Apache-2.0
# Secrets whose life is over are not in the memory of a party (leaks.c). The
# parties are static and shared programs that bind lazily, so that the dynamic
# linker saves registers. With SECAGG_LONG, both compilers and all levels of
# optimisation are tried.
[ -r /proc/self/maps ] || { echo "no /proc"; exit 77; }
top=$(cd "$srcdir" && pwd)
here=$(pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# search FOLDER COMPILER FLAGS: search parties that are linked with the libraries
# of a build folder.
search() {
    includes="-I$top/include -I$top/tests"
    $2 -std=c11 $3 $includes -c -o "$work/party.o" \
        "$top/tests/scripts/leaks_party.c" || return 1
    if [ -f "$1/lib/libsecagg.a" ]; then
        $2 $3 -Wl,-z,lazy -o "$work/party" "$work/party.o" \
            "$1/lib/libsecagg.a" $LIBS && run "$2 $3, static" || return 1
    fi
    if ls "$1"/lib/libsecagg.so.* > /dev/null 2>&1; then
        $2 $3 -Wl,-z,lazy -Wl,-rpath,"$1/lib" -o "$work/party" \
            "$work/party.o" -L"$1/lib" -lsecagg && run "$2 $3, shared" ||
            return 1
    fi
}

run() {
    tests/scripts/leaks "$work/party" > "$work/log" ||
        { cat "$work/log"; echo "FAIL: $1"; return 1; }
    echo "$1: $(tail -n 1 "$work/log")"
}

[ -n "$SECAGG_LONG" ] || { search "$here" "${CC:-cc}" "$CFLAGS"; exit; }
for cc in ${LEAKS_CC:-gcc clang}; do
    command -v $cc > /dev/null || { echo "SKIP leaks: no $cc"; continue; }
    for level in -O0 -O1 -O2 -O3; do
        mkdir "$work/b"
        (cd "$work/b" && "$top"/configure -q $WITH CC="$cc" CFLAGS=$level &&
            ${MAKE:-make} -s all) > "$work/log" 2>&1 ||
            { cat "$work/log"; exit 1; }
        search "$work/b" "$cc" $level || exit 1
        rm -rf "$work/b"
    done
done
