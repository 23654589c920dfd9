# SPDX-License-Identifier: Apache-2.0
# Every include in lib/ is one that lib/LAYERS allows, and LAYERS has no cycle.
# The types of secagg/base.h and secagg/params.h are everybody's.
cd "$srcdir" && awk '
    FILENAME == "lib/LAYERS" {
        sub(/#.*/, ""); if (!NF) next
        m = $1; sub(/:$/, "", m)
        for (i = 2; i <= NF; i++) {
            if ($i !~ /^</ && !($i in known)) {
                print "LAYERS: " m " looks up at " $i; bad = 1
            }
            ok[m, $i] = 1
        }
        known[m] = 1
        next
    }
    FNR == 1 {
        m = FILENAME; sub(/.*\//, "", m); sub(/\.[ch]$/, "", m); seen[m] = 1
        if (!(m in known)) { print FILENAME ": not in LAYERS"; bad = 1 }
    }
    /^#[ ]*include/ {
        h = $2
        if (h ~ /^<secagg\/(base|params)\.h>$/) next
        if (h ~ /^<(float|inttypes|limits|math|stdbool|stddef|stdint|stdio|stdlib|string)\.h>$/) next
        if (h ~ /^<secagg\//) { sub(/^<secagg\//, "", h); sub(/\.h>$/, "", h) }
        else if (h ~ /^"/) { gsub(/"|\.h/, "", h) }
        if (h != m && !((m, h) in ok)) {
            print FILENAME ":" FNR ": " $2 " is not allowed here"; bad = 1
        }
    }
    END {
        for (m in known)
            if (!(m in seen)) { print "LAYERS: no such module: " m; bad = 1 }
        exit bad
    }' lib/LAYERS lib/*.c lib/*.h
