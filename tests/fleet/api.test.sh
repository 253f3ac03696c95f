#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# /api/v1 as programs meet it: every route, every scope, what is wrong with requests, keys, tags, streams and
# webhooks. Once over SQLite and once over PostgreSQL. What is without a socket: store-api.c.
# shellcheck disable=SC2154,SC2317,SC2030,SC2031 # set by the libraries; called by until_true; in processes of their own
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/fleet/postgres.sh
. tests/fleet/api-lib.sh
trap 'hook_end; api_end; postgres_stop' EXIT

tell() { # STATUS NAME
    result "$1" "$round: $2"
}

test_tokens() {
    local bad id
    token='' && call GET /api/v1/hosts
    answers 401 && [ -n "$(header_of WWW-Authenticate)" ]
    tell $? 'without a token nothing is told'
    ok=0
    for bad in oakum-api-0-0 "${all%?}0" "${all}0" 'x' 'oakum-enrol-1-2' "' OR 1=1 --"; do
        [ "$bad" = "$all" ] && continue
        { token=$bad && call GET /api/v1/hosts && answers 401; } || { ok=1; break; }
    done
    tell "$ok" 'a token that is none is refused'
    token=$all
    send POST /api/v1/tokens '{"name": "short", "scopes": ["read"]}' && answers 201
    tell $? 'a token is made'
    id=$(member id) token=$(member token)
    call GET /api/v1/info && answers 200
    tell $? 'and is good'
    token=$all && call DELETE "/api/v1/tokens/$id" && answers 204
    tell $? 'it is revoked'
    send POST /api/v1/tokens "{\"name\": \"moment\", \"scopes\": [\"read\"], \"expires\": $(($(date +%s) + 2))}"
    token=$(member token) && sleep 3 && call GET /api/v1/info && answers 401
    tell $? 'a token that has expired is refused'
    token=$all
}

# scope_answers TOKEN - a status for each line of asked.tsv, over one connection
scope_answers() {
    local method path _
    while IFS=$'\t' read -r method path _; do
        printf 'url = "%s%s"\nrequest = %s\ncacert = "%s"\nheader = "Authorization: Bearer %s"\noutput = /dev/null\n' \
            "$url" "${path//\{*\}/none}" "$method" "$work/data/tls.pem" "$1"
        printf 'silent\nwrite-out = "%%{http_code}\\n"\nnext\n'
    done <"$work/asked.tsv" | sed '$d' | curl --config - 2>>"$err"
}

# Each scope against each route of the server's own description.
test_scopes() {
    local scope method path want have="read hosts rollouts approve admin metrics" wrong=''
    token='' && call GET /api/v1/openapi.json && answers 200
    tell $? 'the description of the API needs no token'
    cp "$out" "$work/openapi.json"
    jq -r '.paths | to_entries[] | .key as $p | .value | to_entries[] |
        [(.key | ascii_upcase), $p, (.value.security[0].token[0] // "")] | @tsv' "$work/openapi.json" \
        >"$work/routes.tsv"
    grep -v -P '^(POST|DELETE)\t/api/v1/stop\t|/stream\t|/openapi.json\t' "$work/routes.tsv" >"$work/asked.tsv"
    for scope in $have; do
        scope_answers "$(new_token "only-$scope" "$scope")" >"$work/statuses"
        while IFS=$'\t' read -r method path want status <&3; do
            if [ "$want" = "$scope" ]; then
                [ "$status" != 403 ] && [ "$status" != 401 ] || wrong+=" $scope:$method:$path:$status"
            else
                [ "$status" = 403 ] || [ "$want,$scope" = metrics,read ] || wrong+=" $scope:$method:$path:$status"
            fi
        done 3< <(paste "$work/asked.tsv" "$work/statuses")
        [ "$(wc -l <"$work/statuses")" = "$(wc -l <"$work/asked.tsv")" ] || wrong+=" $scope: not all were answered"
    done
    token=$all
    : >"$out"
    [ -z "$wrong" ] || echo "$wrong" >>"$err"
    [ -z "$wrong" ]
    tell $? 'each route is open to its scope and to no other'
}

test_requests() {
    local body deep
    while IFS=$'\t' read -r path want; do
        call GET "$path"
        answers 400 && [ "$(member detail)" = "$want" ]
        tell $? "GET $path: $want"
    done <<END
/api/v1/hosts?nonsense=1	nonsense: there is no such query parameter
/api/v1/hosts?limit=1001	limit: must be 1 to 1000
/api/v1/hosts?limit=1e3	limit: must be a whole number
/api/v1/hosts?behind=yes	behind: must be true or false
/api/v1/hosts?ring=a&ring=b	ring: given twice
/api/v1/rollouts?phase=gone	phase: there is no such phase
END
    deep=$(printf '[%.0s' {1..5000})
    ok=0
    for body in '' '{' 'null' '[]' '"x"' "$deep" '{"name": "a", "name": "b"}' '{"name": 1}' '{"why": ["x"]}' \
        '{"why": 1e999}' '{"why": 99999999999999999999999999}' '{"why": ""}' '{"why": null}' \
        $'{"why": "\xc3\x28"}' '{"why": "\ud800"}' '{"why": "a\u0000b"}' '{"why": "a\nb"}' '{"why": "x"} y'; do
        { send POST /api/v1/stop "$body" && answers 400; } || { ok=1; break; }
    done
    tell "$ok" 'a body that is malformed is refused, whatever is wrong with it'
    head -c 70000 /dev/zero | tr '\0' ' ' >"$work/large"
    call POST /api/v1/stop --data-binary @"$work/large" && answers 413
    tell $? 'one that is too large is refused'
    call GET /api/v1/stop && [ "$(jq .stopped "$out")" = false ]
    tell $? 'nothing of it has stopped anything'
    call PUT /api/v1/hosts && answers 405 && [ -n "$(header_of Allow)" ]
    tell $? 'a method that a path has not is refused, and those are told that it has'
    call GET /api/v1/none && answers 404
    tell $? 'a path that is none is not found'
    call GET /api/v1/hosts/none && answers 404 not-found && [ "$(header_of Content-Type)" = application/problem+json ]
    tell $? 'what is not there is a problem document'
}

test_hosts() {
    local i enrol seen next pages=0 etag id name
    send POST /api/v1/enrol-tokens '{"name": "t'"'"'); DROP TABLE hosts; --", "ring": "canary", "tags": ["az=1"]}'
    answers 201 && enrol=$(member token)
    tell $? 'an enrolment token is made'
    ok=0
    for i in {1..12}; do
        name="h$i <img src=x onerror=alert(1)>' OR '1'='1"
        { new_host "$i" "$enrol" "$name" && report "$i" "$host" 1 "$name"; } || { ok=1; break; }
        hosts[i]=$host
    done
    tell "$ok" 'hosts enrol with it and report'
    next=start seen=''
    ok=0
    while [ -n "$next" ]; do
        { call GET "/api/v1/hosts?limit=5${next#start}" && answers 200; } || { ok=1; break; }
        seen+=$(jq -r '.hosts[].id' "$out")$'\n'
        next=$(member next) && next=${next:+&after=$next}
        pages=$((pages + 1))
        new_host "late-$pages" "$enrol" && hosts["20$pages"]=$host
    done
    for i in {1..12}; do grep -qx "${hosts[i]}" <<<"$seen" || pages=0; done
    [ "$ok" = 0 ] && [ "$pages" -ge 3 ] && [ -z "$(sort <<<"${seen%$'\n'}" | uniq -d)" ]
    tell $? 'pages have each host once, while others come'
    id=${hosts[1]}
    call GET "/api/v1/hosts/$id" && answers 200 && [ "$(member ring)" = canary ] && [ "$(jq .level "$out")" = 3 ] &&
        grep -q "onerror=alert(1)>' OR '1'='1" "$out"
    tell $? 'hostile names come back as data'
    etag=$(header_of ETag)
    call GET "/api/v1/hosts/$id" -H "If-None-Match: $etag" && answers 304 && [ ! -s "$out" ]
    tell $? 'what has not changed is 304, without a body'
    send PATCH "/api/v1/hosts/$id" '{"ring": "default"}' -H 'If-Match: "other"' && answers 412 changed
    tell $? 'a change of what has changed in between is refused'
    send PATCH "/api/v1/hosts/$id" '{"ring": "default", "tags": ["role=db", "az=2"]}' -H "If-Match: $etag" && answers 200 &&
        [ "$(member ring)" = default ] && [ "$(jq -c .tags "$out")" = '["az=2","role=db"]' ]
    tell $? 'a host is moved to another ring, and tagged'
    ok=0
    for query in ring=canary tag=az%3D1 build_id=abababababababababababababababababababab release=6.1.0-18-amd64 os=debian \
        state=settled verdict=ok level=3 cve=CVE-2026-1 text=onerror silent=false behind=true; do
        { call GET "/api/v1/hosts?$query" && answers 200 && [ "$(jq '.hosts | length' "$out")" -ge 11 ]; } || { echo "$query" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'hosts are found by each filter'
    ok=0
    for query in ring=none "tag=x'" level=9 cve=CVE-1999-1 silent=true "ring=%27%20OR%201%3D1%20--" text=%25; do
        { call GET "/api/v1/hosts?$query" && answers 200 && [ "$(jq '.hosts | length' "$out")" = 0 ]; } || { echo "$query" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'and none by what none has'
    ok=0
    for query in name -name seen -seen level -level id; do
        { call GET "/api/v1/hosts?sort=$query&limit=3" && answers 200 && [ "$(jq '.hosts | length' "$out")" = 3 ]; } || { echo "$query" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'hosts are sorted each way'
    call GET /api/v1/hosts?sort=key && answers 400
    tell $? 'but by nothing else'
    call GET "/api/v1/hosts/$id/history" && answers 200 && [ "$(jq '.reports | length' "$out")" -ge 1 ]
    tell $? 'a host has a history'
    call GET /api/v1/cves/CVE-2026-1/hosts && answers 200 && [ "$(jq '.hosts | length' "$out")" -ge 12 ]
    tell $? 'hosts are found by a CVE'
    call POST "/api/v1/hosts/${hosts[2]}/trust" && answers 200
    tell $? 'a host is trusted again'
    call POST "/api/v1/hosts/${hosts[2]}/revoke" && answers 200 && [ "$(jq '.revoked != null' "$out")" = true ] &&
        ! report 2 "${hosts[2]}" 2 && call GET /api/v1/hosts?revoked=true && [ "$(jq -r '.hosts[].id' "$out")" = "${hosts[2]}" ]
    tell $? 'a host that was revoked reports no more, and is listed as such'
    ok=0
    for path in info overview counts rings levels decisions decisions/default enrol-tokens tokens; do
        { call GET "/api/v1/$path" && answers 200; } || { echo "$path" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'what is of the whole fleet is told'
    call GET /api/v1/counts && [ "$(jq .total "$out")" = "$((11 + pages))" ]
    tell $? 'hosts are counted'
    call GET /api/v1/enrol-tokens && id=$(jq -r '.enrol_tokens[-1].id' "$out") && ! grep -q oakum-enrol- "$out" &&
        call DELETE "/api/v1/enrol-tokens/$id" && answers 204 && ! new_host no "$enrol"
    tell $? 'an enrolment token that was revoked lets nobody in'
}

# A report of host $1 with what newer agents tell: all its CVEs, checks that fail, why it wants a reboot.
report_more() { # N ID SEQUENCE
    report "$1" "$2" 0 || : # refused: only its text is wanted
    jq -c --argjson s "$3" '.sequence = $s | .uptime_s = 60000000 | .reboot = {wanted: true, reason: "kernel", why: "6.1.0-51"} |
        .containers = {count: 2, names: ["web <b>", "db"]} | .audit = {score: 70, failed: 1, findings: [{id: "kptr-restrict", severity: "medium"}]} |
        .cves += {severity: {high: 1}, all: {high: {"2026": [1]}}}' "$work/body" >"$work/more"
    curl -sf --max-time 20 --cacert "$work/data/tls.pem" -o /dev/null -H "Oakum-Host: $2" \
        -H "Oakum-Signature: $("$client" seal report "$work/host-$1.pem" <"$work/more")" \
        --data-binary @"$work/more" "$url/v1/report" 2>>"$err"
}

test_views() {
    local id
    listed() { call GET /api/v1/cves && answers 200 && [ "$(jq '.cves[0].hosts' "$out")" -ge 11 ]; }
    until_true listed && [ "$(jq -r '.cves[0] | .cve, .severity' "$out" | xargs)" = 'CVE-2026-1 high' ] && [ "$(jq .complete "$out")" = false ]
    tell $? 'CVEs of the whole fleet are listed, and that lists are not whole'
    call GET '/api/v1/cves?severity=low' && [ "$(jq '.cves | length' "$out")" = 0 ] && call GET '/api/v1/cves?severity=grave' && answers 400
    tell $? 'by severity'
    report_more 1 "${hosts[1]}" 9 && call GET /api/v1/cves/CVE-2026-0001 && answers 200 && [ "$(jq '.hosts, .containers, .closed' "$out" | xargs)" = '1 2 false' ]
    tell $? 'one tells its hosts, containers and rings'
    call GET /api/v1/cves/CVE-2026-9999 && answers 200 && [ "$(jq '.hosts, .closed' "$out" | xargs)" = '0 false' ] && call GET /api/v1/cves/nonsense && answers 404
    tell $? 'what no host names is not closed as long as some tell only their worst'
    call GET /api/v1/cves/CVE-2026-0001/containers && answers 200 && [ "$(jq -r '.hosts[0].names[0]' "$out")" = 'web <b>' ]
    tell $? 'containers on those hosts have their names'
    failing() { call GET /api/v1/findings && answers 200 && [ "$(jq '.findings | length' "$out")" = 1 ]; }
    until_true failing && call GET /api/v1/findings/kptr-restrict/hosts && answers 200 && [ "$(jq -r '.hosts[].id' "$out")" = "${hosts[1]}" ]
    tell $? 'checks that fail are listed, with their hosts'
    call GET '/api/v1/hosts?uptime=over-18m&reboot=kernel&finding=kptr-restrict' && [ "$(jq -r '.hosts[].id' "$out")" = "${hosts[1]}" ]
    tell $? 'hosts are found by uptime, by what wants a reboot, by a check'
    call GET /api/v1/matrix && answers 200 && [ "$(jq '[.rows[].hosts] | add' "$out")" -ge 11 ]
    tell $? 'each level has its hosts by ring'
    sampled() { call GET '/api/v1/series?names=hosts,open.*' && answers 200 && [ "$(jq '.series | length' "$out")" = 6 ]; }
    until_true sampled && call GET '/api/v1/series?step=7' && answers 400
    tell $? 'the fleet over time has a sample'
    send POST /api/v1/views '{"name": "mine <b>", "page": "hosts", "query": "ring=canary&behind=true"}' && answers 201 && id=$(member id) &&
        call GET '/api/v1/views?page=hosts' && [ "$(jq -r '.views[].name' "$out")" = 'mine <b>' ]
    tell $? 'a view is saved'
    token=$(new_token other read) && call DELETE "/api/v1/views/$id" && answers 404 && token=$all && call DELETE "/api/v1/views/$id" && answers 204
    tell $? 'nobody else can delete it'
    token=$all
}

# rollout PHASE - is it in that phase?
in_phase() { answers 200 && [ "$(member phase)" = "$1" ]; }

test_rollouts() {
    local i id pids=() spec='{"name": "once <b>", "level": 4, "stages": [{"count": 1}, {"percent": 100}]}' other
    ok=0
    for i in {1..6}; do
        (token=$all work_answers="$work/race.$i"
            curl -s --max-time 30 --cacert "$work/data/tls.pem" -H "Authorization: Bearer $all" \
                -H 'Idempotency-Key: the-same' --data-binary "$spec" "$url/api/v1/rollouts" >"$work_answers") &
        pids+=($!)
    done
    wait "${pids[@]}"
    [ "$(jq -r .id "$work"/race.* | sort -u | wc -l)" = 1 ] && [ "$(jq -r .id "$work/race.1")" != null ] &&
        call GET /api/v1/rollouts && [ "$(jq '.rollouts | length' "$out")" = 1 ]
    tell $? 'six requests at once with one key make one rollout'
    send POST /api/v1/rollouts "${spec/once/other}" -H 'Idempotency-Key: the-same' && answers 422 idempotency-key
    tell $? 'the same key with another request is refused'
    send POST /api/v1/rollouts "$spec" -H 'Idempotency-Key: the-same' && answers 201 && [ "$(header_of Idempotency-Replayed)" = true ]
    tell $? 'the same request is answered the same again'
    id=$(member id)
    call GET "/api/v1/rollouts/$id" && in_phase draft && [ "$(member name)" = 'once <b>' ]
    tell $? 'a rollout is a draft'
    call POST "/api/v1/rollouts/$id/start" && answers 409
    tell $? 'a draft cannot be started'
    call POST "/api/v1/rollouts/$id/submit" && in_phase scheduled && call POST "/api/v1/rollouts/$id/start" && in_phase running
    tell $? 'it is submitted, then started'
    running() { call GET "/api/v1/rollouts/$id/hosts?limit=1000" && [ "$(jq '.hosts | length' "$out")" -ge 10 ]; }
    until_true running
    tell $? 'its hosts are listed'
    call GET "/api/v1/rollouts/$id/hosts?limit=4" && [ "$(jq '.hosts | length' "$out")" = 4 ] && [ -n "$(member next)" ] &&
        call GET "/api/v1/rollouts/$id/hosts?stage=1" && [ "$(jq '.hosts | length' "$out")" = 1 ] &&
        call GET "/api/v1/rollouts/$id/hosts?outcome=waiting" && answers 200 &&
        call GET "/api/v1/rollouts/$id/hosts?outcome=x" && answers 400 && call GET "/api/v1/rollouts/$id/hosts?stage=0" && answers 400
    tell $? 'by stage, by outcome, in pages'
    call POST "/api/v1/rollouts/$id/pause" && in_phase paused && call POST "/api/v1/rollouts/$id/resume" && in_phase running &&
        call POST "/api/v1/rollouts/$id/stop" && in_phase halted && call POST "/api/v1/rollouts/$id/take-back" && in_phase halted &&
        [ "$(jq .take_back "$out")" = true ]
    tell $? 'it is paused, resumed, stopped, taken back'
    call POST "/api/v1/rollouts/$id/resume" && answers 409
    tell $? 'one that was halted is not resumed'
    send POST /api/v1/rollouts '{"name": "two", "level": 4, "approval": true}' && answers 201 && id=$(member id) &&
        call POST "/api/v1/rollouts/$id/submit" && in_phase pending-approval && call POST "/api/v1/rollouts/$id/approve" && answers 409
    tell $? 'nobody approves his own rollout'
    other=$token && token=$(new_token second approve) && call POST "/api/v1/rollouts/$id/approve" && in_phase scheduled
    tell $? 'another one does'
    token=$other && call POST "/api/v1/rollouts/$id/cancel" && in_phase cancelled
    tell $? 'it is cancelled'
    ok=0
    for spec in '{}' '{"name": "x"}' '{"name": "x", "level": 0}' '{"name": "x", "level": "newest"}' '{"name": 7, "level": 1}' \
        '{"name": "x", "level": 1, "stages": []}' '{"name": "x", "level": 1, "stages": [{"percent": 101}]}' \
        '{"name": "x", "level": 1, "stages": [{"count": 1, "soak": "soon"}]}' '{"name": "x", "level": 1, "nonsense": 1}' \
        '{"name": "x", "level": 1, "timezone": "../../etc/passwd"}' '{"name": "x", "level": 1, "max_in_flight": 1e20}'; do
        { send POST /api/v1/rollouts "$spec" && answers 400 && [ -n "$(member detail)" ]; } || { echo "$spec" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'a specification that is wrong is refused'
    call GET '/api/v1/rollouts?limit=1' && [ "$(jq '.rollouts | length' "$out")" = 1 ] && call GET "/api/v1/rollouts?limit=1&after=$(member next)" &&
        [ "$(jq '.rollouts | length' "$out")" = 1 ] && call GET '/api/v1/rollouts?phase=halted' && [ "$(jq '.rollouts | length' "$out")" = 1 ]
    tell $? 'rollouts are listed in pages, and by phase'
    send POST /api/v1/stop '{"why": "a bad level"}' && answers 200 &&
        stopped() { call GET /api/v1/decisions/default && [ "$(jq -r .signed.stop.why "$out")" = 'a bad level' ]; } && until_true stopped
    tell $? 'the emergency stop is in the decision'
    call DELETE /api/v1/stop && answers 200 && [ "$(jq .stopped "$out")" = false ]
    tell $? 'and is lifted'
}

test_events() {
    local last pid
    call GET /api/v1/events?limit=1000 && answers 200 && jq -e '.events | length > 5' "$out" >/dev/null
    tell $? 'events are listed'
    last=$(jq '.events[-1].sequence' "$out")
    call GET "/api/v1/events?after=$((last - 1))&limit=1000" && [ "$(jq '.events[0].sequence' "$out")" = "$last" ]
    tell $? 'from a number on'
    curl -sN --cacert "$work/data/tls.pem" -H "Authorization: Bearer $token" -H "Last-Event-ID: $((last - 2))" \
        "$url/api/v1/events/stream" >"$work/stream" 2>/dev/null &
    pid=$!
    until_true grep -q "^id: $last\$" "$work/stream"
    tell $? 'a stream begins with what was missed'
    send POST /api/v1/rollouts '{"name": "seen", "level": 4}'
    call POST "/api/v1/rollouts/$(member id)/cancel"
    call GET "/api/v1/events?after=$last" && next=$(jq '.events[-1].sequence' "$out")
    [ "$next" -gt "$last" ] && until_true grep -q "^id: $next\$" "$work/stream"
    tell $? 'and goes on with what happens'
    kill "$pid" && wait "$pid" 2>/dev/null
    [ -z "$(grep '^id: ' "$work/stream" | sort | uniq -d)" ] &&
        sed -n 's/^data: //p' "$work/stream" | jq -e -s 'length > 2 and all(.type and .sequence)' >/dev/null
    tell $? 'each event once, as JSON'
    call GET /api/v1/events/stream -H 'Last-Event-ID: x' && answers 400
    tell $? 'a number that is none is refused'
}

# one_more - the number of requests that came
hook_count() { find "$work/hooks" -name '*.head' | wc -l; }
hooks_at_least() { [ "$(hook_count)" -ge "$1" ]; }
delivery() { # STATE WHY - of the newest one
    call GET "/api/v1/webhooks/$hook/deliveries" && jq -e --arg s "$1" --arg w "$2" \
        '.deliveries[0] | .state == $s and (.why | startswith($w))' "$out" >/dev/null
}

# What waits for its next try is tried no more: it would go to where the next test looks.
forget_waiting() { database "UPDATE deliveries SET next_s = 0, done_s = 1, state = 'given-up' WHERE state = 'waiting'"; }

test_webhooks() {
    local secret=0123456789abcdef0123456789abcdef n sig t want bad sql
    hook_start
    tell $? 'a receiver is there'
    ok=0
    for bad in http://example.com/ ftp://127.0.0.1/ https://u:p@example.com/ http://localhost:1/ http://169.254.169.254/ javascript:1; do
        { send POST /api/v1/webhooks "{\"url\": \"$bad\", \"events\": [\"*\"]}" && answers 400; } || { echo "$bad" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'a URL that is not https is refused'
    send POST /api/v1/webhooks "{\"url\": \"http://127.0.0.1:$hook_port/ok\", \"events\": [\"rollout.*\"], \"secret\": \"$secret\"}"
    answers 201 && hook=$(member id)
    tell $? 'a webhook is made'
    call GET "/api/v1/webhooks/$hook" && answers 200 && ! grep -q "$secret" "$out" && call GET /api/v1/webhooks && ! grep -q "$secret" "$out"
    tell $? 'its secret is never told again'
    call POST "/api/v1/webhooks/$hook/test" && answers 202 && until_true hooks_at_least 1 && grep -q '^POST /ok' "$work/hooks/1.head"
    tell $? 'it is called by hand'
    sig=$(sed -n 's/^Oakum-Signature: //Ip' "$work/hooks/1.head") && t=${sig%%,*} && t=${t#t=}
    want=$(printf '%s.%s' "$t" "$(cat "$work/hooks/1.body")" | openssl dgst -sha256 -hmac "$secret" | awk '{print $NF}')
    [ "$sig" = "t=$t,v1=$want" ] && jq -e '.type == "test"' "$work/hooks/1.body" >/dev/null && grep -qi '^oakum-delivery: ' "$work/hooks/1.head"
    tell $? 'its signature is right'
    until_true delivery delivered ''
    tell $? 'the delivery is listed'
    send POST /api/v1/rollouts '{"name": "hooked", "level": 4}' && call POST "/api/v1/rollouts/$(member id)/submit"
    hooked() { grep -lq '"type":"rollout\.' "$work"/hooks/*.body; }
    until_true hooked
    tell $? 'it is called when something happens'
    send PATCH "/api/v1/webhooks/$hook" "{\"url\": \"http://127.0.0.1:$hook_port/redirect\", \"events\": [\"none\"]}" && answers 200 &&
        call POST "/api/v1/webhooks/$hook/test" && until_true delivery waiting 'answered 302: redirects are not followed' &&
        ! grep -q stolen "$work"/hooks/*.head
    tell $? 'a redirect is not followed'
    forget_waiting
    send PATCH "/api/v1/webhooks/$hook" "{\"url\": \"http://127.0.0.1:$hook_port/broken\"}" && call POST "/api/v1/webhooks/$hook/test" &&
        until_true delivery waiting 'answered 500'
    tell $? 'what failed waits for its next try'
    sql="UPDATE deliveries SET created_s = created_s - 90000, next_s = 1 WHERE next_s > 0"
    given_up() { call GET "/api/v1/webhooks/$hook/deliveries" && jq -e '.deliveries | any(.state == "given-up" and .why == "answered 500")' "$out" >/dev/null; }
    database "$sql" && until_true given_up
    tell $? 'after a day it is given up'
    send PATCH "/api/v1/webhooks/$hook" "{\"url\": \"http://127.0.0.1:$hook_port/flaky\"}" && call POST "/api/v1/webhooks/$hook/test" &&
        until_true delivery waiting 'answered 500' && database 'UPDATE deliveries SET next_s = 1 WHERE next_s > 0' && until_true delivery delivered ''
    tell $? 'what failed is tried again, and delivered'
    n=$(hook_count)
    forget_waiting
    send PATCH "/api/v1/webhooks/$hook" '{"url": "https://169.254.169.254/latest/meta-data"}' && answers 200 &&
        call POST "/api/v1/webhooks/$hook/test" && until_true delivery waiting 'not sent: it is a link-local address'
    tell $? 'nothing goes to the metadata of a cloud'
    send PATCH "/api/v1/webhooks/$hook" "{\"url\": \"https://localhost:$hook_port/ok\"}" && call POST "/api/v1/webhooks/$hook/test" &&
        until_true delivery waiting 'not sent: it is an address of the server itself' && [ "$(hook_count)" = "$n" ]
    tell $? 'nor by a name to the server itself'
    send PATCH "/api/v1/webhooks/$hook" "{\"url\": \"http://127.0.0.1:$hook_port/services/T0/B0/chatsecret?token=alsosecret\", \"format\": \"slack\"}" &&
        answers 200 && [ "$(member format)" = slack ] && call POST "/api/v1/webhooks/$hook/test" && until_true delivery delivered '' &&
        [ "$(jq -c . "$work/hooks/$(hook_count).body")" = '{"text":"*Oakum: This is a test*"}' ]
    tell $? 'a chat is told in words'
    call GET '/api/v1/audit?limit=1000' && jq -e --arg u "http://127.0.0.1:$hook_port" \
        '[.entries[] | select(.action == "webhook.change") | .detail][0] == {url: $u, format: "slack"}' "$out" >/dev/null && ! grep -q 'chatsecret\|alsosecret' "$out" &&
        ! grep -q 'chatsecret\|alsosecret' "$work/log"
    tell $? 'its address is a secret: neither the log of actions nor the log of the server has it'
    send PATCH "/api/v1/webhooks/$hook" '{"format": "irc"}' && answers 400 && grep -q 'format: must be event, slack or teams' "$out"
    tell $? 'a format that is none is refused'
    send PATCH "/api/v1/webhooks/$hook" '{"active": false}' && [ "$(jq .active "$out")" = false ] && call DELETE "/api/v1/webhooks/$hook" && answers 204 &&
        call GET "/api/v1/webhooks/$hook" && answers 404
    tell $? 'it is switched off, and deleted'
    hook_end
}

test_audit() {
    call GET /api/v1/audit?limit=1000 && answers 200
    tell $? 'the log of actions is listed'
    ok=0
    for action in token.create host.change host.revoke enrol-token.create \
        enrol-token.revoke webhook.create webhook.delete user.create user.role user.delete; do
        { jq -e --arg a "$action" '.entries | any(.action == $a and (.who | startswith("token:")))' "$out" >/dev/null; } || { echo "$action" >>"$err"; ok=1; break; }
    done
    tell "$ok" 'each change is in the log, with who did it'
    ! grep -qE 'oakum-(api|enrol)-[0-9a-f]' "$out"
    tell $? 'and no secret'
    call GET "/api/v1/audit?subject=${hosts[1]}&limit=2" && answers 200 && [ "$(jq '.entries | length' "$out")" -ge 1 ] &&
        call GET '/api/v1/audit?before=3' && [ "$(jq '.entries[0].sequence' "$out")" = 2 ]
    tell $? 'it is found by its subject, and read backwards'
    call GET /api/v1/audit/verify && answers 200 && [ "$(jq .good "$out")" = true ]
    tell $? 'its chain verifies after all of it'
    ! grep -qE 'oakum-(api|enrol)-[0-9a-f]' "$work/log"
    tell $? 'no token is in the log of the server'
}

# session_of USER-ID - one that is signed in, by the database: $cookie, $csrf
session_of() {
    cookie=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=') csrf=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')
    database "INSERT INTO sessions (id, secret, person, csrf, state, peer, agent, made_s, seen_s, proved_s) VALUES
        ('$(openssl rand -hex 8)', '$(printf %s "$cookie" | sha256sum | cut -d' ' -f1)', '$1', '$csrf', 2, '192.0.2.1',
        'curl', $(date +%s), $(date +%s), $(date +%s))"
}

by_session() { # METHOD PATH [CURL-ARGUMENT...]
    local method=$1 path=$2 token=''
    shift 2
    call "$method" "$path" -H "Cookie: __Host-oakum=$cookie" -H "Oakum-Csrf: $csrf" "$@"
}

test_people() {
    local anna bob made
    send POST /api/v1/users '{"name": "Anna", "role": "admin"}' && answers 201 && anna=$(member id) && made=$(member one_time_password)
    tell $? 'a person is made'
    [ "${#made}" = 29 ] && [ "$(member name)" = anna ] && [ "$(jq .must_change "$out")" = true ]
    tell $? 'with a password that is told once and must be changed'
    send POST /api/v1/users '{"name": "ANNA", "role": "viewer"}' && answers 409 && [ "$(member detail)" = 'name: there is a person with it' ]
    tell $? 'a name is of one person, however it is written'
    send POST /api/v1/users '{"name": "bob", "role": "operator", "password": "bobbobbobbob"}' && answers 400 &&
        [ "$(member detail)" = 'password: is little more than the name' ]
    tell $? 'a password that is the name is refused'
    send POST /api/v1/users '{"name": "bob", "role": "king"}' && answers 400
    tell $? 'a role that is none is refused'
    send POST /api/v1/users '{"name": "bob", "role": "operator", "password": "a fine long phrase"}' && answers 201 && bob=$(member id) &&
        [ "$(jq .one_time_password "$out")" = null ]
    tell $? 'a password that was given is not told'
    call GET /api/v1/users && answers 200 && [ "$(jq '.users | length' "$out")" = 2 ] && call GET "/api/v1/users/$bob" && answers 200
    tell $? 'people are listed, and shown'
    ! grep -q argon2 "$out"
    tell $? 'without their hashes'
    send PATCH "/api/v1/users/$anna" '{"role": "viewer"}' && answers 409 &&
        [ "$(member detail)" = 'this is the last admin who can sign in: make another one first' ]
    tell $? 'the last admin stays one'
    session_of "$bob"
    by_session GET /api/v1/me && answers 200 && [ "$(jq -c '[.who, .user.role, .scopes]' "$out")" = '["user:bob","operator",["read","hosts","rollouts","metrics"]]' ]
    tell $? 'a person is known by the cookie'
    by_session GET /api/v1/users && answers 403 scope
    tell $? 'and may what the role may'
    csrf=x by_session DELETE /api/v1/me/sessions && answers 403 csrf
    tell $? 'what changes something wants the secret of the session'
    by_session DELETE /api/v1/me/sessions -H 'Origin: https://elsewhere.example' && answers 403 origin
    tell $? 'and no page of another site'
    by_session GET /api/v1/me/sessions && answers 200 && [ "$(jq '.sessions | map(.current)' -c "$out")" = '[true]' ]
    tell $? 'sessions are listed'
    by_session DELETE /api/v1/me/sessions && answers 204 && by_session DELETE /api/v1/me/sessions/none && answers 404
    tell $? 'and ended'
    by_session POST /api/v1/me/password -H 'Content-Type: application/json' -d '{"old": "a wrong phrase!", "new": "another fine phrase"}' && answers 403 password
    tell $? 'another password wants the old one'
    by_session POST /api/v1/me/password -H 'Content-Type: application/json' -d '{"old": "a fine long phrase", "new": "another fine phrase"}' && answers 204 &&
        by_session GET /api/v1/me && answers 200
    tell $? 'a password is changed, and the session goes on'
    send POST /api/v1/me/password '{"old": "a", "new": "another fine phrase"}' && answers 409 session && call GET /api/v1/me && answers 200 && [ "$(jq .user "$out")" = null ]
    tell $? 'a token has no password'
    send PATCH "/api/v1/users/$bob" '{"role": "approver", "reset_password": true, "reset_totp": true}' && answers 200 && [ -n "$(member one_time_password)" ] &&
        by_session GET /api/v1/me && answers 401
    tell $? 'another role ends the sessions'
    session_of "$bob" && by_session GET /api/v1/me && by_session DELETE "/api/v1/me/sessions/$(jq -r .session.id "$out")" && answers 204 && by_session GET /api/v1/me && answers 401
    tell $? 'who ends this session is signed out'
    send PATCH "/api/v1/users/$bob" '{"disabled": true}' && answers 200 && session_of "$bob" && by_session GET /api/v1/me && answers 401
    tell $? 'who is kept out is not signed in'
    call DELETE "/api/v1/users/$bob" && answers 204 && call GET "/api/v1/users/$bob" && answers 404
    tell $? 'a person is deleted'
}

test_documents() {
    jq -S . "$work/openapi.json" >"$work/now.json"
    echo 'docs/api/openapi.json is old: oakum fleet openapi | jq -S . >docs/api/openapi.json' >>"$err"
    cmp -s "$work/now.json" docs/api/openapi.json
    tell $? 'docs/api/openapi.json is what the server says'
    cp "$work/openapi.json" "$TMPDIR/openapi.json" && cp "$work/answers.tsv" "$TMPDIR/answers.tsv"
}

all_of_it() { # ROUND DATABASE
    round=$1 hosts=() n_answers=0
    api_start "$1" "$2" && all=$(new_token all read hosts rollouts approve admin) && token=$all
    tell $? 'the server runs'
    [ -n "$port" ] || return
    test_tokens
    test_scopes
    test_requests
    test_hosts
    test_views
    test_rollouts
    test_events
    test_webhooks
    test_people
    test_audit
    test_documents
    api_end
}

database() { sqlite3 -cmd '.timeout 10000' "$work/data/fleet.db" "$1" >>"$out" 2>>"$err"; }
if command -v sqlite3 >/dev/null; then
    all_of_it sqlite ''
else
    printf 'ok - the API over SQLite # SKIP no sqlite3; on Debian: apt-get install sqlite3\n'
fi
if postgres_start; then
    database() { psql -q "$OAKUM_TEST_POSTGRES" -c "$1" >>"$out" 2>>"$err"; }
    all_of_it postgresql "$OAKUM_TEST_POSTGRES"
else
    printf 'ok - the API over PostgreSQL # SKIP there is no PostgreSQL\n'
fi

# shellcheck source=tests/cli/npm-lib.sh
. tests/cli/npm-lib.sh
needs_node 'OpenAPI 3.1, and answers that keep to it'
needs_modules 'OpenAPI 3.1, and answers that keep to it' @seriousme/openapi-schema-validator \
    @seriousme/openapi-schema-validator@2.11.0 ajv@8.17.1
node tests/fleet/openapi.js "$TMPDIR/openapi.json" "$TMPDIR/answers.tsv" >"$out" 2>"$err"
result $? 'OpenAPI 3.1, and every route was answered as it says'
exit "$failed"
