#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# agent-trouble.test.sh - the agent on a Debian host where something is in the way: each time status says
# what, nothing is harmed, and once it is out of the way the host goes on by itself
#
# The machine has UEFI, so that a certificate can be enrolled as an owner does it.
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
# shellcheck disable=SC2317 # functions are called through agent_case() and the trap
# shellcheck disable=SC2119,SC2120,SC2016 # settings() has arguments where there is something to add
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
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

firmware=/usr/share/OVMF
MACHINE_QEMU="-drive if=pflash,format=raw,unit=0,readonly=on,file=$firmware/OVMF_CODE_4M.fd"
MACHINE_QEMU+=" -drive if=pflash,format=raw,unit=1,file=$work/vars.fd"

# --- levels

# signer NAME - key and certificate in $work/NAME.pem and .crt
signer() {
    openssl req -x509 -newkey rsa:2048 -noenc -subj "/CN=$1 of levels" -days 30 \
        -keyout "$work/$1.pem" -out "$work/$1.crt" 2>/dev/null
}

signed_level() { # LEVEL SIGNER
    story_level "$1" "$work/level$1" --sign-key "$work/$2.pem" --sign-cert "$work/$2.crt"
}

# Levels 2 and 3 are harmful on demand; 4 is signed by a stranger, 5 and 6 by whom the owner enrols.
levels() {
    agent_levels 2 3 && signer stranger && signer owner && signed_level 4 stranger &&
        signed_level 5 owner && signed_level 6 owner &&
        function=$(jq -r '.fixes[0].functions[0].name' "$work/level1/manifest.json")
}

# enrolment - the firmware's "db" with the owner's certificate in it (UEFI 2.10, 8.2.2 and 32.4.1)
#
# As long as the firmware has no platform key nobody has to have signed it.
enrolment() {
    local der size

    der=$work/owner.der
    openssl x509 -in "$work/owner.crt" -outform DER -out "$der"
    size=$(stat -c %s "$der")
    {
        printf '\x27\x00\x00\x00'                             # attributes; the first of January
        printf '\xea\x07\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0'
        printf '\x18\x00\x00\x00\x00\x02\xf1\x0e'             # a PKCS #7 signature, empty
        printf '\x9d\xd2\xaf\x4a\xdf\x68\xee\x49\x8a\xa9\x34\x7d\x37\x56\x65\xa7'
        printf '\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72' # X.509
        little_endian $((28 + 16 + size))
        little_endian 0
        little_endian $((16 + size))
        printf 'oakum-test-owner'
        cat "$der"
    } >"$work/db"
}

little_endian() { # NUMBER
    local hex

    hex=$(printf %08x "$1")
    printf '%b' "\\x${hex:6:2}\\x${hex:4:2}\\x${hex:2:2}\\x${hex:0:2}"
}

enrol() {
    enrolment && machine_put "$work/db" /root/db && machine_run 'modprobe efivarfs
        mount -t efivarfs efivarfs /sys/firmware/efi/efivars 2>/dev/null
        cat /root/db >/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f'
}

# --- the machine

machine_with_uefi() {
    cp "$firmware/OVMF_VARS_4M.fd" "$work/vars.fd" && machine_start "$work/vm" && machine_wait_up 400
}

settings() { # [LINE]...
    printf '%s\n' "repository = $url/repository/" 'jitter = 0s' "soak = ${soak:-5s}" 'retry = 10s' \
        'deadline = 20s' "$@" >"$work/oakum.conf"
    machine_put "$work/oakum.conf" /etc/oakum/oakum.conf
}

install() {
    agent_install && settings && machine_run 'systemctl start oakum-agent'
}

hook() { # DIRECTORY COMMANDS
    printf '#!/bin/sh\n%s\n' "$2" >"$work/hook"
    chmod 755 "$work/hook"
    machine_put "$work/hook" "/etc/oakum/hooks/$1/test"
}

check_now() {
    machine_run 'systemctl reload oakum-agent'
}

# becomes SECONDS JQ-FILTER
becomes() {
    machine_run "for i in \$(seq $1); do
        if oakum status --json | jq -e '$2' >/dev/null; then exit 0; fi; sleep 1; done
        oakum status --json; exit 1" $(($1 * 3 + 10))
}

# says PATTERN - on the screen of status, within half a minute; whose lines are joined
says() {
    machine_run "for i in \$(seq 30); do oakum status >/root/screen
        tr -s ' \n' ' ' </root/screen | grep -qE -- '$1' && break; sleep 1; done
        cat /root/screen; tr -s ' \n' ' ' </root/screen | grep -qE -- '$1'" 120
}

# next_check FROM TO - that many seconds from now
next_check() {
    becomes 20 ".next.at and ((.next.at | fromdate) - now | . > $1 and . < $2)"
}

journal_has() { # PATTERN
    machine_run "tail -n 8 /var/lib/oakum/journal; grep -qE -- '$1' /var/lib/oakum/journal"
}

# --- what goes wrong

probe() {
    machine_run "echo 'p:oakumtest $function' >/sys/kernel/tracing/kprobe_events
        echo 1 >/sys/kernel/tracing/events/kprobes/oakumtest/enable"
}

no_probe() {
    machine_run 'echo 0 >/sys/kernel/tracing/events/kprobes/oakumtest/enable
        echo >/sys/kernel/tracing/kprobe_events'
}

clock_moves() { # BY
    machine_run "date -s '$1'"
}

clock_is_right() {
    machine_run "date -s @$(date +%s)"
}

# Not a byte is left, for root neither.
fill_disk() {
    machine_run 'fallocate -l $(($(stat -f -c "%a * %S" /))) /fill
        dd if=/dev/zero of=/fill2 bs=4k 2>/dev/null; sync; df --output=avail -B1 / | tail -n 1' 120
}

empty_disk() {
    machine_run 'rm -f /fill /fill2; sync'
}

# It hangs, as far as systemd can see; status goes on without it.
agent_hangs() {
    machine_run 'mkdir -p /run/systemd/system/oakum-agent.service.d
        printf "[Service]\nWatchdogSec=4s\nRestartSec=1s\n" >/run/systemd/system/oakum-agent.service.d/soon.conf
        systemctl daemon-reload && systemctl restart oakum-agent
        kill -STOP "$(systemctl show -P MainPID oakum-agent)"'
}

# systemd ends it for that, and starts another
agent_is_new() {
    machine_run 'for i in $(seq 60); do
            [ "$(systemctl show -P NRestarts oakum-agent)" -gt 0 ] &&
                [ "$(systemctl is-active oakum-agent)" = active ] && break
            sleep 1
        done
        journalctl -u oakum-agent --no-pager -o cat | grep -i watchdog &&
            systemctl is-active oakum-agent &&
            rm -r /run/systemd/system/oakum-agent.service.d && systemctl daemon-reload &&
            systemctl restart oakum-agent' 180
}

# systemd needs room on the disk to make its sandbox again, and tries until there is some.
agent_dies() {
    machine_run 'kill -9 $(systemctl show -P MainPID oakum-agent)'
}

oops() {
    machine_run 'cp /bin/cat /run/oopsing; ! /run/oopsing /proc/cmdline'
}

# The functions are the shipped ones again; the module can go only with the next boot.
reverts_without_modules() {
    machine_run '! oakum revert && ls /sys/module | grep oakum_5 && [ ! -e /sys/kernel/livepatch/oakum_5 ]'
}

agent_case "levels are built" levels
agent_case "level 1 is published" agent_publish 1
agent_case "a web server serves it" story_serve "$work/www"
agent_case "a machine with UEFI is up" machine_with_uefi

agent_case "somebody probes the function" probe
agent_case "the agent is installed" install
agent_case "kprobe: status names it" says "a kprobe is on $function"
agent_case "kprobe: no level is in the kernel" becomes 5 '.level == null'
agent_case "kprobe: it goes" no_probe
agent_case "kprobe: level 1 is applied" becomes 60 '.level == 1 and .settled'

agent_case "no network: the server ends" story_stop
agent_case "no network: a day goes by" clock_moves '+25 hours'
agent_case "no network: a check" check_now
agent_case "no network: status says so" says 'check .*(connect|refused)'
agent_case "no network: level 1 stays" becomes 5 '.level == 1 and .settled'
agent_case "no network: the server is back" story_serve "$work/www"
agent_case "clock: a year back" clock_moves '-1 year'
agent_case "clock: settings" settings
agent_case "clock: a check" check_now
agent_case "clock: status says so" says 'clock'
agent_case "clock: level 1 stays" becomes 5 '.level == 1 and .settled'
agent_case "clock: is right again" clock_is_right
agent_case "clock: a check" check_now
agent_case "clock: the next one is good" becomes 30 '.level == 1 and .check.error == null'

agent_case "busy: the server has no time" touch "$work/busy"
agent_case "busy: a check" check_now
agent_case "busy: status says for how long" says 'HTTP 503 and asks to wait 36000 seconds'
agent_case "busy: the next check is then, not in an hour" next_check 35000 36100
agent_case "busy: level 1 stays" becomes 5 '.level == 1 and .settled'
agent_case "busy: the server has time again" rm "$work/busy"
agent_case "busy: told to check, the agent does not wait" check_now
agent_case "busy: all is well" becomes 30 '.level == 1 and .check.error == null'
agent_case "busy: the next check is in an hour" next_check 3000 3700

agent_case "watchdog: the agent hangs" agent_hangs
agent_case "watchdog: another takes its place" agent_is_new
agent_case "watchdog: level 1 stays, the agent checks" becomes 60 \
    '.level == 1 and .settled and .agent.running and .check.error == null'

agent_case "hooks: one that fails" hook pre-apply.d 'echo "the shop is open"; exit 1'
agent_case "hooks: level 2 is published" agent_publish 2
agent_case "hooks: a check" check_now
agent_case "hooks: status has its words" says 'pre-apply hook test failed .*the shop is open'
agent_case "hooks: level 1 stays" becomes 5 '.level == 1'
agent_case "hooks: one for afterwards" hook post-apply.d \
    'echo "$OAKUM_HOOK $OAKUM_FROM_LEVEL $OAKUM_LEVEL $OAKUM_RESULT" >/root/hooked'
agent_case "health: a command that fails with level 2" hook health.d '[ "$OAKUM_LEVEL" != 2 ]'
agent_case "health: settings" settings 'health = /etc/oakum/hooks/health.d/test' 'health-interval = 1s'
agent_case "hooks: it agrees" hook pre-apply.d 'true'
agent_case "health: a check" check_now
agent_case "health: level 2 is quarantined" says 'level 2.*health'
agent_case "health: level 1 is back" becomes 60 '.level == 1 and .settled'
agent_case "hooks: the one for afterwards ran" machine_run 'cat /root/hooked; grep post-apply /root/hooked'

soak=60s
agent_case "disk: settings" settings
soak=5s
agent_case "disk: is full" fill_disk
agent_case "disk: level 3 is published" agent_publish 3
agent_case "disk: a check" check_now
agent_case "disk: status says so" says '(KiB free|No space left)'
agent_case "disk: kill -9 of the agent" agent_dies
agent_case "disk: level 1 stays" becomes 5 '.level == 1 and .settled'
agent_case "disk: has room" empty_disk
agent_case "disk: level 3 is applied" becomes 90 '.level == 3 and .state == "applied"'
agent_case "disk: is full again" fill_disk
agent_case "disk: level 3 makes the kernel oops" oops
agent_case "disk: level 1 is back" becomes 90 '.level == 1 and .state == "applied"'
agent_case "disk: level 3 is quarantined" says 'level 3.*(oops|NULL pointer)'
agent_case "disk: the journal has it" journal_has 'level=3 step=quarantined'
agent_case "disk: has room again" empty_disk

agent_case "signatures: the owner enrols a certificate" enrol
agent_case "signatures: a reboot that enforces them" machine_reboot 300 module.sig_enforce=1
agent_case "signatures: the host is up" machine_wait_up 400
agent_case "signatures: level 1 is not loaded, and status says why" says 'not signed'
agent_case "signatures: no level is in the kernel" becomes 5 '.level == null'
agent_case "signatures: level 4 is published" agent_publish 4
agent_case "signatures: a check" check_now
agent_case "signatures: level 4 is a stranger's" says "level 4 is signed by .stranger of levels., which is not among"
agent_case "signatures: level 5 is published" agent_publish 5
agent_case "signatures: a check" check_now
agent_case "signatures: level 5, of the owner's key, is applied" becomes 60 '.level == 5 and .settled'

agent_case "modules: no more of them" machine_run 'sysctl -w kernel.modules_disabled=1'
agent_case "modules: level 6 is published" agent_publish 6
agent_case "modules: a check" check_now
agent_case "modules: status says so" says 'kernel.modules_disabled is 1'
agent_case "modules: level 5 stays" becomes 5 '.level == 5 and .state == "applied"'
agent_case "modules: a revert by hand" reverts_without_modules
agent_case "modules: ... is told" says 'oakum_5 cannot be unloaded: .*level 5 was reverted by hand'
agent_case "the host ends in order" machine_shutdown 300
