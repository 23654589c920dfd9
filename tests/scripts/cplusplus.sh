# SPDX-License-Identifier: Apache-2.0
# The C++ header compiles without a warning as C++17 and as C++20, and its test
# passes. CXX names the compiler.
CXX=${CXX:-c++}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int main() { return 0; }' > "$dir/empty.cpp"
if [ "$SHLIB" != yes ] || [ -n "$WRAPPER" ] ||
    ! $CXX -o "$dir/empty" "$dir/empty.cpp" 2> /dev/null; then
    echo "no shared library, or no C++ compiler ($CXX)"
    exit 77
fi
failed=0
for standard in c++17 c++20; do
    $CXX -std=$standard -Wall -Wextra -Wconversion -Wshadow -Werror -O1 \
        -DSUITE="${FIRST_SUITE:-0}" -I "$srcdir"/include -I "$srcdir"/bindings/cpp/include \
        -o "$dir/test" "$srcdir"/bindings/cpp/tests/test_cpp.cpp "$SHARED" \
        -Wl,-rpath,"$PWD/lib" && "$dir/test" > "$dir/log" 2>&1
    [ $? -eq 0 ] && continue
    cat "$dir/log"
    echo "$standard: the C++ header does not work"
    failed=1
done
exit $failed
