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
    local log=$logs/$2.log status n_ok n_bad n_skip start=$SECONDS TIMEFORMAT='%U %S'
    printf '== %-12s ' "$2"
    { time "$1" >"$log" 2>&1 </dev/null; } 2>"$logs/cpu"
    status=$?
    n_skip=$(count '^ok\b.*# SKIP' "$log")
    n_ok=$(($(count '^ok\b' "$log") - n_skip))
    n_bad=$(count '^not ok\b' "$log")
    # A step that broke down, or that ran nothing, is a failure too.
    if [ "$status" -ne 0 ] || [ $((n_ok + n_bad + n_skip)) -eq 0 ]; then
        [ "$n_bad" -gt 0 ] || n_bad=1
    fi
    printf '%4d passed %3d failed %3d skipped %5d s %5.0f s of processors\n' "$n_ok" "$n_bad" "$n_skip" \
        $((SECONDS - start)) "$(awk '{ print $1 + $2 }' "$logs/cpu")"
    grep -E '^ok\b.*# SKIP' "$log" | sed 's/^ok/   skipped:/'
    if [ "$n_bad" -gt 0 ]; then
        grep -E '^not ok\b' "$log" | sed 's/^/   /'
        printf '   --- end of %s (status %d)\n' "$log" "$status"
        grep -vE '^ok\b' "$log" | tail -n 60 | sed 's/^/   | /'
    fi
    passed=$((passed + n_ok)) failed=$((failed + n_bad)) skipped=$((skipped + n_skip))
}

# Downloads go on beside the compilers; a step that needs one waits for all.
ahead=
fetch_ahead() { # NAME STEP...
    local later=0
    case $1 in
    20-release) shift ;;
    4* | 5* | 6*)
        [ -z "$ahead" ] || wait "$ahead"
        ahead=
        return
        ;;
    *) return ;;
    esac
    for step in ci/steps/[4-6]*.sh; do
        wanted "$(basename "$step" .sh)" "$@" && later=1
    done
    [ "$later" -eq 0 ] || [ ! -x "$BUILD/oakum-build" ] || {
        nice ci/ahead.sh >"$logs/ahead.log" 2>&1 </dev/null &
        ahead=$!
    }
}

for file in ci/steps/*.sh; do
    name=$(basename "$file" .sh)
    wanted "$name" "$@" || continue
    [ "$name" = 20-release ] || fetch_ahead "$name" "$@"
    run_step "$file" "$name"
    [ "$name" != 20-release ] || fetch_ahead "$name" "$@"
done
[ -z "$ahead" ] || wait "$ahead"

printf 'took %d s\n' $((SECONDS - started))
if [ "$skipped" -gt 0 ]; then
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
else
    printf '%d passed, %d failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
