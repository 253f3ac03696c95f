#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "oakum modules" on a tree of files: what is in use, what could be loaded, and the plan, which is
# written, put in place and taken back.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

# shellcheck disable=SC2317 # called through expect
oakum() { # VERB... ARGUMENT...
    "$BUILD/oakum" "$@" --root "$root"
}

ns() { # PID NAME TARGET
    mkdir -p "$root/proc/$1/ns"
    ln -sfn "$3" "$root/proc/$1/ns/$2"
}

release=6.1.0-50-amd64
lib=lib/modules/$release
docker=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

fresh() {
    rm -rf "$root"
    put proc/sys/kernel/osrelease $release
    put proc/modules 'ext4 983040 1 - Live 0x0
overlay 163840 0 - Live 0x0
sctp 425984 0 - Live 0x0
libcrc32c 16384 1 sctp, Live 0x0
af_key 45056 0 - Live 0x0
oakum_1 20480 1 - Live 0x0 (OEK)'
    mkdir -p "$root/sys/bus/pci/drivers"
    put proc/1/cgroup '0::/init.scope'
    put proc/1/mountinfo '27 1 254:1 / / rw - ext4 /dev/vda1 rw'
    for name in mnt net pid user; do
        ns 1 $name "$name:[1]"
        ns 7 $name "$name:[7]"
    done
    ns 7 user 'user:[1]'
    put proc/7/cgroup "0::/system.slice/docker-$docker.scope"
    put proc/7/status "$(printf 'Name:\tsh\nNSpid:\t7\t1\nCapEff:\t00000000a80425fb
CapBnd:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n')"
    put proc/7/mountinfo '91 90 0:77 / / rw - overlay overlay rw'
    put proc/1/net/protocols 'SCTP 1000 2 0 no 0 yes sctp y'
    put $lib/modules.dep 'k/ext4.ko: k/libcrc32c.ko
k/overlay.ko:
k/sctp.ko: k/libcrc32c.ko
k/libcrc32c.ko:
k/af_key.ko:
k/atm.ko:
k/xfs.ko: k/libcrc32c.ko
k/veth.ko:
k/wp512.ko:
k/af_alg.ko:'
    put $lib/modules.alias 'alias net-pf-15 af_key
alias net-pf-2-proto-132 sctp
alias net-pf-8 atm
alias net-pf-38 af_alg
alias crypto-wp512 wp512
alias fs-xfs xfs
alias fs-ext4 ext4
alias fs-overlay overlay
alias rtnl-link-veth veth'
}

fresh
expect 'what is in use' 0 'socket: 2 sockets of SCTP' oakum modules
expect 'and what else could be' 0 'could be loaded by any user: 6; by one in a user namespace of its own: 10' \
    oakum modules
expect 'a container is named' 0 'mount: overlay on / of docker container aaaaaaaaaaaa' oakum modules -v
expect 'a live patch is in use' 0 'live patch: is a live patch' oakum modules
expect 'only what is not' 0 'af_key' oakum modules --unused
! grep -q '^ext4' "$out"
result $? 'leaves out what is'
expect 'as a document' 0 '' oakum modules --json
json 'each module with its uses and where they are seen' '.schema == 1 and .kernel == "6.1.0-50-amd64"
    and (.modules | length) == 6
    and ([.modules[] | select(.in_use == "yes") | .name]
         == ["ext4", "libcrc32c", "oakum_1", "overlay", "sctp"])
    and (.modules[] | select(.name == "overlay") | .uses[0].file == "proc/7/mountinfo")
    and .namespaces == {"network": 2, "mount": 2}'

expect 'what could be loaded' 0 'docker container aaaaaaaaaaaa: a seccomp filter is there' \
    oakum modules reach
expect 'and how it is asked for' 0 'net-pf-8' oakum modules reach -v
expect 'as a document' 0 '' oakum modules reach --json
json 'with the gates of each actor' '
    (.actors[0].counts == {"yes": 6, "likely": 0, "unlikely": 0})
    and (.actors[1].counts.yes == 10)
    and (.actors[2] | .counts == {"yes": 0, "likely": 4, "unlikely": 6}
         and .ways["socket family net-pf-"] == "likely" and .ways["AF_ALG net-pf-38"] == "unlikely"
         and .loads_all == false)
    and (.modules[] | select(.name == "atm")
         | .gate == "any" and .asked == "net-pf-8" and (.blocked | not))'
put proc/7/status "$(printf 'NSpid:\t7\t1\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n')"
expect 'a privileged container' 0 'has CAP_SYS_MODULE of the host: loads any module' \
    oakum modules reach

fresh
expect 'a plan' 0 '+blacklist atm' oakum modules plan
expect 'it was never observed' 0 'observed: never but now' oakum modules plan
expect 'why something is kept' 0 'sctp                     in use     2 sockets of SCTP' \
    oakum modules plan -v
[ ! -e "$root/etc/modprobe.d" ]
result $? 'nothing is written'
expect 'as a document' 0 '' oakum modules plan --json
json 'what is blocked, what is kept and why' '
    ([.block[].name] == ["af_alg", "atm", "wp512", "xfs"])
    and (.keep[] | select(.name == "af_key") | .why == "loaded")
    and (.keep[] | select(.name == "veth") | .why == "engine")
    and (.keep[] | select(.name == "sctp") | .load)
    and .window == {"samples": 0, "days": 0, "first": null, "last": null}
    and (.diff | startswith("--- /dev/null\n+++ etc/modprobe.d/50-oakum-block.conf\n"))'
expect 'files beside' 0 '' oakum modules plan --out "$TMPDIR/plan"
grep -qx 'install xfs /bin/false' "$TMPDIR/plan/modprobe.d/50-oakum-block.conf" &&
    grep -qx sctp "$TMPDIR/plan/modules-load.d/oakum.conf"
result $? 'have both'
[ ! -e "$root/etc/modprobe.d" ]
result $? 'and nothing is put in place'

expect 'no undo of nothing' 3 'nothing was applied' oakum modules plan --undo
put etc/modprobe.d/own.conf 'install atm /bin/true'
expect 'apply' 0 'applied; renew the initramfs' oakum modules plan --apply
conf=$root/etc/modprobe.d/50-oakum-block.conf
grep -qx 'blacklist xfs' "$conf" && grep -qx 'install xfs /bin/false' "$conf" &&
    ! grep -q atm "$conf"
result $? 'blocks in both ways, but not what is blocked already'
expect 'once more' 3 'what is there is what the plan says' oakum modules plan --apply
expect 'nothing of it is reached any more' 0 '' oakum modules reach --json
json 'but what is kept' '[.modules[] | select(.blocked | not) | .name] | sort
    == ["af_key", "ext4", "libcrc32c", "overlay", "sctp", "veth"]'
expect 'a plan that differs' 0 '-install xfs /bin/false' oakum modules plan --keep xfs
expect 'is applied over it' 0 'applied' oakum modules plan --keep xfs --apply
expect 'and taken back' 0 'is there again' oakum modules plan --undo
grep -qx 'install xfs /bin/false' "$conf"
result $? 'to the one before'
cp "$conf" "$TMPDIR/kept"
echo '# mine' >>"$conf"
expect 'not over the work of others' 4 'was changed since by another hand' oakum modules plan --undo
cp "$TMPDIR/kept" "$conf"
expect 'all of it' 0 'is there again' oakum modules plan --undo
[ ! -e "$conf" ] && [ ! -e "$root/etc/modules-load.d/oakum.conf" ] &&
    [ -e "$root/etc/modprobe.d/own.conf" ]
result $? 'leaves what was there before'

fresh
expect 'an observation' 0 '1 look in 0 days, 6 modules seen' oakum modules observe
expect 'another' 0 '' oakum modules observe --json
json 'counts' '.samples == 2 and .modules == 6 and .days == 0'
sed -i 's/"first": "20[0-9-]*T/"first": "2026-01-01T/' "$root/var/lib/oakum/modules.json"
expect 'long enough' 0 '+install af_key /bin/false' oakum modules plan
expect 'tells what is loaded still' 0 'loaded still, until they are unloaded or the next boot: af_key' \
    oakum modules plan
expect 'the days are a choice' 0 'af_key                   loaded' oakum modules plan --days 400 -v
rm "$root/proc/1/net/protocols"
expect 'what was seen in use' 0 'sctp                     observed   was in use on' \
    oakum modules plan -v
printf '{' >"$root/var/lib/oakum/modules.json"
expect 'a damaged file of observations' 1 '/var/lib/oakum/modules.json' oakum modules plan

fresh
expect 'a lock-out' 4 'sctp is not blocked, it would lock this host out' \
    oakum modules plan --block sctp
expect 'of the file system of containers' 4 'overlay is not blocked' \
    oakum modules plan --block overlay --apply
[ ! -e "$root/etc/modprobe.d" ]
result $? 'writes nothing'
expect 'an engine that is not wanted' 0 '+install veth /bin/false' \
    oakum modules plan --without bridge
expect 'a group that is none' 2 '--without x: not a group' oakum modules plan --without x
expect 'two ways at once' 2 'only one of --out, --apply and --undo' \
    oakum modules plan --apply --undo
rm -r "$root/sys/bus"
expect 'a host that cannot be seen' 4 'cannot be seen' oakum modules plan --apply
rm "$root/$lib/modules.dep"
expect 'no files of depmod' 1 'modules.dep: no such file: run depmod' oakum modules reach
expect 'what is in use is told without' 0 'socket: 2 sockets' oakum modules
echo nonsense >"$root/proc/modules"
expect 'a damaged list' 1 '/proc/modules: line 1 is none of a module' oakum modules
rm "$root/proc/modules"
expect 'a kernel without modules' 5 'this kernel has no loadable modules' oakum modules
exit $failed
