#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build static libsodium and libcrypto for wheels from their source tarballs, for
# systems whose packages have none that are recent enough:
# wheels/dependencies.sh PREFIX. Then build the wheel with
# PKG_CONFIG_LIBDIR=PREFIX/lib/pkgconfig.
#
# SOURCES     the folder of libsodium*.tar.gz and openssl*.tar.gz; default: sources
#             beside this script. Check their signatures before.
# OPENSSLDIR  where OpenSSL looks for its configuration; default: /etc/ssl
# CC          the compiler, also musl-gcc
set -eu
umask 022
prefix=$(mkdir -p "$1" && cd "$1" && pwd)
sources=$(cd "${SOURCES:-$(dirname "$0")/sources}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=-j$(getconf _NPROCESSORS_ONLN)
export CC="${CC:-cc}"
# One section for each function: the linker leaves out what the wheel does not
# use. The compiler writes no name of a folder of this machine.
flags="-O2 -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections"
flags="$flags -ffile-prefix-map=$work/="

# unpack NAME: the only tarball with this name.
unpack() {
    set -- "$1" "$sources/$1"*.tar.gz
    [ $# = 2 ] && [ -f "$2" ] || {
        echo "$sources must have one $1*.tar.gz"
        exit 1
    }
    mkdir "$work/$1"
    tar -xzf "$2" -C "$work/$1" --strip-components 1
    cd "$work/$1"
}

unpack libsodium
[ -x configure ] || ./autogen.sh > /dev/null
./configure -q --prefix="$prefix" --libdir="$prefix/lib" --disable-shared \
    --with-pic CFLAGS="$flags"
make -s "$jobs" install

# musl-gcc does not search the headers of the kernel.
case $CC in
*musl-gcc*)
    mkdir "$work/kernel"
    for header in linux asm-generic; do
        ln -s "/usr/include/$header" "$work/kernel/$header"
    done
    ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$work/kernel/asm"
    flags="$flags -isystem $work/kernel" ;;
esac

# The library uses the EVP interface of the default provider only. It loads no
# modules and no engines.
unpack openssl
./Configure --prefix="$prefix" --libdir=lib \
    --openssldir="${OPENSSLDIR:-/etc/ssl}" no-shared no-tests no-engine no-dso \
    no-module no-async no-legacy no-comp no-ssl3 no-cmp no-cms no-ts no-ocsp \
    no-deprecated CFLAGS="$flags" > /dev/null
make -s "$jobs" build_libs
make -s libcrypto.pc
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
cp -R include/openssl "$prefix/include"
cp libcrypto.a "$prefix/lib"
sed "s,^prefix=.*,prefix=$prefix,; s,^exec_prefix=.*,exec_prefix=$prefix,
    s,^libdir=.*,libdir=$prefix/lib,
    s,^includedir=.*,includedir=$prefix/include," libcrypto.pc \
    > "$prefix/lib/pkgconfig/libcrypto.pc"
