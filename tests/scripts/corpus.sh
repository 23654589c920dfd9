# SPDX-License-Identifier: Apache-2.0
# Replay every input in the corpus of each fuzzer.
for target in server client server_state; do
    $WRAPPER ./tests/fuzz/fuzz_$target "${srcdir:-.}"/tests/fuzz/corpus/$target/* || exit 1
done
