# SPDX-License-Identifier: Apache-2.0
# The reference of the headers has no gap: doxygen warns of nothing.
if ! command -v doxygen > /dev/null; then
    echo "no doxygen"
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" && [ -f man/Doxyfile ] && {
    cat man/Doxyfile
    echo "OUTPUT_DIRECTORY = $dir"
} | doxygen - && [ -f "$dir"/index.html ]
