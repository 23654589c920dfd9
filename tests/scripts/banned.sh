# SPDX-License-Identifier: Apache-2.0
# Rules that a script can check: functions that lib/ must not call; limits on the
# length of lines, files and functions.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$srcdir" || exit 1
: > "$dir/found"

# Write the code of lib/ and include/ as file:line:code, without comments and
# strings, and report each `//` comment.
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

# reject RULE PATTERN [EXCEPT]: report each place in lib/ that matches PATTERN,
# except in lines that match EXCEPT. RULE is the rule that it breaks.
# calls: report calls of these functions; words: report these identifiers.
reject() {
    grep -E ":[0-9]+: (.*[^A-Za-z0-9_.>])?$2" "$dir/code" |
        grep -Ev "${3:-^\$}" | sed "s|\$|   <- $1|" >> "$dir/found"
}
calls() {
    reject "$1" "($2) *\\(" "$3"
}
words() {
    reject "$1" "($2)([^A-Za-z0-9_]|\$)" "$3"
}

calls 'allocate with sa_alloc and sa_free' \
    'malloc|calloc|realloc|reallocarray|aligned_alloc|alloca|free|strdup' \
    '^lib/core/mem\.c:'
words 'scalars use mpn_ functions on fixed limbs' 'mp[zqf]_[a-z0-9_]*'
calls 'a library does not print' \
    'v?f?printf|puts|fputs|fputc|putc|putchar|fwrite|fopen|perror'
words 'a library does not print' 'stdout|stderr|stdin'
calls 'use functions with a length' 'v?sprintf|strn?cpy|strn?cat|stpcpy|gets|scanf'
calls 'randomness comes from the seed of a handle' \
    's?rand|s?random|rand_r|[dlm]rand48|arc4random[a-z_]*|getrandom' \
    '^lib/core/system_random\.c:'
calls 'a library reads neither clock nor environment' \
    'time|clock|clock_gettime|gettimeofday|(secure_)?getenv|setenv|sleep'
calls 'errors are returned' \
    '_?setjmp|longjmp|abort|_?exit|_Exit|atexit|assert|raise|signal'
words 'errors are returned, and the errno of the host is only restored' 'errno' \
    '^lib/(core/(mem|system_random)|crypto/provider_openssl)\.c:'
words 'only the host creates threads' \
    'pthread_[a-z_]*|thrd_[a-z]*|fork|_Thread_local|__thread'
words 'no change of global settings of other libraries' \
    'mp_set_memory_functions|CRYPTO_set_mem_functions|sodium_set_[a-z_]*'
words 'a kernel is selected by a pointer' 'target_clones|ifunc'
calls 'the library parses no text' \
    'ato[ifl]+|strto[a-z]+'
grep -n 'memcmp *(' lib/*/*.[ch] | grep -v '/\* public \*/' |
    grep -v 'sodium_memcmp' |
    sed 's|$|   <- use sa_ct_equal, or mark it as public|' >> "$dir/found"

# Limits.
awk 'length($0) > 80 { print FILENAME ":" FNR ": more than 80 columns" }
     /\t/ { print FILENAME ":" FNR ": contains a tab" }
     /[ \t]$/ { print FILENAME ":" FNR ": ends with a blank" }' \
    $(find lib include tests bench examples vectors -name '*.[ch]' \
        2> /dev/null) >> "$dir/found"
wc -l lib/*/*.[ch] include/*.h include/secagg/*.h |
    awk '$1 > 500 && $2 != "total" { print $2 ": " $1 " lines; the limit is 500" }' \
    >> "$dir/found"
if ctags --version 2> /dev/null | grep -q 'Universal Ctags'; then
    ctags -f - --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne \
        --extras= lib/*/*.[ch] |
        sed 's/^\([^	]*\)	\([^	]*\)	.*	line:\([0-9]*\).*	end:\([0-9]*\).*/\2 \1 \3 \4/' \
        > "$dir/functions"
    [ -s "$dir/functions" ] || echo 'ctags found no function' >> "$dir/found"
    awk '$4 - $3 >= 60 { print $1 ": " $2 " has " $4 - $3 + 1 \
        " lines; the limit is 60" }' "$dir/functions" >> "$dir/found"
else
    echo 'SKIP banned: length of functions: no universal-ctags'
fi

cat "$dir/found"
[ ! -s "$dir/found" ]
