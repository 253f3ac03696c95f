#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interim mitigations: modules blocked and switches set until the CVE is fixed, on a host that is a tree
# of files; lifted by themselves, and never over what another hand changed.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo records=$TMPDIR/records
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

record() { # ID FILE...
    jq -n --arg id "$1" '{dataType: "CVE_RECORD", dataVersion: "5.1", cveMetadata: {cveId: $id,
        state: "PUBLISHED", assignerOrgId: "f4215fc3-5b6b-47ff-a258-f7189bd81038"},
        containers: {cna: {title: "made up", affected: [{product: "Linux", vendor: "Linux",
            defaultStatus: "affected", programFiles: $ARGS.positional, versions: []}]}}}' \
        --args "${@:2}" >"$records/$1.json"
}

there() { # NAME PATH [TEXT] - in $root
    [ -e "$root/$2" ] && { [ -z "${3-}" ] || grep -qxF -- "$3" "$root/$2"; }
    result $? "$1"
}

gone() { # NAME PATH
    [ ! -e "$root/$2" ]
    result $? "$1"
}

# shellcheck disable=SC2317 # called through expect
mitigate() { # ARGUMENT...
    "$BUILD/oakum" cves mitigate --root "$root" "$@"
}

level_is_live() { # CVE
    local one
    one=$(level 1 $build_id)
    sed -i "s/CVE-2026-1\"/$1\"/g" "$one/manifest.json"
    mkdir -p "$root/var/lib/oakum/levels/$build_id/1"
    cp "$one"/* "$root/var/lib/oakum/levels/$build_id/1/"
    loaded oakum_1 1 0 do_exit,1
}

level_is_gone() {
    rm -r "$root/sys/kernel/livepatch/oakum_1" "$root/var/lib/oakum/levels" "$TMPDIR/level-1"
}

mkdir -p "$repo" "$records"
printf '{}\n' >"$repo/1.root.json"
record CVE-2026-90001 net/sctp/sctp.c net/tipc/tipc.c
record CVE-2026-90002 net/unix/af_unix.c
record CVE-2026-90003 kernel/bpf/verifier.c
record CVE-2026-90004 kernel/bpf/core.c
record CVE-2026-90005 net/rds/rds.c
fresh_root
put proc/version 'Linux version 6.1.0-50-amd64 (x) (gcc-12) #1 SMP Debian 6.1.176-1 (2026-07-02)'
put proc/modules 'rds 1 0 - Live 0x0'
put lib/modules/6.1.0-50-amd64/modules.order "$(printf 'kernel/net/%s.ko\n' sctp/sctp tipc/tipc rds/rds)"
put proc/sys/kernel/unprivileged_bpf_disabled 0
mkdir -p "$root/var/lib/oakum"
"$BUILD/oakum-repo" cves "$records" --output "$root/var/lib/oakum/cves.db" --quiet >"$out" 2>"$err"
result $? 'a database'
modules=etc/modprobe.d/50-oakum-CVE-2026-90001.conf sysctls=etc/sysctl.d/50-oakum-CVE-2026-90003.conf

expect 'nothing is mitigated' 0 'nothing is mitigated' mitigate --list
expect 'what is open is closed' 0 'sctp is blocked tipc is blocked' mitigate CVE-2026-90001
there 'modprobe is told' $modules 'install sctp /bin/false'
there '... of every module' $modules 'install tipc /bin/false'
there '... by its name' $modules '# Written by "oakum cves mitigate CVE-2026-90001". It goes away by itself when a'
expect 'it is so' 0 'not-loaded-and-blocked' oakum cves CVE-2026-90001
expect 'once is enough' 3 'CVE-2026-90001 is mitigated already' mitigate CVE-2026-90001
expect 'the summary tells' 0 'mitigated   CVE-2026-90001 since 20' oakum cves
expect 'and status' 0 'CVE-2026-90001, until it is fixed: sctp is blocked tipc is blocked' oakum status
expect 'and the document' 0 '' oakum status --json
json 'has it' '.mitigations[0] | .cve == "CVE-2026-90001" and .modules == ["sctp", "tipc"]'

expect 'code that is part of the kernel' 4 'no switch keeps others away' mitigate CVE-2026-90002
expect 'a module that is loaded' 4 'in modules that are loaded' mitigate CVE-2026-90005
expect 'no such record' 1 'is not in the database' mitigate CVE-2026-10001
expect 'no id' 2 'give one CVE-ID, or --list' mitigate

expect 'a switch' 0 'kernel.unprivileged_bpf_disabled is 2' mitigate CVE-2026-90003
there 'is set at once' proc/sys/kernel/unprivileged_bpf_disabled 2
there 'and for the next boot' $sysctls 'kernel.unprivileged_bpf_disabled = 2'
expect 'what stands well already is no help' 4 '' mitigate CVE-2026-90004
expect 'it is taken back by hand' 0 'was taken back' mitigate --undo CVE-2026-90003
there 'the switch stands as before' proc/sys/kernel/unprivileged_bpf_disabled 0
gone 'its file is gone' $sysctls
expect 'not twice' 1 'CVE-2026-90003 is not mitigated here' mitigate --undo CVE-2026-90003

expect 'again' 0 '' mitigate CVE-2026-90003
put proc/sys/kernel/unprivileged_bpf_disabled 1
level_is_live CVE-2026-90003
expect 'a level that fixes it is live' 0 'patched-live                1' oakum cves
gone 'the mitigation is lifted' $sysctls
there 'a switch that another hand turned stays' proc/sys/kernel/unprivileged_bpf_disabled 1
expect 'the other CVE' 0 'CVE-2026-90001 since' mitigate --list
! grep -q CVE-2026-90003 "$out"
result $? '... is the only one left'
level_is_gone

put $modules "$(cat "$root/$modules"; printf 'blacklist mine')"
level_is_live CVE-2026-90001
expect 'a file that another hand changed' 0 'was changed by another hand' oakum cves
there '... stays' $modules 'blacklist mine'
sed -i '/mine/d' "$root/$modules"
expect 'as it was' 0 'CVE-2026-90001 is patched-live: its mitigation was lifted' oakum cves
gone '... it is lifted' $modules
gone '... and nothing is left' var/lib/oakum/mitigations.json
expect 'there is nothing to close' 3 'CVE-2026-90001 is patched-live: there is nothing to close' mitigate CVE-2026-90001
level_is_gone

put var/lib/oakum/mitigations.json '{"schema": 1, "mitigations": [{"cve": "../../etc/passwd"}]}'
expect 'a list that is not ours' 1 'not as oakum writes it' mitigate --list
exit $failed
