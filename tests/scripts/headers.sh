# SPDX-License-Identifier: Apache-2.0
# Each public header compiles alone and included twice, in C and in C++, with
# only the headers of a freestanding compiler. So no header of a dependency or
# of the C library is needed to use it.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0 tried=0
headers=$(cd "$srcdir"/include && ls secagg.h secagg/*.h)

# one COMPILER LANGUAGE STANDARD HEADER: compile a file that includes it twice.
one() {
    printf '#include <%s>\n#include <%s>\n' "$4" "$4" > "$dir/use"
    echo 'extern int use; int use = SECAGG_VERSION_MAJOR;' >> "$dir/use"
    tried=$((tried + 1))
    $1 -x "$2" -std="$3" -pedantic-errors -Wall -Wextra -Wundef -Werror \
        -ffreestanding -nostdinc -isystem "$own" -I "$srcdir"/include \
        -fsyntax-only "$dir/use" > "$dir/log" 2>&1 && return
    failed=1
    echo "$4 in $3 with $1:"
    cat "$dir/log"
}

# try COMPILER LANGUAGE STANDARD...: compile all headers.
try() {
    compiler=$1 language=$2
    shift 2
    if ! command -v ${compiler%% *} > /dev/null; then
        echo "SKIP headers: no ${compiler%% *}"
        return
    fi
    own=$($compiler -print-file-name=include)
    for standard in "$@"; do
        for header in $headers; do
            one "$compiler" "$language" "$standard" "$header"
        done
    done
}

try "$CC" c c99
try gcc c c99 c11
try clang c c99 c11
try g++ c++ c++98 c++17
try clang++ c++ c++98 c++17
echo "$tried compilations"
[ $tried -gt 0 ] && exit $failed
