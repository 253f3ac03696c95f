#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-repo and oakum-tuf as a publisher and a reader meet them: status, messages, JSON.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
dir=$TMPDIR/repo keys=$TMPDIR/keys
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# Runs a program and compares the exit status and one line of what it said.
expect() { # NAME STATUS PATTERN PROGRAM ARGUMENT...
    local name=$1 status=$2 pattern=$3 program=$4 got
    shift 4
    "$BUILD/$program" "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

# A module of random bytes and its manifest, as oakum-build make writes them.
level() { # NUMBER
    local to=$TMPDIR/level-$1
    mkdir -p "$to"
    head -c 4000 /dev/urandom >"$to/oakum_$1.ko"
    jq -n --argjson level "$1" --arg sha256 "$(sha256sum <"$to/oakum_$1.ko" | cut -d ' ' -f 1)" '
        ("0" * 64) as $hash | {
        schema: 1, level: $level, replaces: "all", channel: "edge",
        kernel: {build_id: ("a" * 40), release: "6.1.0-50-amd64", arch: "x86_64",
                 distribution: "debian", package_version: "6.1.176-1"},
        module: {name: "oakum_\($level)", size: 4000, sha256: $sha256, vermagic: "6.1.0", signer: null},
        fixes: [{id: "F-1", cve: ["CVE-2026-1"], title: "t", patch_sha256: $hash, functions: []}],
        effective_version: null, built: {}, tested: [], withdrawn: null}' >"$to/manifest.json"
    printf '%s\n' "$to"
}

one=$(level 1)
expect 'init makes a repository' 0 "created $dir, signed with new keys in $keys" \
    oakum-repo init "$dir" --keys "$keys"
expect 'init twice is refused' 4 "$dir: a repository is there already" \
    oakum-repo init "$dir" --keys "$keys"
expect 'keys below the web root are refused' 4 'a web server would hand the keys out' \
    oakum-repo init "$TMPDIR/other" --keys "$TMPDIR/other/keys"
expect 'init without keys is a usage error' 2 '--keys KEYDIR is required' \
    oakum-repo init "$TMPDIR/third"
[ "$(stat -c %a "$keys" "$keys"/*.pem | sort -u | tr '\n' ' ')" = '600 700 ' ]
result $? 'keys are for their owner alone'
expect 'sign with nothing staged' 3 "$dir: nothing is staged" oakum-repo sign "$dir" --keys "$keys"
expect 'add stages a level' 0 'publish it with: oakum-repo sign' oakum-repo add "$dir" \
    "$one/oakum_1.ko" "$one/manifest.json"
expect 'what is staged is not yet seen' 0 '0 files' oakum-repo verify "$dir"
expect 'sign publishes' 0 "published $dir: targets 2, snapshot 2, timestamp 2" \
    oakum-repo sign "$dir" --keys "$keys"
expect 'verify agrees' 0 "$dir is sound: root 1, timestamp 2, snapshot 2, targets 2; 1 file, " \
    oakum-repo verify "$dir"
expect 'add again: nothing to do' 3 'is there already' oakum-repo add "$dir" \
    "$one/oakum_1.ko" "$one/manifest.json"
printf x >>"$one/oakum_1.ko"
expect 'a module that is not the one of the manifest' 4 '4001 bytes, but the manifest says 4000' \
    oakum-repo add "$dir" "$one/oakum_1.ko" "$one/manifest.json"
expect 'refresh renews the timestamp' 0 'targets 2, snapshot 2, timestamp 3' \
    oakum-repo refresh "$dir" --keys "$keys"
"$BUILD/oakum-repo" verify "$dir" --json --quiet 2>"$err" | tee "$out" |
    jq -e '.schema == 1 and .targets == 2 and .files == 1' >/dev/null
result $? 'verify speaks JSON'

target=kernels/x86_64/$(printf 'a%.0s' {1..40})/1/oakum_1.ko.zst
tuf() { # NAME STATUS PATTERN VERB...
    local name=$1 status=$2 pattern=$3
    shift 3
    expect "$name" "$status" "$pattern" oakum-tuf --metadata-dir "$TMPDIR/state" \
        --metadata-url "$dir" --target-base-url "$dir/targets" --target-dir "$TMPDIR" \
        --target-name "$target" "$@"
}
tuf 'oakum-tuf starts from a root' 0 '' init "$dir/1.root.json"
tuf 'oakum-tuf refreshes' 0 '' refresh
tuf 'oakum-tuf downloads' 0 '' download
cmp -s "$TMPDIR/${target//\//%2F}" "$dir/targets/${target%/*}"/*.ko.zst
result $? 'oakum-tuf stored the target'
cmp -s "$TMPDIR/state/timestamp.json" "$dir/timestamp.json"
result $? 'trusted metadata is byte for byte as served'
expect 'oakum-tuf wants a verb' 1 'no verb given' oakum-tuf --metadata-dir "$TMPDIR/state"

sed -i 's/"version":2/"version":1/' "$dir/2.targets.json"
expect 'a changed byte is found' 1 'targets.json: sha256 does not match snapshot.json' \
    oakum-repo verify "$dir"
exit $failed
