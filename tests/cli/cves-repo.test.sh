#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The CVE database from a repository: published whole, then as what is new; fetched by a host.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
dir=$TMPDIR/repo keys=$TMPDIR/keys root=$TMPDIR/root pass=/dev/null db=$TMPDIR/cves.db
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/repo-lib.sh
. tests/cli/repo-lib.sh

compile() { # RECORD-TO-LEAVE-OUT...
    local record
    rm -rf "$TMPDIR/records"
    cp -r tests/cves/records "$TMPDIR/records"
    for record; do rm "$TMPDIR/records/$record.json"; done
    "$BUILD/oakum-repo" cves "$TMPDIR/records" --output "$db" --quiet >/dev/null
}

said() { # NAME JQ-FILTER - of the document printed last
    jq -e "$2" "$out" >/dev/null
    result $? "$1"
}

host() { # NAME STATUS PATTERN [ARGUMENT...] - oakum cves below $root
    expect "$1" "$2" "$3" oakum cves --root "$root" "${@:4}"
}

expect 'a repository' 0 '' oakum-repo init "$dir" --keys "$keys" --no-passphrase --quiet
expect 'a key of its own for the database' 0 '' oakum-repo key new "$keys/cves.pem" --no-passphrase
mkdir -p "$root"/{etc/oakum,var/lib/oakum,proc/sys/kernel}
cp "$dir/1.root.json" "$root/etc/oakum/root.json"
printf 'repository = %s\n' "$dir" >"$root/etc/oakum/oakum.conf"
printf '6.1.0-50-amd64\n' >"$root/proc/sys/kernel/osrelease"
printf 'Linux version 6.1.0-50-amd64 (x) #1 SMP Debian 6.1.176-1 (2026-07-02)\n' >"$root/proc/version"
host 'a host without one says where it comes from' 1 "'oakum cves --fetch' gets that of the repository"
host 'a repository without one' 1 'the repository has no CVE database' --fetch

printf 'no database' >"$TMPDIR/other"
expect 'what is no database' 1 'not a CVE database' oakum-repo add-cves "$dir" "$TMPDIR/other"
compile CVE-2025-38236 CVE-2024-26581
expect 'the first is staged' 0 "targets delegates it to the role 'cves'" oakum-repo add-cves "$dir" "$db" \
    --signer "$keys/cves.pub"
expect 'no host sees it' 1 'the repository has no CVE database' oakum cves --root "$root" --fetch
expect 'signed' 0 'published' oakum-repo sign "$dir" --keys "$keys"
expect 'and sound' 0 'is sound' oakum-repo verify "$dir"
host 'a host gets the whole' 0 '15 records: fetched' --fetch
grep -q 'as a whole' "$err"
result $? '... and says so'
cmp -s "$db" "$root/var/lib/oakum/cves.db"
result $? 'it is what was compiled'
host 'again there is nothing to do' 0 'the CVE database is the newest' --fetch

targets=$(jq .signed.version "$dir"/2.targets.json)
compile CVE-2024-26581
mkdir "$TMPDIR/online"
cp "$keys"/{cves,snapshot,timestamp}.pem "$keys"/{cves,snapshot,timestamp}.pub "$TMPDIR/online"
expect 'the next one' 0 'bytes as a delta' oakum-repo add-cves "$dir" "$db"
expect 'needs no key of targets' 0 "targets $targets," oakum-repo sign "$dir" --keys "$TMPDIR/online"
cp "$db" "$TMPDIR/second.db"
compile
expect 'a third' 0 '' oakum-repo add-cves "$dir" "$db" --json
said 'says what it costs' '.delta > 0 and .delta < .bytes and .deltas == 2 and .delegated == false'
expect 'is published' 0 'published' oakum-repo sign "$dir" --keys "$TMPDIR/online"
expect 'the same once more' 3 'exactly this database is published already' oakum-repo add-cves "$dir" "$db"
host 'a host that is two behind takes two deltas' 0 '17 records: fetched' --fetch
grep -q 'by 2 deltas' "$err"
result $? '... and says so'
cmp -s "$db" "$root/var/lib/oakum/cves.db"
result $? 'the result is what was compiled'

cp "$TMPDIR/second.db" "$root/var/lib/oakum/cves.db"
for file in "$dir"/targets/cves/*.delta; do
    dd if=/dev/zero of="$file" bs=1 seek=40 count=4 conv=notrunc status=none
done
host 'a delta that is damaged is no harm' 0 'as a whole' --fetch
cmp -s "$db" "$root/var/lib/oakum/cves.db"
result $? '... the whole is fetched'
expect 'but the publisher is told' 1 '.delta: ' oakum-repo verify "$dir"
whole=$(echo "$dir"/targets/cves/"$(jq -r '.signed.targets["cves/cves.db.zst"].hashes.sha256' "$dir/3.cves.json")"*)
cp "$TMPDIR/second.db" "$root/var/lib/oakum/cves.db"
dd if=/dev/zero of="$whole" bs=1 seek=40 count=4 conv=notrunc status=none
host 'nor is the whole taken' 1 'sha256' --fetch
cmp -s "$TMPDIR/second.db" "$root/var/lib/oakum/cves.db"
result $? '... and the old database stays'

expect 'keys of targets change hands' 0 '' oakum-repo key new "$keys/new.pem" --no-passphrase
expect '... staged' 0 '' oakum-repo rotate "$dir" --role targets --add "$keys/new.pub" \
    --remove "$keys/targets.pub"
expect '... signed' 0 'published' oakum-repo sign "$dir" --keys "$keys"
[ "$(jq -r '.signed.delegations.roles[] | select(.name == "cves").keyids[0]' "$dir"/3.targets.json)" = \
    "$(jq -r '.signatures[0].keyid' "$dir/3.cves.json")" ]
result $? 'the database keeps its own key'
compile CVE-2024-38635
expect 'the next is staged' 0 '' oakum-repo add-cves "$dir" "$db" --signer "$keys/new.pub"
expect '... and signed by another key' 0 'published' oakum-repo sign "$dir" --keys "$keys"
host 'a host takes it' 0 '16 records: fetched' --fetch
host 'the options exclude each other' 2 '--fetch goes with neither' --fetch --database "$db"
exit $failed
