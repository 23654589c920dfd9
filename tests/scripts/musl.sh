#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library and its tests with the C library musl. This script builds the
# dependencies from Debian's sources with musl-gcc, then everything with them,
# statically. Takes minutes: `make check-musl`, not part of `make check`.
# MUSL_ROOT names a folder that keeps the dependencies for the next run.
for tool in musl-gcc apt-get dpkg-source autoreconf libtoolize; do
    command -v $tool > /dev/null || { echo "no $tool"; exit 77; }
done
set -e
srcdir=$(cd "${srcdir:-.}" && pwd)
MAKE=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=${MUSL_ROOT:-$dir/root}
jobs=-j$(nproc)

# Settings with which apt downloads sources without changing the machine.
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
    grep '/debian/\{0,1\}$' | head -n 1)
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/src"
echo "deb-src ${MIRROR:-$site} $suite main" \
    > "$dir/sources.list"
apt_get() {
    apt-get -qq -o Dir::Etc::sourcelist="$dir/sources.list" \
        -o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" \
        -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root "$@"
}

# Headers of the kernel, which musl-gcc does not search.
mkdir -p "$root/kernel"
for header in linux asm-generic; do
    ln -sfn /usr/include/$header "$root/kernel/$header"
done
ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$root/kernel/asm"

# get NAME MODULE COMMANDS: build a source package unless it is installed.
get() {
    [ ! -f "$root/lib/pkgconfig/$2.pc" ] || return 0
    echo "building $1"
    [ -f "$dir/updated" ] || apt_get update
    : > "$dir/updated"
    (cd "$dir/src" && apt_get source "$1" && cd "$1"-* && eval "$3") \
        > "$dir/log" 2>&1 || { tail -n 40 "$dir/log"; exit 1; }
}

static="CC=musl-gcc --prefix=$root --disable-shared"
get libsodium libsodium "autoreconf -fi && ./configure -q $static \
    --disable-ssp && make -s $jobs install"
get gmp gmp "autoreconf -fi && ./configure -q $static && \
    make -s $jobs install"
get check check "autoreconf -fi && ./configure -q $static --disable-subunit \
    --disable-build-docs && make -s $jobs -C lib && \
    make -s $jobs -C src install && \
    sed s/-lcheck_pic/-lcheck/ check.pc > $root/lib/pkgconfig/check.pc && \
    cp check_stdint.h $root/include"
get openssl libcrypto "CC='musl-gcc -isystem $root/kernel' ./Configure \
    linux-x86_64 --prefix=$root --libdir=lib no-shared no-tests no-engine no-dso \
    no-async no-module && make -s $jobs build_libs && make -s libcrypto.pc && \
    mkdir -p $root/include && cp -r include/openssl $root/include && \
    cp libcrypto.a $root/lib && sed 's,^prefix=.*,prefix=$root,
        s,^exec_prefix=.*,exec_prefix=$root,
        s,^libdir=.*,libdir=$root/lib,
        s,^includedir=.*,includedir=$root/include,' libcrypto.pc \
    > $root/lib/pkgconfig/libcrypto.pc"

mkdir "$dir/build"
cd "$dir/build"
export PKG_CONFIG_LIBDIR="$root/lib/pkgconfig"
# -isystem: no warnings about headers of other projects.
"$srcdir"/configure -q --enable-werror --disable-shared CC=musl-gcc \
    CPPFLAGS="-isystem $root/include -isystem $root/kernel" LDFLAGS="-static -L$root/lib"
$MAKE -s $jobs all
file=$(ls lib/libsecagg.a)
! ${NM:-nm} "$file" | grep -E ' U __.*_chk$'
$MAKE -s check
