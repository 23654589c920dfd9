# SPDX-License-Identifier: Apache-2.0
# Each input that a fuzzer once found worth keeping is played again.
for target in server client; do
    $WRAPPER ./tests/fuzz/fuzz_$target "${srcdir:-.}"/tests/fuzz/corpus/$target/* || exit 1
done
