#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The container image: built of our package on a Debian that no registry was asked for, initialized,
# started without root, capabilities and a writable root, and started again on the same volume.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
: >"$out"
: >"$err"

# A network namespace of its own: the port of the image is free there, and nobody else is reached.
if [ "${1:-}" != inside ]; then
    for tool in podman runc mmdebstrap unshare ip curl; do
        if ! command -v $tool >/dev/null || [ "$(id -u)" -ne 0 ]; then
            echo "ok - the server in a container # SKIP needs root and $tool"
            exit 0
        fi
    done
    . tests/fleet/container-base.sh
    base=$(container_base 2>"$err") && [ -f "$base" ]
    result $? 'a Debian to build on'
    BUILD=$BUILD packaging/deb.sh --kept >"$out" 2>"$err"
    result $? 'a package to build of'
    [ $failed -eq 0 ] || exit 1
    # If this ends, for whatever reason, every process of it ends.
    exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$0" inside "$base"
fi
base=$2
ip link set lo up

name=oakum-test-$$-$(basename "$TMPDIR" | tr -cd 'a-zA-Z0-9')
pod() {
    podman --root "$TMPDIR/storage" --runroot "$TMPDIR/run" --tmpdir "$TMPDIR/pod" --runtime runc \
        --cgroup-manager cgroupfs "$@"
}
server() { # ARGUMENT... - of podman run, then of the program
    pod run --network host --read-only --cap-drop=all --security-opt no-new-privileges \
        --cgroup-parent "/$name" --ulimit nofile=4096:4096 --ulimit nproc=1000:1000 \
        -v "$TMPDIR/data:/var/lib/oakum-server" "$@"
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

# The image's user writes there: a volume of podman's own would be given to it by podman.
install -d -o 8443 -g 8443 -m 0750 "$TMPDIR/data"
chmod 711 "$TMPDIR"

pod import "$base" localhost/base >"$out" 2>"$err"
result $? 'podman takes the Debian'
if ! pod run --rm --network host --cgroup-parent "/$name" --ulimit nofile=4096:4096 \
    --ulimit nproc=1000:1000 localhost/base true >"$out" 2>"$err"; then
    echo "ok - the server in a container # SKIP this kernel does not let podman start one: $(tail -n 1 "$err")"
    exit $failed
fi

# Nothing is downloaded: there is no network here. The format is the one that has health checks.
pod build --format docker --isolation chroot --network host --build-arg BASE=localhost/base \
    -f packaging/container/Containerfile -t localhost/oakum-server "$BUILD/deb" >"$out" 2>"$err"
result $? 'the image is built without a network'
pod inspect localhost/oakum-server >"$out" 2>"$err" &&
    jq -e '.[0].Config | .User == "8443:8443" and (.Volumes | has("/var/lib/oakum-server")) and
        .Entrypoint == ["/usr/bin/oakum-server"] and .Cmd == ["run"]' "$out" >/dev/null
result $? 'it is not root and keeps its data in a volume'

server --rm localhost/oakum-server init >"$out" 2>"$err"
result $? 'init fills the volume'

answers() { # PATH - within half a minute
    local i
    for ((i = 0; i < 150; i++)); do
        curl -skf -o "$out" "https://127.0.0.1:8443$1" 2>"$err" && return 0
        sleep 0.2
    done
    return 1
}
starts() {
    if server -d --name "$1" localhost/oakum-server >"$out" 2>"$err" && answers /healthz &&
        answers /readyz; then
        return 0
    fi
    pod logs "$1" >>"$err" 2>&1
    return 1
}
starts one
result $? 'it runs without root, without a capability, on a read-only root, and is ready'
pod healthcheck run one >"$out" 2>"$err"
result $? 'its health check says so'
pod exec one sh -c 'id -u && grep -h CapEff /proc/1/status' >"$out" 2>"$err" &&
    [ "$(tr -s '\t\n' ' ' <"$out")" = '8443 CapEff: 0000000000000000 ' ]
result $? 'the process has no root and no capability'
sha256sum "$TMPDIR/data/tls.pem" >"$TMPDIR/before" 2>"$err"
pod stop -t 20 one >"$out" 2>"$err" && [ "$(pod inspect -f '{{.State.ExitCode}}' one)" = 0 ]
result $? 'it ends when it is asked to'
starts two && sha256sum --quiet -c "$TMPDIR/before" >"$out" 2>"$err"
result $? 'another one goes on with the same volume'

exit $failed
