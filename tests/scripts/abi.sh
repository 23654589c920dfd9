# SPDX-License-Identifier: Apache-2.0
# The shared library is compatible with the dump of its interface that `make
# abi` made for the release: what is linked against that goes on working.
if ! command -v abidiff > /dev/null; then
    echo "no abidiff"
    exit 77
fi
if [ "$SHLIB" != yes ]; then
    echo "no shared library was built"
    exit 77
fi
if [ ! -f "$srcdir"/man/libsecagg.abi ]; then
    echo "no dump of an interface yet: make abi"
    exit 77
fi
if ! ${READELF:-readelf} -S "$SHARED" | grep -q debug_info; then
    echo "no types in $SHARED: it was built without -g"
    exit 77
fi
# Both are dumps with the public types alone: what is behind a handle is free to
# change. Bits of abidiff's status: 1 and 2 are its own errors, 4 a change, 8 one
# that surely breaks programs.
now=$(mktemp) || exit 1
trap 'rm -f "$now"' EXIT
sh "$srcdir"/tests/scripts/abidump "$SHARED" > "$now" || exit 1
abidiff "$srcdir"/man/libsecagg.abi "$now"
code=$?
[ $code -eq 0 ] || echo "what was added asks for a higher ABI_MINOR, all else" \
    "for a higher ABI_MAJOR, and both for make abi"
[ $code -eq 0 ]
