# SPDX-License-Identifier: Apache-2.0
# No branch and no index depends on a secret: valgrind runs a client whose secrets
# are marked as undefined (secrets.c). With SECAGG_LONG, both compilers and all
# levels of optimisation are tried.
command -v valgrind > /dev/null || { echo "no valgrind"; exit 77; }
echo '#include <valgrind/memcheck.h>' | ${CC:-cc} -E -x c - > /dev/null 2>&1 ||
    { echo "no valgrind/memcheck.h"; exit 77; }
top=$(cd "$srcdir" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# try COMPILER FLAGS: build and run; valgrind must report the control.
try() {
    mkdir "$work/b" && cd "$work/b" || return 1
    "$top"/configure -q --disable-shared $WITH CC="$1" CPPFLAGS=-DSA_SECRETS \
        CFLAGS="$2 -g -gdwarf-4" > log 2>&1 &&
        ${MAKE:-make} -s tests/scripts/secrets >> log 2>&1 || { cat log; return 1; }
    v="valgrind -q --error-exitcode=9 --suppressions=$top/tests/scripts/secrets.supp"
    $v tests/scripts/secrets || { echo "FAIL: $1 $2"; return 1; }
    ! $v tests/scripts/secrets leak > log 2>&1 ||
        { echo "valgrind does not report the control: $1 $2"; return 1; }
    cd "$work" && rm -rf b
    echo "no report: $1 $2"
}

[ -n "$SECAGG_LONG" ] || { try "${CC:-cc}" -O2; exit; }
for cc in ${SECRETS_CC:-gcc clang}; do
    command -v $cc > /dev/null || { echo "SKIP secrets: no $cc"; continue; }
    for level in -O1 -O2 -O3 -Os; do
        try $cc $level || exit 1
    done
done
