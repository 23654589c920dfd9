#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library and its tests on other machines: 64 and 32 bits, either order of
# bytes. For each of CROSS the libraries of Debian 12 for it are unpacked, then
# everything is built against them and run by qemu. Takes minutes:
# `make check-cross`, not part of `make check`. CROSS_ROOT names a folder for
# the libraries, which are used again if they are there. The vectors are in the
# run: that they pass says that all machines agree, byte for byte.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
root=${CROSS_ROOT:-$dir/root}
MAKE=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
suite=bookworm
packages=libc6-dev,libsodium-dev,libgmp-dev,libssl-dev,check,libjansson-dev
suites=${SUITES:-'bits field shamir hash prg planar fixed fixed_decode
    fixed_levels mask kernels wire params choose choose_tails msg session'}
passed=0 failed=0 skipped=0

# machine ARCHITECTURE: its compiler is $host-gcc, its emulator $qemu.
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

# libraries ARCHITECTURE: unpacked into $sysroot. Links are made relative, for
# qemu follows absolute ones to this machine.
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

# Both libraries, and the test programs, in a folder of their own.
build() {
    PKG_CONFIG_LIBDIR=$(echo "$sysroot"/usr/lib/*/pkgconfig)
    export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR="$sysroot"
    "$srcdir"/configure -q --enable-werror --build="$(cc -dumpmachine)" \
        --host=$host CC="$host-gcc --sysroot=$sysroot" &&
        $MAKE -s -j"$(nproc)" all
}

# Its last line that counts is added up.
tests() {
    {
        WRAPPER="$qemu -L $sysroot" SECAGG_SMALL=1 $MAKE -s check \
            SUITES="$suites" SCRIPTS='symbols install' 2>&1
        echo $? > code
    } | tee log | sed -u "/^  [A-Z]/d; s/^/$1: /"
    code=$(cat code)
    set -- "$1" $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' log | tail -n 1)
    [ $# -eq 4 ] || set -- "$1" 0 1 0
    [ "$code" -eq 0 ] || [ "$3" -gt 0 ] || set -- "$1" "$2" 1 "$4"
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

# The vectors are one test more. They are named one by one: qemu cannot show
# a directory of this machine to a program that has 32 bits for a place in it.
vectors() {
    if [ ! -x tests/vectors/secagg-vectors ]; then
        skipped=$((skipped + 1))
        echo "$1: SKIP vectors: no jansson to read them with"
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

# absent: what is not here of all that is needed.
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
    tests "$1"
    vectors "$1"
}

srcdir=$(cd "${srcdir:-.}" && pwd)
for architecture in ${CROSS:-arm64 s390x armhf}; do
    try "$architecture"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
