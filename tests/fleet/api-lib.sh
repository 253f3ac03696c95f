# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server for the tests of its API and of "oakum fleet": read after tests/cli/lib.sh and postgres.sh.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

server=$BUILD/oakum-server
[ -x "$server" ] || server=$BUILD/src/server/oakum-server
oakum=$BUILD/oakum
[ -x "$oakum" ] || oakum=$BUILD/src/cli/oakum
client=$BUILD/tests/fleet/host-client
server_pid='' hook_pid=''

do_server() { # VERB... - with the settings of this round
    "$server" "$@" --settings "$work/server.conf"
}

# api_start NAME DATABASE - a server in $work, its port in $port, and tokens of every kind
api_start() {
    work=$TMPDIR/$1
    mkdir -p "$work/data" "$work/answers"
    : >"$work/answers.tsv"
    printf 'listen = 127.0.0.1:0\ndata = %s\ndatabase = %s\n' "$work/data" \
        "${2:-sqlite:$work/data/fleet.db}" >"$work/server.conf"
    do_server init --json >"$work/init.json" 2>"$err" || return
    api_run
}

api_run() {
    local i
    : >"$work/log" # before: what an earlier server said there is not its own
    "$server" run --settings "$work/server.conf" </dev/null >"$work/log" 2>&1 &
    server_pid=$! port=''
    for ((i = 0; i < 300; i++)); do
        port=$(sed -n 's/.*event=server\.started .*port=\([0-9]*\).*/\1/p' "$work/log")
        [ -z "$port" ] || break
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    url=https://127.0.0.1:$port
    [ -n "$port" ]
}

api_end() {
    [ -z "$server_pid" ] || { kill "$server_pid" && wait "$server_pid"; } 2>/dev/null
    server_pid=''
}

new_token() { # NAME SCOPE... - by the program; prints it
    local name=$1
    shift
    # shellcheck disable=SC2046 # words
    do_server token create "$name" $(printf -- '--scope %s ' "$@") 2>>"$err"
}

# call METHOD PATH [CURL-ARGUMENT...] - with $token; the answer in $out, its headers in $work/headers, $status.
# Every answer is kept: openapi.js looks at them. A server that wants patience is given it.
call() {
    local method=$1 path=$2 try
    shift 2
    for try in 1 2 3 4 5 6 7 8; do
        : >"$out"
        status=$(curl -s --max-time 30 --cacert "$work/data/tls.pem" -X "$method" -o "$out" \
            -D "$work/headers" -w '%{http_code}' ${token:+-H "Authorization: Bearer $token"} "$@" \
            "$url$path" 2>"$err")
        [ "$status" = 429 ] || break
        sleep "$try"
    done
    n_answers=$((${n_answers:-0} + 1))
    cp "$out" "$work/answers/$n_answers"
    printf '%s\t%s\t%s\t%s\n' "$method" "$path" "$status" "$work/answers/$n_answers" >>"$work/answers.tsv"
}

send() { # METHOD PATH JSON [CURL-ARGUMENT...]
    local method=$1 path=$2 body=$3
    shift 3
    call "$method" "$path" -H 'Content-Type: application/json' --data-binary "$body" "$@"
}

answers() { # STATUS [CODE] - is that what came?
    [ "$status" = "$1" ] || { echo "status $status, not $1" >>"$err"; return 1; }
    [ -z "${2:-}" ] || [ "$(jq -r .code "$out")" = "$2" ]
}

member() { jq -r ".$1 // empty" "$out"; }

header_of() { # NAME - of the last answer
    tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip" | tail -1
}

# new_host N TOKEN - enrols it; its id in $host
new_host() {
    local key id body
    read -r key id < <("$client" key "$work/host-$1.pem" | tr '\n' ' ')
    body=$(jq -cn --arg t "$2" --arg k "$key" --arg n "${3:-host-$1}" \
        '{schema: 1, token: $t, key: $k, name: $n, machine: ("0" * 32), tags: []}')
    printf '%s' "$body" >"$work/body"
    host=$id
    curl -sf --max-time 20 --cacert "$work/data/tls.pem" -o /dev/null \
        -H "Oakum-Signature: $("$client" seal enrol "$work/host-$1.pem" <"$work/body")" \
        --data-binary @"$work/body" "$url/v1/enrol" 2>>"$err"
}

# report N ID SEQUENCE [NAME]
report() {
    jq -cn --arg h "$2" --argjson s "$3" --arg n "${4:-host-$1}" '{schema: 1, host: $h, sequence: $s, time: 1790000000,
        agent: "0.1.0", name: $n, boot: ("b" * 16), kernel: {build_id: ("ab" * 20),
        release: "6.1.0-18-amd64", arch: "x86_64", effective: "6.1.90"}, os: {id: "debian", version: "12"},
        level: {number: 3, state: "settled", since: 1790000000}, newest: 4,
        verdict: {state: "ok", text: ""}, cves: {as_of: 1790000000, open: 1, closed: 2,
        worst: [{id: "CVE-2026-1", severity: "high", reach: "any user"}]}}' >"$work/body"
    curl -sf --max-time 20 --cacert "$work/data/tls.pem" -o /dev/null -H "Oakum-Host: $2" \
        -H "Oakum-Signature: $("$client" seal report "$work/host-$1.pem" <"$work/body")" \
        --data-binary @"$work/body" "$url/v1/report" 2>>"$err"
}

hook_start() { # the receiver: $hook_port, requests in $work/hooks
    mkdir -p "$work/hooks"
    mkfifo "$work/hook-in"
    "$BUILD/tests/fleet/hook-receiver" "$work/hooks" <"$work/hook-in" >"$work/hook-port" 2>/dev/null &
    hook_pid=$!
    exec {hook_in}>"$work/hook-in"
    until_true test -s "$work/hook-port"
    hook_port=$(cat "$work/hook-port")
}

hook_end() {
    [ -z "$hook_pid" ] || { exec {hook_in}>&-; wait "$hook_pid"; } 2>/dev/null
    hook_pid=''
}

until_true() { # COMMAND... - for as long as a slow machine may need
    local end=$((SECONDS + 60))
    while ! "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}
