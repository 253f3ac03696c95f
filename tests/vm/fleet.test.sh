#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fleet.test.sh - the fleet's server and an agent on one Debian host, both from their packages and under
# systemd: a level waits for its rollout, comes when it is granted, and goes when it is taken back
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
# shellcheck disable=SC2317 # functions are called through agent_case() and the trap
# shellcheck disable=SC2016
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

# Those that tests/cli/packages.test.sh made of these very files, or new ones.
build_packages() {
    BUILD=$BUILD "$top/packaging/deb.sh" --kept
}

install_packages() {
    machine_put "$BUILD"/deb/oakum_*.deb /root/oakum.deb &&
        machine_put "$BUILD"/deb/oakum-server_*.deb /root/oakum-server.deb &&
        machine_run 'apt-get install -y --no-install-recommends /root/oakum.deb /root/oakum-server.deb' 300
}

# The server's times are short, so that a test sees their ends; the repository is the host's own.
begin_server() {
    machine_run 'set -e
        printf "%s\n" "listen = 127.0.0.1:8443" "poll = 5s" "report = 5s" >/etc/oakum-server/oakum-server.conf
        oakum-server init --name localhost --json >/root/init.json
        systemctl enable -q --now oakum-server
        systemctl is-active oakum-server
        for i in $(seq 60); do curl -sfk https://127.0.0.1:8443/readyz && exit 0; sleep 1; done; exit 1' 120
}

# Nothing of what systemd takes from it was wanted: the journal would say so.
server_is_content() {
    machine_run 'systemctl is-active oakum-server && [ "$(systemctl show -P NRestarts oakum-server)" = 0 ] &&
        systemctl show -P User oakum-server
        ! journalctl -u oakum-server -o cat --no-pager | grep -E "level=error|Operation not permitted"'
}

settings() {
    printf '%s\n' "repository = $url/repository/" 'jitter = 0s' 'soak = 3s' 'retry = 10s' \
        >"$work/oakum.conf"
    machine_put "$work/oakum.conf" /etc/oakum/oakum.conf
}

register() {
    settings && machine_put "$agent_repository/1.root.json" /etc/oakum/root.json && machine_run 'set -e
        token=$(oakum-server enrol-token create default)
        echo "$token" | oakum register --server https://localhost:8443 --token-file - --ca /var/lib/oakum-server/tls.pem
        oakum-server token create test --scope read --scope hosts --scope rollouts |
            oakum fleet login https://localhost:8443 --ca /var/lib/oakum-server/tls.pem
        systemctl restart oakum-agent'
}

# until_true SECONDS CONDITION - waits for a shell command in the machine
until_true() {
    machine_run "for i in \$(seq $1); do if $2; then exit 0; fi; sleep 1; done
        oakum status; oakum fleet hosts list; oakum fleet rollouts list; exit 1" $(($1 * 4 + 20))
}

becomes() { # SECONDS JQ-FILTER
    until_true "$1" "oakum status --json | jq -e '$2' >/dev/null"
}

reported() { # JQ-FILTER - of the server's list of hosts
    until_true 60 "oakum fleet hosts list --json | jq -e '.hosts | length == 1 and (.[0] | $1)' >/dev/null"
}

roll_out() {
    machine_run 'oakum fleet rollouts create --name "the first" --level 1 --stage 1 --soak 3s \
        --max-failed 0 --on-failure take-back --go --json >/root/rollout.json || exit; cat /root/rollout.json'
}

completed() {
    until_true 120 'oakum fleet rollouts show "the first" --json | jq -e ".phase == \"completed\"" >/dev/null'
}

server_dies() {
    machine_run 'kill -9 "$(systemctl show -P MainPID oakum-server)"
        for i in $(seq 60); do curl -sfk https://127.0.0.1:8443/readyz && exit 0; sleep 1; done; exit 1' 120
}

take_back() {
    machine_run 'oakum fleet rollouts take-back "the first"' && becomes 120 '.level == null'
}

agent_case "a level is built" agent_levels
agent_case "a repository is published" agent_publish 1
agent_case "a web server serves it" story_serve "$work/www"
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "the packages are built" build_packages
agent_case "apt installs them" install_packages
agent_case "init makes what the server needs, systemd runs it" begin_server
agent_case "the host registers, and its agent reports" register
agent_case "the server knows its kernel" reported '.level == 0 and .newest == 1'
agent_case "the level waits, and it is said for whom" becomes 60 '.fleet.held.level == 1'
agent_case "status says so to people" machine_run 'oakum status | tee /dev/stderr | grep -q "held back by the fleet"'
agent_case "a rollout begins" roll_out
agent_case "the level is granted, and applied by the kernel" becomes 60 '.level == 1 and .state == "applied"'
agent_case "the rollout is completed by what the host says" completed
agent_case "the server is killed, systemd starts another" server_dies
agent_case "the host goes on reporting" reported '.level == 1 and .state == "settled"'
agent_case "the level is taken back" take_back
agent_case "the journal says by whom" machine_run \
    'grep "level=1 step=reverted" /var/lib/oakum/journal; journalctl -u oakum-agent -o cat --no-pager | grep "the fleet takes level 1 back"'
agent_case "the log of actions is whole" machine_run 'oakum-server audit verify'
