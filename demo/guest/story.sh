# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# story.sh - what happens inside the machine: an attack, a live patch, the same attack again
#
# /lib/story/settings gives: repository, its URL; flaw, a name for people; trigger, the command in
# the attacker's container that exits with 1 VULNERABLE or 0 NOT VULNERABLE. A test that wants more
# at the same points of the story puts functions hard_* into /lib/story/hard-cases.sh.

# shellcheck source=tests/vm/guest/lib.sh
. /lib/vm/lib.sh
# shellcheck source=demo/guest/containers.sh
. /lib/story/containers.sh
repository='' flaw='' trigger=''
# shellcheck source=/dev/null
. /lib/story/settings

hard_before() { :; }
hard_applied() { :; }
hard_reverted() { :; }
hard_end() { :; }
# shellcheck source=/dev/null
[ ! -e /lib/story/hard-cases.sh ] || . /lib/story/hard-cases.sh

# oakum_json FILE VERB... - its document goes to FILE, its progress to standard error
# shellcheck disable=SC2317 # called through run()
oakum_json() {
    json_file=$1
    shift
    oakum "$@" --json >"$json_file"
}

# document NAME - hands the document /run/NAME.json to the host
document() {
    echo "@json $1 $(tr -d '\n' <"/run/$1.json")"
}

# attack NAME STATUS VERDICT - both are asked for: a container that cannot be entered has a status
attack() {
    show_exit "$1" "$2" trigger
    check_said "$1: $3" ": $3"
}

# Neither container was started again, nor the machine. The host shows how often each was.
remember_lives() {
    web_was=$(identity_of "$(web_pid)")
    attacker_was=$(identity_of "$(attacker_pid)")
    boot_was=$(cat /proc/sys/kernel/random/boot_id)
    say "web is $web_was; attacker is $attacker_was"
}

check_lives() {
    restarts=0 reboots=0
    [ "$(identity_of "$(web_pid)")" = "$web_was" ] || restarts=$((restarts + 1))
    [ "$(identity_of "$(attacker_pid)")" = "$attacker_was" ] || restarts=$((restarts + 1))
    [ "$(cat /proc/sys/kernel/random/boot_id)" = "$boot_was" ] || reboots=1
    figure restarts "$restarts"
    figure reboots "$reboots"
    check "$1" [ "$restarts$reboots" = 00 ]
    say "web is $(identity_of "$(web_pid)"); attacker is $(identity_of "$(attacker_pid)")"
}

# lap NAME - web's longest gap since the lap before
lap() {
    ask_web /lap >/dev/null
    say "web ticked $(web_figure ticks) times; its longest gap ($1): $(web_figure lap_gap_us) us"
    figure "gap_$1_us" "$(web_figure lap_gap_us)"
}

update() {
    ask_web /lap >/dev/null
    show_exit "$2" 0 oakum_json "/run/$1.json" update --repository "$repository"
    document "$1"
    lap "$1"
}

step f "two containers on $(uname -r), $(uname -v)"
started_ms=$(now_ms)
check "the containers run: web (crun) and attacker (runc)" start_containers
figure containers_ms $(($(now_ms) - started_ms))
remember_lives
ask_web / >/dev/null
sleep 1
lap idle

step g "the attacker tries $flaw on the kernel as shipped"
attack "before, the attacker succeeds" 1 "VULNERABLE"
hard_before

step h "oakum update"
update update "oakum update applies the level"
show_exit "oakum status" 0 oakum status
check_said "status: the level is applied" "applied"
check_exit "status as a document" 0 oakum_json /run/status.json status
document status
hard_applied

step i "the attacker tries again"
attack "after the update, the attacker fails" 0 "NOT VULNERABLE"
check_lives "nothing was restarted: same pids, same start times, same boot"

step j "oakum revert, then oakum update"
show_exit "oakum revert takes the level back" 0 oakum_json /run/revert.json revert
document revert
attack "after the revert, the attacker succeeds" 1 "VULNERABLE"
hard_reverted
update again "oakum update applies the level again"
attack "after the second update, the attacker fails" 0 "NOT VULNERABLE"
check_lives "still nothing was restarted"
hard_end
ask_web / >/dev/null
figure gap_longest_us "$(web_figure longest_gap_us)"
figure requests "$(web_figure requests)"
finish
