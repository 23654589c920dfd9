# SPDX-License-Identifier: Apache-2.0
# README.md has at most 120 lines, and its C code compiles unchanged.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
lines=$(wc -l < "$srcdir"/README.md)
if [ "$lines" -gt 120 ]; then
    echo "README.md has $lines lines; the limit is 120"
    exit 1
fi
awk -v dir="$dir" '
    /^```c$/ { n++; inside = 1; next }
    /^```/   { inside = 0 }
    inside   { print > (dir "/block" n ".c") }
    END      { exit n < 1 }' "$srcdir"/README.md || {
    echo "README.md has no C code"
    exit 1
}
for block in "$dir"/block*.c; do
    $CC -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror \
        -I "$srcdir"/include -c "$block" -o "$dir"/block.o || exit 1
done
