#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run a server and five clients as processes that speak TLS on loopback, and
# check the mean that the server prints.
#
#     run.sh [FAULT [PHASE [FAULTY]]]
#
# The last FAULTY clients (1) behave well up to PHASE (INPUT); then FAULT is
#     vanish    killed by SIGKILL before the message of the phase (default)
#     hang      never sends it, and does not close the connection
#     garbage   sends a frame that is no message
#     flood     sends a frame that is longer than any message
# or, from the beginning and whatever PHASE is,
#     stranger  shows a certificate of another CA
#     impostor  the server shows the certificate of a client
#     none
# The session tolerates one faulty client. With more it fails: the server says
# why, and this script ends with the server's status, 1.
fault=${1:-vanish} phase=${2:-INPUT} faulty=${3:-1}
clients=5
bin=examples/minimal
src=$(dirname "$0")
dir=$(mktemp -d) || exit 1
pids=''
# Processes end by their own deadlines, after 18 seconds at most. These traps
# are for a script that ends before them.
trap 'kill $pids 2> /dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

"$bin"/certs "$dir" $clients && mkfifo "$dir"/stdout || exit 1
# From UNMASK on, the input of a client that drops out stays in the mean.
options="$fault $phase" identity=$dir counted=no
[ "$phase" != UNMASK ] || counted=yes
case $fault in
none)
    options='' counted=yes ;;
stranger)
    options='' counted=no identity=$dir/stranger
    mkdir "$identity" && "$bin"/certs "$identity" $clients &&
        cp "$dir"/ca.pem "$identity" || exit 1 ;;
impostor)
    options=''
    cp "$dir"/client-0.pem "$dir"/server.pem &&
        cp "$dir"/client-0.key "$dir"/server.key || exit 1 ;;
esac

"$bin"/server "$dir" $clients > "$dir"/stdout &
server=$! pids=$!
exec 3< "$dir"/stdout
read -r _ port <&3 || { echo 'run.sh: there is no server'; exit 1; }

good='' expected=''
i=0
while [ $i -lt $clients ]; do
    if [ $i -lt $((clients - faulty)) ]; then
        "$bin"/client "$dir" "$port" $i 3<&- &
        good="$good $!" expected="$expected $i"
    else
        "$bin"/client "$identity" "$port" $i $options 3<&- &
        [ $counted = no ] || expected="$expected $i"
    fi
    pids="$pids $!"
    i=$((i + 1))
done

cat <&3 > "$dir"/result
wait $server
code=$?
failed=0
for pid in $good; do
    wait "$pid" || failed=$((failed + 1))
done
wait
pids=''
[ $code -eq 0 ] || { echo 'run.sh: there is no mean'; exit $code; }
echo "run.sh: $failed clients failed that should not"
sed -n 's/^mean \([0-3]\) /run.sh: the mean of entry \1 is /p' "$dir"/result
awk -v expected="${expected# }" -f "$src"/check.awk "$dir"/result &&
    [ $failed -eq 0 ]
