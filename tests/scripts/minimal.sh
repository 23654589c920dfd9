# SPDX-License-Identifier: Apache-2.0
# The minimal example as processes that speak TLS. A session with one faulty
# client yields the mean of the others, whatever the fault; a session with two
# faulty clients fails with an explanation. Clients without a valid certificate
# are rejected.
grep -q '^SSL_LIBS *= *-' config.mk || {
    echo 'no libssl'
    exit 77
}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
run=$srcdir/examples/minimal/run.sh
for program in server client certs; do
    $MAKE -s examples/minimal/$program || exit 1
done

# session ARGUMENTS...: run a session. A file named by the arguments receives its
# output and, in the last line, its status.
session() {
    { sh "$run" "$@" 2>&1; echo "status $?"; } > "$dir/$(echo "$*" | tr ' ' _)"
}

# ends ARGUMENTS STATUS PATTERN: the session ended with this status, and its
# output matches the pattern.
ends() {
    file=$dir/$(echo "$1" | tr ' ' _)
    grep -q "^status $2\$" "$file" && grep -q "$3" "$file" && return
    cat "$file"
    echo "run.sh $1: expected status $2 and a line like: $3"
    failed=1
}

failed=0
# These sessions wait for a deadline, so they run in parallel.
session stranger &
session impostor &
session hang INPUT &
session hang UNMASK &
session hang KEYS 2 &
for phase in KEYS SHARES INPUT UNMASK; do
    session vanish $phase
done
session garbage SHARES
session flood INPUT
session none
session vanish INPUT 2
wait

all='^check: survivors 0 1 2 3 4, expected'
but_one='^check: survivors 0 1 2 3, expected'
ends 'none' 0 "$all"
ends 'vanish KEYS' 0 "$but_one"
ends 'vanish SHARES' 0 "$but_one"
ends 'vanish INPUT' 0 "$but_one"
ends 'vanish UNMASK' 0 "$all"
ends 'hang INPUT' 0 "$but_one"
ends 'hang UNMASK' 0 "$all"
ends 'garbage SHARES' 0 '^server: client 4: the header has version 0, not 1'
ends 'flood INPUT' 0 '^server: client 4: a frame is too long'
ends 'stranger' 0 '^rejected a connection: certificate signature failure'
ends 'impostor' 1 '^no connection: '
ends 'hang KEYS 2' 1 'no mean: 3 of 5 clients sent KEYS; 4 are needed'
ends 'vanish INPUT 2' 1 'no mean: 3 of 5 clients sent INPUT; 4 are needed'

# check.awk itself: it reports an entry with twice the maximum error, a wrong set
# of survivors, and a missing entry.
check() {
    awk -v expected="$1" -f "$srcdir"/examples/minimal/check.awk "$dir/mean" \
        > /dev/null
}
means() {
    awk -v off="$1" -v count="$2" 'BEGIN {
        print "survivors 0 1 2"
        for (j = 0; j < count; j++)
            printf "mean %d %.9f\n", j, (j == 500 ? off : 0) + \
                (sin(j / 10) + sin(1 + j / 10) + sin(2 + j / 10)) / 3
    }' > "$dir/mean"
}
means 0 1000
check '0 1 2' || { echo 'the check rejects the correct mean'; failed=1; }
check '0 1 3' && { echo 'the check accepts a wrong set of survivors'; failed=1; }
means 0.0001 1000
check '0 1 2' && { echo 'the check accepts a wrong entry'; failed=1; }
means 0 999
check '0 1 2' && { echo 'the check accepts a missing entry'; failed=1; }
exit $failed
