#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports of a container of a real dockerd, in a network of its own.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
export BUILD TMPDIR
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

for tool in dockerd containerd docker unshare busybox; do
    if ! command -v $tool >/dev/null || [ "$(id -u)" -ne 0 ]; then
        echo "ok - published ports of real containers # SKIP needs root and $tool"
        exit 0
    fi
done
if [ "${1-}" != inner ]; then
    unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$0" inner "oakum-published-$$"
    status=$?
    find /sys/fs/cgroup -maxdepth 2 -type d -name "oakum-published-$$" -exec rmdir {} + 2>/dev/null
    exit $status
fi

work=$TMPDIR/docker
mkdir -p "$work/box/bin"
cp "$(command -v busybox)" "$work/box/bin/busybox"
ln -s busybox "$work/box/bin/sleep"
ip link set lo up
dk() {
    timeout 120 docker --host "unix://$work/sock" "$@"
}
dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" --host "unix://$work/sock" \
    --storage-driver vfs --iptables=false --bridge=none --cgroup-parent "/$2" \
    >"$work/log" 2>&1 &
daemon=$!
for _ in {1..300}; do
    ! dk info >/dev/null 2>&1 || break
    sleep 0.1
done
{
    tar -C "$work/box" -c . | dk import - box:1 && dk network create mine &&
        dk run -d --name web --network mine -p 127.0.0.1:8080:80 -p 5353:53/udp box:1 /bin/sleep 1000
} >"$out" 2>"$err"
result $? 'a container with published ports'
"$BUILD/oakum" containers --json web >"$out" 2>"$err" && jq -e '.container | .published_n == 3 and
    ([.published[] | "\(.protocol) \(.address) \(.host_port) \(.container_port)"] | sort) ==
    ["tcp 127.0.0.1 8080 80", "udp 0.0.0.0 5353 53", "udp :: 5353 53"]' "$out" >/dev/null
result $? 'each of them is listed'
"$BUILD/oakum" containers web >"$out" 2>"$err" && grep -qx ' *tcp 127.0.0.1:8080 to 80' "$out" &&
    grep -q '^published ' "$out"
result $? 'and shown'
"$BUILD/oakum" audit --json --only 5.8 --only 5.14 >"$out" 2>"$err" &&
    jq -e '[.findings[] | "\(.id) \(.verdict)"] == ["5.8 pass", "5.14 warn"]' "$out" >/dev/null
result $? 'and judged'
dk rm -f web >/dev/null 2>&1
kill "$daemon" && wait "$daemon" 2>/dev/null
exit $failed
