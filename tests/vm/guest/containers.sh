#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containers.sh - starts containers of every engine in the Debian machine, each with other rights
#
# What the build machine of tests/cli/containers-inner.sh cannot: AppArmor, cgroup version 2 alone,
# --privileged, a bridge, an engine with --userns-remap. Stands in /root beside containers-lib.sh.
#
# usage: containers.sh [docker|remapped|others|bundles]...
set -u
# shellcheck disable=SC2034 # of containers-lib.sh
work=/root/w parent=oakum-test
# shellcheck source=/dev/null
. /root/containers-lib.sh

mkdir -p $work/box/{proc,dev,sys}
tar -C $work/box -xf /usr/local/share/vm/busybox.tar
chmod 755 /root $work/box # for those who are mapped to others

run_docker() { # NAME OPTION... -- COMMAND...
    local name=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    docker "${host[@]}" run -d --name "$name" "${options[@]}" busybox "$@" >/dev/null ||
        echo "docker: no $name"
}

run_ctr() { # NAMESPACE ID OPTION...
    local scope=$1 id=$2
    shift 2
    ctr --namespace "$scope" run --detach --rootfs "$@" $work/box "$id" /bin/sleep 100000 ||
        echo "ctr: no $id"
}

run_podman() { # NAME OPTION...
    local name=$1
    shift
    podman run -d --name "$name" "$@" busybox sleep 100000 >/dev/null || echo "podman: no $name"
}

start_docker() {
    host=()
    run_docker d-plain --publish 8080:80 -- httpd -f -p 80 -h /etc
    run_docker d-priv --network none --privileged -- sleep 100000
    run_docker d-hard --network none --user 1234:5678 --cap-drop ALL --read-only --memory 64m \
        --pids-limit 50 --cpus 0.5 --security-opt no-new-privileges --volume data:/data -- sleep 100000
    run_docker d-socket --network none --security-opt apparmor=unconfined --device /dev/vda \
        --volume /run/docker.sock:/tmp/innocent:ro -- sleep 100000
    run_docker d-host --network host --pid host --ipc host --uts host --cgroupns host \
        --cap-add NET_ADMIN -- sleep 100000
    run_docker d-exec --network none --user 1234 -- sleep 100000
    docker exec -d --user 0 --privileged d-exec sleep 100000
}

# Beside the first engine, with nothing in common with it but containerd: with --bridge=none it would
# remove the bridge of the other.
start_remapped() {
    host=(--host "unix://$work/remap.sock")
    unshare --net dockerd --host "unix://$work/remap.sock" --pidfile $work/remap.pid \
        --data-root /var/lib/docker-remap --exec-root $work/remap --iptables=false --bridge=none \
        --containerd-namespace moby-remap --containerd-plugins-namespace plugins.moby-remap \
        --userns-remap=default >$work/remap.log 2>&1 &
    for _ in $(seq 100); do
        docker "${host[@]}" info >/dev/null 2>&1 && break
        sleep 0.2
    done
    docker "${host[@]}" import /usr/local/share/vm/busybox.tar busybox >/dev/null
    run_docker m-remap --network none -- sleep 100000
}

start_others() {
    run_ctr oakum-one c-default --apparmor-default-profile docker-default
    run_ctr oakum-two c-priv --net-host --privileged --allow-new-privs
    run_podman p-plain
    run_podman p-mapped --network none --uidmap 0:200000:65536 --gidmap 0:200000:65536
    run_podman p-priv --network none --privileged
    run_podman p-free --network none --runtime crun --cgroups=disabled --ipc host \
        --security-opt apparmor=unconfined
}

# shellcheck disable=SC2154 # all_caps is containers-lib.sh's
start_bundles() {
    run_bundle runc r-mapped '.process.noNewPrivileges = true |
        .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
        .linux.gidMappings = .linux.uidMappings | .linux.namespaces += [{type: "user"}] |
        .process.capabilities[] = '"$all_caps"
    run_bundle runc r-open '.process.capabilities[] = '"$all_caps"' |
        .root.readonly = false | .process.noNewPrivileges = false |
        .linux.maskedPaths = [] | .linux.readonlyPaths = [] |
        .linux.resources.devices = [{allow: true, access: "rwm"}] |
        (.mounts[] | select(.type == "sysfs") | .options) = ["nosuid", "noexec", "nodev"] |
        .mounts += [{destination: "/host", type: "bind", source: "/", options: ["bind", "ro"]}]'
    run_bundle crun k-small '.linux.resources.memory.limit = 33554432 |
        .linux.resources.pids.limit = 7 | .process.apparmorProfile = "docker-default"'
    run_bundle crun k-hosts 'del(.hostname) | .linux.namespaces = [{type: "mount"}] | .linux.maskedPaths = [] |
        (.mounts[] | select(.type == "sysfs")) = {destination: "/sys", type: "none",
            source: "/sys", options: ["rbind", "ro"]} |
        .mounts += [{destination: "/x", type: "bind", source: "/run", options: ["bind"]}]'
}

parts=("$@")
[ $# -gt 0 ] || parts=(docker remapped others bundles)
for part in "${parts[@]}"; do
    "start_$part"
done
