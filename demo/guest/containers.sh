# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containers.sh - the two containers of the story, below /containers in the machine
#
# web       crun, nobody, no capability, its own seccomp profile: a server that measures the longest
#           gap between its own ticks (web.c)
# attacker  runc, uid 1000, as "runc spec" makes it: three capabilities that uid 1000 has no use of,
#           no_new_privs, and no seccomp profile. With a profile the flaw cannot be seen: the stale
#           flags say "seccomp" as well. Kubernetes starts containers so unless told otherwise.

web_ip=10.20.0.2

# start_containers - both in the background; fails where one does not run
start_containers() {
    for name in web attacker; do
        for dir in proc dev sys state; do
            mkdir -p "/containers/$name/rootfs/$dir"
        done
    done
    mkdir -p /run/web && chown 65534:65534 /run/web || return
    crun run --detach --bundle /containers/web web || return
    runc run --detach --bundle /containers/attacker attacker || return
    connect_web
}

# connect_web - a cable between the machine and web's network: what a bridge would do for many
connect_web() {
    # busybox cannot name the other end; the kernel calls it veth0.
    ip link add web0 type veth || return
    ip link set veth0 netns "$(web_pid)" || return
    ip addr add 10.20.0.1/24 dev web0 && ip link set web0 up || return
    nsenter -t "$(web_pid)" -n sh -c "ip addr add $web_ip/24 dev veth0 && ip link set veth0 up"
}

web_pid() {
    crun state web | sed -n 's/^ *"pid": \([0-9]*\),*$/\1/p'
}

attacker_pid() {
    runc state attacker | sed -n 's/^ *"pid": \([0-9]*\),*$/\1/p'
}

# identity_of PID - the pid and its start time: no other process ever has the same pair
identity_of() {
    awk '{ sub(/.*\) /, ""); print "pid", pid, "started", $20 }' "pid=$1" "/proc/$1/stat"
}

# ask_web PATH - "/" or "/lap", see web.c
ask_web() {
    curl -sf --max-time 5 "http://$web_ip:8080$1" | tee /run/web.said
}

# web_figure NAME - of what ask_web said last
web_figure() {
    sed -n "s/^$1 //p" /run/web.said
}

# trigger - in the attacker's container; exit status 1 VULNERABLE, 0 NOT VULNERABLE
trigger() {
    # shellcheck disable=SC2086,SC2154 # words of /lib/story/settings
    runc exec attacker $trigger
}
