# SPDX-License-Identifier: Apache-2.0
# secagg-vectors survives every vector file, whichever value in it is changed
# (tests/vectors/hostile.c), with sanitizers that report each invalid access,
# undefined operation and loss of memory. Run by `make hostile-vectors`. VECTOR_FILES
# are names of files without .json (all); HOSTILE_CC is the compiler. With
# SECAGG_LONG, every value is changed in every way.
set -e
srcdir=$(cd "${srcdir:-.}" && pwd)
MAKE=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$srcdir"/configure -q --disable-shared CC="${HOSTILE_CC:-cc}" CFLAGS="-O1 -g \
    -fno-omit-frame-pointer -fno-sanitize-recover=all \
    -fsanitize=address,undefined"
grep -q '^JANSSON_LIBS *= *-' config.mk || { echo 'no jansson'; exit 77; }
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1)
$MAKE -s -j"$jobs" tests/vectors/hostile
for name in ${VECTOR_FILES:-$(cd "$srcdir/vectors" && ls *.json)}; do
    echo "$srcdir/vectors/${name%.json}.json"
done | xargs -n 1 -P "$jobs" ./tests/vectors/hostile
