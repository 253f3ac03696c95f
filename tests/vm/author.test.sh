#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# author.test.sh - what include/oakum/patch.h offers does what it says, on the real kernel
#
# The examples of docs/author-guide.md. Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR
# are set. By hand: BUILD=build TMPDIR=$(mktemp -d) tests/vm/author.test.sh
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${TMPDIR:?}"
BUILD=$(realpath "${BUILD:-$top/build}")
OAKUM_KERNEL=${OAKUM_KERNEL:-debian:6.1.0-50-amd64}
# shellcheck source=tests/cli/lib.sh
. "$top/tests/cli/lib.sh"
build=$BUILD/oakum-build
examples=$top/tests/author

# level NAME FIX...
level() {
    local name=$1
    shift
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/$name" --quiet "${@/#/$examples/}" \
        >"$out" 2>"$err"
    result $? "level $name is built"
}

# tested STATUS NAME LEVEL ARGUMENT...
tested() {
    local want=$1 name=$2 level=$3 got
    shift 3
    "$build" test "$TMPDIR/$level" --keep-log "$TMPDIR/$level.log" "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$want" ]
    result $? "$name"
}

# logged OBJECT... - which callbacks the kernel's log has, as "before/what", in order
logged() {
    sed -n 's/.*oakum: \(pre\|post\)_\(patch\|unpatch\)\( [a-z]*\)\?.*/\1_\2\3/p' "$TMPDIR/seals.log" |
        grep -E "$1"
}

gcc-12 -static -O2 -D_GNU_SOURCE -o "$TMPDIR/probe" "$top/tests/vm/probe/author.c" >"$out" 2>"$err"
result $? 'the probe is compiled'
level seals callbacks.patch callbacks-module.patch syscall.patch ignored.patch
level shadow shadow.patch
level fails pre-patch-fails.patch

tested 0 'callbacks, a system call and what is left out, in one level' seals \
    --probe "$TMPDIR/probe" --probe-arg seals
logged '^(pre|post)_(un)?patch( vmlinux)?$' >"$out"
: >"$err"
printf '%s\n' 'pre_patch vmlinux' post_patch pre_unpatch post_unpatch >"$TMPDIR/round"
cat "$TMPDIR/round" "$TMPDIR/round" | cmp - "$out" >/dev/null
result $? 'the four callbacks of vmlinux are called in order, each time'
logged ' zram$' >"$out"
# The level comes and goes, comes before the module, and the module goes and comes under it.
for _ in 1 2 3; do printf '%s\n' 'pre_patch zram' 'post_unpatch zram'; done | cmp - "$out" >/dev/null
result $? 'those of a module are called when it, or the level, comes and goes'

tested 0 'a shadow variable counts, and goes with its level' shadow \
    --probe "$TMPDIR/probe" --probe-arg shadow

tested 1 'a level whose pre_patch fails is not loaded' fails
grep -qF 'the kernel did not take the module: Device or resource busy' "$out" "$err"
result $? 'it says what the callback said'
grep -qF "livepatch: pre-patch callback failed for object 'vmlinux'" "$out" "$err"
result $? 'and which object it was of'
exit "$failed"
