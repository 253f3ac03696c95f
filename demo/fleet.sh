#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fleet.sh - "make fleet-demo": a server, 200 hosts in three rings, a level that hurts one of them
#
# Hosts are the real agent on trees of files with a kernel that is files too (tests/fleet/swarm/); server,
# repository, TLS, keys, tokens and rollouts are real. Level 1 breaks what the hosts of ring "early" run:
# their health command fails. It must be stopped there by itself, and ring "rest" must never see it.
# Level 2 is mended and goes through everywhere.
#
# Needs the programs in $BUILD (default: build/). HOSTS=N for another number. What it makes stays in
# $BUILD/fleet-demo/. Exit status 0 only if every line of the story was so.
# shellcheck disable=SC2317 # functions are called through so
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
BUILD=$(realpath "${BUILD:-$top/build}")
TMPDIR=$BUILD/fleet-demo
rm -rf "$TMPDIR"
mkdir -p "$TMPDIR"
out=$TMPDIR/out err=$TMPDIR/err
# shellcheck source=tests/fleet/swarm.sh
. "$top/tests/fleet/swarm.sh"
# shellcheck source=tests/fleet/server.sh
. "$top/tests/fleet/server.sh"
trap swarm_end EXIT

HOSTS=${HOSTS:-200}
poll=6
canary=$(seq 1 $((HOSTS / 10)))
early=$(seq $((HOSTS / 10 + 1)) $((HOSTS * 4 / 10)))
rest=$(seq $((HOSTS * 4 / 10 + 1)) "$HOSTS")
max_in_flight=10 budget=3

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

step() {
    printf '\n%s%s. %s%s   (%s s)\n' "$bold" "$1" "$2" "$plain" "$SECONDS"
}

# so TEXT COMMAND... - one line of the story: true, or the end of it
so() {
    local text=$1
    shift
    "$@" || {
        printf '   %s[no] %s%s\n' "$red" "$text" "$plain"
        tail -n 5 "$out" "$err"
        exit 1
    }
    printf '   %s[ok]%s %s\n' "$green" "$plain" "$text"
}

quietly() { # COMMAND...
    "$@" >"$out" 2>"$err"
}

first_level() {
    swarm_repo && swarm_publish 1
}

say() {
    printf '   %s\n' "$*"
}

in_ring() { # RING - its hosts
    case $1 in
    canary) echo "$canary" ;;
    early) echo "$early" ;;
    rest) echo "$rest" ;;
    esac
}

# "canary  20 on level 1" for each ring
rings() {
    local ring level n line
    for ring in canary early rest; do
        line=''
        # shellcheck disable=SC2046 # numbers
        while read -r level n; do
            [ "$level" = 0 ] && line+="  $n without a level" || line+="  $n on level $level"
        done < <(swarm_levels $(in_ring "$ring"))
        printf '   %-8s%s\n' "$ring" "$line"
    done
}

make_hosts() {
    local ring n token
    for ring in canary early rest; do
        swarm_token one "$ring" || return
        token=$enrol_token
        # shellcheck disable=SC2046 # numbers
        for n in $(in_ring "$ring"); do
            swarm_host "$n" && swarm_register "$n" one "$token" || return
        done
    done
}

# What the hosts of ring "early" run does not bear level 1.
make_health() {
    local n
    # shellcheck disable=SC2016 # its own
    printf '#!/bin/sh\n[ "$OAKUM_LEVEL" != 1 ]\n' >"$swarm/health" && chmod 755 "$swarm/health"
    for n in $early; do
        swarm_put "$swarm/hosts/$n/etc/oakum/conf.d/health.conf" "health = $swarm/health"
    done
}

roll_out() { # LEVEL NAME
    api one POST /api/v1/rollouts "$(jq -n --argjson level "$1" --arg name "$2" \
        --argjson max "$max_in_flight" --argjson failed "$budget" '{
        name: $name, level: $level, start: "at-once", max_in_flight: $max,
        stages: [{tag: "ring=canary", soak: "2s", patience: "60s"},
                 {tag: "ring=early", soak: "2s", patience: "60s"},
                 {percent: 100, soak: "2s", patience: "60s"}],
        budget: {failed: $failed, failed_percent: 100, action: "stop"},
        grant_timeout: "60s", settle_timeout: "60s", silence: "45s"}')" || return
    rollout=$(jq -r .id "$out")
    api one POST "/api/v1/rollouts/$rollout/submit"
}

# Of the server's own list of events: from the report that was one too many to the decision.
halted_soon() {
    api one GET '/api/v1/events?limit=1000' || return
    halted_after=$(jq --arg id "$rollout" --argjson budget "$budget" '
        ([.events[] | select(.type == "host.failed" and .data.rollout == $id)][$budget].at) as $spent |
        ([.events[] | select(.type == "rollout.halted")][-1].at) - $spent' "$out")
    [ "$halted_after" -ge 0 ] && [ "$halted_after" -le "$poll" ]
}

phase_is() { # PHASE
    api one GET "/api/v1/rollouts/$rollout" && [ "$(jq -r .phase "$out")" = "$1" ]
}

hosts_run() { # LEVEL HOST...
    [ "$(swarm_count "$@")" -eq $(($# - 1)) ]
}

hosts_ever_loaded() { # LEVEL HOST... - how many
    local level=$1 n count=0
    shift
    for n; do
        ! grep -qs "^oakum_$level " "$swarm/hosts/$n/sim/loads" || count=$((count + 1))
    done
    echo "$count"
}

# A rollout is of the hosts whose kernel is known when it starts.
reported() {
    api one GET /api/v1/counts &&
        [ "$(jq --arg id "$swarm_build_id" '.by.build_id[$id] // 0' "$out")" -ge "$HOSTS" ]
}

step 1 'a repository, and a server'
so 'a signed repository with level 1' quietly first_level
server_make one '' "repository = $swarm/repo" "poll = ${poll}s" "report = ${poll}s" 'silence = 60s'
so 'oakum-server init' quietly server_do one init
so "oakum-server run: $(server_url one), TLS on" server_start one
so 'a token for the API' swarm_api_token one

step 2 "$HOSTS hosts in three rings"
swarm_template "repository = $(server_url one)/repository" "ca = $(server_ca one)"
swarm_fate template poll "$poll" jitter "$poll" soak 3 retry "$poll" health-interval 1
so 'they enrol, each with its own key' make_hosts
make_health
# shellcheck disable=SC2086 # numbers
swarm_start $canary $early $rest
so 'all have reported' swarm_until 120 reported
rings

step 3 'level 1 goes out: canary, early, rest'
started=$SECONDS
so 'a rollout of three stages' roll_out 1 'level 1 everywhere'
# shellcheck disable=SC2086
so 'ring canary takes it, and is well' swarm_until 120 hosts_run 1 $canary
say "after $((SECONDS - started)) s"
so 'it halts by itself in ring early' swarm_until 120 phase_is halted
say "$(jq -r '"\(.phase): \(.why)"' "$out")"
say "after $((SECONDS - started)) s"
so "within a poll ($poll s) of the failure that spent the budget" halted_soon
say "$halted_after s after it"
sleep $((2 * poll))
rings
# shellcheck disable=SC2086
hurt=$(hosts_ever_loaded 1 $early)
so "$hurt of $(wc -w <<<"$early") hosts of ring early ever had it: no more than $budget + $max_in_flight" \
    [ "$hurt" -le $((budget + max_in_flight)) ]
# shellcheck disable=SC2086
so 'each of those took it back' hosts_run 0 $early
# shellcheck disable=SC2046,SC2086
so 'ring rest never saw it' [ "$(hosts_ever_loaded 1 $rest)" -eq 0 ]

step 4 'level 2 is mended, and goes through'
started=$SECONDS
so 'level 2 is published' quietly swarm_publish 2
so 'a new rollout' roll_out 2 'level 2 everywhere'
# shellcheck disable=SC2086
so 'every host runs level 2' swarm_until 240 hosts_run 2 $canary $early $rest
say "after $((SECONDS - started)) s"
so 'the rollout is completed' swarm_until 60 phase_is completed
rings

step 5 'what is left to be said'
# shellcheck disable=SC2086
so 'no kernel was given a module that the publisher did not sign' \
    swarm_loads_are_ours $canary $early $rest
so 'the audit log is whole' quietly server_do one audit verify
say "$(head -n 1 "$out")"
printf '\n%sdone in %s s%s\n' "$bold" "$SECONDS" "$plain"
