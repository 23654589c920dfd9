# SPDX-License-Identifier: Apache-2.0
# Replay every input in the corpus of each fuzzer, and a file with one vector of
# each type.
srcdir=${srcdir:-.}
seeds=$(mktemp -d) || exit 1
trap 'rm -rf "$seeds"' EXIT

# replay TARGET INPUT...
replay() {
    target=$1
    shift
    $WRAPPER ./tests/fuzz/fuzz_$target "$@" > "$seeds/log" 2>&1 && return
    cat "$seeds/log"
    exit 1
}

for target in server client server_state; do
    replay $target "$srcdir"/tests/fuzz/corpus/$target/*
done
if [ ! -x tests/fuzz/fuzz_vectors ]; then
    echo 'SKIP corpus: vector files: no jansson'
    exit 0
fi
replay vectors "$srcdir"/tests/fuzz/corpus/vectors/*
if ! command -v python3 > /dev/null; then
    echo 'SKIP corpus: a vector of each type: no python3'
    exit 0
fi
mkdir "$seeds/vectors" &&
    python3 "$srcdir"/tests/fuzz/vectors_seeds.py "$srcdir"/vectors \
        "$seeds/vectors" || exit 1
replay vectors "$seeds"/vectors/*
