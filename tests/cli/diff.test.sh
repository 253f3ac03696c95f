#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build diff: what must hold of any pair of objects.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

object() { # NAME ARGUMENT...
    local name=$1
    shift
    tests/bench/big-object.sh "$@" | as -o "$TMPDIR/$name.o" -
}

# diff_of ORIG PATCHED - its model is in $TMPDIR/model, its exit status in $status
diff_of() {
    "$build" diff --out "$TMPDIR/model" "$TMPDIR/$1.o" "$TMPDIR/$2.o" >"$out" 2>"$err"
    status=$?
}

changed() {
    jq -c '[.verdict, (.changed | sort), .new, .refusals]' "$TMPDIR/model"
}

object orig 300 && object patched 300 100 && object orig-reverse 300 0 reverse &&
    object patched-reverse 300 100 reverse || exit 1
: >"$out"
: >"$err"

diff_of orig orig
[ "$status" -eq 3 ] && [ "$(changed)" = '["unchanged",[],[],[]]' ]
result $? 'an object and itself do not differ'

diff_of orig orig-reverse
[ "$status" -eq 3 ]
result $? 'the order of sections and symbols is no change'

want='["changed",["f0","f100","f200"],[],[]]'
for pair in 'orig patched' 'orig-reverse patched' 'orig patched-reverse'; do
    # shellcheck disable=SC2086 # two words
    diff_of $pair
    [ "$status" -eq 0 ] && [ "$(changed)" = "$want" ]
    result $? "the same three functions change: $pair"
done

cp "$TMPDIR/model" "$TMPDIR/first"
diff_of orig patched-reverse
cmp "$TMPDIR/first" "$TMPDIR/model" >"$out" 2>&1
result $? 'two runs write the same bytes'
exit "$failed"
