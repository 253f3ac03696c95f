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

run_one() { # FILE
    local name out dir r cases
    name=${1#tests/} name=${name%.test.sh}
    dir=$(mktemp -d) out=$(mktemp)
    TMPDIR=$dir bash "$1" >"$out" 2>&1
    r=$?
    sed -E "s#^((not )?ok)\b *[0-9]* *(- )?#\1 - $name: #" "$out"
    cases=$(grep -cE '^(not )?ok\b' "$out")
    if [ "$r" -ne 0 ] && ! grep -qE '^not ok\b' "$out"; then
        printf 'not ok - %s: ended with status %d\n' "$name" "$r"
    elif [ "$cases" -eq 0 ]; then
        printf 'not ok - %s: names no test case\n' "$name"
        r=1
    fi
    rm -rf "$dir" "$out"
    return "$r"
}

for group; do
    for file in tests/"$group"/*.test.sh; do
        [ -f "$file" ] || continue
        run_one "$file" || status=1
    done
done
exit $status
