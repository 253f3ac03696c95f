#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All checks and tests: every ci/steps/*.sh in order, cheapest first. A step prints TAP lines
# ("ok - what", "not ok - what", "ok - what # SKIP why"); here they are counted. A failed step does
# not stop the later ones. The last line is "N passed, N failed" or "N passed, N failed, N skipped".
#
# usage: ci/check.sh [STEP]...       STEP is a part of a step's name: "format", "vm"
# Logs of the steps stay in build-check/log/.
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh

logs=$CHECK/log
mkdir -p "$logs"
passed=0 failed=0 skipped=0
started=$SECONDS

wanted() { # NAME STEP...
    local name=$1 part
    shift
    [ $# -eq 0 ] && return 0
    for part; do
        case $name in *"$part"*) return 0 ;; esac
    done
    return 1
}

count() { # PATTERN FILE
    grep -cE "$1" "$2"
}

run_step() { # FILE NAME
    local log=$logs/$2.log status n_ok n_bad n_skip start=$SECONDS
    printf '== %-12s ' "$2"
    "$1" >"$log" 2>&1 </dev/null
    status=$?
    n_skip=$(count '^ok\b.*# SKIP' "$log")
    n_ok=$(($(count '^ok\b' "$log") - n_skip))
    n_bad=$(count '^not ok\b' "$log")
    # A step that broke down, or that ran nothing, is a failure too.
    if [ "$status" -ne 0 ] || [ $((n_ok + n_bad + n_skip)) -eq 0 ]; then
        [ "$n_bad" -gt 0 ] || n_bad=1
    fi
    printf '%4d passed %3d failed %3d skipped %5d s\n' "$n_ok" "$n_bad" "$n_skip" $((SECONDS - start))
    grep -E '^ok\b.*# SKIP' "$log" | sed 's/^ok/   skipped:/'
    if [ "$n_bad" -gt 0 ]; then
        grep -E '^not ok\b' "$log" | sed 's/^/   /'
        printf '   --- end of %s (status %d)\n' "$log" "$status"
        grep -vE '^ok\b' "$log" | tail -n 60 | sed 's/^/   | /'
    fi
    passed=$((passed + n_ok)) failed=$((failed + n_bad)) skipped=$((skipped + n_skip))
}

for step in ci/steps/*.sh; do
    name=$(basename "$step" .sh)
    wanted "$name" "$@" && run_step "$step" "$name"
done

printf 'took %d s\n' $((SECONDS - started))
if [ "$skipped" -gt 0 ]; then
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
else
    printf '%d passed, %d failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
