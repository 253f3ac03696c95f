#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-server as its operator and as a host meet it: every verb, then what hosts say, by curl and a key of
# its own (host-client.c). Once over SQLite and once over PostgreSQL.
# shellcheck disable=SC2154 # out, err: tests/cli/lib.sh
. tests/cli/lib.sh
. tests/fleet/postgres.sh

server=$BUILD/oakum-server
client=$BUILD/tests/fleet/host-client
[ -x "$server" ] || server=$BUILD/src/server/oakum-server
pid=
trap 'end_server; postgres_stop' EXIT

# shellcheck disable=SC2317 # called by the trap
end_server() {
    [ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
    pid=
}

# do_server VERB... - with the settings of this round
do_server() {
    "$server" "$@" --settings "$work/server.conf" >"$out" 2>"$err"
}

start_server() {
    local i
    : >"$work/log"
    "$server" run --settings "$work/server.conf" >"$work/log" 2>&1 </dev/null &
    pid=$!
    for ((i = 0; i < 200; i++)); do
        port=$(sed -n 's/.*event=server\.started .*port=\([0-9]*\).*/\1/p' "$work/log")
        [ -z "$port" ] || break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    url=https://127.0.0.1:$port
    [ -n "$port" ]
}

# call METHOD PATH [CURL-ARGUMENT...] - the answer in $out, its headers in $work/headers, $status
call() {
    local method=$1 path=$2
    shift 2
    status=$(curl -s --max-time 20 --cacert "$work/data/tls.pem" -X "$method" -o "$out" \
        -D "$work/headers" -w '%{http_code}' "$@" "$url$path" 2>"$err")
}

# answers STATUS [CODE] - is that what came?
answers() {
    [ "$status" = "$1" ] || { echo "status $status" >>"$err"; return 1; }
    [ -z "${2:-}" ] || [ "$(jq -r .code "$out")" = "$2" ]
}

sealed() { # is the answer sealed by the server?
    local seal
    seal=$(tr -d '\r' <"$work/headers" | sed -n 's/^[Oo]akum-[Ss]ignature: //p')
    "$client" check answer "$server_key" "$seal" <"$out" 2>>"$err"
}

# new_host NAME - a key in $work/NAME.pem; ${ids[NAME]}, ${keys[NAME]}
declare -A ids keys
new_host() {
    local said
    said=$("$client" key "$work/$1.pem") || return
    keys[$1]=${said% *} ids[$1]=${said#* }
}

enrolment() { # HOST TOKEN [JQ] - into $work/body
    jq -n --arg token "$2" --arg key "${keys[$1]}" --arg name "$1" \
        '{schema: 1, $token, $key, $name, machine: "00112233445566778899aabbccddeeff"} | '"${3:-.}" \
        >"$work/body"
}

enrol() { # HOST TOKEN [JQ]
    enrolment "$@"
    call POST /v1/enrol --data-binary @"$work/body" \
        -H "Oakum-Signature: $("$client" seal enrol "$work/$1.pem" <"$work/body")"
}

report_of() { # HOST SEQUENCE [JQ] - into $work/body
    jq -n --arg host "${ids[$1]}" --arg name "$1" --argjson sequence "$2" --argjson now "$(date +%s)" \
        '{schema: 1, $host, $sequence, time: $now, agent: "0.1.0", $name, boot: "0011223344556677",
          kernel: {build_id: "0123456789abcdef0123456789abcdef01234567", release: "6.1.0-50-amd64",
                   arch: "x86_64", effective: "6.1.170-1"},
          level: {number: 0, state: "none", since: $now}} | '"${3:-.}" >"$work/body"
}

send() { # HOST [SIGNER] [KIND] - what is in $work/body
    call POST /v1/report --data-binary @"$work/body" -H "Oakum-Host: ${ids[$1]}" \
        -H "Oakum-Signature: $("$client" seal "${3:-report}" "$work/${2:-$1}.pem" <"$work/body")"
}

report() { # HOST SEQUENCE [JQ]
    report_of "$@"
    send "$1"
}

enrol_token() { # ARGUMENT... - $token
    do_server enrol-token create "t$RANDOM$RANDOM" "$@"
    token=$(cat "$out")
    [ -n "$token" ]
}

verbs() {
    do_server check
    [ $? -eq 1 ]
    result $? "$kind: check says what is missing before init"
    do_server init --data "$work/data" --listen 127.0.0.1:0 --database "$database" --name fleet.example.org --json
    result $? "$kind: init"
    cp "$out" "$work/init.json"
    api_token=$(jq -r .api_token "$out")
    server_key=$(jq -r .keyval.public "$work/data/decision.pub")
    [[ $api_token == oakum-api-* && $(jq -r .command "$out") == *"--fingerprint $(jq -r .fingerprint "$out")" ]] &&
        [ "$(stat -c %a "$work/data")" = 700 ] && [ "$(stat -c %a "$work/data/decision.pem")" = 600 ] &&
        [ "$(stat -c %a "$work/data/tls.key")" = 600 ]
    result $? "$kind: init shows a token and how hosts enrol; what is secret only its owner reads"
    openssl x509 -in "$work/data/tls.pem" -noout -ext subjectAltName >"$out" 2>"$err" &&
        grep -q 'DNS:fleet.example.org.*IP Address:127.0.0.1' "$out" &&
        [ "$(openssl x509 -in "$work/data/tls.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' |
            tr A-F a-f)" = "$(jq -r .fingerprint "$work/init.json")" ]
    result $? "$kind: the certificate has the names, and the fingerprint that init says"
    do_server init
    [ $? -eq 3 ] && grep -q 'is initialised already' "$err" && ! [ -s "$out" ]
    result $? "$kind: init again does nothing, and shows no token"
    do_server init --data /elsewhere
    [ $? -eq 4 ] && grep -q "says another 'data'" "$err"
    result $? "$kind: init does not overrule the settings file"
    do_server check
    result $? "$kind: check"
    do_server migrate
    [ $? -eq 3 ]
    result $? "$kind: migrate has nothing to do"
    do_server enrol-token create bad --tag '<script>'
    [ $? -eq 1 ] && do_server enrol-token list --json && ! grep -q script "$out"
    result $? "$kind: a tag that hosts would not take is refused"
    do_server token create ci --scope metrics --expires 1d && metrics_token=$(cat "$out") &&
        do_server token list && grep -Eq ' ci +- +20[-0-9]+ [0-9:]+ +metrics$' "$out" && ! grep -qF "$metrics_token" "$out"
    result $? "$kind: token create and list; a list has no secret"
    do_server audit verify --json && [ "$(jq -r .entries "$out")" -ge 3 ]
    result $? "$kind: the audit log has what was done on the console, and verifies"
}

operations() {
    call GET /healthz && answers 200
    result $? "$kind: healthz"
    call GET /readyz && answers 200
    result $? "$kind: readyz"
    call GET /metrics && answers 401
    result $? "$kind: metrics want a token"
    call GET /metrics -H "Authorization: Bearer $metrics_token" && answers 200 &&
        grep -qi '^content-type: text/plain; version=0.0.4' "$work/headers"
    result $? "$kind: metrics with a token of that scope"
    if promtool=$(command -v promtool); then
        "$promtool" check metrics <"$out" >"$work/promtool" 2>&1 && ! [ -s "$work/promtool" ]
        result $? "$kind: promtool finds nothing in them"
    else
        echo "ok - $kind: promtool finds nothing in them # SKIP no promtool"
    fi
    call GET /metrics -H "Authorization: Bearer $metrics_token" \
        -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' && answers 200 &&
        [ "$(tail -1 "$out")" = '# EOF' ]
    result $? "$kind: metrics as OpenMetrics"
    [ "$kind" = SQLite ] || return
    timeout 20 "$server" run --settings "$work/server.conf" >"$out" 2>"$err" </dev/null
    [ $? -eq 4 ] && grep -q another "$err"
    result $? "$kind: a second server on one file is refused"
}

enrolments() {
    enrol_token --ring canary --tag az=1 --uses 1
    new_host a
    enrol a "$token" && answers 201 && sealed && [ "$(jq -r .host "$out")" = "${ids[a]}" ] &&
        [ "$(jq -c '[.ring, .tags, .keys]' "$out")" = "[\"canary\",[\"az=1\"],[\"$server_key\"]]" ]
    result $? "$kind: a host enrols; the answer is sealed"
    cp "$out" "$work/first"
    enrol a "$token" && answers 200 && cmp -s "$out" "$work/first"
    result $? "$kind: once more with the same key: the same answer"
    new_host b
    enrol b "$token" && answers 403 token-spent
    result $? "$kind: a spent token"
    enrol b oakum-enrol-0000000000000000-0000000000000000000000000000000000000000000000000000000000000000 &&
        answers 403 token-unknown
    result $? "$kind: an unknown token"
    enrol b "$api_token" && answers 403 token-unknown
    result $? "$kind: an API token enrols nobody"
    enrol_token --uses 0 --expires 3s && sleep 4
    enrol b "$token" && answers 403 token-expired
    result $? "$kind: an expired token"
    enrol_token --uses 0
    do_server enrol-token revoke "$(cut -d - -f 3 <<<"$token")"
    enrol b "$token" && answers 403 token-revoked
    result $? "$kind: a revoked token"
    enrol_token --uses 0 --own-tags
    good_token=$token
    enrolment b "$good_token"
    call POST /v1/enrol --data-binary @"$work/body" && answers 401 signature
    result $? "$kind: an enrolment without a seal"
    call POST /v1/enrol --data-binary @"$work/body" \
        -H "Oakum-Signature: $("$client" seal enrol "$work/a.pem" <"$work/body")" && answers 401 signature
    result $? "$kind: an enrolment that another key signed"
    enrol b "$good_token" '.name = "web\n<b>\u001b[2J\u0022 OR 1=1 --"' && answers 201 &&
        [ "$(jq -r .name "$out")" = 'web?<b>?[2J" OR 1=1 --' ]
    result $? "$kind: a hostile name comes back as data"
    sleep 0.2
    [ "$(grep -c 'event=host.enrolled.*OR 1=1' "$work/log")" -eq 1 ] && ! grep -q '^<b>' "$work/log" &&
        ! grep -qP '[\x00-\x08\x0b-\x1f]' "$work/log"
    result $? "$kind: and stands in one line of the log"
    new_host big
    head -c 20000 /dev/zero | tr '\0' ' ' >"$work/body"
    call POST /v1/enrol --data-binary @"$work/body" && answers 413
    result $? "$kind: an enrolment that is too large"
}

reports() {
    report a 1 && answers 200 && sealed && [ "$(jq -c '[.sequence, .ring, .tags]' "$out")" = '[1,"canary",["az=1"]]' ]
    result $? "$kind: a report is acknowledged, sealed"
    cp "$work/body" "$work/one"
    send a && answers 200 && sealed
    result $? "$kind: the very same report is acknowledged again"
    report a 5 && answers 200
    result $? "$kind: a gap in the sequence"
    cp "$work/one" "$work/body"
    send a && answers 409 sequence && sealed && [ "$(jq -r .expected "$out")" = 5 ]
    result $? "$kind: a replayed report, and what is expected"
    report_of a 6
    send a b && answers 401 signature
    result $? "$kind: a report with another host's key"
    send a a enrol && answers 401 signature
    result $? "$kind: a report with the seal of an enrolment"
    call POST /v1/report --data-binary @"$work/body" -H "Oakum-Host: ${ids[a]}" && answers 401 signature
    result $? "$kind: a report without a seal"
    call POST /v1/report --data-binary @"$work/body" -H "Oakum-Host: ${ids[a]}" \
        -H "Oakum-Signature: $(printf '0%.0s' {1..128})" && answers 401 signature
    result $? "$kind: a report with a forged seal"
    report_of b 1
    cp "$work/body" "$work/of-b"
    call POST /v1/report --data-binary @"$work/of-b" -H "Oakum-Host: ${ids[a]}" \
        -H "Oakum-Signature: $("$client" seal report "$work/a.pem" <"$work/of-b")" && answers 400 malformed
    result $? "$kind: another host in the body than in the header"
    new_host stranger
    report stranger 1 && answers 404 host-unknown
    result $? "$kind: a host that is not enrolled"
    report_of a 6 '.sequence = "6"'
    send a && answers 400 malformed
    result $? "$kind: a malformed report"
    printf '{"schema":1,"schema":1}' >"$work/body"
    send a && answers 400 malformed
    result $? "$kind: a report with a member twice"
    report_of a 6 '.filler = ("x" * 70000)'
    send a && answers 413
    result $? "$kind: a report that is too large"
    report a 6 '.verdict = {state: "ok", text: "\u0027; DROP TABLE hosts; -- <script>alert(1)</script>"}' && answers 200
    result $? "$kind: hostile texts in a report"
    call GET "/api/v1/hosts/${ids[a]}" -H "Authorization: Bearer $api_token" && answers 200 &&
        grep -qF "'; DROP TABLE hosts; -- <script>alert(1)</script>" "$out"
    result $? "$kind: they come out as they went in"
    report_of a 6 '.newest = 9'
    send a && answers 409 sequence && do_server audit verify &&
        call GET "/api/v1/hosts/${ids[a]}" -H "Authorization: Bearer $api_token" && [ "$(jq .cloned "$out")" = true ]
    result $? "$kind: a clone is noticed"
    call GET /metrics -H "Authorization: Bearer $metrics_token" &&
        grep -q '^oakum_checkins_total{result="taken"} 3$' "$out" &&
        grep -q '^oakum_checkins_total{result="repeated"} 1$' "$out" &&
        grep -q '^oakum_checkins_total{result="signature"} 4$' "$out" &&
        grep -q '^oakum_enrolments_total{result="new"} 2$' "$out" &&
        ! grep -q "${ids[a]}" "$out"
    result $? "$kind: all of it is counted, without names"
    call POST "/api/v1/hosts/${ids[b]}/revoke" -H "Authorization: Bearer $api_token" && [[ $status == 2?? ]]
    report b 1 && answers 403 host-revoked && enrol b "$good_token" && answers 403 key-revoked
    result $? "$kind: a revoked host stays out"
}

decisions() {
    local etag
    call GET /v1/decisions/default.json && answers 200 &&
        [ "$(jq -r .signed.ring "$out")" = default ] && grep -qi '^cache-control: max-age=60' "$work/headers"
    result $? "$kind: the decision of a ring"
    etag=$(tr -d '\r' <"$work/headers" | sed -n 's/^[Ee][Tt]ag: //p')
    call GET /v1/decisions/default.json -H "If-None-Match: $etag" && answers 304
    result $? "$kind: it has not changed"
    call GET /v1/decisions/nobody.json && answers 404
    result $? "$kind: a ring that is none"
    [ "$(jq -r .signed.ring "$work/data/public/v1/decisions/default.json")" = default ]
    result $? "$kind: the same as a file, for other servers"
}

endings() {
    kill -TERM "$pid" && wait "$pid"
    result $? "$kind: SIGTERM ends it"
    pid=
    ! grep -qE 'oakum-(api|enrol)-' "$work/log"
    result $? "$kind: no token is in the log"
    do_server audit verify
    result $? "$kind: the audit log verifies"
}

backups() {
    do_server backup "$work/copy"
    result $? "$kind: backup of a server that runs"
    do_server restore "$work/copy"
    [ $? -eq 4 ]
    result $? "$kind: a server that runs is not restored"
}

restores() {
    do_server enrol-token create later
    do_server restore "$work/copy"
    result $? "$kind: restore"
    do_server enrol-token list && ! grep -q later "$out" && do_server audit verify
    result $? "$kind: what came after the backup is gone, what was before is there"
    head -c 5000 "$work/copy" >"$work/half"
    if do_server restore "$work/half"; then false; else do_server check; fi
    result $? "$kind: half a backup is refused, and hurts nothing"
}

# What init makes is made again where it is missing: it was killed in the middle.
interruptions() {
    local before
    rm "$work/data/tls.pem"
    do_server init && openssl x509 -in "$work/data/tls.pem" -noout 2>>"$err" && ! grep -q oakum-api "$out" &&
        do_server check
    result $? "$kind: an init without its certificate is finished"
    before=$(sha256sum "$work/data/decision.pem")
    do_server init
    [ $? -eq 3 ] && [ "$before" = "$(sha256sum "$work/data/decision.pem")" ]
    result $? "$kind: what is there stays"
    mkdir "$work/second"
    printf 'data = %s\ndatabase = %s\n' "$work/second" "$database" >"$work/second.conf"
    "$server" init --settings "$work/second.conf" >"$out" 2>"$err"
    [ $? -eq 4 ] && grep -q "copy $work/second/decision.pem from its server" "$err"
    result $? "$kind: a second server without the first one's key is refused"
    cp "$work/data/decision.pem" "$work/data/decision.pub" "$work/second/"
    "$server" init --settings "$work/second.conf" >"$out" 2>"$err" && ! grep -q oakum-api "$out"
    result $? "$kind: with it, it is made, without new tokens"
    mv "$work/data/decision.pem" "$work/kept"
    do_server check
    [ $? -eq 1 ] && grep -q decision.pem "$err"
    result $? "$kind: check misses the key"
    mv "$work/kept" "$work/data/decision.pem"
}

# Root on the service's data: nothing may become root's.
owners() {
    local other
    if [ "$(id -u)" -ne 0 ] || ! other=$(id -u nobody); then
        echo "ok - $kind: root acts as the owner of the data # SKIP not root"
        return
    fi
    chmod 755 "$TMPDIR"
    mkdir -m 700 "$TMPDIR/owned"
    chown "$other" "$TMPDIR/owned"
    "$server" init --settings "$TMPDIR/owned.conf" --data "$TMPDIR/owned" >"$out" 2>"$err" &&
        "$server" token create x --settings "$TMPDIR/owned.conf" >"$out" 2>>"$err" &&
        [ -z "$(find "$TMPDIR/owned" ! -user "$other")" ] && [ -f "$TMPDIR/owned/fleet.db" ]
    result $? "$kind: root acts as the owner of the data"
}

# round KIND DATABASE
round() {
    kind=$1 work=$TMPDIR/$1 database=$2
    mkdir "$work"
    printf '# settings of this test\n' >"$work/server.conf"
    verbs
    start_server
    result $? "$kind: run"
    operations
    enrolments
    reports
    decisions
    [ "$kind" = PostgreSQL ] || backups
    endings
    [ "$kind" = PostgreSQL ] || restores
    interruptions
    [ "$kind" = PostgreSQL ] || owners
}

round SQLite "sqlite:$TMPDIR/SQLite/data/fleet.db"
if postgres_start >"$out" 2>"$err"; then
    round PostgreSQL "$OAKUM_TEST_POSTGRES"
else
    echo "ok - PostgreSQL # SKIP no PostgreSQL here"
fi
exit "$failed"
