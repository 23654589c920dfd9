# SPDX-License-Identifier: Apache-2.0
# Turns a Markdown file into a page of the reference site; see man/site.sh.
# Input: the list of documents, the protocol for the numbers of its clauses, and
# the file twice: once for its headings, and once to print it.

FNR == 1 { pass++ }

pass == 1 {
    target[$1] = $2
    next
}

/^ *```/ { fenced = !fenced }

# name(heading): the name of a heading. A clause has a name of its number.
function name(heading,    number) {
    number = heading
    if (sub(/ .*/, "", number) && number ~ /^([0-9]+|A)(\.[0-9]+)?$/)
        return "clause_" underscores(number)
    return page "_" slug(heading)
}

function underscores(s) {
    gsub(/\./, "_", s)
    return s
}

# slug(heading): the anchor that source code hosts give to a heading.
function slug(heading) {
    heading = tolower(heading)
    gsub(/[^a-z0-9_ -]/, "", heading)
    gsub(/ /, "-", heading)
    return heading
}

pass < 4 && !fenced && /^##+ / {
    text = $0
    sub(/^#+ /, "", text)
    if (pass == 2)
        clause[name(text)] = 1
    else {
        anchor[slug(text)] = name(text)
        headings++
    }
}

pass < 4 { next }

# clauses(text): the text with links on the numbers of clauses, but not on
# those of other documents or in the text of another link. In most documents a
# clause follows the name of the protocol.
function clauses(text,    result, before, number, after) {
    result = ""
    while (match(text, /([0-9]+|A)\.[0-9]+/)) {
        before = substr(text, 1, RSTART - 1)
        number = substr(text, RSTART, RLENGTH)
        after = substr(text, RSTART + RLENGTH)
        if (("clause_" underscores(number)) in clause \
            && (page ~ /^(protocol|vectors)$/ || before ~ /PROTOCOL\.md $/) \
            && before !~ /[0-9A-Za-z._\/-]$/ \
            && before !~ /(RFC|SP|FIPS) [0-9A-Z-]+, ([a-z]+ )?$/ \
            && before !~ /[Ss]ections? $|\[[^]]*$/ \
            && after !~ /^(\.?[0-9A-Za-z]|%)/)
            number = "@ref clause_" underscores(number) " \"" number "\""
        result = result before number
        text = after
    }
    return result text
}

# links(text): the text with links to pages in place of links to files.
function links(text,    result, label, to) {
    result = ""
    while (match(text, /\[[^][]*\]\([^()]*\)/)) {
        label = to = substr(text, RSTART, RLENGTH)
        sub(/^\[/, "", label)
        sub(/\].*/, "", label)
        sub(/^[^]]*\]\(/, "", to)
        sub(/\)$/, "", to)
        if (to ~ /^#/)
            label = substr(to, 2) in anchor \
                ? "[" label "](@ref " anchor[substr(to, 2)] ")" : label
        else if (to ~ /^[a-z]+:/)
            label = "[" label "](" to ")"
        else
            label = page_of(to) != "" \
                ? "[" label "](@ref " page_of(to) ")" : label
        result = result substr(text, 1, RSTART - 1) label
        text = substr(text, RSTART + RLENGTH)
    }
    return result text
}

# page_of(path): the page of a file that is named relative to this one.
function page_of(path,    folder) {
    sub(/#.*/, "", path)
    folder = self
    if (!sub(/\/[^\/]*$/, "", folder))
        folder = ""
    while (sub(/^\.\.\//, "", path))
        if (!sub(/\/[^\/]*$/, "", folder))
            folder = ""
    if (folder != "")
        path = folder "/" path
    return path in target ? target[path] : ""
}

# code(span): a code span. The path of a document becomes a link to its page.
# To doxygen a single quote ends a span that begins with a single backtick.
function code(span) {
    if (page_of(span) != "" || span in target)
        return "[" span "](@ref " (span in target ? target[span] \
            : page_of(span)) ")"
    return span ~ /\047/ ? "``" span "``" : "`" span "`"
}

!titled && /^<!--.*-->$/ { next }

/^# / && !titled {
    titled = 1
    print "# " title " {#" page "}"
    if (headings > 4)
        print "\n[TOC]"
    next
}

# Code is unchanged: fences, and indented blocks outside of lists.
fenced || /^ *```/ || (/^    / && !listed) {
    print
    next
}

# A code span may end on the next line.
{
    $0 = start $0
    start = ""
    if (gsub(/`/, "&") % 2 == 1) {
        start = $0 " "
        next
    }
    if (/^ *([-*]|[0-9]+\.) /) listed = 1
    else if (/^[^ ]/) listed = 0

    if (/^##+ /) {
        text = $0
        sub(/^#+ /, "", text)
        print $0 " {#" name(text) "}"
        next
    }
    n = split(links($0), span, "`")
    line = ""
    for (i = 1; i <= n; i++)
        line = line (i % 2 == 0 ? code(span[i]) \
            : clauses(span[i]))
    print line
}
