#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cycles.sh - apply and revert, 200 times, under a container that serves: nothing leaks, no request
# fails; then what an agent costs that waits. For make soak; prints "ok NAME", "not ok NAME", figures.
#
# usage: tests/vm/cycles.sh [CYCLES [IDLE-SECONDS]]; BUILD, OAKUM_KERNEL as for *.test.sh
# shellcheck disable=SC2317 # functions are called through agent_case() and the trap
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
cycles=${1:-200} idle=${2:-180}
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

# The levels are put in by hand: the agent is there, and has nothing to fetch.
install() {
    printf '%s\n' "repository = ${url:?}/repository/" 'jitter = 0s' 'soak = 1h' 'apply = report' 'pressure = 0' \
        >"$work/oakum.conf"
    agent_install && machine_put "$work/oakum.conf" /etc/oakum/oakum.conf &&
        machine_put "$work/level1/oakum_1.ko" /root/oakum_1.ko &&
        machine_put "$work/level1/manifest.json" /root/manifest1.json &&
        machine_put "$BUILD/demo/web" /root/web &&
        machine_put "$top/tests/vm/guest/cycles.sh" /root/cycles.sh &&
        machine_run 'systemctl start oakum-agent'
}

agent_case "levels are built" agent_levels 2
agent_case "level 1 is published" agent_publish 1
agent_case "a web server serves it" story_serve "$work/www"
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "the agent is installed" install
agent_case "a container serves" machine_run '/root/cycles.sh web' 120
agent_case "$cycles cycles: no leak, no failed request" \
    machine_run "/root/cycles.sh run $cycles" $((120 + cycles * 20))
agent_case "the agent waits" machine_run "/root/cycles.sh idle $idle" $((idle + 60))
