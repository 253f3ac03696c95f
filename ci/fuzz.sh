#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libFuzzer on every target: all seeds, then new inputs for a while. What it finds stays in
# build-check/fuzz/NAME/ and is worth a seed in tests/fuzz/corpus/NAME/.
#
# usage: ci/fuzz.sh SECONDS [NAME]...
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
build=$CHECK/clang-san

fuzz_one() { # SECONDS NAME
    local seconds=$1 name=$2 seeds=tests/fuzz/corpus/$2 found=$CHECK/fuzz/$2 args
    mkdir -p "$found/new"
    args=(-print_final_stats=0 -verbosity=0 -timeout=10 -rss_limit_mb=2048
        -artifact_prefix="$found/")
    case_run "fuzz/$name: seeds" "$build/tests/fuzz/fuzz-$name" "${args[@]}" -runs=0 "$seeds" &&
        case_run "fuzz/$name: ${seconds} s of new inputs" "$build/tests/fuzz/fuzz-$name" \
            "${args[@]}" -max_total_time="$seconds" "$found/new" "$seeds"
}
export -f fuzz_one case_run
export build

seconds=$1
shift
CC=clang case_run "fuzz: build" \
    build_in "$build" -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzers=true || exit 1
if [ $# -eq 0 ]; then
    mapfile -t names < <(find "$build/tests/fuzz" -maxdepth 1 -type f -name 'fuzz-*' \
        -printf '%f\n' | sed 's/^fuzz-//' | sort)
    set -- "${names[@]}"
fi
# shellcheck disable=SC2016 # the inner shell expands them
printf '%s\n' "$@" | in_parallel bash -c 'fuzz_one "$0" "$1"' "$seconds"
