#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet's server and those who lie to it, or in its name. A server that was taken over, with all of its
# keys, can hold levels back; it must not be able to do anything else, and each host must say so.
# shellcheck disable=SC2317 # functions are called through swarm_until and others
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh
trap swarm_end EXIT
touch "$out" "$err"
tools=$BUILD/tests/fleet
hosts='1 2 3 4'

hosts_run() { # LEVEL HOST...
    [ "$(swarm_count "$@")" -eq $(($# - 1)) ]
}

tells() { # HOST TEXT
    "$BUILD/oakum" status --root "$swarm/hosts/$1" >"$out" 2>"$err"
    grep -qF -- "$2" "$out"
}

phase_is() {
    api one GET "/api/v1/rollouts/$rollout" && [ "$(jq -r .phase "$out")" = "$1" ]
}

have_reported() { # HOSTS
    api one GET '/api/v1/hosts?ring=default' &&
        [ "$(jq '[.hosts[] | select(.kernel.build_id != "" and .kernel.build_id != null)] | length' "$out")" -eq "$1" ]
}

# --- a good server, hosts on level 1
swarm_repo >"$out" 2>"$err" && swarm_publish 1 >"$out" 2>"$err"
result $? 'a repository with level 1'
server_make one '' "repository = $swarm/repo" 'poll = 2s' 'report = 2s' 'silence = 60s'
server_do one init >"$out" 2>"$err" && server_start one && swarm_api_token one &&
    swarm_token one forge
result $? 'a server'
"$tools/fleet-forge" "$(server_url one)" "$(server_ca one)" "$enrol_token" >"$swarm/forge" 2>"$err"
result $? 'what hosts may not send is refused'
sed 's/^ok - /ok - forged: /; s/^not ok - /not ok - forged: /' "$swarm/forge"

swarm_template "repository = $(server_url one)/repository" "ca = $(server_ca one)"
swarm_token one default
for i in $hosts; do
    swarm_host "$i" && swarm_register "$i" one "$enrol_token"
done
result $? 'four hosts enrol'
# Host 4 waits no longer than five seconds where no good decision is to be had.
swarm_put "$swarm/hosts/4/etc/oakum/conf.d/patience.conf" 'fleet-patience = 5s'
# shellcheck disable=SC2086 # numbers
swarm_start $hosts
swarm_until 60 have_reported 4
result $? 'they report'
api one POST /api/v1/rollouts '{"name": "one", "level": 1, "start": "at-once",
    "where": {"rings": ["default"]}, "stages": [{"percent": 100, "soak": "1s", "patience": "60s"}], "max_in_flight": 10,
    "grant_timeout": "60s", "silence": "45s"}' && rollout=$(jq -r .id "$out") &&
    api one POST "/api/v1/rollouts/$rollout/submit"
result $? 'a rollout of level 1'
# shellcheck disable=SC2086
swarm_until 60 hosts_run 1 $hosts
result $? 'they take it'
swarm_until 60 phase_is completed
result $? 'and the rollout is completed'
curl -sf --cacert "$(server_ca one)" "$(server_url one)/v1/decisions/default.json" >"$swarm/old.json"

# --- taken over: the attacker has every key of the server
server_kill one
evil=$swarm/evil data=$swarm/server-one/data
mkdir -p "$evil"
cp -a "$swarm/repo" "$evil/repository"
key=$(find "$data" -name '*.pem' ! -name 'tls*' | head -n 1)
"$tools/evil-server" "${server_ports[one]}" "$evil" "$key" "$data/tls.pem" "$data/tls.key" \
    </dev/null >>"$swarm/evil.log" 2>&1 &
swarm_server_pids+=($!)

# evil_signed VERSION FILTER - what every decision says from now on
evil_signed() {
    jq --argjson version "$1" --argjson now "$(date +%s)" "(.signed | .version = \$version
        | .issued = \$now | .expires = \$now + 3600) $2" "$swarm/old.json" >"$evil/new" &&
        mv "$evil/new" "$evil/signed.json"
}

open_for_all() { # LEVEL - a filter
    cat <<FILTER
| .unmanaged = "free" | .rollouts = [{id: "00000000000000ff", name: "evil", state: "running", why: "",
    where: {tags: [], kernels: [], distributions: []}, levels: {"$swarm_build_id": $1},
    open: [{tag: "", below: "ffffffffffffffff"}], take_back: false}]
FILTER
}

wait_polls() { # for three of them, by all hosts
    sleep 9
}

evil_signed 1000 "$(open_for_all 7)"
result $? 'it opens a level that nobody published'
wait_polls
# shellcheck disable=SC2086
hosts_run 1 $hosts
result $? 'no host has it'

# A module of its own in the place of a published one, and files of a level that no metadata names.
find "$evil/repository" -name '*.ko.zst' | while read -r file; do
    printf 'oakum_7\nevil\n' | zstd -q >"$file"
done
mkdir -p "$evil/repository/targets/kernels/x86_64/$swarm_build_id/7"
printf 'oakum_7\nevil\n' | zstd -q \
    >"$evil/repository/targets/kernels/x86_64/$swarm_build_id/7/oakum_7.ko.zst"
for i in $hosts; do rm -rf "$swarm/hosts/$i/var/lib/oakum/levels"; done
# shellcheck disable=SC2046,SC2086
swarm_stop $hosts
for i in $hosts; do swarm_boot_id "$i"; done
# shellcheck disable=SC2086
swarm_start $hosts
evil_signed 1001 "$(open_for_all 1)"
wait_polls
# shellcheck disable=SC2086
swarm_loads_are_ours $hosts
result $? 'after a boot without a cache, other bytes in the repository are loaded by nobody'
# shellcheck disable=SC2086
hosts_run 0 $hosts
result $? 'they run without a level'
rm -rf "$evil/repository" && cp -a "$swarm/repo" "$evil/repository"
# shellcheck disable=SC2086
swarm_until 60 hosts_run 1 $hosts
result $? 'and take level 1 once its own bytes are there'

# --- it withholds
swarm_publish 2 >"$out" 2>"$err"
rm -rf "$evil/repository" && cp -a "$swarm/repo" "$evil/repository"
evil_signed 1002 '| .unmanaged = "hold" | .rollouts = []'
swarm_until 30 tells 1 'level 2' && swarm_until 30 tells 1 'held back'
result $? 'a host that is not let have level 2 says so'
sed 's/^/# /' "$out"
# shellcheck disable=SC2086
hosts_run 1 $hosts
result $? 'all wait'

# --- an older decision, one that has expired, one of another key
cp "$swarm/old.json" "$evil/decision.json"
wait_polls
hosts_run 1 1 2 3
result $? 'an old decision, replayed, opens nothing'
swarm_status 1 >"$out" 2>"$err"
rm "$evil/decision.json"
evil_signed 1003 '| .expires = .issued + 8 | .unmanaged = "free" | .rollouts = []
    | .unmanaged = "hold"'
wait_polls
evil_signed 1004 '| .expires = .issued - 10 | .unmanaged = "free" | .rollouts = []'
swarm_until 60 hosts_run 2 4
result $? 'once the last good decision has expired, the host whose patience is short decides alone'
wait_polls
hosts_run 1 1 2 3
result $? 'an expired decision opens nothing for the others'
"$BUILD/oakum-repo" key "$swarm/other.pem" --no-passphrase >"$out" 2>"$err" ||
    openssl genpkey -algorithm ed25519 -out "$swarm/other.pem" 2>>"$err"
chmod 600 "$swarm/other.pem"
kill -TERM "${swarm_server_pids[-1]}"
wait "${swarm_server_pids[-1]}" 2>/dev/null
evil_signed 1005 '| .unmanaged = "free" | .rollouts = []'
"$tools/evil-server" "${server_ports[one]}" "$evil" "$swarm/other.pem" "$data/tls.pem" "$data/tls.key" \
    </dev/null >>"$swarm/evil.log" 2>&1 &
swarm_server_pids+=($!)
wait_polls
hosts_run 1 1 2 3
result $? 'nor does one that another key signed'
swarm_until 20 tells 1 'sign'
result $? 'and the host says that it is signed by another key'
sed 's/^/# /' "$out"
# shellcheck disable=SC2086
swarm_loads_are_ours $hosts
result $? 'in all of this no kernel was given a module that the publisher did not sign'
exit "$failed"
