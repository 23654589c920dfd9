#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build the source distribution, and from it the wheel for this machine, with
# libsodium and libcrypto inside: wheels/build.sh [FOLDER], default dist. The same
# sources give the same bytes, whichever the folder. `make wheel` calls this.
#
# PYTHON            the Python that builds; the wheel serves 3.10 and later
# SOURCE_DATE_EPOCH the time of all files; default: that of the last commit
# WHEEL_TOOLS       a virtual environment with requirements.txt; default: a new one
# CC                the compiler; with musl-gcc and libraries of dependencies.sh, the
#                   wheel is for systems with musl
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${1:-dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL

tools=${WHEEL_TOOLS:-$work/tools}
if [ ! -x "$tools/bin/auditwheel" ]; then
    "${PYTHON:-python3}" -m venv "$tools"
    "$tools/bin/pip" -q install -r "$here/requirements.txt"
fi
PATH=$tools/bin:$PATH

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$({ [ -e "$root/.git" ] &&
        git -C "$root" log -1 --format=%ct 2> /dev/null; } ||
        date -r "$root/include/secagg/base.h" +%s)
fi
export SOURCE_DATE_EPOCH

# What the package needs, without what was built in the tree, which may be
# read-only.
mkdir -p "$work/tree/bindings"
cp -R "$root/configure.ac" "$root/Makefile" "$root/LICENSE" "$root/lib" \
    "$root/include" "$work/tree"
cp -R "$root/bindings/python" "$work/tree/bindings"
chmod -R u+w "$work/tree"
cd "$work/tree/bindings/python"
rm -rf build dist libsecagg wheels/sources src/*.egg-info src/secagg/*.so src/secagg/*.c
find . -name __pycache__ -exec rm -rf {} +
if [ -x "$root/configure" ]; then
    cp "$root/configure" "$work/tree"
else
    (cd "$work/tree" && autoconf)
fi

# The flags are not those with which this Python was built: they may name folders
# of this machine. The compiler writes no name of the temporary folder.
export CC="${CC:-cc}"
export LDSHARED="$CC -shared"
export CFLAGS="-O2 -D_FORTIFY_SOURCE=2 ${CFLAGS:-} -ffile-prefix-map=$work/="
if [ "$(uname -s)" = Linux ]; then
    export LDFLAGS="-Wl,-z,relro -Wl,-z,noexecstack ${LDFLAGS:-}"
else
    export LDSHARED="$CC -bundle -undefined dynamic_lookup"
fi
export SECAGG_STATIC=1 SECAGG_LIBRARY=bundled PYTHONDONTWRITEBYTECODE=1
python -m build -q --no-isolation --sdist --outdir "$out"
mkdir "$work/unpacked" "$work/raw"
tar -xzf "$(ls -t "$out"/secagg-*.tar.gz | head -n 1)" -C "$work/unpacked"
cd "$work"/unpacked/secagg-*

# With musl, auditwheel would have to run on a system with musl. The tag of musl
# is its version; as with glibc, the extension needs only the C library.
case $CC in
*musl-gcc*)
    python -m build -q --no-isolation --wheel --outdir "$work/raw" \
        "-C--build-option=--plat-name=musllinux_1_2_$(uname -m)" ;;
*)  python -m build -q --no-isolation --wheel --outdir "$work/raw" ;;
esac

# The tag that the symbols of the C library allow. Nothing is copied in.
case $(uname -s)-$CC in
Linux-*musl-gcc* | Darwin-*) cp "$work"/raw/*.whl "$out" ;;
*)  auditwheel repair --plat auto --only-plat -w "$out" "$work"/raw/*.whl ;;
esac
cd "$out" && ls -l secagg-*
