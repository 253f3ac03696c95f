#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs tests/GROUP/*.test.sh of the groups named. Such a test starts in the top folder with
#   BUILD          the programs
#   OAKUM_KERNEL   reference of a kernel that "oakum-build kernel add" has fetched
#   TMPDIR         an empty folder of its own
# and prints TAP lines; tests/lib.sh has helpers.
#
# usage: ci/shell-tests.sh GROUP...
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
status=0
OAKUM_KERNEL=$(cat "$CHECK/kernel" 2>/dev/null)
export OAKUM_KERNEL

# run_one FILE OUT - TAP lines of that file into OUT, its seconds into build-check/seconds
run_one() {
    local name dir said r cases start=$SECONDS
    name=${1#tests/} name=${name%.test.sh}
    dir=$(mktemp -d) said=$(mktemp)
    TMPDIR=$dir bash "$1" >"$said" 2>&1 </dev/null
    r=$?
    printf '%d\n' $((SECONDS - start)) >"$CHECK/seconds/${name//\//-}"
    cases=$(grep -cE '^(not )?ok\b' "$said")
    {
        sed -E "s#^((not )?ok)\b *[0-9]* *(- )?#\1 - $name: #" "$said"
        if [ "$r" -ne 0 ] && ! grep -qE '^not ok\b' "$said"; then
            printf 'not ok - %s: ended with status %d\n' "$name" "$r"
        elif [ "$cases" -eq 0 ]; then
            printf 'not ok - %s: names no test case\n' "$name"
            r=1
        fi
        printf '# %s: %d s\n' "$name" "$(cat "$CHECK/seconds/${name//\//-}")"
    } >"$2"
    rm -rf "$dir" "$said"
    return "$r"
}

# seconds_of FILE - what it took here, else what ci/seconds.txt says, else half a minute
seconds_of() {
    local name=${1#tests/}
    name=${name%.test.sh}
    cat "$CHECK/seconds/${name//\//-}" 2>/dev/null ||
        awk -v name="$name" '$2 == name { print $1; found = 1 } END { if (!found) print 30 }' ci/seconds.txt
}

files=()
for group; do
    for file in tests/"$group"/*.test.sh; do
        [ ! -f "$file" ] || files+=("$file")
    done
done

# As many at a time as there are processors, the longest first, so that none of them is left alone
# at the end. What each says stays together, in the order of names.
outs=$(mktemp -d)
mkdir -p "$CHECK/seconds"
running=0
mapfile -t order < <(for i in "${!files[@]}"; do
    printf '%d %d\n' "$(seconds_of "${files[$i]}")" "$i"
done | sort -k1,1nr -k2,2n | cut -d ' ' -f 2)
for i in "${order[@]}"; do
    if [ "$running" -ge "$JOBS" ]; then
        wait -n || status=1
        running=$((running - 1))
    fi
    run_one "${files[$i]}" "$outs/$i" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
done
for i in "${!files[@]}"; do
    cat "$outs/$i"
done
rm -rf "$outs"
exit $status
