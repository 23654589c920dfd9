# SPDX-License-Identifier: Apache-2.0
# Compare what server printed with the plain mean, which is computed here
# again: entry j of client i is sin(i + j / 10). `expected` names the clients
# that must be in the mean.
#
# PROTOCOL.md 7.6 bounds the error of a mean by 2 C / N, C = 1 and
# N = 2^16 - 1. Both the update and the mean are floats: 2^-24 in all.
BEGIN { bound = 2 / 65535 + 2 ^ -24 }

$1 == "survivors" {
    $1 = ""
    sub(/^ /, "")
    count = split($0, survivors, " ")
    who = $0
}

$1 == "mean" {
    sum = 0
    for (i = 1; i <= count; i++)
        sum += sin(survivors[i] + $2 / 10)
    error = sum / count - $3
    if (error < 0)
        error = -error
    if (error > worst)
        worst = error
    if (error > bound || $2 != entries)
        wrong++
    entries++
}

END {
    printf "check: survivors %s, expected %s\n", who, expected
    printf "check: %d of %d entries are wrong; error at most %.2g, bound %.2g\n",
        wrong, entries, worst, bound
    exit who != expected || entries != 1000 || wrong > 0
}
