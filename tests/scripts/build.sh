# SPDX-License-Identifier: Apache-2.0
# Ways to configure, build and install: what distributions pass, one library
# without the other, another prefix, another compiler, another machine, and
# the goals that need no configuration. Run by `make check-build`.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0 skipped=0
unset MAKEFLAGS MFLAGS MAKELEVEL
# Nothing here looks at speed.
CFLAGS=-O0
export CFLAGS

# way NAME FUNCTION: run it in a folder of its own.
way() {
    mkdir "$dir/work"
    (set -e; cd "$dir/work"; $2) > "$dir/log" 2>&1
    if [ $? -eq 0 ]; then
        passed=$((passed + 1))
        echo "PASS build: $1"
    elif grep '^SKIP ' "$dir/log"; then
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

# The suites are the same as ever; what is looked at here is what they say of
# the installed tree.
installed() {
    $MAKE -s check SUITES=tests/unit/test_wire SCRIPTS='symbols install'
}

none() {
    found=$(find . -name "$1")
    [ -z "$found" ] || { echo "there is $found"; return 1; }
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

# What is told on make's command line holds against configure.
flags_of_the_builder() {
    "$srcdir"/configure -q
    $MAKE all V=1 CFLAGS='-O0 -DMINE=1' > commands
    [ "$(grep -c 'MINE=1 .*-c ' commands)" -gt 20 ]
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

# With a compiler for another machine configure takes its tools, and the whole
# library compiles for it. Libraries for that machine are seldom there, and the
# objects need headers alone, which are the same on both. It is configure that
# links: for each dependency a program, never run, that names one function of
# it. A hollow library is enough for that: it has these names and no code, and
# nothing that is kept or run is linked against it. What runs elsewhere, with
# real libraries, is cross.sh.
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
way 'as distributions do' distribution
way '--disable-static' shared_alone
way '--disable-shared' static_alone
way 'neither' neither
way 'hardened' hardened
way 'flags on the command line' flags_of_the_builder
way 'in parallel' parallel
way 'clang' with_clang
way 'without .pc files' by_name
way 'cross' cross

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
