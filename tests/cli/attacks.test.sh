#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The real client over HTTP while time passes: a server that is frozen, a clock that is turned.
# Time is faked by Debian's faketime, never in the product.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
dir=$TMPDIR/repo keys=$TMPDIR/keys
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
export TZ=UTC no_proxy=127.0.0.1

at() { # TIME PROGRAM ARGUMENT... - the program as if it were TIME ("" for now)
    local time=$1 program=$2
    shift 2
    if [ -n "$time" ]; then
        faketime -f "@${time/T/ }" "$BUILD/$program" "$@" >"$out" 2>"$err"
    else
        "$BUILD/$program" "$@" >"$out" 2>"$err"
    fi
}

expect() { # NAME STATUS PATTERN TIME PROGRAM ARGUMENT...
    local name=$1 status=$2 pattern=$3 got
    shift 3
    at "$@"
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

tuf() { # NAME STATUS PATTERN TIME VERB... - a refresh or an init of the host
    local name=$1 status=$2 pattern=$3 time=$4
    shift 4
    expect "$name" "$status" "$pattern" "$time" oakum-tuf --metadata-dir "$TMPDIR/state" \
        --metadata-url "$url" "$@"
}

shift_time() { # TIME SECONDS - that much later, as metadata write it but without the Z
    date -u -d "@$(($(date -u -d "$1" +%s) + $2))" +%Y-%m-%dT%H:%M:%S
}

expires() { # FILE
    jq -r .signed.expires "$1"
}

# The web server: what lies in $dir, on some free port.
serve() {
    local port
    for port in {1,2,3,4,5}{11,37,53,79}; do
        url=http://127.0.0.1:28$port
        busybox httpd -f -p "127.0.0.1:28$port" -h "$dir" 2>>"$TMPDIR/httpd" &
        server=$!
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            curl -fs -o "$TMPDIR/probe" "$url/timestamp.json" && kill -0 "$server" && return
            sleep 0.1
        done
        kill "$server" 2>/dev/null
    done
    return 1
}

at '' oakum-repo init "$dir" --keys "$keys" --no-passphrase
result $? 'a repository to attack'
serve
result $? 'it is served'
trap 'kill $server' EXIT

tuf 'the host trusts its root' 0 '' '' init "$dir/1.root.json"
tuf 'the host follows it' 0 '' '' refresh
cp "$dir/timestamp.json" "$TMPDIR/timestamp.old"
cp -r "$TMPDIR/state" "$TMPDIR/state.old"
frozen='; the repository is frozen or your clock is wrong'

end=$(expires "$dir/timestamp.json")
tuf 'freeze: within the time of the timestamp' 0 '' "$(shift_time "$end" -120)" refresh
tuf 'freeze: an hour after the time of the timestamp' 1 "timestamp.json: expired $end$frozen" \
    "$(shift_time "$end" 3600)" refresh
end=$(expires "$dir/1.root.json")
tuf 'freeze: years later' 1 "root.json: expired $end$frozen" "$(shift_time "$end" 86400)" refresh
diff -r "$TMPDIR/state" "$TMPDIR/state.old" >"$out" 2>"$err"
result $? 'what the host trusts has not changed'

# The publisher comes back when all is expired that is signed online, but not the root.
end=$(expires "$dir/timestamp.json")
later=$(shift_time "$end" 86400)
expect 'the publisher renews the timestamp' 0 '' "$later" oakum-repo refresh "$dir" --keys "$keys"
tuf 'the host goes on from expired metadata' 0 '' "$(shift_time "$later" 60)" refresh
cmp -s "$TMPDIR/state/timestamp.json" "$dir/timestamp.json"
result $? 'with the new timestamp'

# The old timestamp again, to a host whose clock somebody has turned back.
cp "$dir/timestamp.json" "$TMPDIR/timestamp.new"
cp "$TMPDIR/timestamp.old" "$dir/timestamp.json"
tuf 'replay: the old timestamp and a clock turned back' 1 'is older than the trusted' '' refresh
tuf 'replay: the old timestamp, the clock right' 1 'is older than the trusted' \
    "$(shift_time "$later" 120)" refresh
cmp -s "$TMPDIR/state/timestamp.json" "$TMPDIR/timestamp.new"
result $? 'the host keeps the new timestamp'
cp "$TMPDIR/timestamp.new" "$dir/timestamp.json"
tuf 'the right timestamp again' 0 '' "$(shift_time "$later" 180)" refresh

# Whoever holds the online keys alone goes on for ever with the targets of some day.
end=$(expires "$dir/1.targets.json")
later=$(shift_time "$end" 86400)
expect 'the online keys renew what they can' 0 '' "$later" \
    oakum-repo refresh "$dir" --keys "$keys"
tuf 'freeze: targets behind a fresh timestamp' 1 "targets.json: expired $end$frozen" \
    "$(shift_time "$later" 60)" refresh
exit $failed
