#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# postgres.sh - a PostgreSQL of its own for as long as a command runs
#
#   tests/fleet/postgres.sh COMMAND ARG...
#
# Makes a cluster in a fresh folder, with a socket there and a free port on 127.0.0.1, puts the URL of its empty
# database "oakum" in OAKUM_TEST_POSTGRES (its end takes "&key=value"), its folder in OAKUM_TEST_POSTGRES_DATA,
# and takes all of it away again. Exit status: the command's; 77 where there is no PostgreSQL.
#
# Sourced by another script it gives postgres_start, postgres_stop (and postgres_kill, postgres_again for what
# comes in the middle).
set -u

postgres_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)

# PostgreSQL does not run as root.
postgres_as() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
    else
        "$@"
    fi
}

postgres_again() {
    postgres_as "$postgres_bin/pg_ctl" -D "$OAKUM_TEST_POSTGRES_DATA" -w -t 60 -s \
        -l "$OAKUM_TEST_POSTGRES_DATA/log" start >/dev/null
}

# A port that nobody has; between the look and the use somebody may take it, so it is tried again.
postgres_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

postgres_start() {
    local port attempt
    [ -n "$postgres_bin" ] || return 77
    postgres_top=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX") || return 1
    [ "$(id -u)" = 0 ] && chown postgres: "$postgres_top"
    # The way to it, for another user.
    chmod 0755 "$postgres_top" "$(dirname "$postgres_top")" 2>/dev/null
    export OAKUM_TEST_POSTGRES_DATA=$postgres_top/data
    postgres_as "$postgres_bin/initdb" -D "$OAKUM_TEST_POSTGRES_DATA" -U oakum -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync >"$postgres_top/initdb.log" 2>&1 ||
        { cat "$postgres_top/initdb.log" >&2; return 1; }
    for attempt in 1 2 3; do
        port=$(postgres_port)
        printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $port" \
            "unix_socket_directories = '$postgres_top'" "max_connections = 60" \
            "shared_buffers = ${OAKUM_TEST_POSTGRES_BUFFERS:-64MB}" \
            >"$postgres_top/ours.conf"
        grep -q ours.conf "$OAKUM_TEST_POSTGRES_DATA/postgresql.conf" ||
            echo "include = '$postgres_top/ours.conf'" |
            postgres_as tee -a "$OAKUM_TEST_POSTGRES_DATA/postgresql.conf" >/dev/null
        postgres_again && break
        [ "$attempt" = 3 ] && return 1
    done
    "$postgres_bin/createdb" -h 127.0.0.1 -p "$port" -U oakum oakum || return 1
    export OAKUM_TEST_POSTGRES="postgresql://oakum@127.0.0.1:$port/oakum?connect_timeout=5"
}

# At once, as a crash would.
postgres_kill() {
    postgres_as "$postgres_bin/pg_ctl" -D "$OAKUM_TEST_POSTGRES_DATA" -m immediate -s stop
}

postgres_stop() {
    [ -n "${postgres_top:-}" ] || return 0
    [ -f "$OAKUM_TEST_POSTGRES_DATA/postmaster.pid" ] && postgres_kill
    rm -rf "$postgres_top"
    unset postgres_top
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    OAKUM_TEST_POSTGRES_SH=$(realpath "$0")
    export OAKUM_TEST_POSTGRES_SH
    trap postgres_stop EXIT
    postgres_start || exit
    "$@"
    exit
fi
