# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The HTTP server beside Debian's nginx, in turns, on the same machine; read by run.sh. wrk takes its share of
# the processors, so the ratio is what counts; processor time per request is told beside it, which a
# shared machine moves less.
#
# HTTP_SECONDS (3) of each load, HTTP_ROUNDS (5), HTTP_CONNECTIONS (19000: 20,000 descriptors are usual) that do nothing.
# shellcheck disable=SC2034,SC2154 # set by run.sh

http_port=0 http_nginx_port=0 http_pid='' http_nginx_pid='' http_hold=''

bench_http_end() {
    [ -z "$http_pid" ] || kill "$http_pid" 2>/dev/null || true
    [ -z "$http_nginx_pid" ] || kill "$http_nginx_pid" 2>/dev/null || true
    [ -z "$http_hold" ] || kill "$http_hold" 2>/dev/null || true
    http_pid='' http_nginx_pid='' http_hold=''
}

bench_http_start() {
    local dir=$work/http temporary
    mkdir -p "$dir/www/v1/decisions" "$dir/www/repository"
    mkfifo "$dir/in"
    head -c 300 /dev/zero | tr '\0' a >"$dir/www/repository/timestamp.json"
    sleep infinity >"$dir/in" &
    http_hold=$!
    "$BUILD/tests/fleet/http-serve" "$dir/www/repository" <"$dir/in" >"$dir/port" &
    http_pid=$!
    # The port is printed once it listens.
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.05; done
    http_port=$(cat "$dir/port")
    curl -sf "http://127.0.0.1:$http_port/v1/decisions/default.json" \
        >"$dir/www/v1/decisions/default.json"
    http_nginx_port=$(bench_http_free_port)
    {
        printf 'worker_processes 2;\nuser %s;\npid %s/nginx.pid;\nerror_log %s/error.log;\n' \
            "$(id -un)" "$dir" "$dir"
        printf 'daemon off;\nevents { worker_connections 4096; }\nhttp {\n'
        for temporary in client_body proxy fastcgi uwsgi scgi; do
            printf '    %s_temp_path %s/%s;\n' "$temporary" "$dir" "$temporary"
        done
        printf '    access_log off; sendfile on; open_file_cache max=100;\n'
        printf '    keepalive_requests 100000000; types { application/json json; }\n'
        printf '    server { listen 127.0.0.1:%s; root %s/www;\n' "$http_nginx_port" "$dir"
        printf '        add_header Cache-Control "public, max-age=60"; }\n}\n'
    } >"$dir/nginx.conf"
    nginx -c "$dir/nginx.conf" 2>/dev/null &
    http_nginx_pid=$!
    for _ in $(seq 100); do
        curl -sf -o /dev/null "http://127.0.0.1:$http_nginx_port/v1/decisions/default.json" && return
        sleep 0.05
    done
    return 1
}

# Free at this moment: nobody else on this machine is told it.
bench_http_free_port() {
    local port
    for port in $(shuf -i 20000-30000 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
    return 1
}

# bench_http_ticks PID - of processor time, with its children
bench_http_ticks() {
    local pid sum=0
    for pid in "$1" $(pgrep -P "$1"); do
        sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    printf '%s\n' "$sum"
}

# bench_http_load PID URL [HEADER] - prints requests per second, and microseconds of processor time per request
bench_http_load() {
    local before after out
    before=$(bench_http_ticks "$1")
    out=$(wrk -t2 -c64 -d"${HTTP_SECONDS:-3}" ${3:+-H "$3"} "$2")
    after=$(bench_http_ticks "$1")
    awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
        /requests in/ { n = $1 }
        /Requests\/sec/ { printf "%s %.2f\n", $2, ticks / hz / n * 1000000 }' <<<"$out"
}

# bench_http_beside LABEL PATH [HEADER-OF-OURS HEADER-OF-NGINX]
bench_http_beside() {
    local round ours=$work/ours theirs=$work/theirs
    : >"$ours"
    : >"$theirs"
    for round in $(seq "${HTTP_ROUNDS:-5}"); do
        say "  $1, round $round"
        bench_http_load "$http_pid" "http://127.0.0.1:$http_port$2" "${3-}" >>"$ours"
        bench_http_load "$http_nginx_pid" "http://127.0.0.1:$http_nginx_port$2" "${4-}" >>"$theirs"
    done
    row "$1: requests per second" "$(bench_http_median 1 "$ours")" 1/s ""
    row "$1: nginx" "$(bench_http_median 1 "$theirs")" 1/s ""
    row "$1: nginx over ours" \
        "$(ratio "$(bench_http_median 1 "$theirs")" "$(bench_http_median 1 "$ours")")" x "<= 1.25"
    row "$1: processor time, ours" "$(bench_http_median 2 "$ours")" us ""
    row "$1: processor time, nginx" "$(bench_http_median 2 "$theirs")" us ""
}

bench_http_median() { # COLUMN FILE
    awk -v c="$1" '{ print $c }' "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

bench_http_etag() { # PORT PATH
    curl -si "http://127.0.0.1:$1$2" | tr -d '\r' | awk '/^ETag:/ { print $2 }'
}

bench_http() {
    local path=/v1/decisions/default.json n
    bench_http_start || { say "nginx or the server did not start"; return 1; }
    bench_http_beside "a decision" "$path"
    bench_http_beside "a decision that is known (304)" "$path" \
        "If-None-Match: $(bench_http_etag "$http_port" "$path")" \
        "If-None-Match: $(bench_http_etag "$http_nginx_port" "$path")"
    path=/repository/timestamp.json
    bench_http_beside "timestamp.json" "$path"
    for n in 1000 "${HTTP_CONNECTIONS:-19000}"; do
        "$BUILD/tests/fleet/http-idle" "$http_port" "$n" "$http_pid" >"$work/idle" || return 1
        row "memory with $(awk '{ print $1 }' "$work/idle") connections" \
            "$(awk '{ printf "%.0f", $2 / 1024 }' "$work/idle")" MiB ""
    done
    bench_http_end
}
