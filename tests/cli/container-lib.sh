# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host with docker and one container, in the tree $root: read after host-lib.sh.
# shellcheck disable=SC2034,SC2120,SC2154 # read, set, or called by the tests

id=$(printf 'a%.0s' {1..64})
docker_caps=00000000a80425fb all_caps=0000003fffffffff

# process PID EXE WORD... - one of the host
process() {
    mkdir -p "$root/proc/$1"
    printf '%s\0' "${@:3}" >"$root/proc/$1/cmdline"
    put "proc/$1/status" "$(printf 'Name:\tx\nUid:\t0\t0\t0\t0')"
    ln -sfn "$2" "$root/proc/$1/exe"
}

# host [DOCKERD-ARGUMENT...] - an empty host with docker
host() {
    rm -rf "$root"
    put proc/sys/kernel/osrelease 6.1.0-50-amd64
    put usr/bin/dockerd x
    process 100 /usr/bin/dockerd dockerd "$@"
}

# status PID UID EFFECTIVE SECCOMP - of a process in a container; process 1 has the number 50
status() {
    local n=$1
    [ "$1" != 50 ] || n=1
    put "proc/$1/status" "$(printf '%b' "Name:\tx\nPPid:\t0\nUid:\t$2\t$2\t$2\t$2\n" \
        "Gid:\t$2\t$2\t$2\t$2\nGroups:\t \nNSpid:\t$1\t$n\nCapInh:\t0\nCapPrm:\t$3\nCapEff:\t$3\n" \
        "CapBnd:\t$3\nCapAmb:\t0\nNoNewPrivs:\t0\nSeccomp:\t$4\nSeccomp_filters:\t1")"
}

# namespaces PID FIRST
namespaces() {
    local kind n=$2
    mkdir -p "$root/proc/$1/ns"
    for kind in net pid ipc uts mnt user cgroup time; do
        ln -sfn "$kind:[$n]" "$root/proc/$1/ns/$kind"
        n=$((n + 1))
    done
}

# mounts [LINE...] - of the container: what docker mounts, and more
mounts() {
    {
        printf '%s\n' '90 27 0:90 / / rw,relatime master:7 - overlay overlay rw' \
            '91 90 0:91 / /proc rw - proc proc rw' '92 90 0:91 /sys /proc/sys ro - proc proc rw' \
            '93 90 0:91 /sysrq-trigger /proc/sysrq-trigger ro - proc proc rw' \
            '94 90 0:92 /null /proc/kcore rw - tmpfs tmpfs rw' \
            '96 90 0:93 / /sys ro - sysfs sysfs ro' '98 90 0:92 / /dev rw - tmpfs tmpfs rw'
        printf '%s\n' "$@"
    } >"$root/proc/50/mountinfo"
}

# container [CGROUP] - a host with a container, as docker makes one; further lines spoil it
container() {
    host
    put proc/1/cgroup 0::/init.scope
    put proc/1/status "$(printf 'Name:\tinit\nUid:\t0\t0\t0\t0\nNSpid:\t1')"
    namespaces 1 1
    put proc/1/mountinfo "$(printf '%s\n' '22 27 0:21 / /proc rw - proc proc rw' \
        '27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw' \
        '28 27 0:40 / /run rw shared:5 - tmpfs tmpfs rw')"
    put proc/kcore '' && put proc/sysrq-trigger '' && put proc/sys/x ''
    put proc/50/cgroup "0::${1-/system.slice/docker-$id.scope}"
    status 50 0 $docker_caps 2
    namespaces 50 101
    for kind in user:6 cgroup:7 time:8; do
        ln -sfn "${kind%:*}:[${kind#*:}]" "$root/proc/50/ns/${kind%:*}"
    done
    mounts
    put proc/50/uid_map '         0          0 4294967295'
    put proc/50/stat '50 (x) S 1 50 50 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0'
    put proc/50/comm x
    put proc/50/task/50/comm x
    put proc/50/net/sockstat 'TCP: inuse 0 orphan 0'
    put proc/50/attr/apparmor/current 'docker-default (enforce)'
    put sys/kernel/security/lsm 'lockdown,capability,yama,apparmor'
    declared '{}' '{}'
}

# declared CONFIG HOSTCONFIG - what docker was asked; its "inspect" shows the same
declared() {
    config=$1 host_config=$2
    put "var/lib/docker/containers/$id/config.v2.json" "$1"
    put "var/lib/docker/containers/$id/hostconfig.json" "$2"
}

# userns - the container's users are others than the host's
userns() {
    status 50 100000 $docker_caps 2
    ln -sfn 'user:[106]' "$root/proc/50/ns/user"
    put proc/50/uid_map '         0     100000      65536'
}
