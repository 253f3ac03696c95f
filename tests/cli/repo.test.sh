#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-repo and oakum-tuf as a publisher and a reader meet them: status, messages, JSON.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
dir=$TMPDIR/repo keys=$TMPDIR/keys pass=$TMPDIR/pass
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/repo-lib.sh
. tests/cli/repo-lib.sh

printf 'a passphrase\n' >"$pass"
chmod 600 "$pass"
one=$(level 1) two=$(level 2)

# --- one person ---
expect 'init makes a repository' 0 "created $dir, signed with 4 new keys in $keys" \
    oakum-repo init "$dir" --keys "$keys" --passphrase-file "$pass"
expect 'init twice is refused' 4 "$dir: a repository is there already" \
    oakum-repo init "$dir" --keys "$keys" --passphrase-file "$pass"
expect 'keys below the web root are refused' 4 'a web server would hand the keys out' \
    oakum-repo init "$TMPDIR/other" --keys "$TMPDIR/other/keys" --no-passphrase
expect 'init without keys is a usage error' 2 '--keys KEYDIR is required' \
    oakum-repo init "$TMPDIR/third"
mkdir -m 700 "$TMPDIR/half"
for role in root targets; do cp "$keys/$role".* "$TMPDIR/half"; done
expect 'init goes on with the keys that are there' 0 'signed with 2 new keys in' \
    oakum-repo init "$TMPDIR/fourth" --keys "$TMPDIR/half" --passphrase-file "$pass"
jq -e --arg id "$("$BUILD/oakum-repo" key show "$keys/root.pub" --json | jq -r .keyid)" \
    '.signed.roles.root.keyids == [$id]' "$TMPDIR/fourth/1.root.json" >"$out"
result $? 'it is the root key that was there'
mkdir -m 700 "$TMPDIR/bare"
cp "$keys/root.pem" "$TMPDIR/bare"
expect 'init with a key of another passphrase, without its public half' 6 'root.pem' \
    oakum-repo init "$TMPDIR/fifth" --keys "$TMPDIR/bare" --no-passphrase
expect 'init with a key without its public half' 0 'signed with 3 new keys in' \
    oakum-repo init "$TMPDIR/fifth" --keys "$TMPDIR/bare" --passphrase-file "$pass"
expect 'init of an odd number of bins' 2 '--bins 7: not 0, 16, 256 or 4096' \
    oakum-repo init "$TMPDIR/third" --keys "$TMPDIR/thirdkeys" --bins 7
[ "$(stat -c %a "$keys" "$keys"/*.pem | sort -u | tr '\n' ' ')" = '600 700 ' ]
result $? 'keys are for their owner alone'
grep -L 'BEGIN ENCRYPTED PRIVATE KEY' "$keys"/*.pem >"$out"
[ ! -s "$out" ]
result $? 'keys are encrypted'
expect 'sign with nothing staged' 3 "$dir: nothing is staged" sign
expect 'add stages a level' 0 'publish it with: oakum-repo sign' oakum-repo add "$dir" \
    "$one/oakum_1.ko" "$one/manifest.json"
expect 'what is staged is not yet seen' 0 '0 levels of 0 kernels; 0 files' oakum-repo verify "$dir"
expect 'sign without a passphrase' 4 '--passphrase-file' oakum-repo sign "$dir" --keys "$keys"
expect 'sign publishes' 0 "published $dir: root 1, targets 1, snapshot 2, timestamp 2" sign
expect 'verify agrees' 0 "$dir is sound: root 1, timestamp 2, snapshot 2, targets 1" \
    oakum-repo verify "$dir"
expect 'verify counts' 0 '1 level of 1 kernel; 2 files, ' oakum-repo verify "$dir"
expect 'add again: nothing to do' 3 'is there already' oakum-repo add "$dir" \
    "$one/oakum_1.ko" "$one/manifest.json"
printf x >>"$one/oakum_1.ko"
expect 'a module that is not the one of the manifest' 4 '4001 bytes, but the manifest says 4000' \
    oakum-repo add "$dir" "$one/oakum_1.ko" "$one/manifest.json"
expect 'refresh renews the timestamp' 0 'targets 1, snapshot 2, timestamp 3' \
    oakum-repo refresh "$dir" --keys "$keys" --passphrase-file "$pass"
expect 'refresh for a carrier' 0 'snapshot 3, timestamp 4' \
    oakum-repo refresh "$dir" --keys "$keys" --passphrase-file "$pass" --days 14
expect 'refresh for ever' 2 "--days: '91' is not a number from 1 to 90" \
    oakum-repo refresh "$dir" --keys "$keys" --passphrase-file "$pass" --days 91
"$BUILD/oakum-repo" verify "$dir" --json --quiet 2>"$err" | tee "$out" |
    jq -e '.schema == 1 and .targets == 1 and .files == 2 and .levels == 1' >/dev/null
result $? 'verify speaks JSON'

# --- a reader ---
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
cmp -s "$TMPDIR/state/timestamp.json" "$dir/timestamp.json" &&
    cmp -s "$TMPDIR/state/kernels-a.json" "$dir/2.kernels-a.json"
result $? 'trusted metadata is byte for byte as served'
zstd -dcq "$TMPDIR/${target//\//%2F}" | head -c 4000 | cmp -s - <(head -c 4000 "$one/oakum_1.ko")
result $? 'zstd gives the module'
expect 'oakum-tuf wants a verb' 1 'no verb given' oakum-tuf --metadata-dir "$TMPDIR/state"

# --- channels ---
list() { # the list of levels as served
    local version hash
    version=$(jq -r '.signed.meta["kernels-a.json"].version' \
        "$dir/$(jq -r '.signed.meta["snapshot.json"].version' "$dir/timestamp.json").snapshot.json")
    hash=$(jq -r --arg path "kernels/x86_64/$id/levels.json" '.signed.targets[$path].hashes.sha256' \
        "$dir/$version.kernels-a.json")
    cat "$dir/targets/kernels/x86_64/$id/$hash.levels.json"
}
id=$(printf 'a%.0s' {1..40})
"$BUILD/oakum-repo" add "$dir" "$two/oakum_2.ko" "$two/manifest.json" --quiet >"$out" 2>"$err"
result $? 'a second level'
expect 'promote' 0 "staged level 1 of kernel $id for channel stable" \
    oakum-repo promote "$dir" aaaaaaaa/1 stable
expect 'promote again' 3 'level 1 is in channel stable already' \
    oakum-repo promote "$dir" aaaaaaaa/1 stable
expect 'promote what is not there' 1 'the repository has no level 9 of this kernel' \
    oakum-repo promote "$dir" aaaaaaaa/9 stable
expect 'promote for an unknown kernel' 1 'has no kernel whose build-id begins with bbbbbbbb' \
    oakum-repo promote "$dir" bbbbbbbb/1 stable
expect 'promote without a number' 2 "'aaaaaaaa': a level is named BUILD-ID/NUMBER" \
    oakum-repo promote "$dir" aaaaaaaa stable
expect 'hold wants a reason, or to end' 2 'give either --why TEXT or --release' \
    oakum-repo hold "$dir" "$id/1"
expect 'hold' 0 "staged that level 1 of kernel $id is held" \
    oakum-repo hold "$dir" "$id/1" --why 'we look at it'
expect 'a hold ends' 0 "level 1 of kernel $id is no longer held" \
    oakum-repo hold "$dir" "$id/1" --release
expect 'no hold ends' 3 'level 1 is not held' oakum-repo hold "$dir" "$id/1" --release
expect 'withdraw' 0 "staged the withdrawal of level 2 of kernel $id" \
    oakum-repo withdraw "$dir" "$id/2" --why 'hangs with NFS'
expect 'withdraw wants a reason' 2 '--why TEXT is required' oakum-repo withdraw "$dir" "$id/1"
expect 'three changes, one signing' 0 'published' sign
list | jq -e '.levels[0].channels == ["edge", "stable"] and .levels[1].withdrawn.why == "hangs with NFS"
    and (.fixes | length) == 2 and .fixes[1].since == 2' >"$out"
result $? 'a plain web server shows channels, fixes and withdrawals'
list | jq -e '.levels[0] | .published <= .since.stable and .since.edge == .published and
    (.published | fromdate) > now - 3600' >"$out"
result $? 'and since when a level is in a channel'
expect 'a withdrawn level is not promoted' 4 'level 2 was withdrawn (hangs with NFS)' \
    oakum-repo promote "$dir" "$id/2" stable
expect 'and the repository is sound' 0 '2 levels of 1 kernel' oakum-repo verify "$dir"

# --- five people: any three of root, two of targets ---
many=$TMPDIR/many round=$TMPDIR/round.json
signers=()
for who in ann bob cem dia eve; do
    mkdir "$TMPDIR/$who"
    "$BUILD/oakum-repo" key new "$TMPDIR/$who/root.pem" --no-passphrase --quiet >>"$out" 2>>"$err"
    "$BUILD/oakum-repo" key new "$TMPDIR/$who/targets.pem" --no-passphrase --quiet >>"$out" 2>>"$err"
    signers+=(--key "root=$TMPDIR/$who/root.pub")
    case $who in ann | bob | cem) signers+=(--key "targets=$TMPDIR/$who/targets.pub") ;; esac
done
expect 'a threshold beyond the keys' 4 'root: a threshold of 6 needs as many keys, and it would have 5' \
    oakum-repo init "$TMPDIR/bad" --keys "$TMPDIR/badkeys" --no-passphrase "${signers[@]}" --threshold root=6
expect 'init with the keys of others waits' 75 'root: 0 of 3 signatures' \
    oakum-repo init "$many" --keys "$TMPDIR/online" --no-passphrase "${signers[@]}" \
    --threshold root=3 --threshold targets=2
expect 'nothing is there yet' 1 'no such file' oakum-repo verify "$many"
expect 'a request goes round' 0 "wrote $round" oakum-repo sign "$many" --request "$round"
expect 'its reader sees what it is' 0 'root version 1, good until ' oakum-repo sign "$round"
expect 'ann signs' 0 'signed 18 times; give' oakum-repo sign "$round" --keys "$TMPDIR/ann"
expect 'ann signs again' 3 'your keys have signed it already' oakum-repo sign "$round" --keys "$TMPDIR/ann"
expect 'a stranger cannot' 3 'wants no signature of a key that is here' \
    oakum-repo sign "$round" --keys "$TMPDIR/online"
cp "$round" "$round.eve"
expect 'eve signs a copy' 0 'signed 1 time; give' oakum-repo sign "$round.eve" --keys "$TMPDIR/eve"
expect 'two are not enough' 75 'root: 2 of 3 signatures' oakum-repo sign "$many" --keys "$TMPDIR/online" \
    --from "$round" --from "$round.eve"
expect 'bob signs' 0 'signed 18 times; give' oakum-repo sign "$round" --keys "$TMPDIR/bob"
expect 'three and two are' 0 "published $many: root 1, targets 1" \
    oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round"
expect 'and the repository is sound' 0 'is sound' oakum-repo verify "$many"
"$BUILD/oakum-tuf" --metadata-dir "$TMPDIR/since" init "$many/1.root.json"
result $? 'a host starts from its first root'

"$BUILD/oakum-repo" add "$many" "$two/oakum_2.ko" "$two/manifest.json" --quiet >"$out" 2>"$err"
expect 'a level goes round' 0 'wrote' oakum-repo sign "$many" --request "$round"
expect 'its reader sees the level' 0 'kernel 6.1.0-50-amd64: newest level 2' oakum-repo sign "$round"
"$BUILD/oakum-repo" sign "$round" --keys "$TMPDIR/cem" --quiet >"$out" 2>"$err"
jq -c '.roles[0].envelope.signed.expires = "2099-01-01T00:00:00Z"' "$round" >"$round.bad"
expect 'a request that was changed' 4 'what was signed is not what is staged now' \
    oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round.bad"
jq -c '(.roles[].envelope.signatures[0].sig) |= sub("^.."; "00")' "$round" >"$round.bad"
expect 'a signature that is none does not count' 75 'kernels-a: 0 of 2 signatures' \
    oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round.bad"
expect 'one of two' 75 'kernels-a: 1 of 2 signatures' \
    oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round"
expect 'nor takes the place of one that is' 75 'kernels-a: 1 of 2 signatures' \
    oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round.bad"
"$BUILD/oakum-repo" sign "$round" --keys "$TMPDIR/ann" --quiet >"$out" 2>"$err"
expect 'two of two' 0 'published' oakum-repo sign "$many" --keys "$TMPDIR/online" --from "$round"

# --- keys change hands: ann goes, dia holds targets, the timestamp key is new ---
all=$TMPDIR/all
mkdir "$all"
for who in ann bob cem dia eve; do
    for key in root targets; do
        cp "$TMPDIR/$who/$key.pem" "$all/$who-$key.pem"
        cp "$TMPDIR/$who/$key.pub" "$all/$who-$key.pub"
    done
done
cp "$TMPDIR/online"/* "$all"
"$BUILD/oakum-repo" key new "$all/timestamp2.pem" --no-passphrase --quiet >"$out" 2>"$err"
expect 'rotate targets' 0 'staged the next root' oakum-repo rotate "$many" --role targets \
    --remove "$TMPDIR/ann/targets.pub" --add "$TMPDIR/dia/targets.pub"
expect 'and root' 0 'staged the next root' oakum-repo rotate "$many" --role root \
    --remove "$TMPDIR/ann/root.pub"
expect 'and timestamp' 0 'staged the next root' oakum-repo rotate "$many" --role timestamp \
    --remove "$all/timestamp.pub" --add "$all/timestamp2.pub"
expect 'rotate to too few' 4 'snapshot: a threshold of 2 needs as many keys, and it would have 1' \
    oakum-repo rotate "$many" --role snapshot --threshold 2
expect 'rotate no role' 2 "'level' is no role; one of root, targets, snapshot, timestamp" \
    oakum-repo rotate "$many" --role level
expect 'the next root is published' 0 'root 2, targets 2' oakum-repo sign "$many" --keys "$all"
expect 'and sound' 0 '1 level of 1 kernel' oakum-repo verify "$many"
expect 'a host that knows the first root follows' 0 '' oakum-tuf --metadata-dir "$TMPDIR/since" \
    --metadata-url "$many" refresh
cmp -s "$TMPDIR/since/root.json" "$many/2.root.json"
result $? 'it trusts the second root'
expect 'renew has nothing to do' 3 'no file is past half of its life' oakum-repo renew "$many"

# --- a site without a network ---
bundle=$TMPDIR/bundle.tar.zst site=$TMPDIR/site
expect 'export' 0 "wrote $bundle" oakum-repo export "$many" -o "$bundle"
expect 'import needs a root' 4 'give the root that you trust: --root ROOT.json' \
    oakum-repo import "$bundle" "$site"
expect 'import with a foreign root' 1 'signed by 0 of ' \
    oakum-repo import "$bundle" "$site" --root "$dir/1.root.json"
[ ! -e "$site/timestamp.json" ]
result $? 'nothing was put there'
expect 'import' 0 "imported into $site" oakum-repo import "$bundle" "$site" --root "$many/1.root.json"
expect 'import again' 3 'has all of it already' oakum-repo import "$bundle" "$site"
expect 'the site is sound' 0 '1 level of 1 kernel' oakum-repo verify "$site"
cp "$bundle" "$bundle.old"
"$BUILD/oakum-repo" refresh "$many" --keys "$all" --quiet >"$out" 2>"$err"
"$BUILD/oakum-repo" export "$many" -o "$bundle" --kernel "$id" --quiet >"$out" 2>"$err"
expect 'a newer one, of one kernel' 0 'timestamp ' oakum-repo import "$bundle" "$site"
expect 'an older one is refused' 1 '(rollback)' oakum-repo import "$bundle.old" "$site"
expect 'export of an unknown kernel' 1 'has no levels for 1 of the 1 kernels' \
    oakum-repo export "$many" -o "$TMPDIR/none.tar.zst" --kernel "$(printf 'b%.0s' {1..40})"
[ ! -e "$TMPDIR/none.tar.zst" ]
result $? 'and leaves no file'
head -c 3000 "$bundle" >"$bundle.cut"
expect 'half a bundle' 1 "$bundle.cut: " oakum-repo import "$bundle.cut" "$site"
printf 'no bundle' >"$bundle.none"
expect 'no bundle' 1 "$bundle.none: " oakum-repo import "$bundle.none" "$site"
mkdir -p "$TMPDIR/evil"
ln -s /etc/passwd "$TMPDIR/evil/timestamp.json"
tar -C "$TMPDIR/evil" -cf - timestamp.json | zstd -q >"$bundle.evil"
expect 'a link in it' 1 "'timestamp.json' is not a plain file with a safe name" \
    oakum-repo import "$bundle.evil" "$site"
printf x >"$TMPDIR/evil/x"
tar -C "$TMPDIR/evil" --transform 's|x|../../x|' -P -cf - x | zstd -q >"$bundle.evil"
expect 'a path that climbs' 1 "'../../x' is not a plain file with a safe name" \
    oakum-repo import "$bundle.evil" "$site"
expect 'the site is still sound' 0 'is sound' oakum-repo verify "$site"

sed -i 's/"version":1/"version":2/' "$dir/1.targets.json"
expect 'a changed byte is found' 1 'targets.json: sha256 does not match snapshot.json' \
    oakum-repo verify "$dir"
exit $failed
