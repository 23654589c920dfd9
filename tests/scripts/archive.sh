# SPDX-License-Identifier: Apache-2.0
# A program may define any name that the library uses inside. consumer.c is
# linked with the static library and with a hostile definition of every such
# name: functions that end the program, and data of ones. It runs a whole
# session. The names are those of lib/whole.o, which is the static library before
# its names are hidden.
[ "$JOINS" = yes ] || { echo 'no objcopy'; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# names LETTERS: the names of symbols of these types.
names() {
    ${NM:-nm} -P lib/whole.o |
        sed -n "s/^\([A-Za-z_][A-Za-z0-9_]*\) [$1] .*/\1/p" |
        grep -v -e '^_*secagg_' -e '^__' -e '^_*main$' | sort -u
}
names 'TtWw' > "$dir/functions"
names 'DdBbRrSsGg' | comm -23 - "$dir/functions" > "$dir/data"
for list in functions data; do
    [ "$(wc -l < "$dir/$list")" -gt 5 ] || {
        echo "${NM:-nm} shows few $list in whole.o"
        exit 1
    }
done
grep -qx 'sa_random' "$dir/functions" || { echo 'no sa_random'; exit 1; }

# Other types than the library's: only the names meet.
{
    echo '#include <stdlib.h>'
    echo 'extern int hostile; int hostile;'
    sed 's/.*/void &(void); void &(void) { abort(); }/' "$dir/functions"
    sed 's/.*/extern long &[16]; long &[16] = { -1, -1, -1, -1, -1 };/' "$dir/data"
} > "$dir/hostile.c"

# session NAME FLAGS...: build the program and run it.
session() {
    name=$1
    shift
    $CC $CFLAGS -w -fno-builtin "$@" -I "$srcdir"/include -o "$dir/program" \
        "$srcdir"/tests/scripts/consumer.c "$dir/hostile.c" "$STATIC" \
        $LDFLAGS $LIBS > "$dir/log" 2>&1 &&
        $WRAPPER "$dir/program" > "$dir/log" 2>&1 &&
        grep -q '^libsecagg [0-9.]*: the mean of 3$' "$dir/log" && return
    cat "$dir/log"
    echo "$name: the session fails"
    exit 1
}

session plain
session exported -rdynamic
session sections -Wl,--gc-sections

# The definitions are hostile: a program with them and whole.o does not link.
if $CC $CFLAGS -w -fno-builtin -I "$srcdir"/include -o "$dir/program" \
    "$srcdir"/tests/scripts/consumer.c "$dir/hostile.c" lib/whole.o \
    $LDFLAGS $LIBS > "$dir/log" 2>&1; then
    echo 'the definitions meet no name of the library'
    exit 1
fi
cat "$dir/functions" "$dir/data" | wc -l | sed 's/$/ hostile names/'
