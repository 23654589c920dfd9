# SPDX-License-Identifier: Apache-2.0
# Calls follow lib/LAYERS, as includes do (layers.sh): every symbol that an
# object uses is defined in a module that its line lists. A line lists only
# earlier modules, so there is no cycle of calls. Reads the objects of this
# build.
objects=$(ls lib/*/*.o 2> /dev/null)
[ -n "$objects" ] || { echo "no objects in lib"; exit 77; }
symbols=$(mktemp) || exit 1
trap 'rm -f "$symbols"' EXIT
for object in $objects; do
    [ -f "$srcdir/${object%.o}.c" ] || continue # its source was removed
    module=$(basename "$object" .o)
    ${NM:-nm} -P -g "$object" | sed -n \
        "s/^_*\(sa_[a-z0-9_]*\|secagg_[a-z0-9_]*\) \([A-Za-z]\).*/$module \1 \2/p"
done > "$symbols"
grep -q ' U$' "$symbols" || { echo "${NM:-nm} shows no symbols"; exit 77; }

awk '
    FILENAME != ARGV[2] {
        sub(/#.*/, "")
        m = $1; sub(/:$/, "", m)
        for (i = 2; i <= NF; i++) ok[m, $i] = 1
        next
    }
    $3 == "U" { uses[$1, $2] = 1; next }
    $2 in home { print $2 ": defined in " home[$2] " and " $1; bad = 1 }
    { home[$2] = $1 }
    END {
        for (use in uses) {
            split(use, part, SUBSEP)
            d = home[part[2]]
            if (d == part[1] || (part[1], d) in ok) continue
            print part[1] ": LAYERS does not allow " part[2] " of " \
                (d == "" ? "no module" : d)
            bad = 1
        }
        exit bad
    }' "$srcdir/lib/LAYERS" "$symbols"
