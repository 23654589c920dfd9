# SPDX-License-Identifier: Apache-2.0
# The shared library exports exactly the functions that the headers declare. The
# static library has only global names that begin with sa_ or secagg_, except
# those that compilers add.
other=$(${NM:-nm} -g --defined-only "$STATIC" |
    sed -n 's/^[0-9a-f]* [A-Z] //p' |
    grep -v -e '^s\(ec\)\?a\(gg\)\?_' -e '^__odr_asan\.' \
        -e '^__x86\.get_pc_thunk\.')
if [ -n "$other" ]; then
    echo "$STATIC defines other global names: $other"
    exit 1
fi
if [ "$SHLIB" != yes ]; then
    echo "no shared library was built"
    exit 77
fi
exported=$(mktemp) declared=$(mktemp)
trap 'rm -f "$exported" "$declared"' EXIT
${NM:-nm} -D --defined-only "$SHARED" |
    sed -n 's/.* [TDRBW] \([^@]*\).*/\1/p' | sort > "$exported"
sh "$srcdir"/tests/scripts/functions > "$declared"
test -s "$declared" && diff "$declared" "$exported"
