#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kills.sh - in the Debian machine: one thing that the agent does, with a death at one of its steps
#
# usage: kills.sh setup URL                       settings for a repository, the shim in every unit
#        kills.sh start LEVEL                     that level, settled; 0: none, and an empty journal
#        kills.sh points THING                    the steps: "ROLE NUMBER WHEN CALL PATH" a line
#        kills.sh kill THING MODE ROLE NUMBER     dies there, and checks what follows
#        kills.sh booted THING LINES              after the machine died: checks what follows, that so
#                                                 many lines more are in its journal
#        kills.sh boot_plan                       at boot: what "oakum.kill=MODE:NUMBER" of the kernel's
#                                                 command line asks for
#        kills.sh boot_points, boot_died          after such a boot: as "points"; as "kill" checks
#
# THING   apply    level 1, by the agent          starts from 0
#         replace  level 2 after level 1          starts from 1
#         back     level 2 is unwell: to level 1  starts from 1
#         revert   level 1, by "oakum revert"     starts from 1
#         boot     level 1, before containers     starts from 1, with a reboot
#
# MODE, ROLE, NUMBER are those of tests/fault/kill.c.
set -u

shim=/usr/lib/oakum-kill.so
plan=/run/oakum-kill/plan
log=/run/oakum-kill/log
journal=/var/lib/oakum/journal
before=/root/journal.before
lines_before=/root/lines.before

fail() {
    echo "$*"
    echo "levels: $(echo /sys/kernel/livepatch/*) modules: $(modules)"
    [ ! -s "$log" ] || tail -n 2 "$log"
    cat "$journal"
    oakum status 2>&1
    exit 1
}

# until_true SECONDS COMMAND... - tried ten times a second
until_true() {
    local end=$((SECONDS + $1))

    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# settings LEVEL [LINE]... - the agent holds that level
settings() {
    local level=$1

    shift
    printf '%s\n' "repository = $(cat /root/url)/repository/" 'jitter = 0s' 'soak = 2s' \
        'retry = 10s' 'deadline = 30s' "pin = $level" "$@" >/etc/oakum/oakum.conf
}

setup() {
    local unit

    printf '%s\n' "$1" >/root/url
    printf '#!/bin/sh\n[ "%sOAKUM_LEVEL" != 2 ]\n' '$' >/usr/local/bin/unwell
    chmod 755 /usr/local/bin/unwell
    for unit in oakum-agent.service oakum-fetch@.service oakum-boot.service; do
        mkdir -p "/etc/systemd/system/$unit.d"
        printf '[Service]\nEnvironment=LD_PRELOAD=%s\nReadWritePaths=/run/oakum-kill\n' "$shim" \
            >"/etc/systemd/system/$unit.d/kill.conf"
    done
    echo "ExecStartPre=+/root/kills.sh boot_plan" >>/etc/systemd/system/oakum-boot.service.d/kill.conf
    echo 'RestartSec=100ms' >>/etc/systemd/system/oakum-agent.service.d/kill.conf
    echo 'd /run/oakum-kill 0777' >/etc/tmpfiles.d/oakum-kill.conf
    systemd-tmpfiles --create /etc/tmpfiles.d/oakum-kill.conf
    systemctl daemon-reload
}

modules() {
    awk '/^oakum_/ { print $1 }' /proc/modules | sort | tr '\n' ' '
}

# kernel_has LEVEL - that level, whole, and no trace of another; 0: none
kernel_has() {
    local dir=/sys/kernel/livepatch/oakum_$1

    if [ "$1" = 0 ]; then
        [ -z "$(modules)" ] && [ -z "$(ls /sys/kernel/livepatch)" ]
        return
    fi
    [ "$(modules)" = "oakum_$1 " ] && [ "$(ls /sys/kernel/livepatch)" = "oakum_$1" ] &&
        [ "$(cat "$dir/enabled" "$dir/transition" 2>/dev/null | tr -d '\n')" = 10 ]
}

# is_settled LEVEL - a level that was settled once and is loaded again stays so
is_settled() {
    grep -E "level=$1 step=(revert|settled|quarantined)" "$journal" 2>/dev/null |
        tail -n 1 | grep -q settled
}

is_quarantined() {
    grep -q "level=$1 step=quarantined" "$journal"
}

is_at() {
    kernel_has "$1" && { [ "$1" = 0 ] || is_settled "$1"; }
}

# start LEVEL - what the host has on its disk is the same each time, so that the steps are
start() {
    rm -f "$plan"
    rm -rf /var/lib/oakum/levels/*/2
    if kernel_has "$1" && [ "$1" != 0 ] && is_settled "$1" && ! is_quarantined 2; then
        return
    fi
    systemctl stop oakum-agent
    kernel_has 0 || oakum revert >/dev/null || fail "no start: revert"
    rm -f "$journal"
    settings "$1"
    if [ "$1" = 0 ]; then
        rm -rf /var/lib/oakum/levels/* /var/lib/oakum/trust/* /var/lib/oakum/news/*
        return
    fi
    systemctl start oakum-agent
    until_true 60 is_at "$1" || fail "no start from level $1"
}

# act THING - what the steps belong to
act() {
    case $1 in
        apply) settings 1 && systemctl start --no-block oakum-agent ;;
        replace) settings 2 && systemctl reload oakum-agent ;;
        back) settings 2 'health = /usr/local/bin/unwell' 'health-interval = 1s' &&
            systemctl reload oakum-agent ;;
        revert) LD_PRELOAD=$shim oakum revert >/dev/null 2>&1 ;;
    esac
}

from_level() {
    if [ "$1" = apply ]; then echo 0; else echo 1; fi
}

# end_of THING FILE - the level that has to be there in the end, by what the journal said before
end_of() {
    case $1 in
        apply) echo 1 ;;
        replace) echo 2 ;;
        back | boot) echo 1 ;;
        revert) if grep -q 'level=1 step=revert' "$2"; then echo 0; else echo 1; fi ;;
    esac
}

# A machine that died has nothing left to say of it.
is_told_reverted() {
    grep -q 'level=1 step=reverted' "$journal" ||
        ! grep -q "boot=$(cat /proc/sys/kernel/random/boot_id) .* step=revert\$" "$journal"
}

is_ended() { # THING LEVEL
    is_at "$2" && { [ "$1" != back ] || is_quarantined 2; } &&
        { [ "$1" != revert ] || [ "$2" != 0 ] || is_told_reverted; }
}

# check THING LEVEL - it comes to that, and everybody says the same
check() {
    until_true 60 is_ended "$1" "$2" || fail "$1: level $2 was not there after 60 s"
    oakum status --json >/root/status.json 2>&1 || true
    jq -e --argjson level "$2" '(.level // 0) == $level' /root/status.json >/dev/null ||
        fail "$1: status says $(jq -c '{level, state}' /root/status.json)"
    cmp -n "$(stat -c %s "$before")" "$before" "$journal" || fail "$1: the journal lost lines"
    ! grep -vE '^time=[^ ]+ boot=[^ ]+ kernel=[^ ]+ by=[a-z]+ level=[0-9]+ step=[a-z]+( why=.*)?$' \
        "$journal" || fail "$1: a line of the journal is cut"
    [ "$(systemctl is-active oakum-agent)" = active ] || fail "$1: the agent does not run"
}

# new_log - for the worker too, which is not root
new_log() {
    : >"$log"
    chmod 666 "$log"
}

points() {
    start "$(from_level "$1")"
    new_log
    echo "points-$RANDOM log none 0" >"$plan"
    act "$1"
    cp "$journal" "$before" 2>/dev/null || : >"$before"
    check "$1" "$(if [ "$1" = revert ]; then echo 0; else end_of "$1" /dev/null; fi)" >&2 || exit 1
    rm -f "$plan"
    cut -d ' ' -f 2- "$log"
}

# durable_lines - how many the disk has before anything is done
durable_lines() {
    { wc -l <"$journal" || echo 0; } 2>/dev/null >"$lines_before"
    sync
}

# No process's death is a reason to quarantine a level.
kill_at() {
    local thing=$1 mode=$2 role=$3 number=$4

    start "$(from_level "$thing")"
    new_log
    : >"$before"
    echo "kill-$RANDOM$RANDOM $mode $role $number" >"$plan"
    [ "$mode" != machine ] || durable_lines
    act "$thing"
    # Its own death takes the plan away; where the step did not come this time, nothing is shown.
    until_true 20 [ ! -e "$plan" ] || { rm -f "$plan"; fail "$thing: step $number of $role was not reached"; }
    cp "$journal" "$before" 2>/dev/null || : >"$before"
    # A command that was killed told nobody: the next check finds it.
    [ "$thing" != revert ] || systemctl reload oakum-agent
    check "$thing" "$(end_of "$thing" "$before")"
    is_quarantined 1 && fail "$thing: level 1 is quarantined"
    [ "$thing" = back ] || ! is_quarantined 2 || fail "$thing: level 2 is quarantined"
    tail -n 1 "$log"
}

# Before anything of oakum runs.
boot_plan() {
    local what

    what=$(grep -oE 'oakum\.kill=[a-z]+:[0-9]+' /proc/cmdline) || return 0
    what=${what#*=}
    new_log
    cp "$journal" "$before"
    durable_lines
    echo "boot-$RANDOM ${what%:*} boot ${what#*:}" >"$plan"
}

boot_points() {
    rm -f "$plan"
    check boot 1 >&2 || exit 1
    cut -d ' ' -f 2- "$log"
}

boot_died() {
    [ ! -e "$plan" ] || { rm -f "$plan"; fail "boot: the step was not reached"; }
    systemctl reload oakum-agent
    check boot 1
    ! is_quarantined 1 || fail "boot: level 1 is quarantined"
}

# died_with FILE - the level that was being put in, or had not settled
died_with() {
    local level

    level=$(last_unfinished "$1")
    # One that had settled, and was in place again, is not what the machine died of.
    if [ -n "$level" ] && tail -n 1 "$1" | grep -q 'step=applied$' &&
        grep -q "level=$level step=settled" "$1"; then
        level=
    fi
    echo "$level"
}

last_unfinished() { # FILE
    grep -E 'step=(load|transition|applied|failed|revert|reverted|settled|quarantined)( |$)' "$1" |
        tail -n 1 | sed -nE 's/.*level=([0-9]+) step=(load|transition|applied)$/\1/p'
}

# after_death THING LEVEL FILE - what is there in the end; LEVEL died with the machine
#
# A level that had settled and dies in its next load is not tried at the boot after it.
after_death() {
    case $1:$2 in
        *: | revert:*) end_of "$1" "$3" ;;
        *:1) echo 0 ;;
        *) echo 1 ;;
    esac
}

# What the machine died with decides what is there afterwards.
booted() {
    local thing=$1 lines=$2 boot level bad

    boot=$(cat /proc/sys/kernel/random/boot_id)
    grep -v "boot=$boot" "$journal" >/root/old
    [ "$(wc -l </root/old)" -ge "$(($(cat "$lines_before") + lines))" ] ||
        fail "of $(cat "$lines_before") lines and $lines of the deed $(wc -l </root/old) are there"
    cp /root/old "$before"
    bad=$(died_with /root/old)
    level=$(after_death "$thing" "$bad" /root/old)
    until_true 60 is_ended_after "$thing" "$level" "$bad" ||
        fail "$thing: died with '$bad', level $level is not there"
    check "$thing" "$level"
    echo "died with level '$bad'; level $level is there"
}

is_ended_after() { # THING LEVEL QUARANTINED
    if [ -n "$3" ]; then is_quarantined "$3" || return; fi
    is_ended "$1" "$2"
}

verb=$1
shift
case $verb in
    kill) kill_at "$@" ;;
    *) "$verb" "$@" ;;
esac
