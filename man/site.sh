# SPDX-License-Identifier: Apache-2.0
# Build the reference site: sh man/site.sh OUTPUT [VERSION], in the top folder.
# It consists of the public headers, the manual pages (if mandoc exists) and
# the documents listed below. A warning of doxygen makes the script fail.
out=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$out" "$tmp/pages" || exit 1

# ---- documents -------------------------------------------------------------

# The documents that exist. A line has the file, the name of its page, and its
# title in the tree.
while read -r file rest; do
    [ ! -f "$file" ] || echo "$file $rest"
done > "$tmp/documents" << 'end'
README.md readme README
vectors/PROTOCOL.md protocol The protocol LSA1
vectors/README.md vectors Test vectors
examples/README.md example_programs Examples
CONTRIBUTING.md contributing Contributing
packaging/README.md packaging Packaging
SECURITY.md security Security
man/NEWS news News
end

# markdown FILE PAGE TITLE: the page of a Markdown file. Its title and headings
# get names; a link to a file becomes a link to its page, or plain text if it
# has none; and the number of a clause of the protocol becomes a link to it.
markdown() {
    awk -v self="$1" -v page="$2" -v title="$3" -f man/page.awk \
        "$tmp/documents" vectors/PROTOCOL.md "$1" "$1"
}

# NEWS is text with indented sections; as Markdown they are headings.
news() {
    sed -e '/^SPDX/d' -e '/^===/d' -e 's/^NEWS of .*/# News {#news}/' \
        -e 's/^[0-9].*/## &/' -e 's/^  \([A-Z][A-Za-z]*\)$/### \1/' \
        -e 's/^    //' -e 's/^  \([A-Z]\)/\1/' "$1"
}

# The part of the tree at the side with the given title; standard input has a
# line for each page: its name, then its title.
branch() {
    echo "    <tab type=\"usergroup\" visible=\"yes\" title=\"$1\">"
    while read -r page title; do
        echo "      <tab type=\"user\" url=\"@ref $page\" title=\"$title\"/>"
    done
    echo '    </tab>'
}

while read -r file page title; do
    case $page in
    news) news "$file" ;;
    *) markdown "$file" "$page" "$title" ;;
    esac > "$tmp/pages/$page.md"
    echo "$page $title"
done < "$tmp/documents" | branch Documents > "$tmp/DOCUMENTS"

# ---- manual pages ----------------------------------------------------------

# Doxygen looks for the title of the main page in the first line.
sed '/^<!-- SPDX/d' man/mainpage.md > "$tmp/pages/mainpage.md"

if command -v mandoc > /dev/null; then
    for file in man/*.[1357]; do
        name=$(basename "$file" | tr . _)
        title=$(basename "$file" | sed 's/\.\(.\)$/(\1)/')
        mandoc -T html -O fragment,man=man_%N_%S.html "$file" \
            > "$tmp/$name.html" || exit 1
        printf '/** @page man_%s %s\n * @htmlinclude[block] %s.html\n */\n' \
            "$name" "$title" "$name" > "$tmp/pages/$name.dox"
        echo "man_$name $title"
    done | branch 'Manual pages' > "$tmp/MANUAL"
else
    echo 'no mandoc: the site has no manual pages'
    : > "$tmp/MANUAL"
    sed 's/@ref man_[a-z_0-9]* "\([^"]*\)"/\1/g' man/mainpage.md |
        sed '/^<!-- SPDX/d' > "$tmp/pages/mainpage.md"
fi

# ---- the site --------------------------------------------------------------

sed -e "/^MANUAL PAGES/{r $tmp/MANUAL
d
}" -e "/^DOCUMENTS/{r $tmp/DOCUMENTS
d
}" man/layout.xml > "$tmp/layout.xml"

{
    cat man/Doxyfile
    echo "PROJECT_NUMBER = $2"
    echo "INPUT = $tmp/pages/mainpage.md man/groups.dox include $tmp/pages"
    echo 'FILE_PATTERNS = *.h *.md *.dox'
    echo "USE_MDFILE_AS_MAINPAGE = $tmp/pages/mainpage.md"
    echo "EXAMPLE_PATH = $tmp"
    echo "IMAGE_PATH = man/session.svg"
    # With a name below each folder, doxygen strips the folders' paths and makes
    # no pages of folders, whose names depend on where this tree lies.
    echo "STRIP_FROM_PATH = include $PWD/include/secagg/none/ $PWD/man/none/ \\"
    echo "    $tmp/pages/none/"
    echo "LAYOUT_FILE = $tmp/layout.xml"
    echo "OUTPUT_DIRECTORY = $out"
    echo "GENERATE_TAGFILE = $tmp/tags"
} | doxygen - || exit 1
[ -f "$out/index.html" ] || exit 1

# A document of Markdown has an anchor, to which nothing links, that is named after
# the path of its file.
while read -r file page title; do
    sed 's|<a class="anchor" id="md_[^"]*"></a>||' "$out/$page.html" \
        > "$tmp/page" && cp "$tmp/page" "$out/$page.html" || exit 1
done < "$tmp/documents"

# In the manual pages, the names of functions, headers and the protocol become
# links to their pages.
awk '/<member kind="function">/ { want = 1 }
    want && /<name>/ { name = $0; gsub(/<[^>]*>| /, "", name) }
    want && /<anchorfile>/ { file = $0; gsub(/<[^>]*>| /, "", file) }
    want && /<anchor>/ {
        anchor = $0; gsub(/<[^>]*>| /, "", anchor); want = 0
        link = "<a href=\"" file "#" anchor "\"><code class=\"Fn\">" name \
            "</code></a>"
        open = "<a class=\"permalink\" href=\"#" name "\">"
        code = "<code class=\"Fn\"[^>]*>" name "</code>"
        print "s|" open code "</a>|" link "|g"
        print "s|\\([^>]\\)" code "|\\1" link "|g"
        print "s|^" code "|" link "|g"
    }' "$tmp/tags" > "$tmp/link.sed"
cat >> "$tmp/link.sed" << 'end'
s|<a class="In">\(secagg/\)\{0,1\}\([a-z]*\)\.h</a>|<a href="\2_8h.html">\1\2.h</a>|g
s|<span class="Pa">\(vectors/PROTOCOL.md\)</span>|<a href="protocol.html">\1</a>|g
end
for file in "$out"/man_*.html; do
    [ -f "$file" ] || continue
    sed -f "$tmp/link.sed" "$file" > "$tmp/page" && cp "$tmp/page" "$file" ||
        exit 1
done
