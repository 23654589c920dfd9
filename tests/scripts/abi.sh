# SPDX-License-Identifier: Apache-2.0
# The shared library is compatible with the dump of its interface that `make
# abi` made for the release: programs linked against that release still work.
if ! command -v abidiff > /dev/null; then
    echo "no abidiff"
    exit 77
fi
if [ "$SHLIB" != yes ]; then
    echo "no shared library was built"
    exit 77
fi
if [ ! -f "$srcdir"/man/libsecagg.abi ]; then
    echo "man/libsecagg.abi is missing; run make abi"
    exit 77
fi
if ! ${READELF:-readelf} -S "$SHARED" | grep -q debug_info; then
    echo "$SHARED has no debug information; build it with -g"
    exit 77
fi
# Both dumps have only the public types, because the structs behind handles may
# change. abidiff's status is a bit mask: 1 and 2 are errors of abidiff, 4 is a
# change, 8 is a change that breaks programs.
now=$(mktemp) || exit 1
trap 'rm -f "$now"' EXIT
sh "$srcdir"/tests/scripts/abidump "$SHARED" > "$now" || exit 1
abidiff "$srcdir"/man/libsecagg.abi "$now"
code=$?
[ $code -eq 0 ] || echo "The interface has changed. Increase ABI_MINOR if it" \
    "only grew, else ABI_MAJOR; then run make abi."
[ $code -eq 0 ]
