#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a host says of itself, on fake trees: the screen, the Nagios line, the effective version, pin
# and tag, the support bundle, which must hold no secret.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

mkdir -p "$repo"
printf '{}\n' >"$repo/1.root.json"

golden() { # NAME - the last output is standard input, byte by byte
    diff - "$out" >"$err" 2>&1
    result $? "$1"
}

fresh_root
one=$(level 1 $build_id)
mkdir -p "$root/var/lib/oakum/levels/$build_id/1"
cp "$one"/* "$root/var/lib/oakum/levels/$build_id/1/"
loaded oakum_1 1 0 do_exit,1
expect 'status of a patched host' 0 '' oakum status
[ "$(wc -l <"$out")" -le 24 ]
result $? 'it fits on one screen'
sed -i '/^WARNING/,/^$/d; /^checked/,$d' "$out"
golden 'every row of it that the kernel tells' <<E
kernel     6.1.0-50-amd64
build-id   $build_id
level      1, applied, channel edge
fixes      CVE-2026-1
E
expect 'the functions, where they are asked for' 0 'functions  vmlinux: do_exit' oakum status -v
expect 'status without colour in a pipe' 0 '' oakum status
! grep -q "$(printf '\033')" "$out"
result $? 'no escape is in it'
expect 'status as a document' 0 '' oakum status --json
json 'the document has what it had, and more' '.level == 1 and .state == "applied" and .complete
    and .cves == ["CVE-2026-1"] and .functions[0].name == "do_exit" and .foreign == []
    and .effective_version == "6.1.0-50-amd64" and .containers.running == 0
    and (.health.findings | type) == "array"'

expect 'the line for Nagios, without a check' 1 \
    'OAKUM WARNING - the repository was not asked yet; level 1 is applied, 1 CVE is closed | level=1' \
    oakum status --nagios
[ "$(wc -l <"$out")" -eq 1 ] && [ ! -s "$err" ]
result $? 'it is one line, and nothing else'
expect 'a bad threshold' 3 "OAKUM UNKNOWN - --warning 'x': must be hours, 0 to 87600" \
    oakum status --nagios --warning x
expect 'the same without Nagios' 2 "--warning 'x': must be hours, 0 to 87600" oakum status -w x
expect 'no tree at all' 3 'OAKUM UNKNOWN - --root /nowhere: No such file' \
    "$BUILD/oakum" status --nagios --root /nowhere
rm -r "$root/sys/kernel/livepatch"
expect 'a kernel without livepatch is critical' 2 \
    'OAKUM CRITICAL - this kernel has no livepatch support' oakum status --nagios
expect 'and has its own exit status otherwise' 5 'no livepatch support' oakum status

expect 'the effective version' 0 '6.1.0-50-amd64' oakum uname
expect 'the line of uname -a' 0 '6.1.0-50-amd64' oakum uname -a
expect 'uname is never faked' 0 'uname(1) itself is never faked' "$BUILD/oakum" uname --help

fresh_root
expect 'no pin' 0 'pin        none' oakum pin
expect 'a pin to a level' 0 'pin        7' oakum pin 7
grep -qx 'pin = 7' "$root/etc/oakum/conf.d/50-pin.conf"
result $? 'stands in its file'
expect 'a pin to a day' 0 'pin        2026-11-01' oakum pin 2026-11-01
expect 'pin as a document' 0 '' oakum pin --json
json 'names it' '.pin == "2026-11-01" and .result == "pin"'
expect 'a day that does not exist' 2 "pin '2026-02-30': must be" oakum pin 2026-02-30
expect 'a pin of two lines' 2 'must be' oakum pin '7
skip = 1'
expect 'what is refused changes nothing' 0 'pin        2026-11-01' oakum pin
put etc/oakum/conf.d/90-own.conf 'pin = 3'
expect 'a later file has the last word' 1 'another file of /etc/oakum/conf.d' oakum pin 7
rm "$root/etc/oakum/conf.d/90-own.conf"
expect 'no pin any more' 0 'pin        none' oakum pin none
expect 'twice is fine' 0 'pin        none' oakum pin none
expect 'no tags' 0 'tags       none' oakum tag
expect 'two tags' 0 'tags       role=web az=1' oakum tag role=web az=1
expect 'tags as a document' 0 '' oakum tag --json
json 'is a list' '.tags == ["role=web", "az=1"]'
expect 'tags are taken away' 0 'tags       none' oakum tag none
[ ! -e "$root/etc/oakum/conf.d/50-tag.conf" ]
result $? 'with their file'
if [ "$(id -u)" -eq 0 ]; then
    cp "$BUILD/oakum" "$TMPDIR/oakum"
    chmod 755 "$TMPDIR" "$TMPDIR/oakum"
    expect 'a pin without root' 6 'not permitted: run as root' setpriv --reuid 65534 \
        --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        "$TMPDIR/oakum" pin 7 --root "$root"
fi

# Secrets wherever an administrator may have left one.
secret=pl4nted-s3cret
put etc/oakum/oakum.conf "repository = https://user:$secret@patches.example.org/oakum/
proxy = http://proxy:$secret@proxy.example.org:3128"
put proc/cmdline "root=/dev/vda oakum.password=$secret api_token=$secret quiet"
put var/lib/oakum/journal "time=2026-11-23T20:15:03Z url=https://u:$secret@h/?sig=$secret level=1 step=load"
put var/lib/oakum/report.json "{ \"proxy_password\": \"$secret\" }"
put var/lib/oakum/trust/root.json '{"signed":{"_type":"root","version":3,"expires":"2027-01-01T00:00:00Z","keys":{"k":"a-public-key"}}}'
put etc/os-release 'ID=debian'
loaded oakum_1 1 0 do_exit,1
bundle=$TMPDIR/bundle.tar.zst
expect 'a support bundle' 0 "$bundle" oakum doctor -o "$bundle"
[ "$(stat -c %a "$bundle")" = 600 ]
result $? 'nobody else reads it'
mkdir -p "$TMPDIR/bundle"
zstd -dcq "$bundle" | tar -xf - -C "$TMPDIR/bundle" --strip-components=1 2>"$err"
result $? 'tar unpacks it'
! grep -rF "$secret" "$TMPDIR/bundle" >"$out"
result $? 'no secret is in it'
for what in 'status.json "level": 1' 'settings.json patches.example.org' 'cmdline root=/dev/vda' \
    'cmdline quiet' 'journal time=2026-11-23' 'livepatch oakum_1: enabled 1' 'os-release ID=debian' \
    'trust type root, version 3, expires 2027-01-01' 'units not asked'; do
    grep -qF -- "${what#* }" "$TMPDIR/bundle/${what%% *}" 2>"$err"
    result $? "the bundle has ${what%% *}: ${what#* }"
done
! grep -rq a-public-key "$TMPDIR/bundle"
result $? 'keys are not in it'
expect 'a bundle that cannot be written' 1 'No such file' oakum doctor -o /nowhere/x
expect 'as a document' 0 '' oakum doctor -o "$bundle" --json
json 'which lists what is in it' '.file and (.entries | index("status.json")) != null'

packaging/update-motd.d/90-oakum >"$out" 2>"$err"
result $? 'the message of the day is fine with nothing'
exit $failed
