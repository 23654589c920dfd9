# SPDX-License-Identifier: Apache-2.0
# The reference site builds without a warning of doxygen: every public function,
# parameter, type and constant has a description, and every link has a target.
if ! command -v doxygen > /dev/null; then
    echo "no doxygen"
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" && sh man/site.sh "$dir" check
