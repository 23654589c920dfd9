# SPDX-License-Identifier: Apache-2.0
# The Python package against the library of this build: the extension is built
# outside the source tree, and the tests of bindings/python run, except those of
# frameworks (frameworks.sh). Set PYTHON to choose an interpreter.
if [ -n "$WRAPPER" ]; then
    echo "no tests with $WRAPPER"
    exit 77
fi
case $CFLAGS in
*-fsanitize*) echo 'the interpreter has no sanitizer'; exit 77 ;;
esac
if [ "$FIRST_SUITE" = 2 ]; then
    echo 'the tests use suite 1 too; make check-wheel tests suite 2 alone'
    exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
package=$(cd "$srcdir"/bindings/python && pwd)
scripts=$(cd "$srcdir"/tests/scripts && pwd)
export PYTHONDONTWRITEBYTECODE=1 HYPOTHESIS_STORAGE_DIRECTORY="$dir/examples"

# Print what an interpreter lacks.
lacks() {
    "$1" - <<'END' 2> /dev/null || echo "$1"
import importlib.util, os, sys, sysconfig
names = ["cffi", "numpy", "pytest"]
if sys.version_info >= (3, 12):
    names.append("setuptools")
missing = [n for n in names if importlib.util.find_spec(n) is None]
header = os.path.join(sysconfig.get_path("include"), "Python.h")
if not os.path.exists(header):
    missing.append("Python.h")
if sys.version_info < (3, 10):
    missing = ["Python 3.10"]
print(*missing[:1])
END
}

# Debian's packages belong to its own interpreter, which may come second.
why=
for python in ${PYTHON:-python3 /usr/bin/python3}; do
    lack=$(lacks "$python")
    [ -n "$lack" ] || break
    why=${why:-no $lack}
    python=
done
if [ -z "$python" ]; then
    echo "$why"
    exit 77
fi

SECAGG_CFLAGS="-I$(cd "$srcdir"/include && pwd)" \
    SECAGG_LIBS="$PWD/$STATIC $LIBS" \
    "$python" "$package"/secagg_build.py "$dir/site" > "$dir/log" 2>&1 || {
    cat "$dir/log"
    echo 'the extension does not build'
    exit 1
}
(cd "$package"/src && tar -cf - --exclude '*.so' --exclude __pycache__ secagg) |
    (cd "$dir/site" && tar -xf -) && chmod -R u+w "$dir/site"

limit=
! command -v timeout > /dev/null || limit='timeout -k 10 1200'
set --
for framework in flower nvflare openfl; do
    set -- "$@" --ignore="$package/tests/$framework"
done
result=0
(cd "$dir" && PYTHONPATH="$dir/site" $limit "$python" -m pytest -q \
    -p no:cacheprovider -c "$package"/pyproject.toml \
    --junitxml "$dir/tests.xml" "$@" "$package"/tests) || result=$?
"$python" "$scripts"/junit.py python="$dir/tests.xml" || result=1
exit $result
