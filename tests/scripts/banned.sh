# SPDX-License-Identifier: Apache-2.0
# What no review should have to look for: calls that lib/ does not make, lines
# and files and functions over their limit, files without a licence.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" || exit 1
: > "$dir/found"

# The code of lib/ as file:line:code, comments and strings taken out; and
# beside it `//` wherever code has it.
awk -v slashes="$dir/slashes" '
    FNR == 1 { open = 0 }
    {
        line = $0; code = ""
        while (line != "") {
            if (open) {
                i = index(line, "*/")
                if (!i) { line = ""; break }
                line = substr(line, i + 2); open = 0
            } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/)) {
                code = code substr(line, 1, RSTART - 1)
                token = substr(line, RSTART, RLENGTH)
                line = substr(line, RSTART + RLENGTH)
                if (token == "/*") open = 1
                else if (token == "//") {
                    print FILENAME ":" FNR ": a // comment" > slashes
                    line = ""
                } else code = code "\"\""
            } else { code = code line; line = "" }
        }
        print FILENAME ":" FNR ": " code
    }' lib/*/*.[ch] include/*.h include/secagg/*.h > "$dir/code"
[ ! -f "$dir/slashes" ] || cat "$dir/slashes" >> "$dir/found"

# look WHY PATTERN [EXCEPT]: nothing in lib/ begins as PATTERN says, save in
# lines that match EXCEPT. calls: the same of words before a parenthesis; words:
# of words anywhere.
look() {
    grep -E ":[0-9]+: (.*[^A-Za-z0-9_.>])?$2" "$dir/code" |
        grep -Ev "${3:-^\$}" | sed "s|\$|   <- $1|" >> "$dir/found"
}
calls() {
    look "$1" "($2) *\\(" "$3"
}
words() {
    look "$1" "($2)([^A-Za-z0-9_]|\$)" "$3"
}

calls 'memory is sa_alloc and sa_free' \
    'malloc|calloc|realloc|reallocarray|aligned_alloc|alloca|free|strdup' \
    '^lib/core/mem\.c:'
words 'field arithmetic is mpn_ on fixed limbs' 'mp[zqf]_[a-z0-9_]*'
calls 'no streams in a library' \
    'v?f?printf|puts|fputs|fputc|putc|putchar|fwrite|fopen|perror'
words 'no streams in a library' 'stdout|stderr|stdin'
calls 'a copy has a length' 'v?sprintf|strn?cpy|strn?cat|stpcpy|gets|scanf'
calls 'randomness comes from the seed of a handle' \
    's?rand|s?random|rand_r|[dlm]rand48|arc4random[a-z_]*|getrandom'
calls 'no clock, no environment' \
    'time|clock|clock_gettime|gettimeofday|(secure_)?getenv|setenv|sleep'
calls 'an error is returned' \
    '_?setjmp|longjmp|abort|_?exit|_Exit|atexit|assert|raise|signal'
words 'an error is returned' 'errno'
words 'the host brings the threads' \
    'pthread_[a-z_]*|thrd_[a-z]*|fork|_Thread_local|__thread'
words 'no hooks into what others share' \
    'mp_set_memory_functions|CRYPTO_set_mem_functions|sodium_set_[a-z_]*'
words 'a kernel is chosen by a pointer' 'target_clones|ifunc'
calls 'numbers come from messages, not from text' \
    'ato[ifl]+|strto[a-z]+'
grep -n 'memcmp *(' lib/*/*.[ch] | grep -v '/\* public \*/' |
    grep -v 'sodium_memcmp' |
    sed 's|$|   <- not marked as public: use sa_ct_equal|' >> "$dir/found"

# Limits.
awk 'length($0) > 80 { print FILENAME ":" FNR ": over 80 columns" }
     /\t/ { print FILENAME ":" FNR ": a tab" }
     /[ \t]$/ { print FILENAME ":" FNR ": blanks at the end" }' \
    $(find lib include tests bench examples vectors -name '*.[ch]' \
        2> /dev/null) >> "$dir/found"
wc -l lib/*/*.[ch] include/*.h include/secagg/*.h |
    awk '$1 > 500 && $2 != "total" { print $2 ": " $1 " lines, of 500" }' \
    >> "$dir/found"
if ctags --version 2> /dev/null | grep -q 'Universal Ctags'; then
    ctags -f - --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne \
        --extras= lib/*/*.[ch] |
        sed 's/^\([^	]*\)	\([^	]*\)	.*	line:\([0-9]*\).*	end:\([0-9]*\).*/\2 \1 \3 \4/' \
        > "$dir/functions"
    [ -s "$dir/functions" ] || echo 'ctags found no function' >> "$dir/found"
    awk '$4 - $3 >= 60 { print $1 ": " $2 " has " $4 - $3 + 1 \
        " lines, of 60" }' "$dir/functions" >> "$dir/found"
else
    echo 'SKIP banned: length of functions: no universal-ctags'
fi

# Licences: of what git knows, or of what a tarball says it holds.
if [ -e .git ]; then
    git ls-files
elif [ -f lib/MANIFEST ]; then
    cat lib/MANIFEST
fi > "$dir/files"
if [ -s "$dir/files" ]; then
    grep -Ev '^(LICENSE|configure|lib/MANIFEST|\.gitignore)$|/data/|/corpus/|\.(json|csv|abi|ic|svg|png|bin)$' \
        "$dir/files" | while read -r file; do
        [ ! -f "$file" ] || head -n 3 "$file" |
            grep -q 'SPDX-License-Identifier: ' ||
            echo "$file: no SPDX-License-Identifier in its first lines"
    done >> "$dir/found"
else
    echo 'SKIP banned: licences: neither git nor a manifest lists the files'
fi

cat "$dir/found"
[ ! -s "$dir/found" ]
