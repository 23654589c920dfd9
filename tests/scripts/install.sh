# SPDX-License-Identifier: Apache-2.0
# `make install` installs all that a program needs: consumer.c is built with the
# staged files by pkg-config and CMake, with the shared and the static library
# and as C++, and it runs. The specification, NEWS, secagg-vectors and, by
# `make install-vectors`, the vectors are installed. `make uninstall` removes every file again.
if ! command -v "$PKG_CONFIG" > /dev/null; then
    echo "no pkg-config"
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
stage=$dir/stage

die() {
    echo "$1"
    [ ! -f "$dir/log" ] || cat "$dir/log"
    exit 1
}

staged() {
    MAKEFLAGS= $MAKE -s "$1" DESTDIR="$stage" > "$dir/log" 2>&1 ||
        die "make $1 failed"
}

# run NAME: run the consumer and check its output.
run() {
    LD_LIBRARY_PATH="$lib" DYLD_LIBRARY_PATH="$lib" $WRAPPER "$dir/$1" \
        > "$dir/log" 2>&1 || die "$1: the program fails"
    grep -q '^libsecagg [0-9.]*: the mean of 3$' "$dir/log" ||
        die "$1: the program prints something else"
}

# by_pkgconfig NAME COMPILER SOURCE [--static]: build and run.
by_pkgconfig() {
    $2 $CFLAGS $("$PKG_CONFIG" --cflags libsecagg) -o "$dir/$1" \
        "$dir/$3" $LDFLAGS $("$PKG_CONFIG" $4 --libs libsecagg) -lm \
        > "$dir/log" 2>&1 ||
        die "$1: does not build"
    run "$1"
}

# bound_early NAME: the program binds all functions when it starts.
bound_early() {
    case $("$PKG_CONFIG" --static --libs libsecagg) in
    *-z,now*) ;;
    *) return ;;
    esac
    command -v readelf > /dev/null || return
    readelf -d "$dir/$1" | grep -q -e BIND_NOW -e 'Flags:.* NOW' ||
        die "$1: the program binds functions late"
}

# by_cmake NAME TARGET: build and run. CMake takes a launcher like ccache, the
# compiler and its flags separately.
by_cmake() {
    mkdir "$dir/$1"
    cat > "$dir/$1/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.13)
project(consumer C)
find_package(secagg $version REQUIRED)
add_executable(consumer consumer.c)
target_link_libraries(consumer PRIVATE $2 m)
END
    cp "$srcdir"/tests/scripts/consumer.c "$dir/$1"
    (unset PKG_CONFIG_SYSROOT_DIR
    cd "$dir/$1" && cmake -Dsecagg_DIR="$lib"/cmake/secagg \
        -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
        -DCMAKE_C_COMPILER="$compiler" \
        -DCMAKE_C_FLAGS="$options $CFLAGS $LDFLAGS" . &&
        cmake --build .) > "$dir/log" 2>&1 || die "$1: does not build"
    run "$1/consumer"
}

# The parts of CC: a launcher, if there is one, the compiler, and its options.
set -- $CC
launcher=
case ${1##*/} in
*ccache | distcc | icecc) launcher=$1; shift ;;
esac
compiler=$1
shift
options=$*

# The C++ compiler of the same project.
case ${compiler##*/} in
*clang*) cxx=$(echo "$compiler" | sed 's/\(.*\)clang/\1clang++/') ;;
*gcc*)   cxx=$(echo "$compiler" | sed 's/\(.*\)gcc/\1g++/') ;;
*)       cxx=c++ ;;
esac
if command -v "$cxx" > /dev/null; then
    cxx="$launcher $cxx $options"
else
    echo "SKIP install: C++: no $cxx"
    cxx=
fi
command -v cmake > /dev/null && cmake=yes || {
    echo "SKIP install: CMake: no cmake"
    cmake=
}

cp "$srcdir"/tests/scripts/consumer.c "$dir"/consumer.c
cp "$srcdir"/tests/scripts/consumer.c "$dir"/consumer.cpp
staged install
pc=$(find "$stage" -name libsecagg.pc)
[ -n "$pc" ] || die "libsecagg.pc is not installed"
lib=${pc%/pkgconfig/libsecagg.pc}
for text in "$pc" "$lib"/cmake/secagg/*.cmake; do
    grep -F -e "$PWD" -e "$stage" "$text" && die "$text contains a path of the build"
    grep '@[A-Za-z_]*@' "$text" && die "$text has a variable that configure did not replace"
done
[ "$SHLIB" = yes ] || [ -z "$(find "$stage" -name '*.so*' \
    -o -name '*.dylib')" ] || die "a shared library is installed despite --disable-shared"
[ "$ARLIB" = yes ] || [ -z "$(find "$stage" -name '*.a')" ] ||
    die "a static library is installed despite --disable-static"

export PKG_CONFIG_SYSROOT_DIR="$stage"
export PKG_CONFIG_PATH="$lib/pkgconfig:$PKG_CONFIG_PATH"
"$PKG_CONFIG" --exists --print-errors libsecagg > "$dir/log" 2>&1 ||
    die "pkg-config rejects libsecagg.pc"
version=$("$PKG_CONFIG" --modversion libsecagg)

# Each function has a page under its own name.
man=$(find "$stage" -name secagg.3)
[ -n "$man" ] || die "the manual is not installed"
for name in $(sh "$srcdir"/tests/scripts/functions); do
    grep -q "^\.Fo $name$" "${man%/*}/$name.3" > "$dir/log" 2>&1 ||
        die "the manual has no page for $name"
done
protocol=$(find "$stage" -name PROTOCOL.md)
[ -n "$protocol" ] && cmp "$protocol" "$srcdir/vectors/PROTOCOL.md" ||
    die "PROTOCOL.md is not installed"
news=$(find "$stage" -name NEWS)
[ "${news%/*}" = "${protocol%/*}" ] && cmp "$news" "$srcdir/man/NEWS" ||
    die "NEWS is not installed beside PROTOCOL.md"
[ -z "$(find "$stage" -name '*.json')" ] ||
    die "make install installs the vectors, which are large"
staged install-vectors
vectors=$(find "$stage" -name vectors)
for file in "$srcdir"/vectors/*.json "$srcdir"/vectors/schemas/*.json; do
    cmp "$file" "$vectors/${file#"$srcdir"/vectors/}" ||
        die "$file is not installed"
done
tool=$(find "$stage" -name secagg-vectors)
if [ -x tests/vectors/secagg-vectors ]; then
    $WRAPPER "$tool" "$vectors/hash.json" > "$dir/log" 2>&1 ||
        die "the installed secagg-vectors fails"
    # Without an argument it reads that folder where it is not staged.
    $WRAPPER "$tool" > "$dir/log" 2>&1
    grep -qF "${vectors#"$stage"}" "$dir/log" ||
        die "secagg-vectors does not look where the vectors are installed"
    [ -f "${man%/*}/../man1/secagg-vectors.1" ] || die "secagg-vectors.1 is not installed"
fi

# Whether the dependencies can be linked as their .pc files say: an empty
# program with the flags that they ask for.
static_dependencies() {
    echo 'int main(void) { return 0; }' > "$dir/empty.c"
    $CC $CFLAGS -o "$dir/empty" "$dir/empty.c" $LDFLAGS \
        $(needs=$("$PKG_CONFIG" --print-requires-private libsecagg |
            sed 's/ .*//') && [ -z "$needs" ] ||
            PKG_CONFIG_SYSROOT_DIR= "$PKG_CONFIG" --static --libs $needs) \
        > "$dir/log" 2>&1
}

if [ "$SHLIB" = yes ]; then
    by_pkgconfig shared "$CC" consumer.c
    [ -z "$cxx" ] || by_pkgconfig c++ "$cxx" consumer.cpp
    [ -z "$cmake" ] || by_cmake cmake-shared secagg::secagg
fi
if [ "$ARLIB" = yes ]; then
    [ -z "$cmake" ] || by_cmake cmake-static secagg::secagg_static
    # Hide the shared library, which the linker would prefer to the archive.
    mkdir "$dir/away"
    mv "$lib"/libsecagg.so* "$lib"/libsecagg*.dylib "$dir/away" 2> /dev/null
    if static_dependencies; then
        by_pkgconfig static "$CC" consumer.c --static
        [ -z "$cxx" ] || by_pkgconfig static-c++ "$cxx" consumer.cpp --static
        bound_early static
    else
        echo "SKIP install: pkg-config --static: the dependencies alone do not" \
            "link: $(grep -o 'cannot find [^ :]*' "$dir/log" | paste -s -d ,)"
    fi
    mv "$dir"/away/* "$lib" 2> /dev/null
fi

staged uninstall
left=$(find "$stage" ! -type d)
[ -z "$left" ] || die "make uninstall does not remove $left"
