# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read, after lib.sh, by the tests that run oakum-repo and oakum-tuf; $dir, $keys, $pass are theirs.
# shellcheck disable=SC2154 # set by the tests

# Runs a program and compares the exit status and one line of what it said. "sign" is short for
# signing $dir with $keys.
expect() { # NAME STATUS PATTERN PROGRAM ARGUMENT...
    local name=$1 status=$2 pattern=$3 program=$4 got
    shift 4
    if [ "$program" = sign ]; then
        program=oakum-repo
        set -- sign "$dir" --keys "$keys" --passphrase-file "$pass"
    fi
    "$BUILD/$program" "$@" >"$out" 2>"$err" </dev/null
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

# A module of random bytes and its manifest, as oakum-build make writes them; level N fixes N
# things.
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
        fixes: [range(1; $level + 1) | {id: "F-\(.)", cve: ["CVE-2026-\(.)"], title: "t",
                                        patch_sha256: $hash, functions: []}],
        effective_version: null, built: {}, tested: [], withdrawn: null}' >"$to/manifest.json"
    printf '%s\n' "$to"
}
