# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers and databases for the tests of this folder: read after swarm.sh. Each server has a name and a
# folder $swarm/server-NAME; those that share a database share the certificate and the key for decisions.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

declare -A server_ports=() server_pids=()
server_program=${OAKUM_SERVER:-$BUILD/oakum-server}
pg_bin=/usr/lib/postgresql/15/bin
pg_dir=

# A port that nobody has at this moment. Those from 32768 on the kernel gives to clients.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 3 + RANDOM) % 12000))
        (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null || break
    done
    echo "$port"
}

# server_make NAME DATABASE [LINE...] - DATABASE "" is SQLite in its folder
server_make() {
    local name=$1 database=$2 dir=$swarm/server-$1
    shift 2
    mkdir -p "$dir"
    server_ports[$name]=${server_ports[$name]:-$(free_port)}
    {
        printf 'listen = 127.0.0.1:%s\ndata = %s\n' "${server_ports[$name]}" "$dir/data"
        printf 'database = %s\n' "${database:-sqlite:$dir/data/fleet.db}"
        printf '%s\n' "$@"
    } >"$dir/oakum-server.conf"
    mkdir -p "$dir/data"
    # What its own look at the repository begins with.
    [ ! -e "$swarm/repo/1.root.json" ] || cp "$swarm/repo/1.root.json" "$dir/data/root.json"
}

server_do() { # NAME VERB... ARGUMENT...
    local name=$1
    shift
    "$server_program" "$@" --settings "$swarm/server-$name/oakum-server.conf"
}

# A second server on the database of another, with its certificate and its key for decisions.
server_twin() { # NAME OF
    local database
    database=$(sed -n 's/^database = //p' "$swarm/server-$2/oakum-server.conf")
    server_make "$1" "$database" &&
        sed '/^listen\|^data \|^database/d' "$swarm/server-$2/oakum-server.conf" \
            >>"$swarm/server-$1/oakum-server.conf" &&
        cp -a "$swarm/server-$2/data/." "$swarm/server-$1/data/"
}

# swarm_token SERVER RING - for any number of hosts, which get the tag ring=RING: $enrol_token
swarm_token() {
    enrol_token=$(server_do "$1" enrol-token create "$2" --ring "$2" --tag "ring=$2" --uses 0 2>"$err")
}

swarm_api_token() { # SERVER - that may do everything: $api_token
    api_token=$(server_do "$1" token create "all-$RANDOM" --scope read --scope hosts --scope rollouts \
        --scope admin --scope metrics 2>"$err")
}

swarm_register() { # HOST SERVER TOKEN
    "$BUILD/oakum" register --root "$swarm/hosts/$1" --server "$(server_url "$2")" --token "$3" --ca "$(server_ca "$2")" \
        >"$out" 2>"$err" && chown -R 65534:65534 "$swarm/hosts/$1/var/lib/oakum/fleet"
}

server_url() { # NAME
    echo "https://127.0.0.1:${server_ports[$1]}"
}

server_ca() { # NAME
    echo "$swarm/server-$1/data/tls.pem"
}

server_answers() { # NAME
    curl -sf --cacert "$(server_ca "$1")" "$(server_url "$1")/readyz" >/dev/null 2>&1
}

# server_start NAME [PROGRAM-BEFORE...] - and waits until it answers
server_start() {
    local name=$1
    shift
    "$@" "$server_program" run --settings "$swarm/server-$name/oakum-server.conf" \
        </dev/null >>"$swarm/server-$name/log" 2>&1 &
    server_pids[$name]=$!
    swarm_server_pids+=($!)
    swarm_until 30 server_answers "$name"
}

server_kill() { # NAME [SIGNAL]
    kill "-${2:-KILL}" "${server_pids[$1]}" 2>/dev/null
    wait "${server_pids[$1]}" 2>/dev/null
}

# api NAME METHOD PATH [JSON] - into $out; succeeds with 2xx. $api_token is a token's text.
api() {
    local name=$1 method=$2 path=$3 status
    shift 3
    status=$(curl -s --cacert "$(server_ca "$name")" -X "$method" -o "$out" -w '%{http_code}' \
        -H "Authorization: Bearer $api_token" ${1:+-H 'Content-Type: application/json' -d "$1"} \
        "$(server_url "$name")$path" 2>"$err")
    [[ $status = 2?? ]] || { printf '# %s %s: %s\n' "$method" "$path" "$status" >>"$err" && false; }
}

# A PostgreSQL of our own, behind a socket in its folder; pg_url is for oakum-server.conf.
pg_start() {
    pg_dir=$TMPDIR/pg
    install -d -o postgres -g postgres "$pg_dir"
    (cd / && runuser -u postgres -- "$pg_bin/initdb" -D "$pg_dir/data" -A trust -U postgres \
        >"$TMPDIR/pg.log" 2>&1) || return
    printf "listen_addresses = ''\nunix_socket_directories = '%s'\nmax_connections = 60\n%s\n" \
        "$pg_dir" "shared_buffers = ${PG_BUFFERS:-128MB}" >>"$pg_dir/data/postgresql.conf"
    pg_up && (cd / && runuser -u postgres -- createdb -h "$pg_dir" oakum)
    pg_url="postgresql:///oakum?host=$pg_dir&user=postgres"
}

pg_up() {
    (cd / && runuser -u postgres -- "$pg_bin/pg_ctl" -D "$pg_dir/data" -l "$pg_dir/log" -w \
        start >>"$TMPDIR/pg.log" 2>&1)
}

pg_down() { # MODE: fast, or immediate: as after a crash
    [ -z "$pg_dir" ] || (cd / && runuser -u postgres -- "$pg_bin/pg_ctl" -D "$pg_dir/data" -w \
        -m "${1:-fast}" stop >>"$TMPDIR/pg.log" 2>&1)
}
