# SPDX-License-Identifier: Apache-2.0
# Every file declares its licence: by a line SPDX-License-Identifier, or in a
# paragraph of .reuse/dep5 below the first, which is for all files. The text of
# each licence is in .reuse/LICENSES or LICENSE. `reuse lint`, if it is there,
# agrees; it wants these texts in a folder LICENSES at the top.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" || exit 1
{ [ ! -e .git ] || git ls-files; } > "$dir/files" 2> /dev/null
if [ ! -s "$dir/files" ]; then
    [ ! -f lib/MANIFEST ] || grep -vx -e configure -e lib/MANIFEST \
        lib/MANIFEST > "$dir/files"
fi
[ -s "$dir/files" ] || {
    echo "neither git nor lib/MANIFEST lists files"
    exit 77
}
failed=0

# The patterns of the paragraphs below the first.
awk '/^Files:/ { paragraph++ }
    /^[A-Za-z-]*:/ { patterns = /^Files:/ }
    patterns && paragraph > 1 { sub(/^Files:/, ""); for (i = 1; i <= NF; i++)
        print $i }' .reuse/dep5 > "$dir/patterns"

# Returns whether a pattern matches $1. As in dep5, * matches slashes, too.
in_paragraph() {
    while read -r pattern; do
        case $1 in
        $pattern) return 0 ;;
        esac
    done < "$dir/patterns"
    return 1
}

# The files without such a line among their first three.
LC_ALL=C
export LC_ALL
tr '\n' '\0' < "$dir/files" | xargs -0 awk 'FNR > 3 { nextfile }
    /SPDX-License-Identifie[r]: [A-Z]/ { print FILENAME }' |
    sort -u > "$dir/clear"
sort "$dir/files" | comm -23 - "$dir/clear" > "$dir/bare"
while read -r file; do
    case $file in
    LICENSE | .reuse/*) continue ;;
    esac
    in_paragraph "$file" || {
        echo "$file: neither" \
            "a line SPDX-License-Identifier nor a paragraph in .reuse/dep5"
        failed=1
    }
done < "$dir/bare"
while read -r pattern; do
    found=
    while read -r file; do
        case $file in
        $pattern) found=yes; break ;;
        esac
    done < "$dir/files"
    [ -n "$found" ] || { echo ".reuse/dep5: no file is $pattern"; failed=1; }
done < "$dir/patterns"
for licence in $(sed -n 's/^License: *//p' .reuse/dep5) $(tr '\n' '\0' \
    < "$dir/clear" | xargs -0 sed -n \
    's/^[^A-Za-z]*SPDX-License-Identifie[r]: \([A-Za-z0-9.-]*\).*/\1/p' |
    sort -u); do
    [ "$licence" = Apache-2.0 ] || [ -s ".reuse/LICENSES/$licence.txt" ] || {
        echo "no text of the licence $licence"
        failed=1
    }
done

if ! command -v reuse > /dev/null; then
    echo 'SKIP licences: reuse lint: no reuse'
    exit $failed
fi
mkdir "$dir/tree" && tar -cf - -T "$dir/files" | tar -xf - -C "$dir/tree" &&
    mv "$dir/tree/.reuse/LICENSES" "$dir/tree" &&
    cp LICENSE "$dir/tree/LICENSES/Apache-2.0.txt" || exit 1
reuse --root "$dir/tree" lint > "$dir/log" 2>&1 || {
    cat "$dir/log"
    failed=1
}
exit $failed
