# SPDX-License-Identifier: Apache-2.0
# Generators of bindings read the public headers as they are: cffi, whose
# binding runs a session, bindgen, cgo and SWIG. Each is skipped if it is not
# installed.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
include=$(cd "$srcdir"/include && pwd)
failed=0

# result NAME STATUS: report a tool that failed.
result() {
    [ "$2" -eq 0 ] && return
    cat "$dir/log"
    echo "$1 does not read the headers"
    failed=1
}

# has NAME COMMAND...: whether a tool is there; says that it is skipped if not.
has() {
    tool=$1
    shift
    "$@" > "$dir/log" 2>&1 && return
    echo "SKIP bindings: no $tool"
    return 1
}

# The way of secagg(3) to text that parsers without a preprocessor read.
plain() {
    mkdir "$dir/empty" &&
        touch "$dir/empty/stdbool.h" "$dir/empty/stddef.h" "$dir/empty/stdint.h" &&
        $CC -E -P -nostdinc -I "$dir/empty" -I "$include" -DSECAGG_MUST_CHECK= \
            "$include/secagg.h" | grep -v '^#' > "$dir/secagg.txt"
}

plain || { echo 'the headers cannot be preprocessed'; exit 1; }
if [ "$SHLIB" != yes ] || [ -n "$WRAPPER" ]; then
    echo 'SKIP bindings: cffi: no shared library for this interpreter'
elif has cffi python3 -c 'import cffi'; then
    PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir"/tests/scripts/bindings.py \
        "$dir/secagg.txt" "$PWD/$SHARED" > "$dir/log" 2>&1
    result cffi $?
fi

if has bindgen bindgen --version; then
    bindgen "$include/secagg.h" -- -I "$include" \
        > "$dir/secagg.rs" 2> "$dir/log" &&
        grep -q 'pub fn secagg_params_init' "$dir/secagg.rs" &&
        grep -q 'SECAGG_SEED_BYTES.* = 32' "$dir/secagg.rs"
    result bindgen $?
fi

# cgo asks the C compiler for each name.
if has cgo go tool -n cgo; then
    cat > "$dir/secagg.go" <<'END'
package main

// #include <secagg.h>
import "C"

func main() {
	var params C.secagg_params
	var seed [C.SECAGG_SEED_BYTES]C.uint8_t
	C.secagg_params_init(&params)
	C.secagg_policy_init(nil)
	_ = C.secagg_params_new_session(&params) == C.SECAGG_OK
	_, _ = seed, C.secagg_server_send
}
END
    (cd "$dir" && CGO_ENABLED=1 go tool cgo -objdir "$dir/go" -- -I "$include" \
        secagg.go) > "$dir/log" 2>&1
    result cgo $?
fi

if has SWIG swig -version; then
    {
        echo '%module secagg'
        echo '%{'
        echo '#include <secagg.h>'
        echo '%}'
        echo '%include <stdint.i>'
        # SWIG does not follow includes; later headers use names of these two.
        for header in base params $(cd "$include"/secagg && ls *.h |
            sed 's/\.h$//' | grep -vx -e base -e params); do
            echo "%include <secagg/$header.h>"
        done
    } > "$dir/secagg.i"
    swig -python -DSECAGG_MUST_CHECK= -I"$include" -outdir "$dir" \
        -o "$dir/wrap.c" "$dir/secagg.i" > "$dir/log" 2>&1 &&
        grep -q '_wrap_secagg_params_init' "$dir/wrap.c" &&
        grep -q 'SECAGG_SEED_BYTES' "$dir/wrap.c"
    result SWIG $?
fi
exit $failed
