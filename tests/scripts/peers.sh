# SPDX-License-Identifier: Apache-2.0
# Sessions between the library and the reference over pipes: a server of one with
# clients of the other, and with clients of both. Both must send the same
# bytes.
export PYTHONDONTWRITEBYTECODE=1
[ -x tests/vectors/secagg-peer ] || { echo 'tests/vectors/secagg-peer was not built'; exit 1; }
python3 -c 'import cryptography' 2> /dev/null ||
    { echo 'no python3 with the package cryptography'; exit 77; }
python3 "$srcdir/tests/vectors/peers.py" tests/vectors/secagg-peer \
    "$srcdir/vectors/reference/peer.py" "${FIRST_SUITE:-1}"
