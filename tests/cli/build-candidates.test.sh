#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build candidates: which CVEs of a real kernel are worth a live patch, and what is known of
# their fixes; a level that has one takes it off the list.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build records=tests/cves/records db=$TMPDIR/cves.db level=$TMPDIR/level
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

expect() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3 got
    shift 3
    "$build" candidates --kernel "$OAKUM_KERNEL" --quiet "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

json() { # NAME EXPRESSION - of what was printed
    jq -e "$2" "$out" >/dev/null 2>>"$err"
    result $? "$1"
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
# What Debian's tracker, CISA and FIRST might say.
jq -n '{linux: {"CVE-2026-68086": {releases: {bookworm: {status: "resolved", fixed_version: "6.1.999-1",
    urgency: "not yet assigned"}}}, "CVE-2024-41008": {releases: {bookworm: {status: "open",
    urgency: "not yet assigned"}}}}}' >"$TMPDIR/debian.json"
jq -n '{vulnerabilities: [{cveID: "CVE-2026-68086", dateAdded: "2026-08-01",
    knownRansomwareCampaignUse: "Unknown"}]}' >"$TMPDIR/kev.json"
"$BUILD/oakum-repo" cves "$records" --output "$db" --source "$source" --debian "$TMPDIR/debian.json" \
    --kev "$TMPDIR/kev.json" --quiet >"$out" 2>"$err"
result $? 'a database with the source of the kernel'

expect 'a kernel of the store is judged' 0 '' --database "$db" --limit 0 --json
json 'every record once' '.schema == 1 and ([.counts[]] | add) == 17 and .changelog_error == ""
    and .found == (.candidates | length) and .counts.exposed == .found and .in_levels == 0'
json 'as on a host that runs it' '.kernel.codename == "bookworm" and .kernel.release == "6.1.0-50-amd64"'
json 'what is not built or fixed is not there' '[.candidates[].id] |
    . - ["CVE-2024-26581", "CVE-2026-23352", "CVE-2024-99901"] == .'
json 'what is exploited comes first' '.candidates[0] | .id == "CVE-2026-68086" and .kev
    and .place == "vmlinux" and .module == null and .files == ["mm/khugepaged.c"]'
json 'the package that has it' '.candidates[0].package == {status: "resolved", fixed: "6.1.999-1",
    in_archive: false} or (.archive == null and .candidates[0].package.in_archive == null)'
json 'a fix in a module' '.candidates[] | select(.id == "CVE-2024-41008") | .place == "module"
    and .module == "amdgpu" and .package.status == "open" and .fix.branch == null
    and .fix.mainline == {version: "6.9", commit: "b8f67b9ddf4f8fe6dd536590712b5912ad78f99c"}'
json 'what its record disputes comes last' '.candidates[-1] | .id == "CVE-2024-38635" and .disputed
    and .fix.branch == {version: "6.1.93", commit: "2ebcaa0e5db9b6044bb487ae1cf41bc601761567"}'
json 'what to type next' '.candidates[0].next | contains("--stdout 2dfe9f5c91d0963058f8a5e46e1c2a908382cc46 >CVE-2026-68086.patch")
    and contains("oakum-build make --kernel debian:6.1.0-50-amd64=")'

# A host that runs this kernel, with no module loaded: what is in one is exposed here, not loaded there.
folder=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .dir)
release=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .release)
root=$TMPDIR/root
mkdir -p "$root"/{proc/sys/kernel,boot,etc,"lib/modules/$release","usr/share/doc/linux-image-$release"}
echo "$release" >"$root/proc/sys/kernel/osrelease"
jq -r .banner "$folder/kernel.json" >"$root/proc/version"
echo 'ext4 1 0 - Live 0x0' >"$root/proc/modules"
echo 'VERSION_CODENAME=bookworm' >"$root/etc/os-release"
cp "$folder/config" "$root/boot/config-$release"
cp "$folder"/modules/modules.{order,builtin} "$root/lib/modules/$release/"
cp "$folder/changelog.gz" "$root/usr/share/doc/linux-image-$release/"
"$BUILD/oakum" cves --root "$root" --database "$db" --json >"$TMPDIR/host.json" 2>"$err"
jq -e --slurpfile h "$TMPDIR/host.json" '[.counts, $h[0].counts] | map([.fixed, ."not-affected", ."not-built", .none,
    .exposed + ."module-not-loaded"]) | .[0] == .[1]' "$out" >/dev/null 2>>"$err"
result $? 'a host that runs it has the same verdicts'

expect 'one screen' 0 'more: --limit 0 shows all' --database "$db" --limit 2
[ "$(grep -c '^CVE-' "$out")" -eq 2 ] && [ "$(wc -l <"$out")" -le 24 ] &&
    grep -q '^CVE-2026-68086      - exploited mm/khugepaged: write all dirty file folios' "$out" &&
    grep -q '^    code      mm/khugepaged.c; in vmlinux$' "$out" &&
    grep -q '^    package   fixed in 6.1.999-1' "$out"
result $? 'tells what is known of each'

# A level that closes the first.
sed '1iCVE: CVE-2026-68086\n' demo/fix/visible.patch >"$TMPDIR/fix.patch"
"$build" make --kernel "$OAKUM_KERNEL" --out "$level" --quiet "$TMPDIR/fix.patch" >"$out" 2>"$err"
result $? 'a level that says that it closes one'
expect 'what a level has is left out' 0 '1 of them in the levels given' --database "$db" \
    --level "$level/manifest.json"
! grep -q '^CVE-2026-68086' "$out"
result $? 'it is not listed'
expect 'also by its folder' 0 '' --database "$db" --level "$level" --json
json 'and is counted' '.in_levels == 1 and .found == .counts.exposed - 1'
jq '.kernel.build_id = "0123456789012345678901234567890123456789"' "$level/manifest.json" \
    >"$TMPDIR/other.json"
expect 'a level of another kernel' 2 'a level of the kernel 6.1.0-50-amd64' --database "$db" \
    --level "$TMPDIR/other.json"

mkdir "$TMPDIR/none"
cp "$records/CVE-2024-26581.json" "$TMPDIR/none/"
"$BUILD/oakum-repo" cves "$TMPDIR/none" --output "$TMPDIR/none.db" --quiet >"$out" 2>"$err"
expect 'nothing to patch' 3 'exposed     0' --database "$TMPDIR/none.db"
grep -qF "compile it with --source $source" "$out"
result $? 'a database without the source of the branch: says so'
expect 'no database' 1 "make one with 'oakum-repo cves'" --database "$TMPDIR/missing.db"
expect 'a file that is none' 1 'not a CVE database' --database "$level/manifest.json"
expect 'no number' 2 '--limit x: not a number from 0 to 100000' --database "$db" --limit x
expect 'without a database' 2 '--database' --limit 1
"$build" candidates --kernel debian:9.9.9-1-amd64 --database "$db" --quiet >"$out" 2>"$err"
[ $? -eq 1 ] && grep -qF 'kernel add' "$err"
result $? 'a kernel that is not in the store'

exit "$failed"
