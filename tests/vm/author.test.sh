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
# The examples, and what no author needs to read.
author=$top/tests/author more=$top/tests/vm/fix

# level NAME N FIX...
level() {
    local name=$1 n=$2
    shift 2
    "$build" make --kernel "$OAKUM_KERNEL" --level "$n" --out "$TMPDIR/$name" --quiet "$@" \
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
seals=("$author"/{callbacks,callbacks-module,syscall,ignored}.patch "$more/syscalls.patch")
level seals 1 "${seals[@]}"
level next 2 "${seals[@]}"
level shadow 1 "$author/shadow.patch"
level fails 1 "$author/pre-patch-fails.patch"
level turned-away 1 "$more/turned-away.patch"

tested 0 'callbacks, system calls and what is left out, in one level' seals \
    --next "$TMPDIR/next" --probe "$TMPDIR/probe" --probe-arg seals
logged '^(pre|post)_(un)?patch( vmlinux)?$' >"$out"
: >"$err"
there=('pre_patch vmlinux' post_patch) back=(pre_unpatch post_unpatch)
printf '%s\n' "${there[@]}" "${back[@]}" "${there[@]}" "${there[@]}" "${back[@]}" |
    cmp - "$out" >/dev/null
result $? 'the four callbacks of vmlinux are called in order, and none of a replaced level'
logged ' zram$' >"$out"
# The level comes before the module and goes. It comes again, the module goes and comes under it. It
# is replaced, the module goes and comes under the next one, which goes.
in='pre_patch zram' away='post_unpatch zram'
printf '%s\n' "$in" "$away" "$in" "$away" "$in" "$in" "$away" "$in" "$away" | cmp - "$out" >/dev/null
result $? 'those of a module are called when it, or the level, comes and goes'

tested 0 'a shadow variable counts, and goes with its level' shadow \
    --probe "$TMPDIR/probe" --probe-arg shadow

tested 1 'a level whose pre_patch fails is not loaded' fails
grep -qF 'the kernel did not take the module: Device or resource busy' "$out" "$err"
result $? 'it says what the callback said'
grep -qF "livepatch: pre-patch callback failed for object 'vmlinux'" "$out" "$err"
result $? 'and which object it was of'

# A module that is turned away, in a machine of its own: here insmod is meant to fail.
"$build" kernel show "$OAKUM_KERNEL" --json >"$TMPDIR/kernel.json"
modules=$(jq -r .dir "$TMPDIR/kernel.json")/modules
files=("--file" "$TMPDIR/turned-away/oakum_1.ko=/levels/oakum_1.ko")
for name in zsmalloc zram; do
    files+=("--file" "$(find "$modules" -name "$name.ko" -print -quit)=/modules/$name.ko")
done
"$top/tests/vm/vm.sh" --vmlinuz "$(jq -r .vmlinuz "$TMPDIR/kernel.json")" --work "$TMPDIR/vm" \
    --cache "${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/vm" --modules "$modules" \
    "${files[@]}" "$top/tests/vm/guest/turned-away.sh" >"$TMPDIR/machine" 2>"$err"
status=$?
sed '/^@/d' "$TMPDIR/machine"
grep -q '^not ok' "$TMPDIR/machine" && failed=1
# What the kernel says of a callback that fails is all that it has to complain about.
grep -vE "livepatch: (pre-patch callback failed for object|patch 'oakum_1' failed for module) 'zram'" \
    "$TMPDIR/vm/findings.log" >"$out"
[ "$status" -eq 126 ] && [ ! -s "$out" ]
result $? 'the kernel says of the module that is turned away that it is, and nothing else'
exit "$failed"
