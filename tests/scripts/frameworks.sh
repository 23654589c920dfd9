#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Python package in the frameworks that it is made for, each in a virtual
# environment of its own, because they need different versions of protobuf:
# `make check-frameworks`. It installs packages with pip, so it is not part of
# `make check`. The last line has the totals. All is bounded in time, uses only
# loopback addresses, and reports no usage to anybody.
#
# FRAMEWORKS       which ones; default: flower nvflare openfl
# FRAMEWORKS_ROOT  a folder that keeps the environments for the next run
# PYTHON           the Python of new environments, 3.10 or later
srcdir=$(cd "${srcdir:-.}" && pwd) || exit 1
python=${PYTHON:-python3}
frameworks=${FRAMEWORKS:-flower nvflare openfl}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
root=${FRAMEWORKS_ROOT:-$dir/environments}
package=$srcdir/bindings/python
export HYPOTHESIS_STORAGE_DIRECTORY="$dir/examples"
export FLWR_TELEMETRY_ENABLED=0 RAY_USAGE_STATS_ENABLED=0 DO_NOT_TRACK=1
export METAFLOW_USER=secagg FLWR_HOME="$dir/flwr"
# Only what a test imports is compiled, and nothing in the source tree.
export PYTHONPYCACHEPREFIX="$root/compiled"
mkdir -p "$root"
results= built= failed=0

# environment NAME: a virtual environment with the requirements of NAME.
environment() {
    wanted=$package/tests/requirements-$1.txt
    cmp -s "$wanted" "$root/$1/requirements.txt" && return
    rm -rf "${root:?}/$1"
    start=$(date +%s)
    "$python" -m venv "$root/$1" &&
        timeout -k 10 1200 "$root/$1/bin/pip" -q --disable-pip-version-check \
            install --no-compile -r "$wanted" && cp "$wanted" "$root/$1/requirements.txt" &&
        echo "$1: the environment took $(($(date +%s) - start)) s"
}

# Build the package once, with the library of this build. The source tree may be
# read-only.
wheel() {
    [ -z "$built" ] || return 0
    mkdir -p "$dir/tree/bindings" &&
        cp -R "$srcdir/include" "$srcdir/LICENSE" "$dir/tree" &&
        cp -R "$package" "$dir/tree/bindings" && chmod -R u+w "$dir/tree" &&
        rm -rf "$dir"/tree/bindings/python/build \
            "$dir"/tree/bindings/python/src/secagg/*.so &&
        SECAGG_CFLAGS="-I$srcdir/include" SECAGG_LIBS="$PWD/$STATIC $LIBS" \
            "$root/$1/bin/pip" -q --disable-pip-version-check wheel --no-deps \
            -w "$dir" "$dir/tree/bindings/python" && built=yes
}

# run NAME PATH...: run tests in the environment NAME. Other files than those of
# the user are in a home folder that is removed.
run() {
    name=$1
    shift
    echo "---- $name"
    results="$results $name=$dir/$name.xml"
    environment "$name" && wheel "$name" &&
        "$root/$name/bin/pip" -q --disable-pip-version-check install --no-deps \
            --force-reinstall "$dir"/secagg-*.whl || { failed=1; return; }
    mkdir -p "$dir/home"
    (cd "$dir" && HOME=$dir/home PATH=$root/$name/bin:$PATH \
        timeout -k 10 900 "$root/$name/bin/python" -m pytest -q \
        -p no:cacheprovider -c "$package/pyproject.toml" \
        --junitxml "$dir/$name.xml" "$@") || failed=1
    [ ! -x "$root/$name/bin/mypy" ] || (cd "$package" &&
        timeout -k 10 300 "$root/$name/bin/mypy" --cache-dir "$dir/mypy") ||
        failed=1
}

for name in $frameworks; do
    if [ ! -d "$package/tests/$name" ] && [ "$name" != flower ]; then
        echo "$name: there is no test"
        continue
    fi
    case $name in
    # This environment also runs the tests that need its other packages, or
    # the newest NumPy. `make check` runs all but those of frameworks.
    flower) run flower "$package/tests/flower" "$package/tests/test_host.py" \
        "$package/tests/test_credentials.py" "$package/tests/test_arrays.py" "$package/tests/test_command.py" \
        "$package/tests/test_workers_clusters.py" ;;
    *) run "$name" "$package/tests/$name" ;;
    esac
done
"$python" "$srcdir/tests/scripts/junit.py" $results || failed=1
exit $failed
