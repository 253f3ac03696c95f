# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by the tests of this folder. They leave what a program said in $out and $err, and end with
# "exit $failed".
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

: "${TMPDIR:?}"
out=$TMPDIR/out err=$TMPDIR/err
failed=0

result() { # STATUS NAME
    if [ "$1" -eq 0 ]; then
        printf 'ok - %s\n' "$2"
    else
        printf 'not ok - %s\n' "$2"
        sed 's/^/#   /' "$out" "$err"
        failed=1
    fi
}

# change FILE SED-ARGUMENT... - a patch that does to the file what sed does; $source is the
# source of a kernel
change() {
    local file=$1
    shift
    sed "$@" "$source/$file" >"$TMPDIR/new"
    diff -u --label "a/$file" --label "b/$file" "$source/$file" "$TMPDIR/new"
}
