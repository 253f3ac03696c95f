#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kills.sh - the agent, its child, its worker or the whole machine dies at a step of apply,
# replacement, going back, revert and boot: afterwards the host is on a settled level, with its journal
#
# BUILD and OAKUM_KERNEL are set. Prints "ok NAME" and "not ok NAME". Part of "make soak".
#
#   KILLS      of each thing and process that many steps, spread over all; "all": each
#   KILLS_VM   the same for the machine
#   KILLS_OF   only these things
# shellcheck disable=SC2317 # functions are called through agent_case() and the trap
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
kills=${KILLS:-1} kills_vm=${KILLS_VM:-1}
read -ra things <<<"${KILLS_OF:-apply replace back revert boot}"
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck source=tests/vm/agent-lib.sh
. "$top/tests/vm/agent-lib.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    story_stop
    rm -rf "$work"
}
trap finish EXIT

guest() {
    machine_run "/root/kills.sh $*" 180
}

install() {
    agent_install && machine_put "$BUILD/tests/fault/kill-shim.so" /usr/lib/oakum-kill.so &&
        machine_put "$top/tests/vm/guest/kills.sh" /root/kills.sh && guest setup "$url"
}

# find_points THING - its steps; without any of the process that does it nothing would be killed
find_points() {
    guest points "$1" >"$work/points.$1" && grep -q '^deed ' "$work/points.$1"
}

# chosen THING ROLE HOW-MANY - numbers of steps of that process
chosen() {
    awk -v role="$2" -v want="$3" '$1 == role { at[++n] = $2 }
        END {
            if (want == "all" || want > n) want = n
            for (i = 1; i <= want; i++) print at[int((i - 0.5) * n / want) + 1]
        }' "$work/points.$1"
}

step_text() { # THING ROLE NUMBER
    awk -v role="$2" -v n="$3" '$1 == role && $2 == n { sub(".*/", "", $5); print $3, $4, $5 }' \
        "$work/points.$1"
}

# durable THING ROLE NUMBER - lines of the journal that the disk has got by that step
durable() {
    awk -v role="$2" -v n="$3" '$1 == role && $2 <= n && $3 == "after" && $4 == "fdatasync"' \
        "$work/points.$1" | wc -l
}

# boots [KERNEL-ARGUMENT]... - no engine is needed
boots() {
    machine_boot systemd.mask=docker.service systemd.mask=containerd.service "$@"
}

machine_dies() { # THING NUMBER
    guest kill "$1" machine deed "$2" >"$work/died" 2>&1 || true
    machine_wait_down 20 || { cat "$work/died"; return 1; }
    boots && machine_run true 120 && guest booted "$1" "$(durable "$1" deed "$2")"
}

# boot_with MODE NUMBER - an orderly boot with level 1 settled, in which that is to happen
boot_with() {
    guest start 1 && machine_shutdown 120 && boots "oakum.kill=$1:$2"
}

find_boot_points() {
    boot_with log 0 && machine_run true 120 && guest boot_points >"$work/points.boot" &&
        grep -q '^boot ' "$work/points.boot"
}

boot_process_dies() { # NUMBER
    boot_with self "$1" && machine_run true 120 && guest boot_died
}

boot_machine_dies() { # NUMBER
    boot_with machine "$1" && machine_wait_down 120 && boots && machine_run true 120 &&
        guest booted boot "$(durable boot boot "$1")"
}

kill_processes() { # THING
    local role n

    for role in deed agent worker; do
        for n in $(chosen "$1" "$role" "$kills"); do
            agent_case "$1: kill -9 of $role $(step_text "$1" "$role" "$n")" \
                guest kill "$1" self "$role" "$n"
        done
    done
    # "oakum revert" has a shell for its parent.
    [ "$1" != revert ] || return 0
    for n in $(chosen "$1" deed "$kills"); do
        agent_case "$1: kill -9 of the daemon $(step_text "$1" deed "$n")" \
            guest kill "$1" daemon deed "$n"
    done
}

agent_case "levels are built" agent_levels 2
agent_case "level 1 is published" agent_publish 1
agent_case "level 2 is published" agent_publish 2
agent_case "a web server serves them" story_serve "$work/www"
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "the agent is installed" install
for thing in "${things[@]}"; do
    [ "$thing" = boot ] || agent_case "$thing: its steps are known" find_points "$thing"
done
for thing in "${things[@]}"; do
    [ "$thing" = boot ] || kill_processes "$thing"
done
for thing in "${things[@]}"; do
    [ "$thing" != boot ] || continue
    for n in $(chosen "$thing" deed "$kills_vm"); do
        agent_case "$thing: the machine dies $(step_text "$thing" deed "$n")" \
            machine_dies "$thing" "$n"
    done
done
case " ${things[*]} " in *" boot "*) ;; *) exit 0 ;; esac
agent_case "boot: its steps are known" find_boot_points
for n in $(chosen boot boot "$kills_vm"); do
    agent_case "boot: kill -9 $(step_text boot boot "$n")" boot_process_dies "$n"
    agent_case "boot: the machine dies $(step_text boot boot "$n")" boot_machine_dies "$n"
done
