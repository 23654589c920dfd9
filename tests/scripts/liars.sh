# SPDX-License-Identifier: Apache-2.0
# What cheating clients cost the server (liars.c) grows no faster than their
# number. Callgrind counts instructions; no time is measured.
command -v valgrind > /dev/null || { echo "no valgrind"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# count FUNCTION ARGUMENTS...: print the instructions of a function.
count() {
    function=$1; shift
    valgrind --tool=callgrind --callgrind-out-file="$work/out" \
        --toggle-collect="$function" tests/scripts/liars "$@" \
        > "$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$work/log"
}

# grows FUNCTION WHAT CLIENTS NEIGHBOURS [PATTERN]: all clients are liars; twice
# as many may cost 2.2 times as much.
grows() {
    less=$(count "$1" "$2" "$3" "$4" "$3" $5) || return 1
    more=$(count "$1" "$2" $((2 * $3)) "$4" $((2 * $3)) $5) || return 1
    echo "$2 $5: $less and $more instructions"
    [ "$less" -gt 100000 ] && [ "$more" -lt $((22 * less / 10)) ] ||
        { echo "FAIL: $2 $5 grows faster than the liars"; return 1; }
}

grows run_keys keys 3000 2 &&
    grows run_advance disputes 3000 2 &&
    grows run_advance disputes 1000 20 &&
    grows run_advance shares 3000 2 all &&
    grows run_advance shares 500 6 one
