#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run libFuzzer with sanitizers on the fuzzers of server, client, the saved states
# of a server, and vector files (`make fuzz`). New inputs are added to the folder
# FUZZ_CORPUS, if that is set; inputs that fail are written to fuzz-found. TARGETS,
# FUZZ_SECONDS and FUZZ_CC have the defaults below.
CC=${FUZZ_CC:-clang}
command -v "$CC" > /dev/null || { echo "no $CC"; exit 77; }
set -e
srcdir=$(cd "${srcdir:-.}" && pwd)
MAKE=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
corpus=${FUZZ_CORPUS:-$dir/corpus}
found=$PWD/fuzz-found
targets=${TARGETS:-server client server_state vectors}
mkdir -p "$dir/build"
for target in $targets; do
    mkdir -p "$corpus/$target" "$dir/seeds/$target"
done
case " $targets " in
*' vectors '*) python3 "$srcdir"/tests/fuzz/vectors_seeds.py \
    "$srcdir"/vectors "$dir/seeds/vectors" ;;
esac
checks=address,undefined
cd "$dir/build"
"$srcdir"/configure -q --disable-shared CC="$CC" CFLAGS="-g -O1 \
    -fno-omit-frame-pointer -fno-sanitize-recover=all \
    -fsanitize=fuzzer-no-link,$checks"
# libFuzzer provides main(); the other flags come from configure.
$MAKE -s FUZZ_MAIN= LDFLAGS="-fsanitize=fuzzer,$checks" \
    $(printf 'tests/fuzz/fuzz_%s ' $targets)
for target in $targets; do
    mkdir -p "$found"
    length=1024
    [ "$target" != vectors ] || length=32768
    ./tests/fuzz/fuzz_$target -max_total_time="${FUZZ_SECONDS:-30}" \
        -max_len=$length -timeout=60 -print_final_stats=1 -verbosity=0 \
        -close_fd_mask=1 -artifact_prefix="$found/$target-" "$corpus/$target" \
        "$srcdir/tests/fuzz/corpus/$target" "$dir/seeds/$target"
    rmdir "$found" 2> /dev/null || :
done
