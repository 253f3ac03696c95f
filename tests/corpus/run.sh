#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - "make corpus CORPUS=DIR": builds every fix of a corpus, compares with what is expected
#
# usage: tests/corpus/run.sh DIR [WORD]...
#
# DIR/INDEX.tsv has a heading and one line a fix; the columns read are file (of the patch, below
# DIR), base (version of the kernel's package), object_functions_changed and expect. With WORDs only
# fixes whose file contains one of them are built.
#
# Environment: BUILD (programs), JOBS (fixes at a time), TIMEOUT (seconds for one fix),
# FRESH (not empty: originals that are kept from before are compiled anew).
# $BUILD/corpus/FILE/ keeps make.json and make.log of each fix, and its module; results.tsv in
# $BUILD/corpus is the table. Exit status 0 where no fix differs.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
export BUILD TIMEOUT=${TIMEOUT:-300} JOBS=${JOBS:-$(nproc)}
export judge=$top/tests/corpus/judge.jq results=$BUILD/corpus
if [ $# -eq 0 ] || [ ! -f "$1/INDEX.tsv" ]; then
    sed -n 's/^# \{0,1\}//; /^usage:/,/^$/p' "$0" >&2
    exit 2
fi
corpus=$(realpath "$1")
export corpus
shift

# column NAME - its number in the index
column() {
    head -n 1 "$corpus/INDEX.tsv" | tr '\t' '\n' | grep -nxF "$1" | cut -d : -f 1
}

# kernel_of VERSION - reference of a kernel of that package version; it is in the store afterwards
kernel_of() {
    local reference version=$1
    reference=$("$BUILD/oakum-build" kernel list --json |
        jq -r --arg v "$version" 'first(.kernels[] | select(.package_version == $v)).reference // ""')
    if [ -z "$reference" ]; then
        reference=$("$BUILD/oakum-build" kernel list --available --json |
            jq -r --arg v "$version" \
                'first(.available[] | select(.package_version == $v)).reference // ""')
        [ -n "$reference" ] || { echo "the archive has no kernel $version" >&2 && return 1; }
        "$BUILD/oakum-build" kernel add --quiet "$reference" >&2 || return
    fi
    echo "$reference"
}

# build_one KERNEL FILE EXPECT WANT - one line of the table, into the fix's folder
build_one() {
    local kernel=$1 file=$2 expect=$3 want=$4 name=${2%.patch} start status=0 line
    local dir=$results/$name
    rm -rf "$dir" && mkdir -p "$dir"
    start=${EPOCHREALTIME/./}
    if [ "${kernel#SKIP }" != "$kernel" ]; then
        line="-"$'\t'SKIP$'\t'"${kernel#SKIP }"
    else
        timeout --kill-after=10 "$TIMEOUT" "$BUILD/oakum-build" make --kernel "$kernel" \
            ${FRESH:+--fresh} --out "$dir" --json "$corpus/$file" >"$dir/make.json" 2>"$dir/make.log" </dev/null ||
            status=$?
        [ "$status" -ne 1 ] || ! grep -q ': does not compile: ' "$dir/make.log" || status=compile
        jq -es 'length == 1' "$dir/make.json" >/dev/null 2>&1 || echo null >"$dir/make.json"
        line=$(jq -r --arg status "$status" --arg expect "$expect" --arg want "$want" \
            -f "$judge" "$dir/make.json")
        [[ $status != 1 && $status != compile ]] || line="$line$(tail -n 1 "$dir/make.log" | tr '\t' ' ')"
    fi
    printf '%s\t%s\t%s\t%s\n' "$name" "$expect" \
        "$(awk -v us=$((${EPOCHREALTIME/./} - start)) 'BEGIN { printf "%.1f", us / 1e6 }')" "$line" |
        tee "$dir/result.tsv" | show
}
export -f build_one

# Lines of the table for people; what is expected stands only where something else came.
show() {
    awk -F '\t' '{ sub(".*/", "", $1); printf "%-8s %-28s %-18s %6s s  %s%s\n", $5, $1, $4, $3,
        ($4 == $2 || $4 == "-") ? "" : "expected " $2 "; ", $6 }'
}
export -f show

chosen() { # FILE WORD...
    local file=$1 word
    shift
    [ $# -gt 0 ] || return 0
    for word in "$@"; do
        [[ $file != *"$word"* ]] || return 0
    done
    return 1
}

mkdir -p "$results"
declare -A kernels=()
n_file=$(column file) n_base=$(column base) n_expect=$(column expect)
n_want=$(column object_functions_changed)
names=() jobs=()
while IFS=$'\x1f' read -r file base expect want; do
    chosen "$file" "$@" || continue
    if [ -z "${kernels[$base]-}" ]; then
        kernels[$base]=$(kernel_of "$base" 2>"$results/kernel.log") ||
            kernels[$base]="SKIP $(tail -n 1 "$results/kernel.log")"
        echo "$base is ${kernels[$base]}" >&2
    fi
    names+=("${file%.patch}")
    jobs+=("${kernels[$base]}" "$file" "$expect" "$want")
done < <(tail -n +2 "$corpus/INDEX.tsv" | awk -F '\t' -v OFS='\x1f' -v a="$n_file" -v b="$n_base" \
    -v c="$n_expect" -v d="$n_want" '{ print $a, $b, $c, $d }')
if [ ${#names[@]} -eq 0 ]; then
    echo "no such fix" >&2
    exit 2
fi

started=${EPOCHREALTIME/./}
# shellcheck disable=SC2016 # the inner shell expands them
printf '%s\0' "${jobs[@]}" | xargs -0 -n 4 -P "$JOBS" bash -c 'build_one "$@"' build_one
elapsed=$((${EPOCHREALTIME/./} - started))

for name in "${names[@]}"; do
    cat "$results/$name/result.tsv"
done >"$results/results.tsv"
awk -F '\t' -v s="$(awk -v us="$elapsed" 'BEGIN { printf "%.1f", us / 1e6 }')" -v jobs="$JOBS" '
    { n[$5]++; }
    END {
        judged = n["OK"] + n["DIFFERS"]
        printf "%d of %d fixes as expected (%.1f %%), %d differ, %d skipped; %s s, %d at a time\n",
            n["OK"], judged, judged ? 100 * n["OK"] / judged : 0, n["DIFFERS"], n["SKIP"], s, jobs
        exit n["DIFFERS"] > 0
    }' "$results/results.tsv"
