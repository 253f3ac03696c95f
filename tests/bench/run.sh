#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - "make bench": measured figures beside their targets
#
# Ratios are taken within one run, on the same machine and load. A missed target is shown, and is
# no failure: figures of a shared machine are for reading, not for a gate. Exit status 1 only if
# something could not be measured.
#
# Environment: BUILD (programs), RUNS (of what is timed), CORPUS (a folder as tests/corpus/run.sh
# takes; without it that row is left out), ONLY=repository, ONLY=status, ONLY=stall,
# ONLY=containers, ONLY=audit, ONLY=rollout, ONLY=http, ONLY=web, ONLY=fleet, ONLY=store or ONLY=cves (that
# part alone).
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
RUNS=${RUNS:-7}
work=$(mktemp -d)
mkdir "$work/www"
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
trap 'story_stop; bench_fleet_end; bench_http_end; rm -rf "$work"' EXIT
oakum_build=$BUILD/oakum-build
store=${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}

# shellcheck source=tests/bench/repo.sh
. "$top/tests/bench/repo.sh"
# shellcheck source=tests/bench/cves.sh
. "$top/tests/bench/cves.sh"
# shellcheck source=tests/bench/http.sh
. "$top/tests/bench/http.sh"
# shellcheck source=tests/bench/store.sh
. "$top/tests/bench/store.sh"
# shellcheck source=tests/bench/web.sh
. "$top/tests/bench/web.sh"
# shellcheck source=tests/bench/fleet.sh
. "$top/tests/bench/fleet.sh"

say() {
    printf '%s\n' "$*" >&2
}

rows=()
# row WHAT VALUE UNIT TARGET - a target "<= N" is judged; an empty one is not
row() {
    local verdict=''
    if [ -n "$4" ]; then
        verdict=$(awk -v value="$2" -v target="${4#<= }" \
            'BEGIN { print value + 0 <= target + 0 ? "met" : "MISSED" }')
    fi
    rows+=("$(printf '%-58s %10s %-6s %-10s %s' "$1" "$2" "$3" "$4" "$verdict")")
}

# median_of FILE - of hyperfine's export, in seconds
median_of() {
    jq -r '.results[0].median' "$1"
}

# cpu_of FILE - processor time, which the load of a shared machine moves less than the clock
cpu_of() {
    jq -r '.results[0] | .user + .system' "$1"
}

ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# A store of its own that holds the downloads already: what is measured is our work.
bench_kernel_add() {
    local start=${EPOCHREALTIME/./} empty=$work/store
    mkdir -p "$empty"
    cp -al "$store/downloads" "$empty/downloads" 2>/dev/null ||
        cp -a "$store/downloads" "$empty/downloads"
    start=${EPOCHREALTIME/./}
    OAKUM_CACHE=$empty "$oakum_build" kernel add --quiet "$kernel" >"$work/add.log" 2>&1 ||
        { cat "$work/add.log" >&2; return 1; }
    row "kernel add, without the download" \
        "$(awk -v us=$((${EPOCHREALTIME/./} - start)) 'BEGIN { printf "%.1f", us / 1e6 }')" \
        s "<= 60"
    rm -rf "$empty"
}

# Puts a script in the compiler's place for one build; it writes down each compilation, to be run
# again without us.
record_compiler() {
    local cc real
    cc=$("$oakum_build" kernel show "$kernel" --json | jq -r .compiler)
    real=$(command -v "$cc")
    mkdir -p "$work/bin"
    cat >"$work/bin/$cc" <<EOF
#!/bin/bash
case " \$* " in
*' -c '*) { printf 'cd %q && exec %q' "\$PWD" "$real"; printf ' %q' "\$@"; echo; } >"$work/compile.\$\$" ;;
esac
exec "$real" "\$@"
EOF
    chmod +x "$work/bin/$cc"
    PATH=$work/bin:$PATH "$oakum_build" make --kernel "$kernel" --out "$work/level" --fresh \
        --quiet "$fix" >/dev/null
    [ "$(find "$work" -name 'compile.*' | wc -l)" -eq 2 ]
}

# One compilation as the builder ran it, its output elsewhere: the patched tree is restored by now,
# so both runs compile the original source, which takes as long.
bare_compiler() {
    local one n=0
    {
        echo 'set -e'
        for one in "$work"/compile.*; do
            n=$((n + 1))
            printf '('
            sed -E "s# -o [^ ]+# -o $work/bare$n.o#" "$one" | tr -d '\n'
            printf ')\n'
        done
    } >"$work/bare.sh"
}

timing() { # NAME COMMAND
    hyperfine --style none --warmup 1 --runs "$RUNS" --export-json "$work/$1.json" "$2" \
        >"$work/$1.log" 2>&1 || { cat "$work/$1.log" >&2; return 1; }
}

bench_make() {
    local make bare warm fresh
    make="'$oakum_build' make --kernel '$kernel' --out '$work/level' --quiet '$fix'"
    record_compiler
    bare_compiler
    timing bare "bash '$work/bare.sh'"
    timing warm "$make"
    timing fresh "$make --fresh"
    bare=$(median_of "$work/bare.json") warm=$(median_of "$work/warm.json")
    fresh=$(median_of "$work/fresh.json")
    row "two bare runs of the compiler, one after the other" "$(printf %.2f "$bare")" s ""
    row "make, warm (the original's object is kept)" "$(printf %.2f "$warm")" s "<= 10"
    row "make --fresh (both compiled, at once)" "$(printf %.2f "$fresh")" s "<= 10"
    row "make, warm / two bare runs" "$(ratio "$warm" "$bare")" x "<= 1.0"
    row "make --fresh / two bare runs" "$(ratio "$fresh" "$bare")" x "<= 1.5"
    row "bytes of the module" "$(stat -c %s "$work/level/oakum_1.ko")" bytes ""
    command time -f %M -o "$work/peak" sh -c "$make --fresh" >/dev/null
    row "peak memory of make or its compiler" "$(($(tail -n 1 "$work/peak") / 1024))" MiB ""
}

# As much again for a fix of a module, for its proof reads a file of its own.
bench_make_module() {
    local fix=$top/tests/vm/fix/zram.patch bare warm
    rm -f "$work"/compile.*
    record_compiler
    bare_compiler
    timing bare-module "bash '$work/bare.sh'"
    timing warm-module \
        "'$oakum_build' make --kernel '$kernel' --out '$work/module' --quiet '$fix'"
    bare=$(median_of "$work/bare-module.json") warm=$(median_of "$work/warm-module.json")
    row "make of a module's fix, warm" "$(printf %.2f "$warm")" s "<= 10"
    row "make of a module's fix, warm / two bare runs" "$(ratio "$warm" "$bare")" x "<= 1.0"
}

# differ_pair N - two objects of N functions, every 500th changed, as $work/N{,p}.o
differ_pair() {
    "$top/tests/bench/big-object.sh" "$1" | as -o "$work/$1.o" -
    "$top/tests/bench/big-object.sh" "$1" 500 | as -o "$work/$1p.o" -
}

# The differ alone, on objects far larger than the kernel's.
bench_differ() {
    local n peak=0 size
    for n in 10000 20000; do
        differ_pair "$n"
        timing "diff$n" "'$oakum_build' diff --quiet '$work/$n.o' '$work/${n}p.o'"
    done
    command time -f %M -o "$work/peak" \
        "$oakum_build" diff --quiet "$work/20000.o" "$work/20000p.o" >/dev/null
    peak=$(($(tail -n 1 "$work/peak") * 1024))
    size=$(($(stat -c %s "$work/20000.o") + $(stat -c %s "$work/20000p.o")))
    row "diff of 10,000 functions" "$(printf %.2f "$(median_of "$work/diff10000.json")")" s "<= 1"
    row "diff, 20,000 / 10,000 functions, processor time" \
        "$(ratio "$(cpu_of "$work/diff20000.json")" "$(cpu_of "$work/diff10000.json")")" \
        x "<= 2.2"
    row "diff, peak memory / both objects' files" "$(ratio "$peak" "$size")" x "<= 4"
    rm "$work"/[12]0000*.o
}

# Originals are compiled anew, as on the first day with a corpus.
bench_corpus() {
    local last
    last=$(FRESH=1 "$top/tests/corpus/run.sh" "$CORPUS" 2>/dev/null | tail -n 1) || true
    row "a corpus: ${last%%;*}" "$(sed -n 's/.*; \([0-9.]*\) s, .*/\1/p' <<<"$last")" s "<= 360"
}

# spread LABEL UNIT TARGET FILTER - one row for all updates of the machine: their median is judged
spread() {
    local low middle high
    read -r low middle high < <(sed -n 's/^@json update //p' "$work/vm/output.log" |
        jq -rs "map($4 | round) | sort | \"\(.[0]) \(.[(length - 1) / 2 | floor]) \(.[-1])\"")
    row "$1 ($low to $high)" "$middle" "$2" "$3"
}

# A full host: real processes in real namespaces and cgroups; see stall-bench.c for what is not real.
bench_stall() {
    local tasks containers all one list count
    if [ "$(id -u)" != 0 ]; then
        row "a stall's report on a full host (needs root)" - ms ""
        return
    fi
    read -r tasks containers all one list count < <("$BUILD/tests/bench/stall-bench" 500 10000)
    row "stall: $tasks tasks in $containers containers, all block" "$all" ms "<= 500"
    row "stall: the same, one container blocks" "$one" ms "<= 500"
    row "  list of all containers, named" "$list" ms ""
    row "  number of containers, as in oakum status" "$count" ms ""
}

# Status of a host that is a tree of files with a level in it, and of this machine with its tasks.
bench_status() {
    local root=$work/root program=$BUILD/oakum repo=$work/www err=$work/status.err TMPDIR=$work
    [ -x "$program" ] || program=$BUILD/src/cli/oakum
    # shellcheck source=tests/cli/host-lib.sh
    . "$top/tests/cli/host-lib.sh"
    mkdir -p "$repo"
    [ -e "$repo/1.root.json" ] || printf '{}\n' >"$repo/1.root.json"
    (cd "$top" && fresh_root && level 1 "$build_id" >"$work/made" &&
        mkdir -p "$root/var/lib/oakum/levels/$build_id/1" &&
        cp "$(cat "$work/made")"/* "$root/var/lib/oakum/levels/$build_id/1/" &&
        loaded oakum_1 1 0 do_exit,1) 2>"$err" || { cat "$err" >&2; return 1; }
    timing status-tree "'$program' status --root '$root'"
    timing status-here "'$program' status || true"
    row "oakum status, of a tree with a level" "$(milliseconds status-tree)" ms "<= 20"
    row "oakum status, of this machine" "$(milliseconds status-here)" ms "<= 20"
}

milliseconds() { # NAME - the median
    awk -v s="$(median_of "$work/$1.json")" 'BEGIN { printf "%.1f", s * 1000 }'
}

# An audit of real containers, with the document; the kernel kills it for any fork.
bench_audit() {
    local containers findings ms peak
    if [ "$(id -u)" != 0 ]; then
        row "an audit of 100 containers (needs root)" - ms ""
        return
    fi
    read -r containers findings ms peak < <("$BUILD/tests/bench/audit-bench" 100)
    row "audit: $containers containers, $findings findings" "$ms" ms "<= 150"
    row "  peak memory" "$peak" KiB "<= 16384"
}

# The list of a full host; what is not real is said in containers-bench.c.
bench_containers() {
    local n all cpu half own own_cpu peak program=$BUILD/oakum
    if [ "$(id -u)" != 0 ]; then
        row "the list of containers on a full host (needs root)" - ms ""
        return
    fi
    [ -x "$program" ] || program=$BUILD/src/cli/oakum
    read -r n all cpu half own own_cpu peak < <("$BUILD/tests/bench/containers-bench" "$program" 1000)
    row "containers: $n surveyed" "$all" ms "<= 300"
    row "  of the processor" "$cpu" ms "<= 300"
    row "  beside half as many, of the processor" "$(ratio "$cpu" "$half")" x "<= 2.2"
    row "  oakum containers" "$own" ms ""
    row "  of the processor" "$own_cpu" ms "<= 300"
    row "  peak memory of oakum containers" "$peak" KiB "<= 16384"
}

# A fleet that never was. A million hosts take minutes: HOSTS=1000000 ONLY=rollout.
bench_rollout() {
    local hosts events seconds applied harmed allowed
    read -r hosts events seconds applied harmed allowed < <(
        "$BUILD/tests/bench/rollout-bench" "${HOSTS:-100000}")
    row "rollout: $hosts simulated hosts, $applied get a good level" "$seconds" s ""
    row "  events" "$events" "" ""
    row "  hosts that get a harmful one" "$harmed" "" "<= $allowed"
}

bench_host() {
    local laps
    story_level 1 "$work/level"
    story_publish "$work/www/repository" "$work/level" >/dev/null
    cp "$work/www/repository/1.root.json" "$work/root.json"
    story_serve "$work/www"
    story_boot --file "$top/tests/bench/updates.sh=/lib/story/hard-cases.sh" >"$work/vm.log" 2>&1 ||
        { tail -n 30 "$work/vm.log" >&2; return 1; }
    story_stop
    laps=$(grep -c '^@json update ' "$work/vm/output.log")
    spread "oakum update in the machine, median of $laps" ms "" .total_ms
    spread "  the kernel's part: load and transition" ms "" \
        '([.steps[] | select(.name == "load" or .name == "transition").ms] | add)'
    spread "  its own time" ms "<= 300" .own_ms
    spread "  peak memory of oakum" KiB "<= 16384" .own_peak_kib
    row "oakum revert in the machine" \
        "$(sed -n 's/^@json revert //p' "$work/vm/output.log" | jq -r '.total_ms | round')" ms ""
    row "web: longest gap between its ticks during an update" \
        "$(sed -n 's/^@figure gap_update_us //p' "$work/vm/output.log" | sort -n | tail -n 1)" us ""
}

if [ "${ONLY-}" = status ]; then
    bench_status
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = rollout ]; then
    bench_rollout
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = http ]; then
    bench_http
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = web ]; then
    bench_web
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = store ]; then
    bench_store
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = fleet ]; then
    bench_fleet
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = audit ]; then
    bench_audit
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = stall ]; then
    bench_stall
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = containers ]; then
    bench_containers
    printf '%s\n' "${rows[@]}"
    exit
fi
say "making $STORY_KERNEL ready"
story_kernel "" >&2
story_fix
if [ "${ONLY-}" = repository ]; then
    bench_repository
    printf '%s\n' "${rows[@]}"
    exit
fi
if [ "${ONLY-}" = cves ]; then
    bench_cves
    printf '%s\n' "${rows[@]}"
    exit
fi
say "kernel add, from packages that are here"
bench_kernel_add
say "make, beside the bare compiler ($RUNS runs each)"
bench_make
bench_make_module
say "the differ, on objects of 10,000 and 20,000 functions"
bench_differ
if [ -n "${CORPUS-}" ]; then
    say "the corpus $CORPUS"
    bench_corpus
fi
say "a repository of 100,000 levels"
bench_repository
say "status"
bench_status
say "a stalled transition on a full host"
bench_stall
say "an audit of 100 containers"
bench_audit
say "a full host of containers"
bench_containers
say "a rollout over a simulated fleet"
bench_rollout
say "its HTTP beside nginx"
bench_http
say "the fleet's database"
bench_store
say "the fleet's server"
bench_fleet
say "CVEs: all records, and a host"
bench_cves
say "the host, in a virtual machine"
bench_host

printf '%-58s %10s %-6s %-10s %s\n' measured value unit target verdict
printf '%s\n' "${rows[@]}"
printf '%s, %d processors, machine: %s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(nproc)" \
    "$(cat "$work/vm/accelerator")"
