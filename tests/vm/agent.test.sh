#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# agent.test.sh - the agent on a Debian host with podman and docker: good levels and bad ones
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

# --- the machine

# settings [LINE]... - of the agent; times are short so that a test sees their ends
settings() {
    printf '%s\n' "repository = $url/repository/" 'jitter = 0s' 'soak = 8s' 'retry = 10s' \
        'deadline = 20s' "$@" >"$work/oakum.conf"
    machine_put "$work/oakum.conf" /etc/oakum/oakum.conf
}

# Those that tests/cli/packages.test.sh made of these very files, or new ones.
build_package() {
    BUILD=$BUILD "$top/packaging/deb.sh" --kept
}

# From here on nothing is done by hand but the two things that only the owner knows.
install_oakum() {
    machine_put "$BUILD"/deb/oakum_*.deb /root/oakum.deb &&
        machine_put "$BUILD/demo/trigger" /root/trigger &&
        machine_run 'apt-get install -y --no-install-recommends /root/oakum.deb' 300
}

configure() {
    machine_put "$agent_repository/1.root.json" /etc/oakum/root.json && settings
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

# What the kernel says of the level; a module that was loaded again would have another size of log.
level_is_untouched() {
    machine_run 'a=$(dmesg | grep -c livepatch); pid=$(systemctl show -P MainPID oakum-agent)
        apt-get install -y --reinstall /root/oakum.deb || exit
        [ "$(systemctl show -P MainPID oakum-agent)" != "$pid" ] || { echo "the same agent"; exit 1; }
        dmesg | grep livepatch | tail -n 2; [ "$(dmesg | grep -c livepatch)" = "$a" ]' 300
}

# But the name that udev has for the channel of this test.
nothing_is_left() {
    machine_run 'systemctl list-units --all "oakum*" --no-legend; getent passwd oakum
        find / -xdev \( -path /proc -o -path /sys -o -path /root -o -path /var/lib/apt -o -path /var/lib/docker \) \
            -prune -o -iname "*oakum*" -print
        find /run -path /run/udev -prune -o -iname "*oakum*" -print' 60 >"$work/left" ||
        true
    cat "$work/left" && [ ! -s "$work/left" ]
}

agent_case "levels are built" agent_levels 2 3
agent_case "a repository is published" agent_publish 1
agent_case "a web server serves it" story_serve "$work/www"
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "the package is built" build_package
agent_case "apt installs it" install_oakum
agent_case "without a repository the agent waits" becomes 30 '.agent.running and .level == null'
agent_case "status says what to do" says 'no repository is set'
agent_case "podman and docker run containers" start_containers
if [ "$flaw" = "$STORY_CVE" ]; then
    agent_case "a container holds a task in the function" holds_a_task
    agent_case "repository and root key are given" configure
    agent_case "the agent is told to look" check_now
    agent_case "the deadline takes the transition back" \
        until_true 60 'grep -q "by=agent level=1 step=reverted" /var/lib/oakum/journal'
    agent_case "who blocked is told, with container" stall_is_explained
    agent_case "meanwhile no level is in the kernel" status_is '.level == null'
    agent_case "the task goes" machine_run 'podman rm -f -t 0 holder'
else
    agent_case "repository and root key are given" configure
    agent_case "the agent is told to look" check_now
fi
agent_case "level 1 is applied by itself" becomes 60 '.level == 1 and .state == "applied"'
agent_case "it settles" becomes 40 '.settled'
agent_case "no container was restarted" containers_still_run
agent_case "status counts them" status_is '.containers == {"running": 2, "unbroken": 2}'

agent_case "level 2 is published" agent_publish 2
agent_case "the agent is told of it" check_now
agent_case "level 2 is applied" becomes 40 '.level == 2 and .state == "applied"'
agent_case "it makes the kernel oops" \
    machine_run 'cp /bin/cat /tmp/oopsing; ! /tmp/oopsing /proc/cmdline'
agent_case "the agent goes back to level 1" becomes 40 '.level == 1 and .state == "applied"'
agent_case "level 2 is quarantined, with the reason" says 'level 2.*(oops|NULL pointer)'
agent_case "it does not come back" check_now
agent_case "... at the next check" becomes 30 '.level == 1 and .check.error == null'

agent_case "level 3 is published" agent_publish 3
agent_case "the agent is told again" check_now
agent_case "level 3 is applied" becomes 40 '.level == 3 and .state == "applied"'
agent_case "it makes the kernel panic" panics
agent_case "the host boots again" boots
agent_case "level 1 was loaded at boot" status_is '.level == 1 and .state == "applied"'
agent_case "before docker began" loaded_before_engines
agent_case "level 3 is quarantined: the host died in soak" says 'level 3.*the host died in soak'

agent_case "an upgrade does not touch it" level_is_untouched
agent_case "... and the agent knows it" becomes 30 '.agent.running and .level == 1 and .settled'

agent_case "the network is to come first at boot" settings 'boot = network'
agent_case "the repository is down" story_stop
agent_case "an orderly reboot" machine_reboot 300
agent_case "the host is up" machine_wait_up 400
agent_case "the failed check is told" becomes 90 '.check.error != null'
agent_case "level 1 came from the cache after it" becomes 60 '.level == 1 and .settled'
agent_case "the host ends" machine_shutdown 300
agent_case "it boots with oakum=off" boots oakum=off
agent_case "no level is in the kernel" status_is '.level == null'
agent_case "status says why" says 'oakum=off'
agent_case "apt purges it" machine_run 'apt-get purge -y oakum' 120
agent_case "nothing is left" nothing_is_left
agent_case "the host ends in order" machine_shutdown 300
