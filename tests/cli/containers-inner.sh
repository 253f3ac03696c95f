#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The part of containers.test.sh that is process 1 of a host of its own. usage: PARENT-CGROUP
set -u
: "${BUILD:?}" "${TMPDIR:?}"
parent=$1
work=$TMPDIR/w
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/containers-lib.sh
. tests/cli/containers-lib.sh

chmod 755 "$TMPDIR" # for those who are mapped to others
mkdir -p "$work"/{box/bin,box/proc,box/dev,box/sys,box/tmp,etc,store,sockets}
cp /bin/busybox "$BUILD/tests/cli/reach-try" "$work/box/bin/"
for applet in sh sleep nc chroot cat mount umount pivot_root; do
    ln -s busybox "$work/box/bin/$applet"
done
# Where the engines keep their state is ours alone.
for dir in /run/containerd /run/runc /run/crun /run/containers /var/lib/cni; do
    mkdir -p "$dir" && mount -t tmpfs oakum-test "$dir"
done
mkdir -p /var/lib/containers && mount --bind "$work/store" /var/lib/containers
# crun refuses a version 2 that is beside version 1 with controllers of its own.
umount /sys/fs/cgroup/unified 2>/dev/null
ip link set lo up 2>/dev/null
ulimit -n 1024

wait_for() { # COMMAND...
    for _ in $(seq 150); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "# never: $*"
    return 1
}

dk() { docker --host "unix://$work/sockets/docker.sock" "$@"; }
start_dockerd() {
    dockerd --data-root "$work/docker" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" \
        --host "unix://$work/sockets/docker.sock" --storage-driver overlay2 --iptables=false \
        --bridge=none --cgroup-parent "/$parent" >"$work/dockerd.log" 2>&1 &
    wait_for dk info && tar -C "$work/box" -c . | dk import - box:1 >/dev/null
}
run_docker() { # NAME OPTION... -- COMMAND...
    local name=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    dk run -d --name "$name" --network none "${options[@]}" box:1 "$@" >/dev/null || echo "# docker: no $name"
}

start_containerd() {
    printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$work/containerd.toml"
    containerd --root "$work/containerd" --config "$work/containerd.toml" >"$work/containerd.log" 2>&1 &
    wait_for ctr version
}
run_ctr() { # NAMESPACE ID OPTION...
    local scope=$1 id=$2
    shift 2
    ctr --namespace "$scope" run --detach --rootfs "$@" "$work/box" "$id" /bin/sleep 1000 || echo "# ctr: no $id"
}

pm() { podman --cgroup-manager cgroupfs "$@"; }
run_podman() { # NAME OPTION...
    local name=$1
    shift
    pm "$runtime" run -d --name "$name" --network none --ulimit nofile=1024:1024 \
        --ulimit nproc=1024:1024 "$@" box:1 sleep 1000 >/dev/null || echo "# podman: no $name"
}

start_all() {
    busybox nc -l -p 7777 & # of the host
    start_dockerd
    run_docker d-plain -- sleep 1000
    run_docker d-like --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined \
        --security-opt apparmor=unconfined -- sleep 1000
    run_docker d-hard --user 1234:5678 --cap-drop ALL --read-only --memory 64m --pids-limit 50 \
        --cpus 0.5 --security-opt no-new-privileges --volume data:/data -- sleep 1000
    run_docker d-socket --volume "$work/sockets/docker.sock:/tmp/innocent:ro" -- sleep 1000
    run_docker d-files --volume "$work/sockets:/s" --volume /etc:/host/etc:ro -- sleep 1000
    run_docker d-host --pid host --ipc host --uts host --cap-add NET_ADMIN -- sleep 1000
    run_docker d-port -- nc -l -p 8080
    run_docker d-exec --user 1234 -- sleep 1000
    dk exec -d --user 0 --privileged=false d-exec sleep 1000

    start_containerd
    run_ctr oakum-one c-default
    run_ctr oakum-two c-net --net-host --cap-add CAP_SYS_ADMIN

    tar -C "$work/box" -c . | podman import --quiet - box:1 >/dev/null
    runtime=--runtime=runc
    run_podman p-plain --cgroup-parent "/$parent"
    run_podman p-mapped --cgroup-parent "/$parent" --uidmap 0:200000:65536 --gidmap 0:200000:65536
    runtime=--runtime=crun
    run_podman p-free --cgroups=disabled --ipc host

    run_bundle runc r-mapped '.process.noNewPrivileges = true |
        .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
        .linux.gidMappings = .linux.uidMappings | .linux.namespaces += [{type: "user"}] |
        .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]} |
        .process.capabilities[] = '"$all_caps"
    run_bundle runc r-open '.process.capabilities[] = '"$all_caps"' |
        .root.readonly = false | .process.noNewPrivileges = false |
        .linux.maskedPaths = [] | .linux.readonlyPaths = [] |
        .linux.resources.devices = [{allow: true, access: "rwm"}] |
        (.mounts[] | select(.type == "sysfs") | .options) = ["nosuid", "noexec", "nodev"] |
        .mounts += [{destination: "/host", type: "bind", source: "/", options: ["bind", "ro"]}]'
    run_bundle crun k-hosts 'del(.hostname) | .linux.namespaces = [{type: "mount"}] | .linux.maskedPaths = [] |
        (.mounts[] | select(.type == "sysfs")) = {destination: "/sys", type: "none",
            source: "/sys", options: ["rbind", "ro"]} |
        .mounts += [{destination: "/x", type: "bind", source: "/run", options: ["bind"]}]'
    # Nobody's: no engine, no cgroup, no name.
    mkdir -p "$work/nobody" && cp -a "$work/box/." "$work/nobody"
    # shellcheck disable=SC2016 # of the shell that is started
    (cd "$work/nobody" && exec unshare --pid --mount --uts --fork sh -c 'mount --bind . . && cd "$PWD" && mkdir -p old &&
        pivot_root . old && exec chroot . sh -c "
            mount -t proc proc /proc; umount -l /old; exec sleep 1000"' >"$work/nobody.log" 2>&1) &
}

# Columns as in containers-lib.sh; WORK is where the test works.
expected() {
    cat <<'E'
# name | engine | image | processes | of root | uid | real root | root_uid | groups | capabilities | privileged | by | seccomp | no new privs | confined | host's namespaces | read-only | /sys writable | masked | /proc/sys ro | all devices | memory/pids/cpu | ports | mounts
c-default | containerd | - | 1 | 1 | 0 | yes | 0 | - | default | no | seccomp+lsm | off | yes | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | -
c-net | containerd | - | 1 | 1 | 0 | yes | 0 | - | default_+SYS_ADMIN | no | seccomp+lsm | off | yes | - | cgroup+net+time+user | - | - | yes | yes | - | none/none/none | tcp6:7777 | etc:/etc/hosts=/etc/hosts:ro etc:/etc/resolv.conf=/etc/resolv.conf:ro
d-exec | docker | box:1 | 2 | 1 | 1234 | - | 0 | 0 | none | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | -
d-files | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | default | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | etc!:/etc=/host/etc:ro other:WORK/sockets=/s:rw,WORK/sockets/docker.sock
d-hard | docker | box:1 | 1 | 0 | 1234 | - | 0 | 5678 | none | no | lsm | filter | yes | - | cgroup+time+user | yes | - | yes | yes | - | 67108864/50/50000 | - | volume!:WORK/docker/volumes/data/_data=/data:rw
d-host | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | default_+NET_ADMIN | no | lsm | filter | - | - | cgroup+ipc+pid+time+user+uts | - | - | yes | yes | - | none/none/none | - | dev:/dev/shm=/dev/shm:rw
d-like | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | privileged | like | caps+seccomp+lsm | off | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | -
d-plain | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | default | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | -
d-port | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | default | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | tcp6:8080 | -
d-socket | docker | box:1 | 1 | 1 | 0 | yes | 0 | 0 | default | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | socket!:WORK/sockets/docker.sock=/tmp/innocent:ro,WORK/sockets/docker.sock
k-hosts | crun | - | 1 | 1 | 0 | yes | 0 | - | default | no | seccomp+lsm | off | yes | - | cgroup+ipc+net+pid+time+user+uts | yes | - | - | yes | - | none/none/none | tcp6:7777 | run!:/run=/x:rw
p-free | podman | localhost/box:1 | 1 | 1 | 0 | yes | 0 | - | default | no | lsm+devices | filter | - | - | cgroup+ipc+time+user | - | - | yes | yes | yes | none/none/none | - | dev:/dev/shm=/dev/shm:rw
p-mapped | podman | localhost/box:1 | 1 | 0 | 200000 | - | 200000 | - | default | no | lsm | filter | - | - | cgroup+time | - | - | yes | yes | - | none/2048/none | - | -
p-plain | podman | localhost/box:1 | 1 | 1 | 0 | yes | 0 | - | default | no | lsm | filter | - | - | cgroup+time+user | - | - | yes | yes | - | none/2048/none | - | -
pid-N | unknown | - | 1 | 1 | 0 | yes | 0 | - | privileged | like | caps+seccomp+lsm+proc+devices | off | - | - | cgroup+ipc+net+time+user | - | - | - | - | yes | none/none/none | tcp6:7777 | -
r-mapped | runc | - | 1 | 0 | 100000 | - | 100000 | - | privileged | no | lsm | filter | yes | - | cgroup+time | yes | - | yes | yes | - | none/none/none | - | -
r-open | runc | - | 1 | 1 | 0 | yes | 0 | - | privileged | yes | caps+seccomp+lsm+sys+proc+devices | off | - | - | cgroup+time+user | - | yes | - | - | yes | none/none/none | - | root!:/=/host:ro,WORK/exec/containerd/containerd.sock
E
}

# What a machine with another LSM, or with cgroup version 2 alone, rightly says otherwise.
comparable() {
    if [ -e /sys/fs/cgroup/cgroup.controllers ] ||
        grep -qE 'apparmor|selinux' /sys/kernel/security/lsm 2>/dev/null; then
        awk -F '|' -v OFS='|' '{
            gsub(/\+?(lsm|devices)/, "", $12); gsub(/^\+/, "", $12)
            sub(/cgroup\+/, "", $16)
            $15 = $21 = "-"
            print
        }'
    else
        cat
    fi
}

start_all
sleep 0.5
"$BUILD/oakum" containers --json >"$out" 2>"$err"
result $? 'real containers are listed'
cp "$out" "$TMPDIR/all.json"
containers_lines "$out" | comparable | sort >"$TMPDIR/got"
expected | containers_wanted | comparable | sort >"$TMPDIR/want"
containers_match "$TMPDIR/want" "$TMPDIR/got"

"$BUILD/oakum" containers >"$out" 2>"$err"
head -n 3 "$out" | grep -q '^runc *r-open .* privileged .*/ ro with containerd.sock' &&
    grep -qE '^docker +d-socket .* docker.sock ro$' "$out" &&
    grep -qE '^runc +r-mapped .* mapped 100000 .* own ' "$out" &&
    grep -qE '^docker +d-exec .* 1234 and root  none, others more' "$out"
result $? 'the table has the worst first'
[ "$(wc -l <"$out")" -le 24 ] && ! grep -q "$(printf '\033')" "$out"
result $? 'it fits on one screen'
"$BUILD/oakum" containers docker:d-hard >"$out" 2>"$err"
grep -qE '^limits +memory 64 MiB, processes 50, CPUs 0.50$' "$out" && grep -qE '^no new privs yes$' "$out"
result $? 'all about one, by its name'
id=$(jq -r '.containers[] | select(.name == "d-hard").id' "$TMPDIR/all.json")
"$BUILD/oakum" containers --json "${id:0:12}" >"$out" 2>"$err"
jq -e '.container.name == "d-hard" and .schema == 1' "$out" >/dev/null
result $? 'and by the beginning of its id, as a document'

# shellcheck source=tests/cli/audit-engines.sh
. tests/cli/audit-engines.sh

# shellcheck source=tests/cli/reach-engines.sh
. tests/cli/reach-engines.sh

# As an agent is run on hosts where nothing may be installed: in a container with the host's pids.
names='[.containers[] | select(.name != "agent") | "\(.engine):\(.name // .id)"] | sort'
for cgroups in host private; do
    dk run --rm --name agent --pid host --network none --cgroupns $cgroups --cap-add SYS_PTRACE \
        --cap-add DAC_READ_SEARCH --volume /:/host:ro box:1 \
        chroot /host "$BUILD/oakum" containers --json >"$TMPDIR/agent.json" 2>"$err"
    diff <(jq "$names" "$TMPDIR/all.json") <(jq "$names" "$TMPDIR/agent.json") >"$out" 2>&1 &&
        jq -e '.containers[] | select(.name == "agent").security.namespaces.pid.host' \
            "$TMPDIR/agent.json" >/dev/null
    result $? "the same from within a container, cgroup namespace: $cgroups"
done
exit $failed
