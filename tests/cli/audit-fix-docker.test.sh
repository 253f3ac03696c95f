#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum audit --fix-plan beside a dockerd that runs: with the settings that were merged it starts again,
# and has them. In namespaces of its own, with nothing of this machine's docker.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
if [ "${1-}" != inside ]; then
    if ! command -v dockerd >/dev/null || ! unshare -n -m -p -f --mount-proc true 2>/dev/null; then
        printf 'ok - docker starts with its new settings # SKIP no dockerd, or no namespaces\n'
        exit 0
    fi
    exec unshare -n -m -p -f --mount-proc "$0" inside
fi
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh
root=/ settings=$TMPDIR/daemon.json
mount -t tmpfs none /run && mount -t tmpfs none /var/lib || exit 1

# shellcheck disable=SC2317 # called through expect
dk() {
    docker --host "unix://$TMPDIR/d.sock" "$@"
}

# shellcheck disable=SC2317 # called through expect
start() {
    dockerd --config-file "$settings" --data-root "$TMPDIR/data" --exec-root /run/exec --pidfile /run/d.pid \
        --host "unix://$TMPDIR/d.sock" --storage-driver vfs --iptables=false --bridge=none \
        >"$TMPDIR/dockerd.log" 2>&1 &
    for _ in $(seq 60); do
        dk info >/dev/null 2>&1 && return
        sleep 0.5
    done
    tail -n 3 "$TMPDIR/dockerd.log"
    return 1
}

# shellcheck disable=SC2317 # called through expect
stop() {
    local pid
    pid=$(cat /run/d.pid) && kill "$pid" || return
    for _ in $(seq 60); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.5
    done
    return 1
}

printf '{\n  "experimental": true,\n  "log-level": "debug",\n  "max-concurrent-downloads": 2\n}\n' >"$settings"
cp "$settings" "$TMPDIR/was.json"
only=()
for id in 2.2 2.3 2.14 2.15 2.16 2.18; do only+=(--only "$id"); done
expect 'docker runs' 0 '' start
expect 'a plan for it' 0 '2.2  dockerd does not start so without its firewall' \
    oakum audit --fix-plan "${only[@]}"
expect 'apply' 0 'left to you, for 2.3 2.14 2.15 2.16 2.18: systemctl restart docker' \
    oakum audit --fix-plan --apply "${only[@]}"
expect 'docker stops' 0 '' stop
expect 'and starts with its new settings' 0 '' start
dk info --format '{{.LiveRestoreEnabled}} {{.ExperimentalBuild}} {{.SecurityOptions}}' >"$out" 2>"$err"
grep -q '^true false ' "$out"
result $? 'which it has'
expect 'no finding of them is left' 0 '' oakum audit --json "${only[@]}"
json 'but the one that was left' '[.findings[] | select(.verdict != "pass").id] == ["2.2"]'
expect 'undo' 0 'as it was' oakum audit --fix-plan --undo
cmp -s "$settings" "$TMPDIR/was.json"
result $? 'leaves the file that was'
expect 'docker stops again' 0 '' stop
expect 'and starts as before' 0 '' start
stop
exit $failed
