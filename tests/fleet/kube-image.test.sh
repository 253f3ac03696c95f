#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The agent's image: built of our package by its recipe, without a network; the node client starts in it without
# any right, on a read-only root; nothing in it is setuid.
# shellcheck disable=SC2016,SC2181,SC2031 # texts with backquotes; a status is asked for beside what was said
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
: >"$out"
: >"$err"
if [ "${1:-}" != inside ]; then
    for tool in podman runc mmdebstrap unshare; do
        if ! command -v $tool >/dev/null || [ "$(id -u)" -ne 0 ]; then
            echo "ok - the agent's image # SKIP needs root and $tool"
            exit 0
        fi
    done
    . tests/fleet/container-base.sh
    base=$(container_base 2>"$err") && [ -f "$base" ]
    result $? 'a Debian to build on'
    BUILD=$BUILD packaging/deb.sh --kept >"$out" 2>"$err"
    result $? 'a package to build of'
    [ $failed -eq 0 ] || exit 1
    exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$0" inside "$base"
fi
name=oakum-image-$$-$(basename "$TMPDIR" | tr -cd 'a-zA-Z0-9')
pod() {
    podman --root "$TMPDIR/storage" --runroot "$TMPDIR/run" --tmpdir "$TMPDIR/pod" --runtime runc \
        --cgroup-manager cgroupfs "$@"
}
in_image() { # ARGUMENT... - as the chart's container "node" has it
    pod run --rm --network host --cgroup-parent "/$name" --ulimit nofile=4096:4096 --ulimit nproc=1000:1000 --read-only \
        --cap-drop=all --security-opt no-new-privileges --user 8444:8444 -v "$TMPDIR/status:/run/oakum:ro" localhost/oakum-agent "$@"
}
# shellcheck disable=SC2317 # called by the trap
finish() {
    pod rm -af -t 1 >/dev/null 2>&1
    umount -R "$TMPDIR/storage" 2>/dev/null
    local dir
    for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
        find "$dir/$name" -depth -type d -exec rmdir {} + 2>/dev/null
    done
}
trap finish EXIT
mkdir -p "$TMPDIR/status"
cp tests/fuzz/corpus/node-status/full.json "$TMPDIR/status/node.json"
chmod -R a+rX "$TMPDIR/status"
chmod 711 "$TMPDIR"

pod import "$2" localhost/base >"$out" 2>"$err"
result $? 'podman takes the Debian'
if ! pod run --rm --network host --cgroup-parent "/$name" --ulimit nofile=4096:4096 --ulimit nproc=1000:1000 \
    localhost/base true >"$out" 2>"$err"; then
    echo "ok - the agent's image # SKIP this kernel does not let podman start one: $(tail -n 1 "$err")"
    exit $failed
fi
pod build --isolation chroot --network host --build-arg BASE=localhost/base \
    -f packaging/container/Containerfile.agent -t localhost/oakum-agent "$BUILD/deb" >"$out" 2>"$err"
result $? 'the image is built without a network'
in_image /usr/bin/oakum-node show --node n1 >"$out" 2>"$err" && grep -q '^label      oakum.dev/level=3$' "$out" &&
    grep -q 'KernelLivePatched=Unknown AgentNotRunning' "$out"
result $? 'the node client works without root and a capability, and sees that no agent runs'
in_image /usr/bin/oakum --version >"$out" 2>"$err" && grep -q '^oakum ' "$out"
result $? 'the agent is in it'
in_image /bin/sh -c 'id -u; grep CapEff /proc/self/status; find / -xdev -perm /6000 -type f' >"$out" 2>/dev/null
[ "$(tr -s '\t\n' ' ' <"$out")" = '8444 CapEff: 0000000000000000 ' ]
result $? 'no right, and no program that would give one'
in_image /usr/bin/oakum agent >"$out" 2>"$err"
[ $? -ne 0 ] && [ -s "$err" ]
result $? 'the agent itself does not start without its rights, and says why'
exit $failed
