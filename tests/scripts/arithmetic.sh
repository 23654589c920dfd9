# SPDX-License-Identifier: Apache-2.0
# No flag of a user changes a code: for each flag below that CC knows, the files
# with arithmetic of doubles are compiled with it. The compiler refuses with a
# sentence of lib/core/ieee.h, or the library agrees with the vectors, which an
# independent implementation computed: with the fastest backend, and with the
# portable one alone; test_fixed_backends compares the others. The shared library
# leaves the floating-point environment of a program alone. Works
# in the current folder; build.sh calls it with each compiler.
set -e
"$srcdir"/configure -q CC="$CC" CFLAGS=-O2
vectors=
if grep -q HAVE_JANSSON config.mk; then
    vectors=tests/vectors/secagg-vectors
else
    echo 'vectors are not compared: no jansson'
fi
test=tests/unit/test_fixed_backends
build() {
    $MAKE -s CFLAGS="-O2 $flags" "$@" all $vectors $test
}
objects=$(cd "$srcdir" && grep -lw 'double\|float' lib/*/*.c | sed 's/c$/o/')
[ "$(echo "$objects" | wc -l)" -gt 8 ]

# The program fails if the library made the machine treat subnormal numbers as 0.
cat > host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
static volatile double least = 0x1p-1022;
int main(int argc, char **argv)
{
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (library == NULL || least / 2 == 0)
        puts("subnormal numbers are 0 in a program with the library");
    return library == NULL || least / 2 == 0;
}
END
$CC -o host host.c -ldl

agree() {
    ./host lib/libsecagg.so || return 1
    [ -z "$vectors" ] || $vectors "$srcdir"/vectors/encoding.json \
        "$srcdir"/vectors/decode.json "$srcdir"/vectors/choice.json || return 1
    SECAGG_SMALL=1 $test
}

# same LEVEL OBJECTS VARIABLES...: compile the objects, and compare.
same() {
    level=$1
    rm -f $2
    shift 2
    if build "$@" > log 2>&1; then
        agree > log 2>&1 && echo "$flags: the same with $level" && return
    elif grep -q 'error.*\(have no common sum\|must have 53 bits\)' log; then
        echo "$flags: refused"
        return
    fi
    cat log
    echo "$flags: another result with $level"
    return 1
}

# With SECAGG_SMALL only one set of flags of each kind is tried: fast mathematics,
# its parts, contraction, and another unit for arithmetic.
is_due() {
    [ -n "$SECAGG_SMALL" ] || return 0
    case $flags in
    -Ofast | -fassociative-math* | -ffp-contract* | -mfpmath=387) ;;
    *) return 1 ;;
    esac
}

count=0
while read -r flags; do
    is_due || continue
    echo 'int main(void) { return 0; }' > empty.c
    if ! $CC -Werror $flags -o empty empty.c > log 2>&1; then
        echo "$flags: unknown to $CC"
        continue
    fi
    same 'all backends' "$objects"
    same 'the portable backend' 'lib/vector/fixed_avx*.o' AVX2_CFLAGS= \
        AVX512_CFLAGS=
    count=$((count + 1))
done <<'END'
-O2
-Ofast
-ffast-math
-funsafe-math-optimizations
-fassociative-math -fno-signed-zeros -fno-trapping-math
-freciprocal-math
-ffinite-math-only
-ffp-contract=fast -mfma
-frounding-math
-fexcess-precision=fast
-mfpmath=387
-mfpmath=both
-fsingle-precision-constant
-ffp-model=fast
-fapprox-func
-fdenormal-fp-math=preserve-sign
-mdaz-ftz
END
[ $count -gt 2 ]
