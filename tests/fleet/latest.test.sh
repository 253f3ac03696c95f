#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The latest level: the server looks into the repository as a host does, and a rollout of "latest" is of what
# it found there for the kernels of its hosts.
# shellcheck disable=SC2317 # functions are called through swarm_until
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh
trap swarm_end EXIT
touch "$out" "$err"
client=$BUILD/tests/fleet/host-client

# send KIND PATH BODY - signed by the host's key; into $out
send() {
    local seal
    seal=$(printf '%s' "$3" | "$client" seal "$1" "$swarm/host.pem" 2>"$err") || return
    curl -sf --cacert "$(server_ca one)" -o "$out" -H "Oakum-Signature: $seal" \
        ${host_id:+-H "Oakum-Host: $host_id"} --data-binary "$3" "$(server_url one)$2" 2>"$err"
}

sequence=0
report() { # JSON-OF-MORE
    local body
    sequence=$((sequence + 1))
    body=$(jq -cn --arg host "$host_id" --arg kernel "$swarm_build_id" --argjson n "$sequence" --argjson more "$1" '{
        schema: 1, host: $host, sequence: $n, time: now | floor, agent: "0.1.0", boot: "0123456789abcdef",
        kernel: {build_id: $kernel, release: "6.1.0-50-amd64", arch: "x86_64", effective: "6.1.0"},
        level: {number: 0, state: "none", since: 0}} + $more')
    send report /v1/report "$body"
}

rollout_is() { # FILTER
    api one GET "/api/v1/rollouts/$rollout" && jq -e "$1" "$out" >"$TMPDIR/jq" 2>&1
}

swarm_repo >"$out" 2>"$err" && swarm_publish 1 >"$out" 2>"$err" && swarm_publish 2 >"$out" 2>"$err" &&
    "$BUILD/oakum-repo" hold "$swarm/repo" "$swarm_build_id/2" --why 'wait' >"$out" 2>"$err" &&
    "$BUILD/oakum-repo" sign "$swarm/repo" --keys "$swarm/keys" --quiet >"$out" 2>"$err"
result $? 'a repository with level 1, and level 2, which is held'
server_make one '' "repository = $swarm/repo" 'poll = 2s' 'report = 2s' 'silence = 60s'
server_do one init >"$out" 2>"$err" && server_start one && swarm_api_token one && swarm_token one default
result $? 'a server'

read -r key host_id < <("$client" key "$swarm/host.pem" 2>"$err" | tr '\n' ' ')
id=$host_id
host_id=
send enrol /v1/enrol "$(jq -cn --arg token "$enrol_token" --arg key "$key" \
    '{schema: 1, token: $token, key: $key, name: "one", machine: "0123456789abcdef0123456789abcdef"}')" &&
    host_id=$id && report '{}'
result $? 'a host'

api one POST /api/v1/rollouts '{"name": "newest", "level": "latest", "channel": "edge", "start": "at-once",
    "stages": [{"percent": 100, "patience": "60s"}], "grant_timeout": "60s", "silence": "45s"}' &&
    rollout=$(jq -r .id "$out") && api one POST "/api/v1/rollouts/$rollout/submit"
result $? 'a rollout of the latest level'
swarm_until 90 rollout_is '.assigned'
result $? 'begins'
rollout_is ".phase == \"running\" and .levels == {\"$swarm_build_id\": 1} and .hosts == 1"
result $? 'it is of level 1'
api one GET /api/v1/levels && jq -e --arg id "$swarm_build_id" '[.levels[] | select(.build_id == $id)] |
    length == 2 and .[0].level == 2 and .[0].held == "wait" and .[1].held == null and
    .[1].cves == ["CVE-2026-1"]' "$out" >"$TMPDIR/jq"
result $? 'the API shows both levels, and why one is held'
report "{\"asks\": [{\"rollout\": \"$rollout\", \"level\": 2}]}" &&
    jq -e '.refused[0].why | contains("not of level 2")' "$out" >"$TMPDIR/jq"
result $? 'level 2 is granted to nobody'
granted() {
    report "{\"asks\": [{\"rollout\": \"$rollout\", \"level\": 1}]}" && jq -e '.grants[0].level == 1' "$out" >"$TMPDIR/jq"
}
swarm_until 20 granted
result $? 'level 1 is'
exit "$failed"
