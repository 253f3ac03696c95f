#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server's HTTP and TLS as clients meet them: the whole program, over SQLite. What needs odd bytes and
# many connections at once is in tests/unit/test-http-attacks.c.
# shellcheck disable=SC2154 # out, err: tests/cli/lib.sh
. tests/cli/lib.sh

work=$TMPDIR/http
server=$BUILD/oakum-server
[ -x "$server" ] || server=$BUILD/src/server/oakum-server
pid=
declare -a slow=()
trap 'end_server' EXIT
mkdir -p "$work/www/targets"

# shellcheck disable=SC2317 # called by the trap
end_server() {
    [ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
    pid=
}

start_server() {
    : >"$work/log"
    "$server" run --settings "$work/server.conf" >"$work/log" 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 200); do
        port=$(sed -n 's/.*event=server\.started .*port=\([0-9]*\).*/\1/p' "$work/log")
        [ -z "$port" ] || break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    url=https://127.0.0.1:$port
    [ -n "$port" ]
}

# get PATH [CURL-ARGUMENT...] - the body in $out, the headers in $work/headers, $status
get() {
    local path=$1
    shift
    rm -f "$out" # curl leaves it alone where there is no body
    : >"$out"
    status=$(curl -s --max-time 20 --path-as-is --cacert "$work/data/tls.pem" -o "$out" -D "$work/headers" \
        -w '%{http_code}' "$@" "$url$path" 2>"$err")
}

header() { # NAME
    tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"
}

same() { # GOT WANT
    [ "$1" = "$2" ] || { printf 'got "%s", want "%s"\n' "$1" "$2" >>"$err"; return 1; }
}

# speaks VERSION - of TLS
speaks() {
    openssl s_client -connect "127.0.0.1:$port" -CAfile "$work/data/tls.pem" "-$1" \
        -cipher 'ALL:@SECLEVEL=0' </dev/null >"$out" 2>"$err"
}

fingerprint() {
    openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null |
        openssl x509 -noout -fingerprint -sha256
}

# eventually COMMAND... - within ten seconds
eventually() {
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

tls() {
    speaks tls1_3 && speaks tls1_2
    result $? "TLS 1.2 and 1.3 are spoken"
    ! speaks tls1_1 && ! speaks tls1
    result $? "nothing older is"
    ! openssl s_client -connect "127.0.0.1:$port" -tls1_2 -cipher AES256-SHA256:AES128-SHA \
        </dev/null >"$out" 2>"$err"
    result $? "nor a cipher without forward secrecy"
    ! curl -s --max-time 5 "http://127.0.0.1:$port/healthz" -o "$out" 2>"$err"
    result $? "plain HTTP gets nothing there"
    get /healthz
    same "$status" 200 && same "$(header X-Content-Type-Options)" nosniff &&
        same "$(header Cache-Control)" no-store && header Strict-Transport-Security | grep -q '^max-age=' &&
        header X-Request-Id | grep -qE '^[0-9a-f]{32}$'
    result $? "answers have their headers"
    same "$(curl -s --cacert "$work/data/tls.pem" -o /dev/null -o /dev/null -o /dev/null \
        -w '%{num_connects} ' "$url/healthz" "$url/nothing" "$url/v1/decisions/default.json")" '1 0 0 '
    result $? "a connection is kept, also after a refusal"
}

certificate() {
    local before
    before=$(fingerprint)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$work/other.key" -out "$work/other.pem" 2>"$err"
    cp "$work/data/tls.pem" "$work/first.pem"
    cp "$work/data/tls.key" "$work/first.key"
    cp "$work/other.pem" "$work/data/tls.pem"
    eventually grep -q 'event=certificate.refused .*not the key of the certificate' "$work/log" &&
        same "$(fingerprint)" "$before"
    result $? "a certificate without its key is told, and the old one stays"
    cp "$work/other.key" "$work/data/tls.key"
    eventually grep -q 'event=certificate.taken ' "$work/log" &&
        same "$(fingerprint)" "$(openssl x509 -in "$work/other.pem" -noout -fingerprint -sha256)"
    result $? "a new certificate is taken while the server runs"
    get /healthz
    same "$status" 200
    result $? "and clients that trust it are answered"
}

files() {
    local path etag
    printf '{"now": 1}' >"$work/www/timestamp.json"
    head -c 300000 /dev/urandom >"$work/www/targets/abc.klp.zst"
    printf secret >"$work/secret"
    ln -s ../secret "$work/www/link"
    get /repository/timestamp.json
    same "$status" 200 && same "$(cat "$out")" '{"now": 1}' &&
        same "$(header Cache-Control)" 'public, max-age=60'
    result $? "timestamp.json is served, for a minute"
    etag=$(header ETag)
    get /repository/timestamp.json -H "If-None-Match: $etag"
    same "$status" 304 && [ ! -s "$out" ]
    result $? "and only once to whoever has it"
    get /repository/targets/abc.klp.zst
    same "$status" 200 && cmp "$out" "$work/www/targets/abc.klp.zst" 2>>"$err" &&
        same "$(header Cache-Control)" 'public, max-age=31536000, immutable'
    result $? "a level is served whole"
    get /repository/targets/abc.klp.zst -r 100000-
    same "$status" 206 && tail -c +100001 "$work/www/targets/abc.klp.zst" | cmp - "$out" 2>>"$err"
    result $? "and its end after a broken download"
    get /repository/targets/abc.klp.zst -I
    same "$status" 200 && same "$(header Content-Length)" 300000
    result $? "HEAD tells its length"
    : >"$err"
    for path in /../secret /%2e%2e/secret /%2E%2E%2Fsecret /..%2fsecret /..%5csecret '/..\secret' \
        /%252e%252e/secret /%c0%ae%c0%ae/secret /%e0%80%ae%e0%80%ae/secret //../secret /./../secret \
        /targets/../../secret /targets/%00/../../secret /link /%2flink /....//secret "$work/secret" \
        /targets /; do
        get "/repository$path"
        case $status in 400 | 404) ;; *) printf '%s: %s\n' "$path" "$status" >>"$work/bad" ;; esac
        ! grep -q secret "$out" || printf '%s\n' "$path" >>"$work/bad"
    done
    [ ! -e "$work/bad" ] || cat "$work/bad" >>"$err"
    [ ! -e "$work/bad" ]
    result $? "no path leads out of the repository"
}

limits() {
    local i fd
    get /api/v1/hosts -H "X-Long: $(printf '%020000d' 0)"
    same "$status" 431
    result $? "a header that is too long is refused"
    head -c 200000 /dev/zero | get /v1/report -X POST --data-binary @- -H 'Expect:'
    same "$(curl -s --cacert "$work/data/tls.pem" -o /dev/null -w '%{http_code}' --data-binary @"$server" \
        "$url/v1/report")" 413
    result $? "a body that is too large is refused"
    # Connections that never say a word: not even TLS.
    for ((i = 0; i < 200; i++)); do
        exec {fd}<>"/dev/tcp/127.0.0.1/$port" && slow+=("$fd")
    done
    for ((i = 0; i < 20; i++)); do
        get /healthz
        [ "$status" = 200 ] || break
    done
    same "$i" 20
    result $? "silent connections do not keep others out"
    IFS= read -r -t 40 -n 1 -u "${slow[0]}"
    [ $? -eq 1 ] # the end, and not the time
    result $? "and are closed"
    for fd in "${slow[@]}"; do exec {fd}>&-; done
}

# A body that is half there when the server is told to end.
ending() {
    local fifo=$work/body
    mkfifo "$fifo"
    curl -s --max-time 20 --cacert "$work/data/tls.pem" -o "$out" -D "$work/headers" -w '%{http_code}' \
        -H 'Transfer-Encoding: chunked' -X POST -T "$fifo" "$url/v1/enrol" >"$work/status" 2>"$err" &
    local client=$!
    exec 7>"$fifo"
    printf '{"schema":' >&7
    sleep 0.5
    kill "$pid"
    sleep 0.5
    printf '1}' >&7
    exec 7>&-
    wait "$client"
    same "$(cat "$work/status")" 400 && same "$(header Connection)" close
    result $? "SIGTERM: what was begun is answered"
    wait "$pid"
    same $? 0
    result $? "and then the server ends"
    pid=
}

"$server" init --data "$work/data" --listen 127.0.0.1:0 --settings "$work/server.conf" >"$out" 2>"$err" &&
    printf 'repository = %s/www\nproxies = 127.0.0.1\nlog = info\n' "$work" >>"$work/server.conf" && start_server
result $? "the server starts" || exit 1
[ -n "$port" ] || { cat "$work/log" >&2; exit 1; }
tls
files
limits
get /nothing -H 'X-Forwarded-For: 6.6.6.6, 192.0.2.7'
eventually grep -q 'path=/nothing .*peer=192.0.2.7 ' "$work/log"
result $? "behind a proxy the client's address is told"
certificate
ending
exit $failed
