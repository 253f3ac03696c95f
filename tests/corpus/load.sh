#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# load.sh - "make corpus-load CORPUS=DIR": loads every fix of a corpus that can be patched
#
# usage: tests/corpus/load.sh DIR [WORD]...
#
# Builds a level of each fix whose column "expect" in DIR/INDEX.tsv begins with "patch", and one of
# all fixes of a kernel together; has "oakum-build test" load, switch, revert and load them again,
# several in a boot; and runs the programs DIR/demo/*.c (which name their fix in a comment, "Patch:
# FILE") as probes of their fixes, which must change their verdict. With WORDs only fixes whose file
# contains one of them.
#
# Environment: BUILD (programs), JOBS (at a time), PER_BOOT (levels in one boot).
# $BUILD/corpus-load keeps levels, logs and results.tsv. Exit status 0 where everything passed.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
export BUILD results=$BUILD/corpus-load JOBS=${JOBS:-$(nproc)}
PER_BOOT=${PER_BOOT:-12}
if [ $# -eq 0 ] || [ ! -f "$1/INDEX.tsv" ]; then
    sed -n 's/^# \{0,1\}//; /^usage:/,/^$/p' "$0" >&2
    exit 2
fi
corpus=$(realpath "$1")
export corpus
shift

# rows WORD... - base, file and class of each fix to be loaded, with tabs between
rows() {
    awk -F '\t' -v OFS='\t' -v words="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(words, word, " "); next }
        $at["expect"] !~ /^patch/ { next }
        {
            chosen = n == 0
            for (i = 1; i <= n; i++)
                chosen = chosen || index($at["file"], word[i])
            if (chosen)
                print $at["base"], $at["file"], $at["class"]
        }' "$corpus/INDEX.tsv"
}

# reference VERSION - of a kernel of that package version in the store
reference() {
    "$BUILD/oakum-build" kernel list --json | jq -r --arg v "$1" \
        'first(.kernels[] | select(.package_version == $v)).reference // ""'
}

# make_level KERNEL DIR PATCH... - a level; DIR/make.log says why there is none
make_level() {
    local kernel=$1 dir=$2
    shift 2
    rm -rf "$dir" && mkdir -p "$dir"
    "$BUILD/oakum-build" make --kernel "$kernel" --out "$dir" --json --quiet "$@" \
        >"$dir/make.json" 2>"$dir/make.log" </dev/null || true
}
# test_levels NAME ARGUMENT... - one boot; its document in NAME.json
test_levels() {
    local name=$1
    shift
    "$BUILD/oakum-build" test --json --keep-log "$results/$name.log" "$@" \
        >"$results/$name.json" 2>"$results/$name.progress" </dev/null || true
}
export -f make_level test_levels

# in_parallel FUNCTION N - arguments from standard input, with a zero byte after each, N a call;
# 0: one line of words a call
in_parallel() {
    # shellcheck disable=SC2016 # the inner shell expands them
    xargs -0 -n "$2" -P "$JOBS" bash -c "$1"' "$@"' "$1"
}

# judged NAME - of one boot: verdict, level, longest transition and first problem, with tabs between
judged() {
    if ! jq -e . "$results/$1.json" >/dev/null 2>&1; then
        printf 'FAILED\t%s\t-\t%s\n' "$1" "$(tail -n 1 "$results/$1.progress")"
        return
    fi
    jq -r '. as $all | .levels[] | .level as $level |
        [if .verdict == "passed" then "passed" else "FAILED" end, $level,
         (.longest_transition_ms | tostring),
         (first($all.problems[] | select((.level // $level) == $level) | .problem) // .probe)] |
        @tsv' "$results/$1.json"
}

rm -rf "$results" && mkdir -p "$results"
started=$SECONDS
rows "$@" >"$results/rows.tsv"
[ -s "$results/rows.tsv" ] || { echo "no such fix" >&2 && exit 2; }

# 1. A level of each fix.
while IFS=$'\t' read -r base file _; do
    kernel=$(reference "$base")
    [ -n "$kernel" ] || { echo "kernel $base is not in the store; see 'make corpus'" >&2 && exit 1; }
    printf '%s\0' "$kernel" "$results/levels/${file%.patch}" "$corpus/$file"
done <"$results/rows.tsv" | in_parallel make_level 3
echo "$(wc -l <"$results/rows.tsv") levels built in $((SECONDS - started)) s" >&2

# 2. One of all fixes of a kernel that have a level, in the order of the index.
mapfile -t bases < <(cut -f 1 "$results/rows.tsv" | sort -u)
for base in "${bases[@]}"; do
    mapfile -t fixes < <(awk -F '\t' -v base="$base" '$1 == base { print $2 }' \
        "$results/rows.tsv" | while read -r file; do
        [ ! -f "$results/levels/${file%.patch}/manifest.json" ] || echo "$corpus/$file"
    done)
    [ ${#fixes[@]} -gt 0 ] || continue
    make_level "$(reference "$base")" "$results/cumulative/$base" "${fixes[@]}"
done

# 3. The boots: single levels of one kernel, PER_BOOT at a time; the cumulative; the programs.
boots=()
: >"$results/boots"
boot() { # NAME ARGUMENT...
    boots+=("$1")
    printf '%q ' test_levels "$@" >>"$results/boots"
    printf '\0' >>"$results/boots"
}
for base in "${bases[@]}"; do
    mapfile -t dirs < <(awk -F '\t' -v base="$base" -v dir="$results/levels" \
        '$1 == base { sub(/\.patch$/, "", $2); print dir "/" $2 }' "$results/rows.tsv" |
        while read -r dir; do [ ! -f "$dir/manifest.json" ] || echo "$dir"; done)
    for ((i = 0; i < ${#dirs[@]}; i += PER_BOOT)); do
        boot "single-$base-$((i / PER_BOOT))" "${dirs[@]:i:PER_BOOT}"
    done
    [ ! -f "$results/cumulative/$base/manifest.json" ] ||
        boot "cumulative-$base" "$results/cumulative/$base" --timeout 600
done
for source in "$corpus"/demo/*.c; do
    file=$(sed -n 's/.*Patch: \([^ ]*\.patch\).*/\1/p' "$source" | head -n 1)
    dir=$results/levels/${file%.patch}
    if [ -z "$file" ] || [ ! -f "$dir/manifest.json" ]; then
        continue
    fi
    name=$(basename "$source" .c)
    gcc-12 -static -O2 -w -pthread -o "$results/$name" "$source"
    boot "probe-$name" "$dir" --probe "$results/$name"
done
# shellcheck disable=SC2016 # the inner shell expands it
xargs -0 -n 1 -P "$JOBS" bash -c 'eval "$1"' eval <"$results/boots"

# 4. The table.
for name in "${boots[@]}"; do
    judged "$name" | sed "s#^#$name\t#"
done >"$results/tested.tsv"
while IFS=$'\t' read -r _ file class; do
    dir=$results/levels/${file%.patch}
    found=$(awk -F '\t' -v OFS='\t' -v dir="$dir" \
        '$1 ~ /^single/ && $3 == dir { print $2, $4, $5; exit }' "$results/tested.tsv")
    [ -n "$found" ] || found="no level"$'\t-\t'$(tail -n 1 "$dir/make.log")" "$(
        jq -r '[.refusals[]? | .rule] | unique | join(" ")' "$dir/make.json" 2>/dev/null)
    printf '%s\t%s\t%s\n' "${file%.patch}" "$class" "$found"
done <"$results/rows.tsv" >"$results/results.tsv"
grep -Ev '^single' "$results/tested.tsv" |
    awk -F '\t' -v OFS='\t' '{ print $1, "-", $2, $4, $5 }' >>"$results/results.tsv" || true
for base in "${bases[@]}"; do
    [ -f "$results/cumulative/$base/manifest.json" ] || printf '%s\t-\tno level\t-\t%s\n' \
        "cumulative-$base" "$(tail -n 1 "$results/cumulative/$base/make.log")"
done >>"$results/results.tsv"
awk -F '\t' -v s=$((SECONDS - started)) -v boots="${#boots[@]}" '
    {
        sub(".*/", "", $1)
        printf "%-8s %-32s %-26s %6s ms  %s\n", $3, $1, $2, $4, $5
        n[$3]++
        if ($2 != "-") { fixes++; loaded += $3 == "passed" }
    }
    END {
        printf "%d of %d fixes load, switch and revert cleanly (%.1f %%); ", loaded, fixes,
            100 * loaded / fixes
        printf "%d of %d rows passed; %d boots, %d s\n", n["passed"], NR, boots, s
        exit n["passed"] != NR
    }' "$results/results.tsv"
