#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# agent.test.sh - the agent on a Debian host with podman and docker: good levels and bad ones
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
# shellcheck disable=SC2317 # functions are called through case_of() and the trap
# shellcheck disable=SC2119,SC2120,SC2016 # settings() has arguments where there is something to add
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    story_stop
    rm -rf "$work"
}
trap finish EXIT

www=$work/www
repository=$www/repository

# case_of NAME COMMAND... - one assertion, with its time; without it nothing after makes sense
case_of() {
    local name=$1 start=$EPOCHREALTIME

    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
        echo "# $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
        return
    fi
    sed 's/^/# /' "$work/said"
    machine_run 'oakum status; cat /var/lib/oakum/journal
        journalctl -u "oakum-*" --no-pager -o short-monotonic | tail -n 40' 30 2>&1 | sed 's/^/# /' || true
    tail -n 5 "$machine_dir/console.log" 2>/dev/null | sed 's/^/# /' || true
    echo "not ok $name"
    exit 1
}

# --- levels: 1 is good, 2 and 3 hurt on demand

build_levels() {
    story_kernel "${OAKUM_KERNEL:-$STORY_KERNEL}" || return
    story_fix
    story_level 1 "$work/level1" || return
    fix=$top/tests/vm/fix/harmful.patch cve_options=(--cve CVE-2026-00002)
    story_level 2 "$work/level2" && story_level 3 "$work/level3"
}

publish() {
    "$BUILD/oakum-repo" add --quiet "$repository" "$work/level$1/oakum_$1.ko" \
        "$work/level$1/manifest.json" &&
        "$BUILD/oakum-repo" sign --quiet "$repository" --keys "$work/keys"
}

# --- the machine

# settings [LINE]... - of the agent; times are short so that a test sees their ends
settings() {
    printf '%s\n' "repository = $url/repository/" 'jitter = 0s' 'soak = 8s' 'retry = 10s' \
        'deadline = 20s' "$@" >"$work/oakum.conf"
    machine_put "$work/oakum.conf" /etc/oakum/oakum.conf
}

build_package() {
    BUILD=$work/deb-build "$top/packaging/deb.sh"
}

# From here on nothing is done by hand but the two things that only the owner knows.
install_oakum() {
    machine_put "$work"/deb-build/deb/oakum_*.deb /root/oakum.deb &&
        machine_put "$BUILD/demo/trigger" /root/trigger &&
        machine_run 'apt-get install -y --no-install-recommends /root/oakum.deb' 300
}

configure() {
    machine_put "$repository/1.root.json" /etc/oakum/root.json && settings
}

start_containers() {
    machine_run 'podman run -d --name web --network none busybox sleep 1000000 &&
        docker run -d --name shop --network none busybox sleep 1000000 &&
        podman inspect -f "{{.State.Pid}}" web >/root/pids &&
        docker inspect -f "{{.State.Pid}}" shop >>/root/pids' 120
}

containers_still_run() {
    machine_run 'podman inspect -f "{{.State.Pid}}" web >/root/pids.now &&
        docker inspect -f "{{.State.Pid}}" shop >>/root/pids.now && cmp /root/pids /root/pids.now'
}

# until_true SECONDS CONDITION - waits for a shell command in the machine
until_true() {
    machine_run "for i in \$(seq $1); do if $2; then exit 0; fi; sleep 1; done; exit 1" $(($1 * 3 + 10))
}

# status_is JQ-FILTER - of "oakum status --json"
status_is() {
    machine_run 'oakum status --json || true' >"$work/status.json" && jq -e "$1" "$work/status.json"
}

# becomes SECONDS JQ-FILTER
becomes() {
    until_true "$1" "oakum status --json | jq -e '$2' >/dev/null"
}

says() {
    machine_run 'oakum status || true' | tee "$work/screen" | grep -E -- "$1"
}

check_now() {
    machine_run 'systemctl reload oakum-agent'
}

# --- the cases

# The patched function of the fix that the story has is one that a traced task sleeps in.
holds_a_task() {
    machine_run 'podman run -d --name holder --network none --security-opt seccomp=unconfined -v /root/trigger:/trigger busybox \
        /trigger hold && sleep 2' 60
}

stall_is_explained() {
    machine_run 'cat /var/lib/oakum/report.json; journalctl -u oakum-agent -o cat --no-pager' |
        tee "$work/stall" | grep -q 'was taken back' || return
    grep -E 'podman container holder' "$work/stall"
}

boots() {
    machine_boot "$@" && machine_wait_up 400
}

panics() {
    machine_run 'cp /bin/cat /tmp/panicking; sync; /tmp/panicking /proc/cmdline' 20 || true
    machine_wait_down 20
}

loaded_before_engines() {
    machine_run 'a=$(systemctl show -P InactiveExitTimestampMonotonic docker.service)
        b=$(systemctl show -P ActiveEnterTimestampMonotonic oakum-boot.service)
        echo "docker began at $a us, oakum-boot was done at $b us"; [ "$b" -gt 0 ] && [ "$b" -lt "$a" ]'
}

mkdir "$www"
case_of "levels are built" build_levels
case_of "a repository is published" story_publish "$repository" "$work/level1"
case_of "a web server serves it" story_serve "$www"
case_of "a settled machine is at hand" machine_settled "$work/vm"
case_of "the package is built" build_package
case_of "apt installs it" install_oakum
case_of "without a repository the agent waits" becomes 30 '.agent.running and .level == null'
case_of "status says what to do" says 'no repository is set'
case_of "podman and docker run containers" start_containers
if [ "$flaw" = "$STORY_CVE" ]; then
    case_of "a container holds a task in the function" holds_a_task
    case_of "repository and root key are given" configure
    case_of "the agent is told to look" check_now
    case_of "the deadline takes the transition back" \
        until_true 60 'grep -q "by=agent level=1 step=reverted" /var/lib/oakum/journal'
    case_of "who blocked is told, with container" stall_is_explained
    case_of "meanwhile no level is in the kernel" status_is '.level == null'
    case_of "the task goes" machine_run 'podman rm -f -t 0 holder'
else
    case_of "repository and root key are given" configure
    case_of "the agent is told to look" check_now
fi
case_of "level 1 is applied by itself" becomes 60 '.level == 1 and .state == "applied"'
case_of "it settles" becomes 40 '.settled'
case_of "no container was restarted" containers_still_run
case_of "status counts them" status_is '.containers == {"running": 2, "unbroken": 2}'

case_of "level 2 is published" publish 2
case_of "the agent is told of it" check_now
case_of "level 2 is applied" becomes 40 '.level == 2 and .state == "applied"'
case_of "it makes the kernel oops" \
    machine_run 'cp /bin/cat /tmp/oopsing; ! /tmp/oopsing /proc/cmdline'
case_of "the agent goes back to level 1" becomes 40 '.level == 1 and .state == "applied"'
case_of "level 2 is quarantined, with the reason" says 'level 2.*(oops|NULL pointer)'
case_of "it does not come back" check_now
case_of "... at the next check" becomes 30 '.level == 1 and .check.error == null'

case_of "level 3 is published" publish 3
case_of "the agent is told again" check_now
case_of "level 3 is applied" becomes 40 '.level == 3 and .state == "applied"'
case_of "it makes the kernel panic" panics
case_of "the host boots again" boots
case_of "level 1 was loaded at boot" status_is '.level == 1 and .state == "applied"'
case_of "before docker began" loaded_before_engines
case_of "level 3 is quarantined: the host died in soak" says 'level 3.*the host died in soak'

case_of "the host ends in order" machine_shutdown 300
