# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many hosts on one machine, each the real agent on a tree of files: read by the tests of this folder and by
# demo/fleet.sh, with BUILD and TMPDIR set. See swarm/sim-agent.c for what is real.
#
#	$swarm/repo      the repository, $swarm/keys its keys
#	$swarm/hosts/N   the tree of host N, from 1; its agent writes to sim/log there
#
# Whoever reads this calls swarm_end at its end.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

: "${BUILD:?}" "${TMPDIR:?}"
swarm=$TMPDIR/swarm
# The worker is somebody else, and reads below it.
chmod 755 "$TMPDIR"
swarm_build_id=000102030405060708090a0b0c0d0e0f10111213
declare -A swarm_pids=()
swarm_server_pids=()
sim_agent=${SIM_AGENT:-$BUILD/tests/fleet/sim-agent}

swarm_put() { # FILE TEXT
    mkdir -p "$(dirname "$1")" && printf '%s\n' "$2" >"$1"
}

# The repository is published again, for no host may wait for metadata that grew old.
swarm_repo() {
    mkdir -p "$swarm/hosts"
    "$BUILD/oakum-repo" init "$swarm/repo" --keys "$swarm/keys" --no-passphrase --quiet
}

# A level whose module says its own name, as the kernel of files wants it. Level N fixes CVE-2026-1 to N.
swarm_level() { # NUMBER
    local dir=$swarm/level-$1 ko
    tests/made-level.sh "$dir" "$1" "$swarm_build_id" 600 "$1" || return
    ko=$dir/oakum_$1.ko
    printf 'oakum_%s\n' "$1" | cat - "$ko" >"$ko.new" && mv "$ko.new" "$ko"
    jq --arg sha256 "$(sha256sum <"$ko" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$ko")" \
        '.module.sha256 = $sha256 | .module.size = $size' "$dir/manifest.json" >"$dir/new" &&
        mv "$dir/new" "$dir/manifest.json"
}

swarm_publish() { # NUMBER
    swarm_level "$1" &&
        "$BUILD/oakum-repo" add "$swarm/repo" "$swarm/level-$1/oakum_$1.ko" \
            "$swarm/level-$1/manifest.json" --quiet &&
        "$BUILD/oakum-repo" sign "$swarm/repo" --keys "$swarm/keys" --quiet
}

# What every host has: a kernel that may be patched, times of seconds, the settings given.
swarm_template() { # LINE-OF-oakum.conf...
    local root=$swarm/template
    rm -rf "$root"
    swarm_put "$root/proc/sys/kernel/osrelease" 6.1.0-50-amd64
    swarm_put "$root/proc/sys/kernel/modules_disabled" 0
    swarm_put "$root/proc/sys/kernel/tainted" 0
    swarm_put "$root/proc/uptime" '4000.00 4000.00'
    swarm_put "$root/proc/self/status" "$(printf 'Name:\tx\nCapEff:\t000001ffffffffff')"
    swarm_put "$root/etc/os-release" "$(printf 'ID=debian\nVERSION_ID="12"')"
    mkdir -p "$root"/{etc/oakum/conf.d,run/oakum,dev,tmp} "$root"/sys/{kernel/livepatch,kernel/tracing,module} \
        "$root/var/lib/oakum"/{trust,news,levels,fleet}
    : >"$root/sys/kernel/tracing/enabled_functions"
    printf '\4\0\0\0\24\0\0\0\3\0\0\0GNU\0\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23' \
        >"$root/sys/kernel/notes"
    cp "$swarm/repo/1.root.json" "$root/etc/oakum/root.json"
    printf '%s\n' "$@" >"$root/etc/oakum/oakum.conf"
    swarm_fate template poll 2 jitter 1 soak 3 retry 2 health-interval 1 transition-ms 100
    # What the package's tmpfiles give the worker.
    chown -R 65534:65534 "$root/var/lib/oakum"/{trust,news,fleet}
    chmod 700 "$root/var/lib/oakum/fleet"
}

# swarm_fate HOST KEY NUMBER... - see swarm/sim-agent.c
swarm_fate() {
    local sim=$swarm/hosts/$1/sim
    [ "$1" != template ] || sim=$swarm/template/sim
    shift
    mkdir -p "$sim"
    while [ $# -gt 1 ]; do
        printf '%s\n' "$2" >"$sim/$1"
        shift 2
    done
}

swarm_host() { # NUMBER
    local root=$swarm/hosts/$1
    cp -a "$swarm/template" "$root"
    printf '%032x\n' "$((16#5eed0000 + $1))" >"$root/etc/machine-id"
    printf 'host-%03d\n' "$1" >"$root/etc/hostname"
    swarm_put "$root/proc/sys/kernel/hostname" "$(printf 'host-%03d' "$1")"
    swarm_boot_id "$1"
}

# A boot: another id, and a kernel without patches.
swarm_boot_id() { # NUMBER
    local root=$swarm/hosts/$1
    rm -rf "$root"/sys/{kernel/livepatch,module} "$root/run/oakum"
    mkdir -p "$root"/sys/{kernel/livepatch,module} "$root/run/oakum"
    swarm_put "$root/proc/sys/kernel/random/boot_id" "$(cat /proc/sys/kernel/random/uuid)"
}

swarm_start() { # NUMBER...
    local n
    for n in "$@"; do
        "$sim_agent" "$swarm/hosts/$n" </dev/null >>"$swarm/hosts/$n/sim/log" 2>&1 &
        swarm_pids[$n]=$!
    done
}

# As a machine ends whose power went: all its processes, at once. Each is a group of its own.
swarm_kill() { # NUMBER...
    local n
    for n in "$@"; do
        [ -n "${swarm_pids[$n]-}" ] || continue
        kill -KILL -- "-${swarm_pids[$n]}" "${swarm_pids[$n]}" 2>/dev/null
        wait "${swarm_pids[$n]}" 2>/dev/null
        unset "swarm_pids[$n]"
    done
}

# In order: the agents may say goodbye.
swarm_stop() { # NUMBER...
    local n
    for n in "$@"; do
        [ -z "${swarm_pids[$n]-}" ] || kill -TERM "${swarm_pids[$n]}" 2>/dev/null
    done
    for n in "$@"; do
        [ -z "${swarm_pids[$n]-}" ] || wait "${swarm_pids[$n]}" 2>/dev/null
        unset "swarm_pids[$n]"
    done
}

swarm_status() { # NUMBER - the document
    "$BUILD/oakum" status --root "$swarm/hosts/$1" --json
}

# The levels in the kernels: "LEVEL COUNT" lines; no level is 0.
swarm_levels() { # NUMBER...
    local n name
    for n in "$@"; do
        name=0
        for name in "$swarm/hosts/$n/sys/kernel/livepatch"/oakum_*; do
            name=${name##*oakum_}
            [ "$name" != '*' ] || name=0
        done
        echo "$name"
    done | sort -n | uniq -c | awk '{ print $2, $1 }'
}

# How many of these hosts run that level.
swarm_count() { # LEVEL NUMBER...
    local level=$1
    shift
    swarm_levels "$@" | awk -v level="$level" '$1 == level { n = $2 } END { print n + 0 }'
}

# swarm_until SECONDS COMMAND... - until it is true
swarm_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.3
    done
}

# Every module that any of these kernels was given is one that our publisher signed.
swarm_loads_are_ours() { # NUMBER...
    local n ours
    ours=$(sha256sum "$swarm"/level-*/oakum_*.ko | cut -d ' ' -f 1)
    for n in "$@"; do
        [ ! -e "$swarm/hosts/$n/sim/loads" ] ||
            ! cut -d ' ' -f 2 "$swarm/hosts/$n/sim/loads" | grep -vqF "$ours" || return 1
    done
}

swarm_end() {
    local pid
    swarm_stop "${!swarm_pids[@]}"
    for pid in "${swarm_server_pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    swarm_server_pids=()
}
