# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet's server under load; read by run.sh. Hosts are simulated at the protocol (tests/fleet/load/):
# real keys, real signatures, TLS; the client runs on the same machine and takes its share of it.
#
# FLEET_HOSTS (100000), FLEET_SECONDS (30) of each load, FLEET_ONLY=sqlite or postgres; the figures of docs/scaling.md are of
# FLEET_HOSTS=1000000 FLEET_SECONDS=300.
# shellcheck disable=SC2034,SC2154 # set by run.sh

bench_fleet_figures() { # LABEL JSON-FILE TARGET
    local label=$1 file=$2
    row "$label: check-ins per second" "$(jq .per_s "$file")" 1/s ""
    row "$label: median" "$(jq .p50_ms "$file")" ms ""
    row "$label: 99 of 100 within" "$(jq .p99_ms "$file")" ms "$3"
    row "$label: longest" "$(jq .max_ms "$file")" ms ""
}

# A flood is measured, not judged: clients that never pause wait for each other.
bench_fleet_load() { # LABEL OPTION... - against the servers of $urls
    local label=$1 target='<= 100'
    shift
    case " $* " in *' --rate 0 '*) target='' ;; esac
    "$BUILD/tests/fleet/fleet-load" "${urls[@]}" --ca "$(server_ca one)" --hosts "$hosts" \
        --sequence "$sequence" "$@" >"$work/load.json" 2>"$work/load.err" ||
        { head -n 3 "$work/load.json" "$work/load.err" >&2; return 1; }
    bench_fleet_figures "$label" "$work/load.json" "$target"
}

# Each load goes on where the one before ended: hosts of its own, for their sequences are known then.
bench_fleet_loads() { # LABEL HOSTS-THAT-HAVE-KEYS
    local label=$1 seconds=${FLEET_SECONDS:-30} sequence=1 first=0 hosts=$(($2 / 4))
    bench_fleet_load "$label, 278/s, a TLS connection each" --first "$first" --rate 278 \
        --seconds "$seconds" --connect --threads 48 || return
    first=$((first + hosts))
    bench_fleet_load "$label, 278/s, connections kept" --first "$first" --rate 278 \
        --seconds "$seconds" --threads 48 || return
    first=$((first + hosts))
    bench_fleet_load "$label, as many as it takes" --first "$first" --rate 0 --seconds 10 \
        --threads 64
}

bench_fleet_pages() { # LABEL - the slowest of several pages, in ms
    local path worst=0 ms
    for path in 'hosts?limit=100' 'hosts?limit=100&sort=name' 'hosts?limit=100&sort=-seen' \
        'hosts?limit=100&level=3' 'hosts?limit=100&state=settled' 'hosts?limit=100&ring=default' \
        'hosts?limit=100&release=6.12.0-3-amd64' 'hosts?limit=100&silent=true' \
        'hosts?limit=100&text=web-99' 'counts'; do
        ms=$(curl -sf --cacert "$(server_ca one)" -H "Authorization: Bearer $api_token" -o /dev/null \
            -w '%{time_total}' "$(server_url one)/api/v1/$path" | awk '{ printf "%.1f", $1 * 1000 }')
        [ -n "$ms" ] || { printf 'no answer: %s\n' "$path" >&2; continue; }
        say "  $path: $ms ms"
        worst=$(awk -v a="$worst" -v b="$ms" 'BEGIN { print (a > b ? a : b) }')
    done
    row "$1: slowest page of hosts" "$worst" ms "<= 100"
}

bench_fleet_memory() { # LABEL SERVER
    row "$1: peak memory of the server" \
        "$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/${server_pids[$2]}/status")" MiB "<= 256"
}

# PostgreSQL is filled with a part of the hosts by the store; the others are copies of their rows.
bench_fleet_copies() { # TIMES
    local columns history
    columns=$(bench_fleet_sql "select string_agg(column_name, ',') from information_schema.columns
        where table_name = 'hosts' and column_name not in ('n', 'id', 'name')")
    history=$(bench_fleet_sql "select string_agg('x.' || column_name, ',' order by ordinal_position)
        from information_schema.columns where table_name = 'history' and column_name <> 'host'")
    bench_fleet_sql "
        insert into hosts (id, name, $columns) select md5(id || k), name || '-' || k, $columns
            from hosts cross join generate_series(1, $1) k;
        create temp table copies as select c.n as n, o.n as old from hosts c join hosts o
            on c.key = o.key and o.n < c.n and length(o.name) < length(c.name);
        insert into reports (host, document) select c.n, x.document from copies c
            join reports x on x.host = c.old;
        insert into history select c.n, $history from copies c join history x on x.host = c.old;
        update host_counts set n = n * ($1 + 1);
        analyze" >/dev/null
}

bench_fleet_sql() { # TEXT
    (cd / && runuser -u postgres -- psql -h "$pg_dir" -AtqX -v ON_ERROR_STOP=1 oakum -c "$1")
}

bench_fleet_fill() { # LABEL DATABASE HOSTS
    local seconds
    say "filling $1 with $3 hosts"
    seconds=$("$BUILD/tests/fleet/fleet-fill" "$2" "$3" | jq .seconds) || return
    row "$1: $3 hosts enrolled and reported, without HTTP" "$seconds" s ""
}

bench_fleet_sqlite() {
    local urls=()
    server_make one '' 'poll = 1h' 'report = 1h' || return
    server_do one init >&2 || return
    bench_fleet_fill SQLite "sqlite:$swarm/server-one/data/fleet.db" "$total" || return
    swarm_api_token one && server_start one || return
    urls=(--url "$(server_url one)")
    bench_fleet_loads SQLite "$total"
    bench_fleet_pages SQLite
    bench_fleet_memory SQLite one
    row "SQLite: bytes on disk for each host" \
        "$(($(cat "$swarm"/server-one/data/fleet.db* | wc -c) / total))" bytes ""
    server_kill one TERM
}

bench_fleet_postgres() {
    local urls=()
    pg_start || return
    server_make one "$pg_url" 'poll = 1h' 'report = 1h' || return
    server_do one init >&2 || return
    bench_fleet_fill PostgreSQL "$pg_url" "$((total / 25))" || return
    bench_fleet_copies 24 || return
    server_twin two one
    swarm_api_token one && server_start one && server_start two || return
    urls=(--url "$(server_url one)" --url "$(server_url two)")
    bench_fleet_loads 'two servers, PostgreSQL' "$((total / 25))"
    bench_fleet_pages PostgreSQL
    bench_fleet_memory PostgreSQL one
    row "PostgreSQL: bytes on disk for each host" "$(($(bench_fleet_sql "select pg_database_size('oakum')") / total))" bytes ""
    server_kill one TERM
    server_kill two TERM
    pg_down fast
}

bench_fleet() {
    local total=${FLEET_HOSTS:-100000} out=$work/fleet-out err=$work/fleet-err
    TMPDIR=$work/fleet
    mkdir -p "$TMPDIR"
    chmod 755 "$work" "$TMPDIR"
    # shellcheck source=tests/fleet/swarm.sh
    . "$top/tests/fleet/swarm.sh"
    # shellcheck source=tests/fleet/server.sh
    . "$top/tests/fleet/server.sh"
    mkdir -p "$swarm"
    [ "${FLEET_ONLY:-sqlite}" != sqlite ] || bench_fleet_sqlite
    rm -rf "$swarm/server-one"
    [ "${FLEET_ONLY:-postgres}" != postgres ] || bench_fleet_postgres
}

# Servers that a failure left, and the database.
bench_fleet_end() {
    [ -z "${swarm-}" ] || { swarm_end; pg_down immediate; }
}
