#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library and its tests on other machines: 64 and 32 bits, little-endian and
# big-endian. For each architecture in CROSS this script unpacks the libraries of
# Debian 12, builds everything with them, and runs the tests with qemu, among
# them the vectors, which show that all machines compute the same bytes. Takes
# minutes: `make check-cross`, not part of `make check`. CROSS_ROOT names a
# folder that keeps the libraries for the next run. TESTS names the tests.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
root=${CROSS_ROOT:-$dir/root}
MAKE=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
suite=bookworm
packages=libc6-dev,libsodium-dev,libgmp-dev,libssl-dev,check,libjansson-dev
tests=${TESTS:-'bits scalar shamir hash keystream planar fixed fixed_decode
    fixed_backends mask backends wire params params_choose params_choose_tails
    msg session'}
passed=0 failed=0 skipped=0

# machine ARCHITECTURE: set $host, whose compiler is $host-gcc, and $qemu, its
# emulator.
machine() {
    case $1 in
    arm64)   host=aarch64-linux-gnu qemu=aarch64 ;;
    armhf)   host=arm-linux-gnueabihf qemu=arm ;;
    i386)    host=i686-linux-gnu qemu=i386 ;;
    ppc64el) host=powerpc64le-linux-gnu qemu=ppc64le ;;
    *)       host=$1-linux-gnu qemu=$1 ;;
    esac
    qemu=qemu-$qemu-static
}

# libraries ARCHITECTURE: unpack the libraries into $sysroot. Symbolic links are
# made relative, because qemu resolves absolute ones on this machine.
libraries() {
    [ ! -d "$sysroot/usr/include" ] || return 0
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
        grep '/debian/\{0,1\}$' | head -n 1)
    mkdir -p "$root" && mmdebstrap -q --mode=root --variant=extract \
        --architectures="$1" --include=$packages $suite "$sysroot" \
        "deb $site $suite main" || return 1
    find "$sysroot" -xdev -type l -lname '/*' | while read -r link; do
        to=$sysroot$(readlink "$link")
        ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$to")" \
            "$link"
    done
}

# Build both libraries in the current folder.
build() {
    PKG_CONFIG_LIBDIR=$(echo "$sysroot"/usr/lib/*/pkgconfig)
    export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR="$sysroot"
    "$srcdir"/configure -q --enable-werror --build="$(cc -dumpmachine)" \
        --host=$host CC="$host-gcc --sysroot=$sysroot" &&
        $MAKE -s -j"$(nproc)" all
}

# suites NAME...: the test programs as make names them: tests/FOLDER/test_NAME.
suites() {
    for name in "$@"; do
        (cd "$srcdir" && ls tests/*/test_"$name".c) | sed 's/\.c$//'
    done
}

# Run the tests and add the numbers of their last line to the totals.
run_tests() {
    {
        WRAPPER="$qemu -L $sysroot" SECAGG_SMALL=1 $MAKE -s check \
            SUITES="$(echo $(suites $tests))" SCRIPTS='symbols install' 2>&1
        echo $? > code
    } | tee log | sed -u "/^  [A-Z]/d; s/^/$1: /"
    code=$(cat code)
    set -- "$1" $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' log | tail -n 1)
    [ $# -eq 4 ] || set -- "$1" 0 1 0
    [ "$code" -eq 0 ] || [ "$3" -gt 0 ] || set -- "$1" "$2" 1 "$4"
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

# The vectors count as one test. Each file is named, because a 32-bit program
# under qemu cannot read a directory of this machine.
vectors() {
    if [ ! -x tests/vectors/secagg-vectors ]; then
        skipped=$((skipped + 1))
        echo "$1: SKIP vectors: no jansson"
    elif $qemu -L "$sysroot" tests/vectors/secagg-vectors "$srcdir"/vectors/*.json \
        > log 2>&1; then
        passed=$((passed + 1))
        echo "$1: PASS vectors: $(tail -n 1 log)"
    else
        failed=$((failed + 1))
        sed "s/^/$1: /" log
        echo "$1: FAIL vectors"
    fi
}

# absent: print the tools that are needed and missing.
absent() {
    for tool in $host-gcc $qemu; do
        command -v $tool > /dev/null || echo "no $tool"
    done
    [ ! -d "$sysroot/usr/include" ] || return 0
    for tool in apt-get mmdebstrap; do
        command -v $tool > /dev/null || echo "no $tool"
    done
    [ "$(id -u)" = 0 ] || echo 'mmdebstrap needs root'
}

try() {
    machine "$1"
    sysroot=$root/$1
    absent=$(absent)
    if [ -n "$absent" ]; then
        skipped=$((skipped + 1))
        echo "$1: SKIP all:" $absent
        return
    fi
    mkdir -p "$dir/$1" && cd "$dir/$1" || exit 1
    if ! { libraries "$1" && build; } > log 2>&1; then
        failed=$((failed + 1))
        tail -n 40 log
        echo "$1: FAIL build"
        return
    fi
    run_tests "$1"
    vectors "$1"
}

srcdir=$(cd "${srcdir:-.}" && pwd)
for architecture in ${CROSS:-arm64 s390x armhf}; do
    try "$architecture"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
