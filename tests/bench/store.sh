# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet's database without its server; read by run.sh.
#
# STORE_HOSTS (100000): the figures of docs/scaling.md are of 1000000.
# shellcheck disable=SC2154 # set by run.sh

# A target for some lines of store-bench; "processor" is what a page costs on a machine of its own.
bench_store_rows() { # LABEL FILE
    local what value unit target
    while IFS=$'\t' read -r what value unit; do
        case $what in
        'page p99' | 'page p99, processor') target='<= 100' ;;
        *) target='' ;;
        esac
        row "$1: $what" "$value" "$unit" "$target"
    done <"$2"
}

bench_store() {
    local hosts=${STORE_HOSTS:-100000} size
    mkdir -p "$work/store"
    "$BUILD/tests/bench/store-bench" "sqlite:$work/store/fleet.db" "$hosts" \
        >"$work/store.out" || return
    bench_store_rows "SQLite, $hosts hosts" "$work/store.out"
    size=$(stat -c %s "$work/store/fleet.db")
    row "SQLite, $hosts hosts: bytes on disk for each" "$((size / hosts))" bytes ""
    rm -rf "$work/store"
    # shellcheck disable=SC2016 # for the other shell
    TMPDIR=$work "$top/tests/fleet/postgres.sh" bash -c \
        'exec "$1" "$OAKUM_TEST_POSTGRES" "$2"' - "$BUILD/tests/bench/store-bench" "$((hosts / 2))" \
        >"$work/store.out" || return
    bench_store_rows "PostgreSQL, $((hosts / 2)) hosts" "$work/store.out"
}
