#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The simulated hosts themselves: the agent's story on a kernel of files, without a server. What is seen
# here fail is no fleet's fault.
# shellcheck disable=SC2317 # functions are called through swarm_until and others
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
trap swarm_end EXIT
touch "$out" "$err"

runs() { # LEVEL HOST...
    [ "$(swarm_count "$@")" -eq $(($# - 1)) ]
}

says() { # HOST FILTER
    swarm_status "$1" >"$out" 2>"$err"
    jq -e "$2" "$out" >/dev/null 2>&1
}

swarm_repo >"$out" 2>"$err" && swarm_publish 1 >"$out" 2>"$err"
result $? 'a repository with level 1'
swarm_template "repository = $swarm/repo"
for i in 1 2 3 4; do swarm_host "$i"; done

# Host 2's health command fails once level 2 is in; host 3 dies of it; host 4's kernel refuses it.
# shellcheck disable=SC2016 # its own
printf '#!/bin/sh\n[ "$OAKUM_LEVEL" != 2 ]\n' >"$swarm/health"
chmod 755 "$swarm/health"
swarm_put "$swarm/hosts/2/etc/oakum/conf.d/health.conf" "health = $swarm/health"
swarm_start 1 2 3 4
swarm_until 60 runs 1 1 2 3 4
result $? 'four hosts take level 1'
swarm_until 60 says 2 .settled
result $? 'a host with a health command settles it'

swarm_fate 3 die 1
swarm_fate 4 load-errno 8
swarm_until 60 says 4 '.level == 1' && swarm_publish 2 >"$out" 2>"$err"
result $? 'level 2 is published'
swarm_until 60 runs 2 1
result $? 'host 1 takes level 2'
swarm_until 60 grep -q 'level 2 is quarantined' "$swarm/hosts/2/sim/log"
result $? 'host 2 quarantines it: its health command fails'
swarm_until 60 runs 1 2
result $? 'and goes back to level 1'
swarm_until 60 grep -q '^oakum_2 ' "$swarm/hosts/3/sim/loads" && ! kill -0 "${swarm_pids[3]}" 2>/dev/null
result $? 'host 3 dies at the load'
swarm_until 60 grep -q 'oakum_2 cannot be loaded' "$swarm/hosts/4/sim/log" && runs 1 4
result $? 'host 4 says why it does not have it, and keeps level 1'

swarm_fate 3 die 0
swarm_kill 3
swarm_boot_id 3
swarm_start 3
swarm_until 60 grep -q 'level 2 is quarantined: the host died in' "$swarm/hosts/3/sim/log"
result $? 'host 3 comes back and never tries level 2 again'
swarm_until 60 runs 1 3
result $? 'it takes level 1'
swarm_loads_are_ours 1 2 3 4
result $? 'no kernel was given a module that the publisher did not sign'
exit "$failed"
