#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum on fake trees, and on this very machine as far as that changes nothing: status, messages,
# JSON. What it does to a kernel is shown in tests/vm.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo keys=$TMPDIR/keys
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

publish() { # DIRECTORY OF A LEVEL
    "$BUILD/oakum-repo" add "$repo" "$1"/oakum_*.ko "$1/manifest.json" --quiet &&
        "$BUILD/oakum-repo" sign "$repo" --keys "$keys" --quiet
}

"$BUILD/oakum-repo" init "$repo" --keys "$keys" --no-passphrase --quiet >"$out" 2>"$err"
result $? 'a repository'
fresh_root

expect 'status of an unpatched host' 0 'level      none' oakum status
expect 'status as a document' 0 '' oakum status --json
json 'the document names the kernel' \
    ".schema == 1 and .level == null and .state == \"none\" and .kernel.build_id == \"$build_id\""
expect 'check without a level for this kernel' 0 "no level for kernel $build_id" oakum check

one=$(level 1 $build_id)
publish "$one" >"$out" 2>"$err"
result $? 'level 1 is published'
expect 'check finds it' 3 "'oakum update' would apply level 1: CVE-2026-1" oakum check --quiet
expect 'check as a document' 3 '' oakum check --json --quiet
json 'the document says so' '.result == "newer" and .level == 1 and .cves == ["CVE-2026-1"]
    and (.preflight | length) > 8 and all(.preflight[]; .verdict != "fail")'
touch -d '2 days' "$root/var/lib/oakum/trust/timestamp.json"
expect 'a clock that was set back' 1 "set the clock, or expired metadata would be taken for fresh" \
    oakum check
touch "$root/var/lib/oakum/trust/timestamp.json"
expect 'check of another channel' 0 'in channel stable' oakum check --channel stable
expect 'check leaves no level behind' 0 '' test ! -e "$root/var/lib/oakum/levels"
expect 'only the real host is changed' 4 "only this machine's own kernel can be changed" oakum update
expect 'an agent is asked only where one runs' 1 'no agent runs: leave --no-wait out' oakum update --no-wait
expect 'and has its own settings' 2 '--no-wait goes with no other option' \
    oakum update --no-wait --channel stable
expect 'nor is it reverted elsewhere' 4 "only this machine's own kernel can be changed" oakum revert

loaded oakum_1 1 0 do_exit,1
expect 'status of a patched host' 0 'level      1, applied' oakum status
mkdir -p "$root/proc/77"
printf '0::/docker/%064d\n' 7 >"$root/proc/77/cgroup"
expect 'status counts containers' 0 '' oakum status --json
json 'one of them' '.containers.running == 1'
rm -r "$root/proc/77"
expect 'status knows the functions' 0 'functions  vmlinux: do_exit' oakum status --verbose
expect 'check of a patched host' 0 'nothing to do: level 1 is applied' oakum check
loaded oakum_1 1 1 do_exit,1
expect 'status in the middle of a transition' 0 'level      1, applying' oakum status
loaded oakum_1 0 1 do_exit,1
expect 'check while it is taken back' 75 "'oakum_1' is in transition: try again later" oakum check
fresh_root
loaded oakum_1 1 0 other,1
expect 'another module of that name' 4 'redirects only 0 of the 1 functions of level 1' oakum check
fresh_root
loaded kpatch_x 1 0 f,1
expect "another tool's livepatch" 4 "livepatch 'kpatch_x' of another tool is loaded" oakum check
expect 'status shows it' 0 "livepatch 'kpatch_x' of another tool" oakum status

fresh_root
expect 'info without a level' 1 "no level for kernel $build_id is on this host" oakum info
mkdir -p "$root/var/lib/oakum/levels/$build_id/1"
cp "$one"/* "$root/var/lib/oakum/levels/$build_id/1/"
expect 'info of a level on disk' 0 'function  vmlinux: do_exit (proof: identical)' oakum info
expect 'info as a document' 0 '' oakum info 1 --json
json 'the document holds the manifest' '.manifest.level == 1 and .state == "none"'
expect 'info of a level that is not there' 1 "level 7 of kernel $build_id is not on this host" \
    oakum info 7
expect 'info of no number' 2 "'x' is not the number of a level" oakum info x

fresh_root
put etc/oakum/oakum.conf 'chanel = edge'
expect 'an unknown key' 1 "/etc/oakum/oakum.conf:1: unknown key 'chanel'" oakum check
put etc/oakum/oakum.conf '# nothing'
expect 'no repository' 1 'no repository is set: write "repository = URL" into' oakum check
expect 'a bad repository' 2 "repository 'ftp://x': must be a URL" oakum check --repository ftp://x
rm "$root/etc/oakum/root.json"
expect 'no trusted root' 1 "/etc/oakum/root.json: no such file: put the repository's" \
    oakum check --repository "$repo"
fresh_root
put proc/sys/kernel/modules_disabled 1
expect 'modules are locked out' 6 'kernel.modules_disabled is 1' oakum check
fresh_root
put sys/kernel/security/lockdown 'none [integrity] confidentiality'
expect 'lockdown' 6 'level 1 is not signed, and the kernel is locked down' oakum check
fresh_root
rm -r "$root/sys/kernel/livepatch"
expect 'a kernel without livepatch' 5 'no livepatch support (CONFIG_LIVEPATCH)' oakum check
expect 'its status' 5 'no livepatch support (CONFIG_LIVEPATCH)' oakum status --json
json 'is a document too' '.kernel.livepatch == false and .result == "unsupported"'
fresh_root
mkdir -p "$root/var/lib/oakum"
exec 9>"$root/var/lib/oakum/lock"
flock 9
expect 'two at once' 75 'another oakum (process unknown) is at work; try again later' oakum check
exec 9>&-

expect 'a time-out that is none' 2 "--timeout '1m': must be seconds, 0 to 86400" \
    "$BUILD/oakum" revert --timeout 1m
expect 'apply of nothing' 2 'missing argument: LEVEL | FILE.ko MANIFEST' "$BUILD/oakum" apply

# This machine, by somebody who may not.
cp "$BUILD/oakum" "$TMPDIR/oakum"
chmod 755 "$TMPDIR" "$TMPDIR/oakum"
for verb in update revert check 'apply 1'; do
    # shellcheck disable=SC2086 # two words
    expect "$verb without root" 6 'not permitted: run as root (CAP_SYS_MODULE is missing)' \
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        "$TMPDIR/oakum" $verb
done
if [ ! -e /sys/kernel/livepatch ] && [ "$(id -u)" -eq 0 ]; then
    for verb in update revert check 'apply 1' status info; do
        # shellcheck disable=SC2086 # two words
        expect "$verb on a kernel without livepatch" 5 'no livepatch support (CONFIG_LIVEPATCH)' \
            "$BUILD/oakum" $verb
    done
fi
exit $failed
