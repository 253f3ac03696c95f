#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# modules.test.sh - the plan of "oakum modules" in place on a Debian host, and taken back
#
# What is blocked is asked for as a user without privileges asks (ask/), once while the plan is in
# place and once after it was taken back: what comes then shows that the first time could have failed.
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
# shellcheck disable=SC2016,SC2317 # of the machine; functions are called through agent_case() and the trap
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
measured=$top/tests/cli/module-autoload-debian12.tsv
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

# Something that containers can reach outside of the machine.
serve() {
    mkdir -p "$work/www/repository" && echo '{}' >"$work/www/repository/timestamp.json" &&
        story_serve "$work/www"
}

# A file of the owner's own, and one of a name that is ours: both have to be there in the end.
put_programs() {
    strip -o "$work/oakum" "$BUILD/oakum" && machine_put "$work/oakum" /usr/bin/oakum &&
        machine_put "$BUILD/tests/vm/ask/ask" /root/ask &&
        machine_put "$work/level1/oakum_1.ko" /root/oakum_1.ko &&
        machine_put "$work/level1/manifest.json" /root/manifest.json &&
        machine_run 'echo "options loop max_loop=8" >/etc/modprobe.d/own.conf
            echo "# mine" >/etc/modules-load.d/oakum.conf'
}

# Both engines: layers by overlay, a bridge, a published port, and out of it.
containers_serve() {
    machine_run "set -e
        podman rm -f -t 0 -a >/dev/null
        docker ps -aq | xargs -r docker rm -f >/dev/null
        docker run -d --name shop -p 8080:80 busybox httpd -f -p 80 -h /etc
        podman run -d --name web -p 8081:80 busybox httpd -f -p 80 -h /etc
        for engine in 'docker shop 8080' 'podman web 8081'; do
            set -- \$engine
            curl -sf --retry 9 --retry-all-errors --retry-delay 1 http://10.0.2.15:\$3/hostname
            pid=\$(\$1 inspect -f '{{.State.Pid}}' \$2)
            grep ' / / .* - overlay ' /proc/\$pid/mountinfo
            \$1 exec \$2 wget -qO- $url/repository/timestamp.json
        done" 400
}

etc_state() {
    machine_run 'cd /etc && find modprobe.d modules-load.d -printf "%p %y %m %u:%g\n" | sort
        find modprobe.d modules-load.d -type f -exec sha256sum {} + | sort'
}

plan_is_shown() {
    etc_state >"$work/etc.before" && machine_run 'oakum modules plan --json' >"$work/plan.json" &&
        etc_state | cmp - "$work/etc.before" || return
    jq -r '.block[].name' "$work/plan.json" | sort >"$work/blocked"
    jq -r '"\(.block | length) blocked, \(.keep | length) kept"' "$work/plan.json"
    jq -e '(.block | length) > 350 and .unknown == []' "$work/plan.json"
}

# Before any container ran here: what engines need is known, not seen.
plan_is_applied() {
    machine_run 'oakum modules plan --apply' 2>&1 | tail -n 1 | grep '^applied' &&
        machine_run 'oakum modules plan --json' | jq -r '.block[].name' | sort |
        cmp - "$work/blocked" && ! etc_state | cmp -s - "$work/etc.before"
}

boots_again() {
    machine_reboot 300 && machine_wait_up 400 && machine_run '! lsmod | grep -w oakum_1'
}

# What was measured, in the words of modules.alias.
measured_aliases() {
    awk -F'\t' '
        NR == 1 { next }
        { n = split($2, w, " ") }
        $2 ~ /^socket family/ { print "net-pf-" w[3] }
        $2 ~ /^socket AF_CAN/ { print "can-proto-1\ncan-proto-2\ncan-proto-6\ncan-proto-7" }
        $2 ~ /^socket AF_INET proto/ { print "net-pf-2-proto-" w[4] }
        $2 ~ /^socket AF_INET6 proto/ { print "net-pf-10-proto-" w[4] }
        $2 ~ /^netlink proto/ { print "net-pf-16-proto-" w[3] }
        $2 ~ /^sock_diag family/ { print "net-pf-16-proto-4-type-" w[3] }
        $2 == "sock_diag family 2" {
            n = split("6 17 132 255", protocols, " ")
            for (i = 1; i <= n; i++) print "net-pf-16-proto-4-type-2-" protocols[i]
        }
        $2 ~ /^genl family/ { print "net-pf-16-proto-16-family-" w[3] }
        $2 ~ /^AF_ALG/ { print "algif_" w[2]; print "crypto-" w[3] }
        $2 ~ /^tty ldisc/ { print "tty-ldisc-" w[3] }
        $2 ~ /^rtnl link/ { print "rtnl-link-" w[3] }
        $2 ~ /^qdisc/ { print "sch_" w[2] }
        $2 ~ /^nfnetlink subsys/ { print "nfnetlink-subsys-" w[3] }
        $2 ~ /^mount -t/ { print "fs-" w[3] }' "$measured"
}

# What was measured comes first: a protocol is there before what asks for one of it.
make_aliases() {
    measured_aliases | awk '!seen[$0]++' >"$work/measured"
    { cat "$work/measured" && jq -r '.block[].asked' "$work/plan.json"; } |
        awk '!seen[$0]++' >"$work/all"
    wc -l "$work/measured" "$work/all"
}

# loaded_of FILE - those of its modules that are loaded, sorted
loaded_of() {
    machine_run 'cut -d" " -f1 /proc/modules | sort' | comm -12 - "$1"
}

# ask_for FILE - its aliases, as a user; how many were asked for by whom, what came in $work/came
ask_for() {
    machine_put "$1" /root/aliases && machine_run '/root/ask </root/aliases >/root/asked' 900 &&
        machine_get /root/asked >"$work/asked" || return
    [ "$(wc -l <"$work/asked")" -eq "$(wc -l <"$1")" ] || return
    cut -f1 "$work/asked" | sort | uniq -c
    cut -f3 "$work/asked" | tr ' ' '\n' | sed '/^$/d' | sort -u >"$work/came"
    echo "$(wc -l <"$work/came") modules came, $(comm -12 "$work/came" "$work/blocked" | wc -l) of them blocked"
}

none_is_loaded() {
    loaded_of "$work/blocked" | tee "$work/loaded" && [ ! -s "$work/loaded" ]
}

# But of those for which ask knows no way: they are asked for as the kernel does it.
none_comes() {
    none_is_loaded && ask_for "$work/all" && none_is_loaded
}

none_comes_by_modprobe() {
    awk -F'\t' '$1 == "nobody" { print $2 }' "$work/asked" >"$work/nobody"
    machine_put "$work/nobody" /root/nobody
    machine_run 'while read -r alias; do modprobe -q -- "$alias"; done </root/nobody; true' 300 &&
        none_is_loaded
}

is_undone() {
    machine_run 'oakum modules plan --undo' && etc_state | diff "$work/etc.before" -
}

# Of the blocked ones all those that a user was seen to load on this kernel.
they_come() {
    ask_for "$work/measured" || return
    awk -F'\t' 'NR > 1 { print $3 }' "$measured" | tr ' -' '\n_' | sort -u |
        comm -12 - "$work/blocked" >"$work/expected"
    loaded_of "$work/expected" | comm -13 - "$work/expected" >"$work/missing"
    echo "$(wc -l <"$work/expected") blocked ones were measured, not here:" "$(tr '\n' ' ' <"$work/missing")"
    [ ! -s "$work/missing" ]
}

agent_case "a level is built" agent_levels
agent_case "a web server is there" serve
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "programs are put there" put_programs
agent_case "a plan is shown, and nothing is written" plan_is_shown
agent_case "it is applied" plan_is_applied
agent_case "the host boots again with it" boots_again
agent_case "containers start and serve, the first on this host" containers_serve
agent_case "level 1 is applied" machine_run \
    'oakum apply /root/oakum_1.ko /root/manifest.json && oakum status --json | jq -e ".level == 1 and .state == \"applied\""'
agent_case "what a user may ask for is known" make_aliases
agent_case "a user asks for each blocked module: none comes" none_comes
agent_case "nor by modprobe, where a user needs more than one step" none_comes_by_modprobe
agent_case "the level is still there, and is reverted" machine_run \
    'oakum status --json | jq -e ".level == 1 and .state == \"applied\"" && oakum revert'
agent_case "--undo puts back every byte" is_undone
agent_case "the same user loads them now" they_come
agent_case "the host ends in order" machine_shutdown 300
