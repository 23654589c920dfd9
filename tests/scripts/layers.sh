# SPDX-License-Identifier: Apache-2.0
# lib/LAYERS describes the architecture: it lists every module of lib/ in the
# section of its folder; it allows every include; and no line lists a later
# module, so there is no cycle of modules or of folders. Every module may
# include secagg/base.h and secagg/params.h.
cd "$srcdir" && awk '
    function complain(text) { print text; bad = 1 }
    FILENAME == "lib/LAYERS" {
        sub(/#.*/, ""); if (!NF) next
        if ($0 ~ /^\[[a-z]+\]$/) {
            folder = substr($0, 2, length($0) - 2)
            if (folder in folders) complain("LAYERS: two sections " $0)
            folders[folder] = 1
            next
        }
        m = $1; sub(/:$/, "", m)
        if (m in known) complain("LAYERS: " m " is listed twice")
        for (i = 2; i <= NF; i++) {
            if ($i !~ /^</ && !($i in known))
                complain("LAYERS: " m " lists " $i ", which comes later")
            ok[m, $i] = 1
        }
        known[m] = folder
        next
    }
    FNR == 1 {
        n = split(FILENAME, part, "/")
        m = part[n]; sub(/\.[ch]$/, "", m); seen[m] = 1
        if (!(m in known)) complain(FILENAME ": not in LAYERS")
        else if (n != 3 || part[2] != known[m])
            complain(FILENAME ": LAYERS has " m " in lib/" known[m])
    }
    /^#[ ]*include/ {
        h = $2
        if (h ~ /^<secagg\/(base|params)\.h>$/) next
        if (h ~ /^<(float|inttypes|limits|math|stdbool|stddef|stdint|stdio|stdlib|string)\.h>$/) next
        if ((m, h) in ok) next
        if (h ~ /^<secagg\//) { sub(/^<secagg\//, "", h); sub(/\.h>$/, "", h) }
        else if (h ~ /^"/) {
            gsub(/"|\.h/, "", h)
            split(h, part, "/")
            if (part[1] != known[part[2]])
                complain(FILENAME ":" FNR ": " $2 " is not folder/module.h")
            h = part[2]
        }
        if (h != m && !((m, h) in ok))
            complain(FILENAME ":" FNR ": LAYERS does not allow " $2)
    }
    END {
        for (m in known)
            if (!(m in seen)) complain("LAYERS: no such module: " m)
        exit bad
    }' lib/LAYERS $(find lib -name '*.[ch]' | LC_ALL=C sort)
