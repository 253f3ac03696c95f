#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cycles.sh - in the Debian machine: apply and revert again and again under a container that serves
#
# usage: cycles.sh web                    starts the container, /root/web in podman
#        cycles.sh run N [WARM-UP]        prints figures, "NAME BEFORE AFTER"; fails on a leak
#        cycles.sh idle SECONDS           memory and time of the agent that waits
#
# Level 1 lies in /root/oakum_1.ko and /root/manifest1.json.
set -u

at=http://127.0.0.1:8080

web() {
    mkdir -p /root/state && chmod 777 /root/state
    podman run -d --name web --network host -v /root/web:/web:ro -v /root/state:/state busybox \
        /web /state/figures >/dev/null || return
    for _ in $(seq 50); do
        ! curl -sf --max-time 5 -o /dev/null "$at/" || return 0
        sleep 0.2
    done
    return 1
}

# requests - one after the other for as long as /run/requests is there
requests() {
    local good=0 bad=0

    while [ -e /run/requests ]; do
        if curl -sf --max-time 10 -o /dev/null "$at/"; then good=$((good + 1)); else bad=$((bad + 1)); fi
    done
    echo "$good $bad" >/run/requests.done
}

kib_of() {
    awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo
}

# own_kib PID - what it has written to: pages of the program itself count as private or not, as
# others run it too or not at that moment, and those that a fork has as well do not count at all
own_kib() {
    for _ in $(seq 120); do
        [ -n "$(cat "/proc/$1/task/$1/children")" ] || break
        sleep 0.5
    done
    awk '/^Private_Dirty/ { n += $2 } END { print n }' "/proc/$1/smaps_rollup"
}

# Freed memory lies in caches of the allocators for a while.
figures() {
    local pid

    sync
    echo 3 >/proc/sys/vm/drop_caches
    sleep 2
    pid=$(systemctl show -P MainPID oakum-agent)
    echo "slab_unreclaimable_kib $(kib_of SUnreclaim)"
    echo "slab_kib $(kib_of Slab)"
    echo "vmalloc_kib $(kib_of VmallocUsed)"
    echo "percpu_kib $(kib_of Percpu)"
    echo "module_areas $(grep -c module_alloc /proc/vmallocinfo)"
    echo "modules $(wc -l </proc/modules)"
    echo "livepatches $(find /sys/kernel/livepatch -mindepth 1 -maxdepth 1 | wc -l)"
    echo "agent_fds $(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
    echo "agent_own_kib $(own_kib "$pid")"
}

# cycle N - so many
cycle() {
    local i

    for ((i = 0; i < $1; i++)); do
        oakum apply /root/oakum_1.ko /root/manifest1.json >/run/cycle 2>&1 &&
            oakum revert >>/run/cycle 2>&1 && continue
        echo "cycle $i:"
        cat /run/cycle
        return 1
    done
}

# What may grow: the kernel's own caches breathe by some pages, whatever is loaded.
is_leak() {
    case $1 in
        slab_unreclaimable_kib | slab_kib) [ $(($3 - $2)) -gt 2048 ] ;;
        vmalloc_kib) [ $(($3 - $2)) -gt 512 ] ;;
        percpu_kib) [ $(($3 - $2)) -gt 256 ] ;;
        agent_own_kib) [ $(($3 - $2)) -gt 512 ] ;;
        *) [ "$3" -gt "$2" ] ;;
    esac
}

run() {
    local start status=0 good bad name before after

    : >/run/requests
    requests &
    cycle "${2:-10}" || return
    figures >/run/before
    start=$SECONDS
    cycle "$1" || status=1
    start=$((SECONDS - start))
    figures >/run/after
    rm /run/requests
    wait
    read -r good bad </run/requests.done
    echo "cycles $1 in $start s"
    echo "requests $good, failed $bad"
    curl -sf "$at/" | grep gap || true
    [ "$bad" -eq 0 ] && [ "$good" -gt 0 ] || status=1
    while read -r name before after; do
        echo "$name $before $after"
        ! is_leak "$name" "$before" "$after" || { echo "LEAK $name"; status=1; }
    done < <(join <(sort /run/before) <(sort /run/after))
    return "$status"
}

# cpu_us - what systemd has counted for the agent and its workers
cpu_ns() {
    local ns all=0

    for unit in oakum-agent.service system-oakum\\x2dfetch.slice; do
        ns=$(systemctl show -P CPUUsageNSec "$unit")
        [[ $ns =~ ^[0-9]+$ ]] && [ "${#ns}" -lt 18 ] && all=$((all + ns))
    done
    echo "$all"
}

idle() {
    local pid before after n

    pid=$(systemctl show -P MainPID oakum-agent)
    before=$(cpu_ns)
    sleep "$1"
    after=$(cpu_ns)
    echo "cpu $(((after - before) / 1000)) us in $1 s: $(((after - before) * 86400 / $1 / 1000000)) ms a day"
    echo "agent_own_kib $(own_kib "$pid")"
    awk '/^Private/ { n += $2 } END { print "agent_private_kib", n }' "/proc/$pid/smaps_rollup"
    for n in 1 2 3; do
        before=${EPOCHREALTIME/./}
        oakum status >/dev/null
        echo "status $n: $((${EPOCHREALTIME/./} - before)) us"
    done
}

verb=$1
shift
"$verb" "$@"
