#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "oakum-server init" is killed, or meets a full disk, at every call that changes a file (tests/fault/shim.c).
# Run again it finishes, and the server that was made is whole: a key, a certificate that fits its key, a
# database, at least one token. INIT_FAULT_STEP=1: at every call, not at each fourth.
# shellcheck disable=SC2154 # out, err: tests/cli/lib.sh
. tests/cli/lib.sh

server=$BUILD/oakum-server
[ -x "$server" ] || server=$BUILD/src/server/oakum-server
shim=$PWD/$BUILD/tests/fault/fault-shim.so
[ -f "$shim" ] || shim=$BUILD/tests/fault/fault-shim.so
if ldd "$server" | grep -q libasan; then
    echo 'ok - init at faults # SKIP the sanitizer must be loaded first'
    exit 0
fi

# In memory: what is on the disk is tests/fault/shim.c's to say, and a disk is slow.
scratch=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$TMPDIR") || exit 1
trap 'rm -rf "$scratch"' EXIT
work=$scratch/work

init() { # settings are written by the first run, or by none
    "$server" init --settings "$work/server.conf" --data "$work/data" --listen 127.0.0.1:0 >"$out" 2>"$err"
}

whole() {
    "$server" check --settings "$work/server.conf" >"$out" 2>"$err" &&
        "$server" token list --settings "$work/server.conf" --json >"$out" 2>"$err" &&
        [ "$(jq '.tokens | length' "$out")" -ge 1 ] && [ -f "$work/data/decision.pub" ] &&
        openssl x509 -in "$work/data/tls.pem" -noout -pubkey >"$work/a" 2>"$err" &&
        openssl pkey -in "$work/data/tls.key" -pubout >"$work/b" 2>"$err" && cmp -s "$work/a" "$work/b" &&
        [ -z "$(find "$work/data" -name '*.tmp')" ]
}

# walk MODE
walk() {
    local n r
    for ((n = 1; n < 400; n += ${INIT_FAULT_STEP:-4})); do
        rm -rf "$work" && mkdir "$work" && : >"$work/mark"
        (
            export OAK_FAULT_DIR=$work OAK_FAULT_MODE=$1 OAK_FAULT_AT=$n OAK_FAULT_MARK=$work/mark
            LD_PRELOAD=$shim init
        ) 2>/dev/null
        r=$?
        # Nothing struck: each call was seen.
        if ! [ -s "$work/mark" ]; then
            [ "$r" -eq 0 ] && [ "$n" -gt 10 ] && whole && walked=$n
            return
        fi
        init
        r=$?
        if ! [[ $r = [03] ]] || ! whole; then
            echo "# $1 at call $n: $(cat "$work/mark"), then $r" >>"$err"
            return 1
        fi
    done
    return 1
}

for mode in kill full; do
    walk "$mode"
    result $? "init: $mode at each call that changes a file (${walked:-none} calls)"
done
exit "$failed"
