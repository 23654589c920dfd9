# SPDX-License-Identifier: Apache-2.0
# The reference site builds without a warning of doxygen: every public function,
# parameter, type and constant has a description, and every link has a target. In
# another folder, time zone and language it is the same, byte by byte, and it has
# no path of this machine.
if ! command -v doxygen > /dev/null; then
    echo "no doxygen"
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" && sh man/site.sh "$dir/here" check || exit 1
mkdir "$dir/another" "$dir/temporary"
tar -cf - --exclude=html include man ./*.md */README.md vectors/PROTOCOL.md |
    tar -xf - -C "$dir/another" || exit 1
(umask 077
    cd "$dir/another" && TMPDIR="$dir/temporary" TZ=Asia/Tokyo LC_ALL=C \
        sh man/site.sh "$dir/there" check) || exit 1
failed=0
for path in "$PWD" "$dir" "${TMPDIR:-/tmp}/tmp."; do
    grep -rF "$path" "$dir/here" "$dir/there" && {
        echo "the site contains a path of this machine"
        failed=1
    }
done
diff -r "$dir/here" "$dir/there" || {
    echo 'the site depends on where it is built'
    failed=1
}
exit $failed
