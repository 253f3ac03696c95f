#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian.test.sh - the Debian 12 machine: it boots, has containers, and outlives a cut of its power
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck disable=SC2317 # called by the trap
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    rm -rf "$work"
}
trap finish EXIT

# case_of NAME COMMAND... - one assertion, with its time; without it nothing after makes sense
case_of() {
    local name=$1 start=$EPOCHREALTIME

    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
        echo "# $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
        return
    fi
    sed 's/^/# /' "$work/said"
    tail -n 20 "$machine_dir/console.log" | sed 's/^/# /'
    echo "not ok $name"
    exit 1
}

# run_gives STATUS OUTPUT COMMANDS - both have to be these
run_gives() {
    local status=0 said

    said=$(machine_run "$3" 60) || status=$?
    # shellcheck disable=SC2015
    [ "$status" = "$1" ] && [ "$said" = "$2" ] || {
        echo "status $status, said: $said"
        return 1
    }
}

big_file_returns() {
    head -c 1000000 /dev/urandom >"$work/big"
    machine_put "$work/big" /root/folder/big && machine_get /root/folder/big | cmp - "$work/big"
}

boots_again() {
    machine_boot systemd.mask=docker.service systemd.mask=containerd.service
    machine_wait_up 400
}

# What a command that outlives its time leaves behind disturbs no later one.
time_is_limited() {
    local status=0

    machine_run 'sleep 30' 1 || status=$?
    [ "$status" -eq 124 ] && run_gives 0 after 'echo after'
}

case_of "a settled machine is at hand" machine_settled "$work/vm"
case_of "systemd has started all" run_gives 0 running 'systemctl is-system-running'
case_of "a command's status and output arrive" run_gives 7 "a b" 'echo "a b"; echo e >&2; exit 7'
case_of "a megabyte goes in and out" big_file_returns
case_of "a command has a time limit" time_is_limited
case_of "podman runs a container" \
    run_gives 0 hello 'podman run --rm --network none busybox echo hello'
case_of "docker runs a container" \
    run_gives 0 hello 'docker run --rm --network none busybox echo hello'
case_of "a file is written and flushed" \
    machine_run 'echo kept >/root/kept; logger -t oakum-test kept; journalctl --sync; sync'
case_of "the power is cut" machine_kill
case_of "it boots again" boots_again
case_of "the file is there" run_gives 0 kept 'cat /root/kept'
case_of "the journal has what it had" run_gives 0 kept 'journalctl -b -1 -t oakum-test -o cat'
case_of "it ends in order" machine_shutdown 300
