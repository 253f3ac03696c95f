#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - "make demo": a real fix, built, proven, signed, published and applied to a running
# container host
#
# usage: demo/run.sh [REFERENCE OF A KERNEL]
#
# Needs the packages of ci/packages.txt and the programs in $BUILD (default: build/). What it makes
# stays in $BUILD/demo-run/ to be looked at. Exit status 0 only if every line of the story was so.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$BUILD/demo-run
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
trap story_stop EXIT

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

step() {
    printf '\n%s%s. %s%s\n' "$bold" "$1" "$2" "$plain"
}

fail() {
    printf '   %s[no] %s%s\n' "$red" "$1" "$plain"
    exit 1
}

# so TEXT COMMAND... - one line of the story: true, or the end of it
so() {
    local text=$1

    shift
    "$@" || fail "$text"
    printf '   %s[ok]%s %s\n' "$green" "$plain" "$text"
}

# Indented below its step; paths as seen from our folder.
indent() {
    sed "s|$work/||g; s/^/   /"
}

# timed NAME COMMAND... - runs it in this shell; the time in ms becomes ${ms[NAME]}
declare -A ms
timed() {
    local name=$1 start=${EPOCHREALTIME/./} status=0

    shift
    "$@" || status=$?
    ms[$name]=$(((${EPOCHREALTIME/./} - start) / 1000))
    return "$status"
}

# render - turns what the machine says (tests/vm/guest/lib.sh) into the story's lines
render() {
    local line name

    while IFS= read -r line; do
        case $line in
        '@step '*) line=${line#@step } && step "${line%% *}" "${line#* }" ;;
        '@figure '*) ;;
        '@json status '*) ;;
        '@json '*)
            line=${line#@json } name=${line%% *}
            jq -r --arg name "$name" '"\($name): " + ([.steps[] | "\(.name) \(.ms | round) ms"] |
                join(", "))' <<<"${line#* }" | fold -s -w 90 | sed 's/^/   /'
            ;;
        'ok '*) printf '   %s[ok]%s %s\n' "$green" "$plain" "${line#ok }" ;;
        'not ok '*) printf '   %s[no] %s%s\n' "$red" "${line#not ok }" "$plain" ;;
        '# '*) printf '   %s\n' "${line#\# }" ;;
        *) printf '   %s\n' "$line" ;;
        esac
    done
}

# told NAME - a figure that the machine reported; the last where there are several
told() {
    sed -n "s/^@figure $1 //p" "$work/vm/output.log" | tail -n 1
}

# reported DOCUMENT FILTER - a member of a document that oakum printed in the machine
reported() {
    sed -n "s/^@json $1 //p" "$work/vm/output.log" | tail -n 1 | jq -r "$2"
}

row() {
    printf '   %-44s %12s %s\n' "$1" "$2" "${3-}"
}

add_kernel() {
    local status=0

    # No pipe: story_kernel sets variables of ours. The wait keeps its lines before the next.
    story_kernel "$@" > >(indent) 2>&1 || status=$?
    wait $!
    return "$status"
}

prove_and_emit() {
    # --fresh: the figures are those of a first time.
    story_level 1 "$work/level" --fresh 2>&1 | indent
}

# Each function that the level replaces was rebuilt to the very bytes that were shipped.
replaced_functions_are_proven() {
    jq -e '[.fixes[].functions[].proof] | length > 0 and all(. == "identical")' \
        "$work/level/manifest.json" >/dev/null
}

show_proof() {
    jq -r '.proof[] | "\(.object): \(.identical) of \(.functions) functions are byte for byte " +
        "what was shipped", (.differs[] | "  \(.name): \(.why) (\(.cause // "cause unknown"))")' \
        "$work/level/make.json" | indent
    jq -r '.fixes[].functions[] | "\(.object):\(.name) at \(.address): \(.proof)"' \
        "$work/level/manifest.json" | sed 's/^/   replaced: /'
}

publish() {
    story_publish "$work/www/repository" "$work/level" 2>&1 | indent
    cp "$work/www/repository/1.root.json" "$work/root.json"
    story_serve "$work/www"
}

boot() {
    # shellcheck disable=SC2119 # our own arguments are not its
    story_boot 2>&1 | render
}

closing_table() {
    local module_bytes

    module_bytes=$(jq .module_bytes "$work/level/make.json")
    step k "the figures"
    row "kernel add (a download, or kept from before)" "${ms[kernel]}" ms
    row "make: compile twice, prove, diff, emit" "${ms[make]}" ms
    jq -r '.seconds | to_entries[] | select(.key != "total") |
        "\(.key) \(.value * 1000 | round)"' "$work/level/make.json" |
        while read -r name value; do row "  $name" "$value" ms; done
    row "publish: keys, sign, verify, serve" "${ms[publish]}" ms
    row "the machine, from power on to power off" "${ms[boot]}" ms
    row "  two containers started" "$(told containers_ms)" ms
    row "  oakum update" "$(reported update '.total_ms | round')" ms
    row "    its own time" "$(reported update '.own_ms | round')" ms
    row "    load, with the kernel's first pass" "$(reported update \
        '.steps[] | select(.name == "load").ms | round')" ms
    row "    transition after that" "$(reported update \
        '.steps[] | select(.name == "transition").ms | round')" ms
    row "  oakum revert" "$(reported revert '.total_ms | round')" ms
    row "module" "$module_bytes" bytes
    row "peak memory of oakum" "$(reported update .own_peak_kib)" KiB
    row "web: longest gap in an idle second" "$(told gap_idle_us)" us
    row "web: longest gap during the update" "$(told gap_update_us)" us
    row "web: longest gap of all" "$(told gap_longest_us)" us
    row "container restarts" "$(told restarts)"
    row "reboots" "$(told reboots)"
    printf '   (the machine ran under %s)\n' "$(cat "$work/vm/accelerator")"
}

rm -rf "$work"
mkdir -p "$work/www"

step a "a kernel of Debian, with the source, headers and tools of exactly its version"
timed kernel add_kernel "$@" || fail "no kernel"
so "$(kernel_fact reference), build-id $(kernel_fact build_id)" [ -s "$work/kernel.json" ]
story_fix
[ "$flaw" = "$STORY_CVE" ] ||
    echo "   NOTE: the fix of $STORY_CVE was written against $STORY_VERSION, which is not this kernel." \
        "Shown instead: $flaw."

step b "a live patch from ${fix#"$top"/}"
sed -n '1p' "$fix" | sed 's/^/   /'
timed make prove_and_emit || fail "no level was made"

step c "the proof"
show_proof
so "every replaced function is proven" replaced_functions_are_proven

step d "the module"
so "$(jq -r '.objects[] | "\(.object): changed \(.changed | join(", "))"' "$work/level/make.json")" \
    [ -s "$work/level/oakum_1.ko" ]
so "oakum_1.ko, $(jq .module_bytes "$work/level/make.json") bytes; the kernel was not built" \
    [ -s "$work/level/manifest.json" ]

step e "a signed repository, served over HTTP"
timed publish publish || fail "not published"
so "nginx serves it on $url as the machine sees it" [ -n "$url" ]

timed boot boot || fail "the story in the machine did not end as it should; see $work/vm"
closing_table
so "no container was restarted, the machine was not rebooted" \
    [ "$(told restarts)$(told reboots)" = 00 ]
