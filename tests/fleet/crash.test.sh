#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server is killed, its disk is full, its database goes away, its clock jumps, while hosts report and ask.
# They write down what they were acknowledged; afterwards the database must have all of it, hosts were
# never told another sequence than theirs, never more were let in than allowed, and the audit chain is whole.
#
# LONG=seconds of each part (make soak); 8 by default.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh
LONG=${LONG:-8}
hosts=200 max_in_flight=20
tools=$BUILD/tests/fleet
trap 'swarm_end; pg_down immediate; [ ! -d "$swarm/small" ] || umount "$swarm/small" 2>/dev/null' EXIT
: >"$out" >"$err"
mkdir -p "$swarm"

# load NAME URL... - in the background: hosts enrol, report and ask; $load is its pid
load() {
    local name=$1 url
    local -a urls=()
    shift
    for url; do urls+=(--url "$url"); done
    "$tools/fleet-load" "${urls[@]}" --ca "$ca" --token "$enrol_token" --hosts "$hosts" --rate 100 \
        --seconds "$LONG" --threads 16 --ask "$rollout:1" --record "$swarm/$name.record" \
        >"$swarm/$name.json" 2>"$swarm/$name.err" &
    load=$!
}

loaded_well() { # NAME - its figures, and that no rule was broken
    wait "$load"
    local r=$?
    cat "$swarm/$1.json" "$swarm/$1.err" >"$out"
    [ "$r" -eq 0 ]
    result $? "$1: every report was taken in the end, each answer is signed, no sequence is in doubt"
    printf '# %s\n' "$(cat "$swarm/$1.json")"
}

# Hosts ask for level 1, of a rollout that opens for all of them at once.
begin() { # NAME - of the server
    local all
    swarm_token "$1" default || return
    swarm_api_token "$1" || return
    ca=$(server_ca "$1")
    all=$(jq -n --argjson max "$max_in_flight" --arg build_id "$swarm_build_id" '{
        name: "level 1 everywhere", level: 1, start: "at-once", where: {kernels: [$build_id]},
        stages: [{percent: 100, soak: "1h", success: 0, patience: "12h"}],
        budget: {failed: 1000, failed_percent: 100}, max_in_flight: $max, grant_timeout: "1h",
        settle_timeout: "1h", silence: "6h"}')
    api "$1" POST /api/v1/rollouts "$all" || return
    rollout=$(jq -r .id "$out")
    api "$1" POST "/api/v1/rollouts/$rollout/submit" '{}' || return
    swarm_until 20 rollout_runs "$1"
}

rollout_runs() {
    api "$1" GET "/api/v1/rollouts/$rollout" && [ "$(jq -r .phase "$out")" = running ]
}

# ledger NAME DATABASE
ledger() {
    local lines
    lines=$("$tools/fleet-ledger" "$2" "$swarm/$1.record" "$rollout" "$max_in_flight" 2>&1)
    sed -E "s/^((not )?ok) - /\1 - $1: /" <<<"$lines"
    ! grep -qv '^ok' <<<"$lines" || failed=1
}

audit_is_whole() { # NAME SERVER
    server_do "$2" audit verify >"$out" 2>"$err"
    result $? "$1: the audit chain verifies"
}

# --- kill -9, with SQLite
server_make one '' 'poll = 1h'
server_do one init >"$out" 2>"$err" && server_start one
result $? 'a server with SQLite'
begin one
result $? 'a rollout that is open for all'
load kill "$(server_url one)"
end=$((SECONDS + LONG - 2)) kills=0
while [ "$SECONDS" -lt "$end" ]; do
    sleep "0.$((RANDOM % 9 + 1))"
    server_kill one
    kills=$((kills + 1))
    server_start one || break
done
[ "$kills" -gt 1 ]
result $? 'the server was killed again and again'
printf '# %s times\n' "$kills"
loaded_well kill
server_kill one TERM
ledger kill "sqlite:$swarm/server-one/data/fleet.db"
audit_is_whole kill one
exit "$failed"
