#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server is killed, its disk is full, its database goes away, its clock jumps, while hosts report and ask.
# They write down what they were acknowledged; afterwards the database must have all of it, hosts were
# never told another sequence than theirs, never more were let in than allowed, and the audit chain is whole.
#
# LONG=seconds of each part (make soak); 9 by default.
# shellcheck disable=SC2317 # functions are called through swarm_until and others
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh
LONG=${LONG:-9}
hosts=200 max_in_flight=20 first=0
tools=$BUILD/tests/fleet
trap 'swarm_end; pg_down immediate; [ ! -d "$swarm/small" ] || umount "$swarm/small" 2>/dev/null' EXIT
touch "$out" "$err"
mkdir -p "$swarm"

# hosts_do NAME URL... -- OPTION... - fleet-load with the hosts of this part
hosts_do() {
    local name=$1
    local -a urls=()
    shift
    while [ "$1" != -- ]; do
        urls+=(--url "$1")
        shift
    done
    shift
    "$tools/fleet-load" "${urls[@]}" --ca "$ca" --hosts "$hosts" --first "$first" \
        --threads 16 "$@" >"$swarm/$name.json" 2>"$swarm/$name.err"
}

# load NAME URL... - in the background: hosts report and ask; $load is its pid
load() {
    rm -f "$swarm/$1.record"
    hosts_do "$@" -- --key "$key" --sequence 1 --rate 100 --seconds "$LONG" --ask "$rollout:1" \
        --record "$swarm/$1.record" &
    load=$!
    swarm_until 20 test -s "$swarm/$1.record"
}

loaded_well() { # NAME - its figures, and that no rule was broken
    wait "$load"
    local r=$?
    cat "$swarm/$1.json" "$swarm/$1.err" >"$out"
    [ "$r" -eq 0 ]
    result $? "$1: every report was taken in the end, each answer is signed, no sequence is in doubt"
    printf '# %s\n' "$(cat "$swarm/$1.json")"
}

# Hosts that are there, and a rollout that is open for all of them at once.
begin() { # NAME - of the server
    local all
    swarm_token "$1" default || return
    swarm_api_token "$1" || return
    ca=$(server_ca "$1") first=$((first + hosts))
    # Each enrols, and reports once: a rollout is of those that are known when it starts.
    hosts_do begin "$(server_url "$1")" -- --token "$enrol_token" --rate 1000 \
        --seconds "0.$hosts" || return
    key=$(curl -sf --cacert "$ca" "$(server_url "$1")/v1/decisions/default.json" |
        jq -r '.signed.keys[0]')
    all=$(jq -n --argjson max "$max_in_flight" --arg build_id "$swarm_build_id" '{
        name: "level 1 everywhere", level: 1, start: "at-once", where: {kernels: [$build_id]},
        stages: [{percent: 100, soak: "1h", success: 0, patience: "12h"}],
        budget: {failed: 1000, failed_percent: 100}, max_in_flight: $max, grant_timeout: "1h",
        settle_timeout: "1h", silence: "6h"}')
    api "$1" POST /api/v1/rollouts "$all" || return
    rollout=$(jq -r .id "$out")
    api "$1" POST "/api/v1/rollouts/$rollout/submit" || return
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

# While the load lasts, a thing is done to the server again and again; $times is how often it was.
disturb() { # COMMAND...
    local end=$((SECONDS + LONG - 2))
    times=0
    while [ "$SECONDS" -lt "$end" ]; do
        sleep "0.$((RANDOM % 9 + 1))"
        "$@" || break
        times=$((times + 1))
    done
    [ "$times" -gt 0 ]
}

kill_one() { # NAME
    server_kill "$1"
    server_start "$1"
}

# --- kill -9, with SQLite
server_make one '' 'poll = 1h'
server_do one init >"$out" 2>"$err" && server_start one
result $? 'a server with SQLite'
begin one
result $? 'a rollout that is open for all'
load kill "$(server_url one)"
disturb kill_one one
result $? 'the server is killed while hosts report'
printf '# %s times\n' "$times"
loaded_well kill
server_kill one TERM
ledger kill "sqlite:$swarm/server-one/data/fleet.db"
audit_is_whole kill one

# --- its disk is full
full_for_a_moment() {
    head -c 64M /dev/zero >"$swarm/small/filler" 2>/dev/null
    sleep 1
    rm -f "$swarm/small/filler"
    sleep 0.5
}
mkdir -p "$swarm/small"
if mount -t tmpfs -o size=24m none "$swarm/small" 2>"$err"; then
    server_make disk "sqlite:$swarm/small/fleet.db" 'poll = 1h'
    server_do disk init >"$out" 2>"$err" && server_start disk && begin disk
    result $? 'a server whose database lies on a disk of 24 MiB'
    load disk "$(server_url disk)"
    disturb full_for_a_moment
    result $? 'the disk is full while hosts report'
    printf '# %s times\n' "$times"
    loaded_well disk
    server_kill disk TERM
    ledger disk "sqlite:$swarm/small/fleet.db"
    audit_is_whole disk disk
    umount "$swarm/small"
else
    echo 'ok - a server whose disk is full # SKIP no tmpfs can be mounted'
fi

# --- its clock jumps: by a day ahead, back, and by an hour
step_clock() {
    local offsets=('+86400' '+0' '-3600' '+3600')
    printf '%s\n' "${offsets[times % 4]}" >"$swarm/clock.new"
    mv "$swarm/clock.new" "$swarm/clock"
}
fake=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1
if [ -e "$fake" ]; then
    echo '+0' >"$swarm/clock"
    server_make clock '' 'poll = 1h'
    server_do clock init >"$out" 2>"$err" && server_start clock env LD_PRELOAD="$fake" \
        FAKETIME_TIMESTAMP_FILE="$swarm/clock" FAKETIME_CACHE_DURATION=1 DONT_FAKE_MONOTONIC=1 \
        FAKETIME_DONT_FAKE_MONOTONIC=1 && begin clock
    result $? 'a server whose clock can be moved'
    load clock "$(server_url clock)"
    disturb step_clock
    result $? 'the clock jumps while hosts report'
    loaded_well clock
    server_kill clock TERM
    ledger clock "sqlite:$swarm/server-clock/data/fleet.db"
    audit_is_whole clock clock
fi

# --- PostgreSQL goes away and comes back
bounce_database() {
    pg_down immediate
    pg_up
    sleep 1
}
if [ ! -x "$pg_bin/initdb" ] || ! pg_start; then
    echo 'ok - PostgreSQL is restarted # SKIP it is not installed'
    exit "$failed"
fi
server_make pg "$pg_url" 'poll = 1h'
server_do pg init >"$out" 2>"$err" && server_start pg && begin pg
result $? 'a server with PostgreSQL'
load pg "$(server_url pg)"
disturb bounce_database
result $? 'the database crashes while hosts report'
printf '# %s times\n' "$times"
loaded_well pg
ledger pg "$pg_url"
audit_is_whole pg pg

# --- two servers on it, one of which is killed in the middle of a rollout
server_twin twin pg && server_start twin && begin pg
result $? 'a second server on the same database, and another rollout'
load two "$(server_url pg)" "$(server_url twin)"
sleep 2
server_kill pg
sleep $((LONG / 2))
server_start pg
result $? 'the first server is killed, and comes back later'
loaded_well two
server_kill pg TERM
server_kill twin TERM
ledger two "$pg_url"
audit_is_whole two pg
exit "$failed"
