#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-verb.test.sh - "oakum-build test" passes a good level and names what is wrong with a bad one
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. By hand:
# BUILD=build TMPDIR=$(mktemp -d) tests/vm/test-verb.test.sh
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${TMPDIR:?}"
BUILD=$(realpath "${BUILD:-$top/build}")
OAKUM_KERNEL=${OAKUM_KERNEL:-debian:6.1.0-50-amd64}
# shellcheck source=tests/cli/lib.sh
. "$top/tests/cli/lib.sh"
build=$BUILD/oakum-build
here=$top/tests/vm

# level NAME N FIX... - what "make" writes, in $TMPDIR/NAME
level() {
    local name=$1 n=$2
    shift 2
    "$build" make --kernel "$OAKUM_KERNEL" --level "$n" --out "$TMPDIR/$name" --quiet "$@" \
        >"$out" 2>"$err"
    result $? "level $name is built"
}

# tested STATUS NAME ARGUMENT... - runs the verb; $out and $err have what it said
tested() {
    local want=$1 name=$2 got
    shift 2
    "$build" test "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$want" ]
    result $? "$name"
}

# says NAME TEXT - in the last run's output
says() {
    grep -qF -- "$2" "$out" "$err"
    result $? "$1"
}

# jq_says NAME FILTER - holds of the last run's document
jq_says() {
    jq -e "$2" "$out" >/dev/null
    result $? "$1"
}

# static NAME SOURCE - a probe
static() {
    gcc-12 -static -O2 -D_GNU_SOURCE -pthread -o "$TMPDIR/$1" "$2" >"$out" 2>"$err"
    result $? "probe $1 is compiled"
}

static trigger "$top/demo/guest/trigger.c"
static marked "$here/probe/marked.c"
level good 1 "$top/demo/fix/CVE-2026-89603.patch" "$here/fix/zram.patch"
level next 2 "$top/demo/fix/CVE-2026-89603.patch" "$here/fix/zram.patch" \
    "$here/fix/binfmt_misc.patch"
level warns 1 "$here/fix/warn.patch"
level visible 1 "$top/demo/fix/visible.patch"

tested 0 'a good level passes' "$TMPDIR/good" --next "$TMPDIR/next" --probe "$TMPDIR/trigger" \
    --json --keep-log "$TMPDIR/log"
jq_says 'the probe changes its verdict' \
    '.levels[0].probe == "fixed > vulnerable > fixed > vulnerable"'
jq_says 'every step is done' 'all(.levels[].steps[]; .state == "done") and .problems == []'
jq_says 'the probe runs while the kernel switches over' \
    'any(.levels[].steps[]; .transition.probe_runs > 0)'
jq_says 'the module comes back while the level is on' \
    'any(.levels[].steps[]; .at == "modules loaded again" and .does == "insmod")'
jq_says 'the module comes after the level' \
    'any(.levels[].steps[]; .at == "modules loaded after the level" and .does == "sees")'
jq_says 'the next level replaces it' \
    'any(.levels[].steps[]; .at == "replaced by the next level" and .does == "gone")'
jq_says 'it takes at most 45 s' '.seconds <= 45'
grep -q "livepatch: 'oakum_2': patching complete" "$TMPDIR/log"
result $? 'the log is kept'

tested 1 'a level that warns fails' "$TMPDIR/warns" --probe "$TMPDIR/marked" --quiet
says 'the warning is named' 'WARN in the kernel'\''s log, more than once: WARNING: CPU:'
says 'and where it was' 'cmdline_proc_show'
says 'and at which point of the test' 'warns, level loaded (step '

tested 1 'a probe that never changes fails' "$TMPDIR/visible" --probe "$TMPDIR/marked" \
    --probe-arg always --quiet
says 'it says what was expected' 'the probe says "fixed" where "vulnerable" is expected'

tested 0 'a probe of what must not change passes' "$TMPDIR/visible" --probe "$TMPDIR/marked" \
    --probe-arg always --expect-change no --quiet --record
jq -e '.tested | length == 1 and .[0].result == "passed"' "$TMPDIR/visible/manifest.json" >"$out"
result $? 'the manifest notes it'

tested 1 'a machine that does not answer is ended' "$TMPDIR/visible" --timeout 1 --quiet
says 'it says what to do' 'did not come up in time; --keep-log shows how far it came'

# child PID - its QEMU, once it has one
child() {
    for _ in $(seq 100); do
        pgrep -P "$1" qemu && return
        sleep 0.1
    done
}

# gone PID - within five seconds
gone() {
    for _ in $(seq 50); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}

"$build" test "$TMPDIR/visible" --quiet >"$out" 2>"$err" &
program=$!
machine=$(child "$program")
kill -KILL "$program"
wait "$program" 2>/dev/null
[ -n "$machine" ] && gone "$machine"
result $? 'a test that is killed takes its machine along'

tested 2 'a level that would replace itself' "$TMPDIR/good" --next "$TMPDIR/good"
says 'it says what to do' 'make it with another --level'
tested 2 'two levels and one probe' "$TMPDIR/good" "$TMPDIR/visible" --probe "$TMPDIR/marked"
tested 2 'a timeout that is no number' "$TMPDIR/good" --timeout soon
tested 1 'a folder without a level' "$TMPDIR"
says 'it says who writes one' "no level that 'oakum-build make' wrote"
printf x >>"$TMPDIR/warns/oakum_1.ko"
tested 1 'a module that its manifest does not know' "$TMPDIR/warns"
says 'it says what to do' 'make the level anew'
mkdir -p "$TMPDIR/bin"
PATH=$TMPDIR/bin "$build" test "$TMPDIR/good" >"$out" 2>"$err"
[ $? -eq 1 ]
result $? 'no QEMU'
says 'it says how to get it' 'apt-get install qemu-system-x86'
exit "$failed"
