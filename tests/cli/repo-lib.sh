# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read, after lib.sh, by the tests that run oakum-repo and oakum-tuf; $dir, $keys, $pass are theirs.
# shellcheck disable=SC2154 # set by the tests

# Runs a program and compares the exit status and one line of what it said. "sign" is short for
# signing $dir with $keys.
expect() { # NAME STATUS PATTERN PROGRAM ARGUMENT...
    local name=$1 status=$2 pattern=$3 program=$4 got
    shift 4
    if [ "$program" = sign ]; then
        program=oakum-repo
        set -- sign "$dir" --keys "$keys" --passphrase-file "$pass"
    fi
    "$BUILD/$program" "$@" >"$out" 2>"$err" </dev/null
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

level() { # NUMBER - level N fixes N things
    tests/made-level.sh "$TMPDIR/level-$1" "$1" "$(printf 'a%.0s' {1..40})" 4000 "$1" &&
        printf '%s\n' "$TMPDIR/level-$1"
}
