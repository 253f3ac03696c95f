#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build make: which CVEs a fix closes, from what it says of itself, a record, a changelog, a
# database, or the command line; and what becomes of contradictions.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build records=tests/cves/records db=$TMPDIR/cves.db level=$TMPDIR/level
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

rbtree=$records/CVE-2024-26581.json title='netfilter: nft_set_rbtree: skip end interval element from gc'
commit=10e9cb39313627f2eae4cd70c4b742074e998fd8 # a fix of that record
other=0123456789abcdef0123456789abcdef01234567

"$BUILD/oakum-repo" cves "$records" --output "$db" --quiet >"$out" 2>"$err"
result $? 'the database is compiled'

# A mail of git format-patch; what it changes is always the same.
mail() { # SUBJECT [LINE...] - of its message
    printf 'From %s Mon Sep 17 00:00:00 2001\nFrom: A Person <a@example.org>\n' "$other"
    printf 'Subject: [PATCH] %s\n\n' "$1"
    shift
    printf '%s\n' "$@" '---'
    sed -n '/^--- a/,$p' demo/fix/visible.patch
}

# takes NAME CVES NOTE - of $fix; CVES as "ID by WHO|..."
takes() { # NAME CVES NOTE [OPTION...]
    local name=$1 cves=$2 note=$3
    shift 3
    rm -rf "$level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$level" --quiet --json "$@" "$TMPDIR/fix.patch" \
        >"$out" 2>"$err" &&
        [ "$(jq -r '[.cves[] | .id + " by " + .from] | join("|")' "$out")" = "$cves" ] &&
        [ "$(jq -r '[.notes[] | select(contains(" lists it, in ") | not)] | join("|")' "$out")" = "$note" ]
    result $? "$name"
    jq -e --slurpfile said "$out" '.fixes[0] | .cve == [$said[0].cves[].id] and
        .cve_from == [$said[0].cves[].from]' "$level/manifest.json" >/dev/null 2>>"$err"
    result $? "$name: the manifest says the same"
}

mail 'proc: seal (CVE-2026-10001)' 'Why.' '' 'CVE: CVE-2026-10002' >"$TMPDIR/fix.patch"
takes 'subject and trailers' \
    'CVE-2026-10001 by the subject of its message|CVE-2026-10002 by the trailers of its message' ''
[ "$(jq -r '.fixes[0].id' "$level/manifest.json")" = CVE-2026-10001 ]
result $? 'the first names the fix'
takes 'what is given wins' 'CVE-2026-1 by --cve|CVE-2026-20000 by --cve' '' --cve CVE-2026-1,CVE-2026-20000
takes 'also where it is nothing' '' '' --cve none

mail 'proc: seal' 'This is CVE-2026-10001.' >"$TMPDIR/fix.patch"
takes 'one in its text' 'CVE-2026-10001 by the text of its message' ''
mail 'proc: seal' 'As CVE-2026-10001, and unlike CVE-2026-10002.' >"$TMPDIR/fix.patch"
takes 'several in its text' '' \
    'fix.patch: the text of its message mentions CVE-2026-10001, CVE-2026-10002: none is taken; --cve says which'
for i in {10000..10099}; do printf 'CVE: CVE-2026-%s\n' "$i"; done >"$TMPDIR/many"
mail 'proc: seal' "$(cat "$TMPDIR/many")" >"$TMPDIR/fix.patch"
takes 'a hundred' '' \
    'fix.patch: its message names more than 64 CVEs: none of them is taken; --cve says which'

mail "$title" "[ Upstream commit $commit ]" >"$TMPDIR/fix.patch"
takes 'a record with its commit' \
    'CVE-2024-26581 by record CVE-2024-26581.json, which has its commit' '' --record "$rbtree"
takes 'the database by its commit' 'CVE-2024-26581 by the database, which has its commit' '' \
    --database "$db"
takes 'both' 'CVE-2024-26581 by record CVE-2024-26581.json, which has its commit; the database, which has its commit' \
    '' --database "$db" --record "$rbtree"
mail "$title" 'Nothing more.' >"$TMPDIR/fix.patch"
takes 'of a fix that the kernel has' '' ''
jq -e '.notes[0] | startswith("fix.patch: the changelog of ") and
    endswith(" lists it, in 6.1.82-1: the kernel may have it already")' "$out" >/dev/null
result $? 'the changelog of its package says so'
takes 'the database by its title' 'CVE-2024-26581 by the database, which has its title' '' \
    --database "$db"
takes 'a record with its title' \
    'CVE-2024-26581 by record CVE-2024-26581.json, which has its title' '' --record "$rbtree"
takes 'the record of another fix' 'CVE-2024-38635 by record CVE-2024-38635.json' \
    'CVE-2024-38635.json: has neither commit nor title of fix.patch: is it the record of that fix?' \
    --record "$records/CVE-2024-38635.json"
takes 'a record that was rejected' '' 'CVE-2024-99901.json: CVE-2024-99901 was rejected: it is not taken' \
    --record "$records/CVE-2024-99901.json"
{
    printf 'From: The Team <a@example.org>\nSubject: CVE-2024-26581: %s\n\n' "$title"
    printf 'The issue got a number.\n\n\thttps://git.kernel.org/stable/c/%s\n' "$commit"
} >"$TMPDIR/announced.mbox"
takes 'an announcement' 'CVE-2024-26581 by record announced.mbox, which has its title' '' \
    --record "$TMPDIR/announced.mbox"

printf 'linux (6.1.82-1) bookworm; urgency=medium\n\n    - [x86] netfilter: nft_set_rbtree: skip end\n      interval element from gc (CVE-2024-26581)\n' |
    gzip >"$TMPDIR/changelog.gz"
takes 'a changelog' 'CVE-2024-26581 by changelog changelog.gz, of 6.1.82-1' '' \
    --changelog "$TMPDIR/changelog.gz"
takes 'a changelog, given a record of another fix' '' \
    'CVE-2024-38635.json: has neither commit nor title of fix.patch: is it the record of that fix?|fix.patch: a record says CVE-2024-38635, but a changelog says CVE-2024-26581: none is taken; --cve says which' \
    --changelog "$TMPDIR/changelog.gz" --record "$records/CVE-2024-38635.json"
mail 'proc: seal' 'Why.' >"$TMPDIR/fix.patch"
takes 'a changelog without it' '' 'changelog.gz: lists no fix of that subject' \
    --changelog "$TMPDIR/changelog.gz"

mail 'proc: seal' 'CVE: CVE-2024-99901' >"$TMPDIR/fix.patch"
takes 'the database says that it was rejected' '' 'CVE-2024-99901: was rejected: it is not taken' \
    --database "$db"
mail 'proc: seal' 'CVE: CVE-2024-26581' "commit $other upstream." >"$TMPDIR/fix.patch"
takes 'the database has other commits' 'CVE-2024-26581 by the trailers of its message' \
    'CVE-2024-26581: the database has other commits than fix.patch names as its fix' --database "$db"
mail 'proc: seal' 'CVE: CVE-2026-54321' >"$TMPDIR/fix.patch"
takes 'the database does not know it' 'CVE-2026-54321 by the trailers of its message' \
    'CVE-2026-54321: not in the database: not of the kernel, or newer' --database "$db"
mail "$title" 'CVE: CVE-2024-38635' "commit $commit upstream." >"$TMPDIR/fix.patch"
takes 'message and database disagree' '' \
    'fix.patch: its message says CVE-2024-38635, but the database says CVE-2024-26581: none is taken; --cve says which' \
    --database "$db"

expect() { # NAME STATUS PATTERN OPTION...
    local name=$1 status=$2 pattern=$3 got
    shift 3
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/none" "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$status" ] && grep -qF -- "$pattern" "$out" "$err" && [ ! -e "$TMPDIR/none" ]
    result $? "$name"
}
expect 'more ids than fixes' 2 '--cve is given 2 times for 1 fix (several of one fix have commas' \
    --cve CVE-2026-1 --cve CVE-2026-2 "$TMPDIR/fix.patch"
expect 'an id that is no word' 2 "--cve 'a b': not an id, nor 'none'" --cve 'a b' "$TMPDIR/fix.patch"
expect 'no record' 1 'fix.patch: neither a record (CVE JSON 5) nor the announcement of a CVE' \
    --record "$TMPDIR/fix.patch" "$TMPDIR/fix.patch"
expect 'no database' 1 'not a CVE database' --database "$TMPDIR/fix.patch" "$TMPDIR/fix.patch"
"$build" make --kernel "$OAKUM_KERNEL" --out "$level" --quiet "$TMPDIR/fix.patch" >"$out" 2>"$err" &&
    grep -qxF 'fix.patch: CVE-2024-38635, by the trailers of its message' "$out"
result $? 'a person reads it too'

exit "$failed"
