#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CVEs: records compiled into a database, any upstream version judged with it, and a host, as levels
# and modules come and go. A second implementation, in jq, must count the same.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo db=$TMPDIR/cves.db records=tests/cves/records
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

mkdir -p "$repo"
printf '{}\n' >"$repo/1.root.json"

# The program's counts in the form of count.jq.
counts() { # DATABASE VERSION...
    local version
    for version in "${@:2}"; do
        "$BUILD/oakum" cves --database "$1" --upstream "$version" --json |
            jq -r '[.upstream, (.counts | .upstream_affected, .upstream_fixed,
                .upstream_not_affected, .none)] | @tsv'
    done
}

versions=(2.6.32.70 4.19 5.10.200 5.15.100 6.1.77 6.1.170 6.5-rc1 6.6.50 6.12.40 7.2)
asked=$(printf '%s\n' "${versions[@]}" | jq -R . | jq -cs .)

expect 'records are compiled' 0 'wrote' "$BUILD/oakum-repo" cves "$records" --output "$db"
counts "$db" "${versions[@]}" >"$out" 2>"$err"
jq -nr --argjson one false --argjson versions "$asked" -f tests/cves/count.jq "$records"/*.json |
    diff - "$out" >>"$err" 2>&1
result $? 'two implementations count the same'

tar -C "$records" --zstd -cf "$TMPDIR/records.tar.zst" .
expect 'and from an archive' 0 '' "$BUILD/oakum-repo" cves "$TMPDIR/records.tar.zst" \
    --output "$TMPDIR/tar.db" --json
json 'the document tells what was read' '.schema == 1 and .published == 15 and .rejected == 1
    and .reserved == 1 and .refused == [] and .bytes > 1000'
[ "$(counts "$TMPDIR/tar.db" 6.1.77)" = "$(counts "$db" 6.1.77)" ]
result $? 'it has the same in it'

mkdir "$TMPDIR/bad"
cp "$records/CVE-2025-38236.json" "$TMPDIR/bad/"
head -c 200 "$records/CVE-2024-26581.json" >"$TMPDIR/bad/CVE-2024-26581.json"
truncate -s 1G "$TMPDIR/bad/CVE-2024-0001.json"
expect 'a bad record is refused by name' 0 'refused: ' "$BUILD/oakum-repo" cves "$TMPDIR/bad" \
    --output "$TMPDIR/bad.db"
grep -q 'CVE-2024-26581.json: record: line 1' "$err" &&
    grep -q 'CVE-2024-0001.json: more than 1048576 bytes' "$err" &&
    grep -q '2 could not be read' "$out"
result $? 'each of them, and the rest is kept'
cp "$db" "$TMPDIR/kept.db"
head -c 3000 "$TMPDIR/records.tar.zst" >"$TMPDIR/cut.tar.zst"
expect 'an archive that ends early is an error' 1 'cut.tar.zst: ' \
    "$BUILD/oakum-repo" cves "$TMPDIR/cut.tar.zst" --output "$db"
cmp -s "$db" "$TMPDIR/kept.db"
result $? 'and the old database stays'

expect 'one CVE of one version' 0 'verdict     affected in 6.1.77' \
    "$BUILD/oakum" cves --database "$db" --upstream 6.1.77 CVE-2024-26581
grep -q '^way out     version 6.1.78' "$out" &&
    grep -q '^because     entry 0 says so of 6.1.43 <= version < 6.1.78' "$out"
result $? 'with the reason and the way out'
expect 'the ids of a version' 0 '' "$BUILD/oakum" cves --database "$db" --upstream 6.1.170 --json
json 'stand in the document' '.counts.upstream_affected == (.ids | length)
    and (.ids | index("CVE-2026-31617")) and (.ids | index("CVE-2024-26581") | not)'
expect 'no version' 2 "--upstream '6'" "$BUILD/oakum" cves --database "$db" --upstream 6
expect 'no id' 2 "'CVE-1' is not the id of a CVE" "$BUILD/oakum" cves --database "$db" \
    --upstream 6.1 CVE-1
expect 'an id that is not there' 1 'CVE-2000-0001 is not in the database' \
    "$BUILD/oakum" cves --database "$db" --upstream 6.1 CVE-2000-0001
expect 'no database' 1 'no CVE database (' \
    "$BUILD/oakum" cves --database "$TMPDIR/none" --upstream 6.1
printf 'x' | dd of="$TMPDIR/kept.db" bs=1 seek=900 conv=notrunc 2>/dev/null
expect 'a damaged database' 1 'the CVE database is damaged' \
    "$BUILD/oakum" cves --database "$TMPDIR/kept.db" --upstream 6.1

# A host of Debian's 6.1.140, whose package's changelog names one CVE more.
mkdir -p "$TMPDIR/src"/{net/unix,drivers/soundwire,drivers/usb,mm,arch/x86}
printf '\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 140\n' >"$TMPDIR/src/Makefile"
# shellcheck disable=SC2016 # Makefiles
{
    printf 'obj-$(CONFIG_UNIX) += unix/\n' >"$TMPDIR/src/net/Makefile"
    printf 'obj-$(CONFIG_UNIX) += unix.o\nunix-y := af_unix.o\n' >"$TMPDIR/src/net/unix/Makefile"
    printf 'obj-$(CONFIG_SOUNDWIRE) += soundwire/\n' >"$TMPDIR/src/drivers/Makefile"
    printf 'obj-y += cadence_master.o\n' >"$TMPDIR/src/drivers/soundwire/Makefile"
    printf 'obj-y += khugepaged.o\n' >"$TMPDIR/src/mm/Makefile"
    printf '#\n' >"$TMPDIR/src/arch/x86/Makefile"
}
fresh_root
put proc/version 'Linux version 6.1.0-50-amd64 (x) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.140-1 (2026-07-02)'
put proc/modules 'ext4 1 0 - Live 0x0'
put etc/os-release 'VERSION_CODENAME=bookworm'
put boot/config-6.1.0-50-amd64 "$(printf 'CONFIG_NET=y\nCONFIG_UNIX=y')"
put lib/modules/6.1.0-50-amd64/modules.order kernel/drivers/usb/gadget/function/f_ncm.ko
mkdir -p "$root/usr/share/doc/linux-image-6.1.0-50-amd64"
printf 'linux (6.1.140-1) bookworm; urgency=high\n\n  * amdgpu (CVE-2024-41008)\n' |
    gzip >"$root/usr/share/doc/linux-image-6.1.0-50-amd64/changelog.Debian.gz"
mkdir -p "$root/var/lib/oakum"
expect 'with the source of its branch' 0 'is compiled' "$BUILD/oakum-repo" cves "$records" \
    --output "$root/var/lib/oakum/cves.db" --source "$TMPDIR/src"

verdict() { # NAME CVE VERDICT PATTERN
    expect "$1" 0 "$4" oakum cves "$2"
    grep -q "^verdict     $3: " "$out"
    result $? "its verdict is $3"
}

expect 'the summary of a host' 0 'the worst of' oakum cves
[ "$(wc -l <"$out")" -le 40 ] && grep -q '^kernel      6.1.0-50-amd64, upstream 6.1.140, package 6.1.140-1' "$out"
result $? 'tells which kernel, on one screen'
expect 'as a document' 0 '' oakum cves --json
json 'every record has one verdict' '.schema == 1 and ([.counts[]] | add) == 17
    and .counts.exposed == (.cves | length) and .changelog_error == ""
    and all(.cves[]; .reason and .way_out)'
verdict 'by version' CVE-2024-26581 fixed 'upstream has the fix since 6.1.78'
verdict 'never there' CVE-2020-36791 not-affected 'by the default of entry 1'
verdict 'by the changelog' CVE-2024-41008 fixed 'changelog   of 6.1.140-1: names it'
verdict 'by the configuration' CVE-2024-38635 not-built 'CONFIG_SOUNDWIRE is not set'
verdict 'in a module' CVE-2026-31617 module-not-loaded 'way out     block module f_ncm: oakum cves mitigate, with its id'
put etc/modprobe.d/oakum.conf 'install f_ncm /bin/false'
verdict 'in a module that is blocked' CVE-2026-31617 not-loaded-and-blocked 'module f_ncm is not loaded, and blocked'
# modprobe heeds no install line where there are soft dependencies; an empty one of a file before is none.
put lib/modules/6.1.0-50-amd64/modules.softdep 'softdep f_ncm pre: crc32'
verdict 'in a module whose soft dependencies let it in' CVE-2026-31617 module-not-loaded 'module f_ncm is not loaded'
rm "$root/etc/modprobe.d/oakum.conf"
put etc/modprobe.d/50-oakum.conf "$(printf 'softdep f_ncm pre:\ninstall f_ncm /bin/false')"
verdict 'they are taken away again' CVE-2026-31617 not-loaded-and-blocked 'module f_ncm is not loaded, and blocked'
mv "$root/etc/modprobe.d/50-oakum.conf" "$root/etc/modprobe.d/zz.conf"
verdict 'but in a file that comes later' CVE-2026-31617 module-not-loaded 'module f_ncm is not loaded'
put proc/modules 'f_ncm 1 0 - Live 0x0'
verdict 'in a module that is loaded' CVE-2026-31617 exposed 'module f_ncm is loaded'

verdict 'without a level' CVE-2025-38236 exposed 'level       none that this host knows has it'
one=$(level 1 $build_id)
sed -i 's/CVE-2026-1/CVE-2025-38236/g' "$one/manifest.json"
mkdir -p "$root/var/lib/oakum/levels/$build_id/1"
cp "$one"/* "$root/var/lib/oakum/levels/$build_id/1/"
verdict 'with a level on the disk' CVE-2025-38236 exposed 'load level 1'
loaded oakum_1 1 0 do_exit,1
verdict 'with the level in the kernel' CVE-2025-38236 patched-live 'level       1: live'
put sys/kernel/livepatch/oakum_1/transition 1
verdict 'while some tasks run the old code' CVE-2025-38236 exposed 'wait: level 1'
put sys/kernel/livepatch/oakum_1/transition 0
mv "$root/sys/kernel/livepatch/oakum_1/vmlinux/do_exit,1" "$root/sys/kernel/livepatch/oakum_1/vmlinux/other,1"
verdict 'when the kernel does not show its functions' CVE-2025-38236 exposed 'functions-missing'
rm -r "$root/sys/kernel/livepatch/oakum_1" "$root/var/lib/oakum/levels"
verdict 'after the level was taken back' CVE-2025-38236 exposed 'level       none'
put var/lib/oakum/news/news.json '{"schema": 1, "tried": 1, "checked": 1, "error": "", "expires": 9,
    "newest": 2, "no_level": false, "withheld": [{"level": 2, "until": 0, "why": "pinned to 1",
    "cves": ["CVE-2025-38236"]}]}'
verdict 'held back by policy' CVE-2025-38236 withheld 'level 2 is held back: pinned to 1'
expect 'the evidence as a document' 0 '' oakum cves --json CVE-2025-38236
json 'has every piece' '.cves[0].evidence | .upstream == "affected" and .changelog == false
    and .levels[0].state == "withheld" and .files[0].state == "in-kernel"'

# Who gets there: a user, and containers, one with docker's default profile and one without any.
rm "$root/var/lib/oakum/news/news.json"
put proc/sys/kernel/unprivileged_bpf_disabled 2
put proc/sys/user/max_user_namespaces 1000
process() { # PID CGROUP CAPABILITIES SECCOMP PARENT NAMESPACES
    local kind
    put "proc/$1/cgroup" "$2"
    put "proc/$1/status" "$(printf 'Name:\tx\nPPid:\t%s\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \nNSpid:\t%s%s\nCapInh:\t0\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\nCapAmb:\t0\nNoNewPrivs:\t0\nSeccomp:\t%s\nSeccomp_filters:\t1' \
        "$5" "$1" "$([ "$6" = 1 ] || printf '\t1')" "$3" "$3" "$3" "$4")"
    put "proc/$1/stat" "$1 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"
    put "proc/$1/mountinfo" '1 0 0:90 / / rw - overlay overlay rw'
    put "proc/$1/uid_map" '0 0 4294967295'
    put "proc/$1/task/$1/comm" x
    put "proc/$1/net/dev" '    lo: 0'
    mkdir -p "$root/proc/$1/ns"
    for kind in net pid ipc uts mnt; do ln -s "$kind:[$6]" "$root/proc/$1/ns/$kind"; done
    for kind in user cgroup time; do ln -s "$kind:[1]" "$root/proc/$1/ns/$kind"; done
}
docker() { # PID NAME LETTER CAPABILITIES SECCOMP
    local id
    id=$(printf "%064d" 0 | tr 0 "$3")
    process "$1" "0::/system.slice/docker-$id.scope" "$4" "$5" "$(($1 + 1000))" "$1"
    put "var/lib/docker/containers/$id/config.v2.json" "{\"Name\": \"/$2\", \"Config\": {\"Image\": \"x\"}}"
    mkdir -p "$root/proc/$(($1 + 1000))"
    ln -s "../../run/moby/$id" "$root/proc/$(($1 + 1000))/cwd"
    put "run/moby/$id/config.json" '{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO",
        "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0,
        "value": 1, "op": "SCMP_CMP_NE"}]}]}}}'
}
process 1 0::/init.scope 000001ffffffffff 0 0 1
docker 50 web a 00000000a80425fb 2
docker 60 db b 00000000a80425fb 2
docker 70 tools c 000001ffffffffff 0
verdict 'who reaches it' CVE-2025-38236 exposed 'any user: yes (certain)'
grep -q '^reach       any user: yes (certain)$' "$out" &&
    grep -q '^reach       db, web: no (certain)$' "$out" &&
    grep -q '^            net/unix/af_unix.c, Unix sockets: its seccomp profile denies socket(AF_UNIX)$' "$out" &&
    grep -q '^reach       tools: yes (certain)$' "$out"
result $? 'each actor, those that are alike together, with the evidence'
expect 'and in the summary' 0 'reach: any user (certain), 1 of 3 containers: tools' oakum cves
grep -qE '^reached +[0-9]+ by users or containers, [0-9]+ by none of them, [0-9]+ unknown' "$out"
result $? 'which counts'
expect 'a filter for a container' 0 '' oakum cves --reach container=web
! grep -q CVE-2025-38236 "$out"
result $? 'lists what it reaches alone'
expect 'for another' 0 CVE-2025-38236 oakum cves --reach container=docker:tools
expect 'for anybody' 0 CVE-2025-38236 oakum cves --reach any
expect 'for nobody' 0 '' oakum cves --reach none
! grep -q CVE-2025-38236 "$out"
result $? 'lists others'
expect 'no such container' 1 "nobody: no such container; 'oakum containers' lists them" \
    oakum cves --reach container=nobody
expect 'no such filter' 2 "--reach 'x': any, none, unknown or container=NAME" oakum cves --reach x
expect 'in the document' 0 '' oakum cves --json
json 'by whom' '(.reach | .any + .none + .unknown) == .counts.exposed + .counts.withheld
    and (.cves[] | select(.id == "CVE-2025-38236").reach |
        .by == "any" and .user == {"answer": "yes", "sure": "certain"}
        and .containers == {"yes": 1, "unknown": 0, "no": 2})'
expect 'of one' 0 '' oakum cves --json CVE-2025-38236
json 'with each actor' '.cves[0].reach.actors | length == 4 and .[0].name == "any user"
    and (.[] | select(.name == "web") | .engine == "docker" and .answer == "no"
        and .because[0].file == "net/unix/af_unix.c" and (.because[0].why | test("denies")))'
rm -r "$root"/proc/{1,50,60,70,1050,1060,1070}
put proc/sys/kernel/osrelease 6.1.0-50-amd64

put boot/vmlinuz-6.1.0-50-amd64 x
put boot/vmlinuz-6.1.0-51-amd64 x
mkdir -p "$root/usr/share/doc/linux-image-6.1.0-51-amd64"
printf 'linux-signed-amd64 (6.1.147+1) bookworm; urgency=high\n\n  * Sign kernel from linux 6.1.147-1\n' |
    gzip >"$root/usr/share/doc/linux-image-6.1.0-51-amd64/changelog.gz"
verdict 'with a newer kernel on the disk' CVE-2025-38236 exposed 'boot the kernel that is installed: 6.1.0-51-amd64'
expect 'what only a reboot ends' 0 'into 6.1.0-51-amd64 ends 1 that no level on this host has; it waits since' oakum cves
expect 'in the document' 0 '' oakum cves --json
json 'too' '.reboot | .release == "6.1.0-51-amd64" and .package == "6.1.147-1" and .cves == 1
    and (.since | startswith("20"))'
rm "$root"/boot/vmlinuz-*
put var/lib/oakum/news/news.json '{"schema": 1, "tried": 1, "checked": 1, "error": "", "expires": 9,
    "newest": 2, "no_level": false, "withheld": [{"level": 2, "until": 0, "why": "pinned to 1",
    "cves": ["CVE-2025-38236"]}]}'

expect 'a filter' 0 'CVE-2024-38635' oakum cves --verdict not-built
[ "$(grep -c '^CVE' "$out")" -eq 1 ]
result $? 'lists those alone'
expect 'below a path' 0 'CVE-2026-68086' oakum cves --below mm/
expect 'as comma-separated values' 0 'id,verdict,severity,score,kev,title,reason,way_out,reach' oakum cves --csv
grep -q '^CVE-2025-38236,withheld,high,7.8,no,"af_unix' "$out"
result $? 'a line each'
expect 'no such verdict' 2 "--verdict 'x': no such verdict" oakum cves --verdict x
put proc/sys/kernel/osrelease 5.14.0-427.el9.x86_64
rm "$root/proc/version"
expect 'a kernel with backports of years' 5 'no upstream version says what it has' oakum cves
put proc/sys/kernel/osrelease 6.18.44-own
put boot/config-6.18.44-own CONFIG_NET=y
expect 'a kernel of nobody' 0 'the database knows no source of this branch' oakum cves

# All records that there were on one day, where they are at hand.
all=../shared/data/kernel-cna-cves-2026-08-21.tar.zst
if [ -f "$all" ]; then
    expect 'all records' 0 'wrote' "$BUILD/oakum-repo" cves "$all" --output "$TMPDIR/all.db"
    [ "$(zstd -q -c "$TMPDIR/all.db" | wc -c)" -le $((4 << 20)) ]
    result $? 'compress to 4 MiB or less'
    counts "$TMPDIR/all.db" 5.10.200 5.15.100 6.1.77 6.1.170 6.6.50 6.12.40 >"$out"
    zstd -dc "$all" | tar -xOf - --wildcards '*.json' |
        jq -nr --argjson one false -f tests/cves/count.jq --argjson versions \
            '["5.10.200", "5.15.100", "6.1.77", "6.1.170", "6.6.50", "6.12.40"]' |
        diff - "$out" >"$err" 2>&1
    result $? 'both implementations count the same over all of them'
    diff "$out" - >"$err" 2>&1 <<'COUNTS'
5.10.200	5096	2393	7137	0
5.15.100	6200	2619	5807	0
6.1.77	6113	4198	4315	0
6.1.170	2562	8065	3999	0
6.6.50	5640	5792	3194	0
6.12.40	4447	8554	1625	0
COUNTS
    result $? 'as many as they were'
fi
exit $failed
