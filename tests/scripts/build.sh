# SPDX-License-Identifier: Apache-2.0
# Configure, build and install in the ways that distributions use: with their
# options, with only one of the libraries, with other compilers, for another
# machine; and use the goals that need no configuration. Run by
# `make check-build`.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0 skipped=0
unset MAKEFLAGS MFLAGS MAKELEVEL
# Compile quickly: speed does not matter here.
CFLAGS=-O0
export CFLAGS

# way NAME FUNCTION: run FUNCTION in a new folder and count its result, and the
# parts that its tests skip.
way() {
    mkdir "$dir/work"
    (set -e; cd "$dir/work"; $2) > "$dir/log" 2>&1
    if [ $? -eq 0 ]; then
        passed=$((passed + 1))
        echo "PASS build: $1"
        skipped=$((skipped + $(grep -c '^SKIP ' "$dir/log")))
        grep '^SKIP ' "$dir/log"
    elif grep '^SKIP build: ' "$dir/log"; then
        skipped=$((skipped + 1))
    else
        failed=$((failed + 1))
        cat "$dir/log"
        echo "FAIL build: $1"
    fi
    rm -rf "$dir/work"
}

# build ARGUMENTS...: configure, build, install into ./image.
build() {
    "$srcdir"/configure -q "$@" 2> warnings
    cat warnings
    $MAKE -s all
    $MAKE -s install DESTDIR="$PWD"/image
}

# Check the installed tree. One test program is enough: `make check` runs all.
installed() {
    $MAKE -s check SUITES="${1:-tests/unit/test_wire}" \
        SCRIPTS='symbols archive copies install'
}

# none PATTERN: no file has such a name.
none() {
    found=$(find . -name "$1")
    [ -z "$found" ] || { echo "unexpected: $found"; return 1; }
}

unconfigured() {
    for goal in clean distclean; do
        $MAKE -s -f "$srcdir"/Makefile srcdir="$srcdir" $goal
    done
    none '*'.mk
    $MAKE -s -f "$srcdir"/Makefile srcdir="$srcdir" dist
    gzip -t libsecagg-*.tar.gz
    none config.mk
}

distribution() {
    build --build="$(cc -dumpmachine)" --prefix=/usr --exec-prefix=/usr \
        --includedir='${prefix}/include' --mandir='${prefix}/share/man' \
        --infodir='${prefix}/share/info' --sysconfdir=/etc \
        --localstatedir=/var --runstatedir=/run --disable-silent-rules \
        --libdir='${prefix}/lib/some-where' --libexecdir='${prefix}/libexec' \
        --disable-maintainer-mode --disable-dependency-tracking \
        --program-prefix= --enable-static --with-pic
    grep '^V  *?= 1$' config.mk
    [ -f image/usr/lib/some-where/libsecagg.so.0 ]
    [ -f image/usr/include/secagg/base.h ]
    installed
}

shared_alone() {
    build --disable-static
    none '*.a'
    installed
    [ -z "$(find image -name '*.a')" ]
}

static_alone() {
    build --disable-shared
    none '*.so*'
    installed
}

neither() {
    ! "$srcdir"/configure -q --disable-static --disable-shared
}

hardened() {
    build CFLAGS='-O2 -g -fstack-protector-strong -Wformat' \
        CPPFLAGS='-D_FORTIFY_SOURCE=2 -DNDEBUG' \
        LDFLAGS='-Wl,-z,relro -Wl,-z,now'
    installed
}

# Variables on make's command line override those of configure.
flags_of_the_builder() {
    "$srcdir"/configure -q
    $MAKE all V=1 CFLAGS='-O0 -DMINE=1' > commands
    [ "$(grep -c 'MINE=1 .*-c ' commands)" -gt 20 ]
}

# The verbosity that configure was told, which make's command line overrides.
verbosity() {
    "$srcdir"/configure -q --disable-silent-rules
    $MAKE lib/core/bits.o > loud
    grep -e '-c -o lib/core/bits.o' loud
    $MAKE V=0 lib/core/wire.o > quiet
    ! grep -e '-c -o' quiet
}

# Objects for optimisation at link time become machine code in the archive and
# in the programs whose linker wraps functions.
at_link_time() {
    build CC=$1 --enable-werror CFLAGS='-O1 -flto' LDFLAGS='-O1 -flto'
    installed 'tests/unit/test_mem tests/session/test_memory'
}

lto_gcc() {
    at_link_time gcc
}

lto_clang() {
    command -v clang > /dev/null || { echo 'SKIP build: no clang'; exit 1; }
    echo 'int main(void) { return 0; }' > empty.c
    clang -flto -o empty empty.c || {
        echo 'SKIP build: the linker has no plugin of clang'
        exit 1
    }
    at_link_time clang
}

# Distributions set the visibility or the binding of symbols.
hidden() {
    build CFLAGS='-O0 -fvisibility=hidden' LDFLAGS=-Wl,-Bsymbolic
    installed
}

arithmetic_gcc() {
    CC=gcc sh "$srcdir"/tests/scripts/arithmetic.sh
}

arithmetic_clang() {
    command -v clang > /dev/null || { echo 'SKIP build: no clang'; exit 1; }
    CC=clang sh "$srcdir"/tests/scripts/arithmetic.sh
}

parallel() {
    "$srcdir"/configure -q
    $MAKE -s -j8 all
    $MAKE -s -j8 distclean
    none '*.[oda]'
    none Makefile
}

with_clang() {
    command -v clang > /dev/null || { echo 'SKIP build: no clang'; exit 1; }
    build CC=clang --enable-werror
    installed
}

by_name() {
    build PKG_CONFIG=false SODIUM_LIBS=-lsodium
    grep '^Libs.private: *-lsodium -lgmp -lcrypto' lib/libsecagg.pc
    grep '^Requires.private: *$' lib/libsecagg.pc
}

# conceal NAME...: the libraries, whose headers have these names, are not there.
conceal() {
    for header in "$@"; do
        mkdir -p "hidden/$(dirname "$header")"
        echo '#error this header is not there' > "hidden/$header"
    done
    export CPPFLAGS="-I$PWD/hidden"
}

# Without GMP, every vector passes, and so do the tests of all that inverts a
# scalar: sharing, decoding, and sessions of each form with dropouts and cheating
# clients. The inversion has constant time. Nothing links to GMP, nor needs it.
without_gmp() {
    conceal gmp.h
    build --without-gmp GMP_LIBS=-lnone
    ! grep gmp image/usr/local/lib/pkgconfig/libsecagg.pc
    $MAKE -s -j2 check SCRIPTS='calls symbols install secrets leaks liars' \
        SUITES="$(echo tests/unit/test_scalar tests/unit/test_shamir \
        tests/unit/test_reed_solomon tests/unit/test_share_recovery \
        tests/session/test_active tests/session/test_ring \
        tests/session/test_server_dropouts tests/session/test_faults \
        tests/attack/test_cheating_client tests/attack/test_disputes)"
    $MAKE -s -j2 check-vectors
}

# The library needs libsodium alone, and so do its tests, which are those of suite
# 2. A SKIP names each test that is left out.
sodium_alone() {
    conceal gmp.h openssl/evp.h openssl/ssl.h openssl/crypto.h openssl/err.h \
        openssl/sha.h openssl/core_names.h openssl/kdf.h
    build --with-crypto=sodium --enable-werror CFLAGS='-O1 -g' \
        GMP_LIBS=-lnone CRYPTO_LIBS=-lnone SSL_LIBS=-lnone
    pc=image/usr/local/lib/pkgconfig/libsecagg.pc
    grep '^Requires.private: libsodium' $pc
    ! grep -i 'crypto >\|gmp' $pc
    ! ${NM:-nm} -u lib/libsecagg.a | grep -E ' (EVP_|OPENSSL_|__gmp)'
    SECAGG_SMALL=1 $MAKE -s -j2 check
    tests/vectors/secagg-vectors "$srcdir"/vectors > vectors.log
    grep 'tests of suite 1 left out' vectors.log
}

# The tests that sodium_alone leaves out because they need another library.
sodium_compared() {
    build --with-crypto=sodium --disable-shared
    $MAKE -s -j2 check SUITES='$(COMPARE_CRYPTO) $(COMPARE_GMP)' \
        SCRIPTS='minimal shards'
}

no_such_library() {
    ! "$srcdir"/configure -q --with-crypto=other
}

# With a compiler for another machine configure finds that machine's tools, and
# the whole library compiles. The dependencies are rarely installed for that
# machine, but objects need only their headers, which are the same on both. Only
# configure links: one program for each dependency, which calls one function and
# never runs. An empty library with these names is enough for that. cross.sh
# runs tests on other machines with the real libraries.
cross() {
    host=aarch64-linux-gnu
    command -v $host-gcc > /dev/null || {
        echo "SKIP build: no $host-gcc"
        exit 1
    }
    mkdir hollow
    echo 'void sodium_init(void) {} void __gmpn_sec_mul(void) {}
        void EVP_CIPHER_fetch(void) {}' > hollow/all.c
    $host-gcc -w -shared -o hollow/liball.so hollow/all.c || {
        echo "SKIP build: no C library for $host"
        exit 1
    }
    for header in gmp.h sodium.h sodium openssl; do
        from=$(find /usr/include /usr/include/*-linux-gnu -maxdepth 1 \
            -name $header | head -n 1)
        cp -rL "$from" hollow
    done
    cp /usr/include/*-linux-gnu/openssl/* hollow/openssl 2> /dev/null || true
    "$srcdir"/configure -q --build="$(cc -dumpmachine)" --host=$host \
        --disable-shared CPPFLAGS="-I$PWD/hollow" SODIUM_CFLAGS=-DHOLLOW \
        SODIUM_LIBS="-L$PWD/hollow -lall" GMP_LIBS="-L$PWD/hollow -lall" \
        CRYPTO_LIBS="-L$PWD/hollow -lall" CHECK_LIBS=-lall JANSSON_LIBS=-lall
    for tool in gcc ar ranlib nm; do
        grep " $host-$tool\$" config.mk
    done
    $MAKE -s all
    $host-nm -A lib/libsecagg.a | grep 'T secagg_version'
    $host-objdump -f lib/libsecagg.a | grep 'architecture: aarch64'
}

way 'no configuration' unconfigured
way 'options of a distribution' distribution
way '--disable-static' shared_alone
way '--disable-shared' static_alone
way 'neither library is refused' neither
way 'hardening flags' hardened
way 'flags on the command line' flags_of_the_builder
way 'parallel make' parallel
way 'clang' with_clang
way 'verbosity' verbosity
way 'link-time optimisation with gcc' lto_gcc
way 'link-time optimisation with clang' lto_clang
way 'hidden visibility' hidden
way 'flags of arithmetic with gcc' arithmetic_gcc
way 'flags of arithmetic with clang' arithmetic_clang
way 'without .pc files' by_name
way 'without GMP' without_gmp
way 'libsodium alone' sodium_alone
way 'libsodium compared with OpenSSL and GMP' sodium_compared
way 'another library is refused' no_such_library
way 'cross compiler' cross

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
