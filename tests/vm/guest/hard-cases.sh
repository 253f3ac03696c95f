# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hard-cases.sh - bad input at four points of the story; each leaves the kernel as it was
#
# Read by demo/guest/story.sh. The host (story.test.sh) made below $url: repository/ with level 1;
# newer/, the same repository with level 2; withdrawn/, newer with level 2 withdrawn; empty/,
# withdrawn with level 1 withdrawn as well; tampered/, with a changed byte in the module;
# forged/, with a changed timestamp. In /levels: level 1 as files, and variants of it.

# shellcheck disable=SC2154 # url is in /lib/story/settings

OAKUM_PEAK_KIB_MAX=16384

not_patched() {
    [ -z "$(ls /sys/kernel/livepatch)" ] && ! lsmod | grep -q '^oakum_'
}

level_is() {
    [ "$(ls /sys/kernel/livepatch)" = "oakum_$1" ] &&
        [ "$(cat "/sys/kernel/livepatch/oakum_$1/enabled")" = 1 ] &&
        [ "$(lsmod | grep -c '^oakum_')" -eq 1 ]
}

below() {
    [ "$1" -gt 0 ] && [ "$1" -le "$2" ]
}

# refused NAME STATUS TEXT COMMAND... - exits with STATUS, says TEXT
refused() {
    refused_name=$1 refused_text=$3
    run_status=$2
    shift 3
    check_exit "$refused_name" "$run_status" "$@"
    check_said "$refused_name: the message says why" "$refused_text"
}

is_held() {
    for _ in $(seq 50); do
        ! grep -q '^held' /run/held || return 0
        sleep 0.1
    done
    return 1
}

# A thread that its tracer holds in the very function that is to be replaced: the kernel cannot
# switch it over. The level must not stay half applied, and who blocked must be told.
held_up() {
    runc exec attacker /trigger hold >/run/held 2>&1 &
    holder=$!
    check "the attacker holds a thread in the function" is_held
    show_exit "an update that is held up" 75 \
        oakum update --repository "$repository" --timeout 2
    check_said "an update that is held up: the message says by whom" "trigger"
    check_said "an update that is held up: and in which container" "in runc container attacker"
    check_said "an update that is held up: and in which function" "sleeps in patched function"
    check "an update that is held up leaves no level" not_patched
    kill "$holder"
    wait "$holder"
}

hard_before() {
    refused "a revert with nothing applied" 3 "nothing" oakum revert
    refused "a repository with a changed byte" 1 "sha256" \
        oakum update --repository "$url/tampered/"
    refused "a repository with a forged timestamp" 1 "timestamp.json" \
        oakum update --repository "$url/forged/"
    refused "a repository that is not there" 1 "http" \
        oakum update --repository "$url/nowhere/"
    refused "a level for another kernel" 4 "is for kernel 0000" \
        oakum apply /levels/oakum_1.ko /levels/foreign.json
    refused "a truncated module" 1 "the module has" \
        oakum apply /levels/truncated.ko /levels/manifest.json
    refused "an update without root" 6 "not permitted" \
        su -s /bin/sh nobody -c "oakum update --repository $repository"
    check "status needs no root" su -s /bin/sh nobody -c "oakum status"
    check "the kernel is as it was" not_patched
    # shellcheck disable=SC2154 # trigger is in /lib/story/settings
    [ "$trigger" != /trigger ] || held_up
}

hard_applied() {
    peak_kib=$(sed -n 's/.*"own_peak_kib": \([0-9]*\).*/\1/p' /run/update.json)
    say "oakum's peak memory: $peak_kib KiB"
    check "oakum update needs at most 16 MiB" below "$peak_kib" "$OAKUM_PEAK_KIB_MAX"
    refused "a second update" 3 "nothing to do" oakum update --repository "$repository"
    refused "a second apply" 3 "nothing to do" oakum apply 1
    check "level 1 is in the kernel" level_is 1
}

hard_reverted() {
    check "nothing of the level is left in the kernel" not_patched
    check "apply takes the level from this host's disk" oakum apply 1
    check "level 1 is in the kernel again" level_is 1
    check "revert, once more" oakum revert
}

hard_end() {
    check "level 2 replaces level 1" oakum update --repository "$url/newer/"
    check "level 2 alone is in the kernel" level_is 2
    attack "with level 2, the attacker fails" 0 "NOT VULNERABLE"
    refused "an older repository (rollback)" 1 "rollback" \
        oakum update --repository "$repository"
    refused "an older level" 4 "is older" oakum apply 1
    check "level 2 is still there" level_is 2
    check_exit "check tells of the withdrawal" 3 oakum check --repository "$url/withdrawn/"
    check_said "check says why" "level 2 was withdrawn: it hurts"
    check "a withdrawn level gives way to the one before it" \
        oakum update --repository "$url/withdrawn/"
    check_said "update says why" "level 2 was withdrawn: it hurts"
    check "level 1 is in its place" level_is 1
    attack "with level 1 in its place, the attacker fails" 0 "NOT VULNERABLE"
    check "with every level withdrawn it is reverted" oakum update --repository "$url/empty/"
    check_said "update says why, again" "level 1 was withdrawn: it hurts too"
    check "nothing is left in the kernel" not_patched
    refused "after that there is nothing to do" 3 "nothing to do: level 2 is not taken: withdrawn by its publisher" \
        oakum update --repository "$url/empty/"
    check_lives "nothing was restarted by any of this"
}
