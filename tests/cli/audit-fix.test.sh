#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum audit --fix-plan on a fake tree: the plan, apply and undo, the script and the playbook, each of
# which must leave the same host, and on its way back the one that was.
# shellcheck disable=SC2016 # dollars are jq's, or a name's
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

# A name that ends quotes, begins commands and expressions, and more lines.
evil=$'/pki/a\'b "c\\\n$(touch pwned)`touch pwned`{{ 1 }}{% x'
make_host() {
    rm -rf "$root"
    put proc/sys/kernel/osrelease 6.1.0-50-amd64
    put proc/sys/kernel/kptr_restrict 0
    put proc/sys/kernel/sysrq 438
    put proc/sys/kernel/modules_disabled 1
    put proc/sys/kernel/io_uring_disabled 0
    put proc/sys/kernel/modprobe /sbin/modprobe
    put proc/cmdline quiet
    put usr/bin/dockerd x
    put etc/group "$(printf 'root:x:0:\ndocker:x:990:')"
    put proc/100/status "$(printf 'Name:\tx\nUid:\t0\t0\t0\t0')"
    printf 'dockerd\0' >"$root/proc/100/cmdline"
    ln -s /usr/bin/dockerd "$root/proc/100/exe"
    jq -n --arg ca "$evil" '{"z": 1, "log-level": "debug", "tlscacert": $ca}' >"$TMPDIR/daemon.json"
    mkdir -p "$root"/{etc/docker,etc/sysctl.d,etc/audit/rules.d,etc/default/grub.d,usr/sbin,pki,run,var/lib}
    cp "$TMPDIR/daemon.json" "$root/etc/docker/daemon.json"
    chmod 666 "$root/etc/docker/daemon.json"
    put "$evil" x
    chmod 777 "$root$evil"
    printf 'for x in ${sysconfdir}/default/grub.d/*.cfg ; do\n' >"$root/usr/sbin/grub-mkconfig"
}

# All of the host but what oakum keeps for itself.
picture() {
    (cd "$root" && find . -path ./var/lib/oakum -prune -o -printf '%y %m %U:%G %p\n' | sort &&
        find . -path ./var/lib/oakum -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)
}

same() { # PICTURE NAME
    picture >"$TMPDIR/now"
    diff -u "$1" "$TMPDIR/now" >"$out"
    result $? "$2"
}

make_host
picture >"$TMPDIR/was"
expect 'a plan' 0 'plan ' oakum audit --fix-plan
expect 'what would change, from what to what' 0 \
    '/proc/sys/kernel/sysrq: 438 -> 176  (sysctl.kernel.sysrq)' oakum audit --fix-plan
expect 'of a file' 0 '/etc/docker/daemon.json: mode 0666 -> 0644' oakum audit --fix-plan
expect 'with the text' 0 '"live-restore": true' oakum audit --fix-plan
expect 'what is left to people' 0 '/etc/docker/daemon.json counts after: systemctl restart docker' \
    oakum audit --fix-plan
expect 'what is done on request' 0 'sysctl.kernel.io_uring_disabled  programs in containers may need' \
    oakum audit --fix-plan
expect 'what stays by hand, and why' 0 \
    'sysctl.kernel.modprobe  what this host needs must be known first: oakum modules plan' \
    oakum audit --fix-plan
expect 'what is never done' 0 'sysctl.kernel.modules_disabled  keep 0' oakum audit --fix-plan
grep -q "pwned" "$out" && ! LC_ALL=C grep -q '[^ -~	]' "$out"
result $? 'hostile names are made plain'
expect 'only what is asked for' 0 '2 changes for 1 finding; 0 stay' \
    oakum audit --fix-plan --only sysctl.kernel.io_uring_disabled
expect 'of a severity' 0 '0 changes for 0 findings' \
    oakum audit --fix-plan --only sysctl.kernel.kptr_restrict --severity critical
expect 'no such severity' 2 'must be low, medium, high or critical' \
    oakum audit --fix-plan --severity x
expect 'a document' 0 '' oakum audit --fix-plan --json
json 'with all of it' '.schema == 1 and .result == "plan" and (.plan | length) == 16 and
    (.changes[] | select(.path == "/proc/sys/kernel/sysrq") |
        .kind == "value" and .before == "438" and .after == "176" and
        .checks == ["sysctl.kernel.sysrq"]) and
    (.changes[] | select(.path == "/etc/docker/daemon.json" and .kind == "attributes") |
        .before.mode == "0666" and .after.mode == "0644") and
    (.changes[] | select(.path == "/etc/sysctl.d/60-oakum-audit.conf") | .before == null) and
    all(.left[]; .reason != "") and (.diff | contains("live-restore"))'
plan=$(jq -r .plan "$out")
expect 'the options are for a plan' 2 'go with --fix-plan' oakum audit --apply
expect 'one at a time' 2 'only one of --script' oakum audit --fix-plan --apply --undo
expect 'an id is for apply' 2 '--plan goes with --apply' oakum audit --fix-plan --plan x
same "$TMPDIR/was" 'all of that changed nothing'

expect 'another plan was reviewed' 4 'no longer as it was for plan 0123' \
    oakum audit --fix-plan --apply --plan 0123
same "$TMPDIR/was" 'so nothing was done'
expect 'apply' 0 '/proc/sys/kernel/kptr_restrict: 0 -> 1' oakum audit --fix-plan --apply --plan "$plan"
expect 'what was applied is found no more' 0 '' \
    oakum audit --json --only kernel-sysctl --only 2.3 --only 2.15 --only 3.10 --only 3.18 --only 1.1.6
json 'none of them' '[.findings[] | select(.verdict == "fail" or .verdict == "warn") | .id] | sort ==
    ["sysctl.kernel.io_uring_disabled", "sysctl.kernel.modprobe"]'
expect 'docker keeps its keys, and their order' 0 '' \
    jq -c . "$root/etc/docker/daemon.json"
json 'as they were' 'keys_unsorted == ["z", "log-level", "tlscacert", "live-restore"] and
    .["log-level"] == "info"'
expect 'what waits for a boot is told' 0 '60-oakum.cfg has it: update-grub, then a boot' \
    oakum audit --fix-plan
expect 'there is no more to apply' 3 'nothing can be changed without a person' \
    oakum audit --fix-plan --apply
picture >"$TMPDIR/applied"
printf '#\n' >>"$root/etc/sysctl.d/60-oakum-audit.conf"
expect 'another hand' 4 '/etc/sysctl.d/60-oakum-audit.conf was changed since by another hand' \
    oakum audit --fix-plan --undo
sed -i '$d' "$root/etc/sysctl.d/60-oakum-audit.conf"
same "$TMPDIR/applied" 'is left alone, and all else with it'
expect 'undo, as a document' 0 '' oakum audit --fix-plan --undo --json
json 'says so' '.result == "undone"'
same "$TMPDIR/was" 'all is as it was'
expect 'once' 3 'nothing was applied' oakum audit --fix-plan --undo

# The same by a script.
script=$TMPDIR/plan.sh
oakum audit --fix-plan --script >"$script" 2>"$err"
shellcheck "$script" >"$out" 2>&1
result $? 'the script has no fault that shellcheck knows'
# shellcheck disable=SC2317 # called through expect
run_script() {
    OAKUM_ROOT=$root bash "$script" "$@"
}
expect 'the script says what it takes' 2 'apply|undo' run_script
expect 'the script undoes nothing first' 3 'nothing was applied' run_script undo
expect 'the script' 0 'changes are in place' run_script apply
same "$TMPDIR/applied" 'leaves what apply leaves'
expect 'the script again' 0 '' run_script apply
same "$TMPDIR/applied" 'changes no more'
printf '{}\n' >"$root/etc/docker/daemon.json"
expect 'a script, after another hand' 4 'daemon.json was changed by another hand' run_script undo
[ "$(cat "$root/etc/docker/daemon.json")" = '{}' ] && [ "$(cat "$root/proc/sys/kernel/sysrq")" = 176 ]
result $? 'does nothing'
# shellcheck disable=SC2317 # called through expect
run_script_fresh() {
    make_host && run_script apply && run_script undo
}
expect 'and the way back' 0 '' run_script_fresh
same "$TMPDIR/was" 'leads to what was'
put proc/sys/kernel/sysrq 1
expect 'a script of another state' 4 'sysrq was changed by another hand' run_script apply
put proc/sys/kernel/sysrq 438
same "$TMPDIR/was" 'does nothing, either'
[ -z "$(find . "$root" -name pwned -newer "$script" 2>/dev/null)" ]
result $? 'no name became a command'

# This kernel's own settings, in a network of their own, with nothing of this machine's disk.
live='mount -t tmpfs none /etc/sysctl.d && mount -t tmpfs none /var/lib || exit 9
    cd /proc/sys/net/ipv4/conf/all && echo 1 | tee accept_redirects >accept_source_route
    only=sysctl.net.ipv4.conf.all.redirects
    "$BUILD/oakum" audit --fix-plan --apply --only $only || exit
    [ "$(cat accept_redirects accept_source_route)" = "$(printf "0\n0")" ] || exit 8
    "$BUILD/oakum" audit --all --only $only | grep PASS || exit 7
    "$BUILD/oakum" audit --fix-plan --undo || exit
    [ "$(cat accept_redirects accept_source_route)" = "$(printf "1\n1")" ] || exit 6
    [ -z "$(ls -A /etc/sysctl.d)" ]'
if unshare -n -m true 2>/dev/null; then
    expect 'settings of a kernel that runs' 0 'accept_source_route: 1 -> 0' unshare -n -m bash -c "$live"
else
    printf 'ok - settings of a kernel that runs # SKIP no namespaces\n'
fi

# The same by Ansible.
if ! command -v ansible-playbook >/dev/null; then
    printf 'ok - the playbook # SKIP no ansible-playbook\n'
    exit $failed
fi
playbook=$TMPDIR/plan.yml
oakum audit --fix-plan --ansible >"$playbook" 2>"$err"
export ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False ANSIBLE_HOME=$TMPDIR/ansible
# shellcheck disable=SC2317 # called through expect
play() {
    ansible-playbook -c local -i localhost, -e oakum_root="$root" -e oakum_become=false "$@" "$playbook"
}
expect 'it looks before' 0 'failed=0' play --check
same "$TMPDIR/was" 'which changes nothing'
expect 'the playbook' 0 'failed=0' play
same "$TMPDIR/applied" 'leaves what apply leaves'
expect 'the playbook again' 0 'changed=0' play
expect 'the playbook back' 0 'failed=0' play --tags undo
same "$TMPDIR/was" 'leads to what was'
[ -z "$(find . "$root" -name pwned -newer "$script" 2>/dev/null)" ]
result $? 'no name became an expression'
exit $failed
