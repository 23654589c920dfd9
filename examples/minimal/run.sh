#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run one server and five clients as processes that speak TLS on loopback, and
# check the mean that the server prints.
#
#     run.sh [FAULT [PHASE [HOW_MANY]]]
#
# The last HOW_MANY clients have the FAULT when their message of the PHASE is
# due: vanish (killed), hang (stopped), garbage (a frame that is no message),
# flood (a frame over the bound) or none. Two faults are more than this session
# tolerates: the server must then say why and print no mean.
fault=${1:-vanish} phase=${2:-INPUT} faulty=${3:-1}
bin=${MINIMAL_BIN:-examples/minimal}
src=$(dirname "$0")
clients=5
pids= server=

dir=$(mktemp -d) || exit 1
trap 'kill -9 $pids 2> /dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# The processes end by their own deadlines; a client that hangs is killed when
# the server has ended.
"$bin"/certs "$dir" $clients && mkfifo "$dir"/printed || exit 1
"$bin"/server "$dir" $clients > "$dir"/printed &
server=$! pids=$!
exec 3< "$dir"/printed
read -r _ port <&3 || { echo 'run.sh: no server'; exit 1; }

healthy= expected=
i=0
while [ $i -lt $clients ]; do
    if [ $i -ge $((clients - faulty)) ] && [ "$fault" != none ]; then
        "$bin"/client "$dir" "$port" $i "$fault" "$phase" 3<&- &
        # From UNMASK on, its input is in the sum.
        [ "$phase" != UNMASK ] || expected="$expected $i"
    else
        "$bin"/client "$dir" "$port" $i 3<&- &
        healthy="$healthy $!" expected="$expected $i"
    fi
    pids="$pids $!"
    i=$((i + 1))
done

cat <&3 > "$dir"/result
wait $server
code=$?
failed=0
for pid in $healthy; do
    wait "$pid" || failed=$((failed + 1))
done
kill -9 $pids 2> /dev/null
wait
pids=
echo "run.sh: the server ended with $code; $failed healthy clients failed"
[ $code -eq 0 ] || exit $code
sed -n '/^mean [0-3] /p' "$dir"/result
awk -v expected="${expected# }" -f "$src"/check.awk "$dir"/result &&
    [ $failed -eq 0 ]
