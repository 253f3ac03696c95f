#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A level as oakum-build make writes it, but of random bytes: DIR/oakum_N.ko and DIR/manifest.json.
# Level N is for edge; its fixes are CVE-2026-1 and so on, each of the function do_exit.
#
# usage: tests/made-level.sh DIR NUMBER BUILD-ID [BYTES [FIXES]]      environment: TITLE of the fixes
set -eu
dir=$1 level=$2 build_id=$3 bytes=${4:-4000} fixes=${5:-1}
mkdir -p "$dir"
# Hexadecimal digits compress to half, about as a module does.
od -An -v -tx1 -N "$bytes" /dev/urandom | tr -d ' \n' | head -c "$bytes" >"$dir/oakum_$level.ko"
jq -n --argjson level "$level" --arg build_id "$build_id" --argjson bytes "$bytes" \
    --argjson fixes "$fixes" --arg title "${TITLE:-a title}" \
    --arg sha256 "$(sha256sum <"$dir/oakum_$level.ko" | cut -d ' ' -f 1)" '
    ("0" * 64) as $hash | {
    schema: 1, level: $level, replaces: "all", channel: "edge",
    kernel: {build_id: $build_id, release: "6.1.0-50-amd64", arch: "x86_64",
             distribution: "debian", package_version: "6.1.176-1"},
    module: {name: "oakum_\($level)", size: $bytes, sha256: $sha256, vermagic: "6.1.0", signer: null},
    fixes: [range(1; $fixes + 1) | {id: "CVE-2026-\(.)", cve: ["CVE-2026-\(.)"], title: $title,
            patch_sha256: $hash, functions: [{object: "vmlinux", name: "do_exit", sympos: 0,
            address: "0xffffffff81000000", proof: "identical"}]}],
    effective_version: null, built: {}, tested: [], withdrawn: null}' >"$dir/manifest.json"
