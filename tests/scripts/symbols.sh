# SPDX-License-Identifier: Apache-2.0
# The shared library exports what the headers declare and not a symbol more;
# the static one has no global name that is not ours, or the compiler's own.
other=$(${NM:-nm} -g --defined-only "$STATIC" |
    sed -n 's/^[0-9a-f]* [A-Z] //p' |
    grep -v -e '^s\(ec\)\?a\(gg\)\?_' -e '^__odr_asan\.' \
        -e '^__x86\.get_pc_thunk\.')
if [ -n "$other" ]; then
    echo "foreign names in $STATIC: $other"
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
