#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vm.sh - boots a kernel in QEMU, runs a script in it, brings back what it said
#
# usage: vm.sh --vmlinuz FILE --work DIR [--timeout SECONDS] [--cache DIR]
#              [OPTION OF initramfs.sh]... SCRIPT
#
# SCRIPT runs as root under busybox sh, with the functions of guest/lib.sh at hand in
# /lib/vm/lib.sh, on a machine with 2 processors, 1 GiB, cgroup v2 and a network where 10.0.2.2 is
# this host's loopback. Its lines are printed as they come.
#
# DIR keeps: console.log (the kernel's log), output.log (what SCRIPT said), findings.log (lines of
# the kernel's log that mean trouble), accelerator (kvm or tcg), initramfs.cpio.
#
# Exit status: that of SCRIPT; 124 time is up; 125 the machine stopped before SCRIPT ended;
# 126 SCRIPT succeeded, but the kernel's log has findings; 2 usage.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
vmlinuz='' work='' cache='' timeout_s=180 script=''
packing=()
while [ $# -gt 0 ]; do
    case $1 in
    --vmlinuz) vmlinuz=$2 && shift 2 ;;
    --work) work=$2 && shift 2 ;;
    --cache) cache=$2 && shift 2 ;;
    --timeout) timeout_s=$2 && shift 2 ;;
    --*) packing+=("$1" "$2") && shift 2 ;;
    *) script=$1 && shift ;;
    esac
done
if [ -z "$vmlinuz" ] || [ -z "$work" ] || [ -z "$script" ]; then
    sed -n 's/^# \{0,1\}//; /^usage:/,/SCRIPT$/p' "$0" >&2
    exit 2
fi

mkdir -p "$work"
console=$work/console.log
output=$work/output.log
: >"$console"
: >"$output"

accelerator=$("$here/kvm-probe.sh" "$vmlinuz" "$cache")
echo "$accelerator" >"$work/accelerator"
case $accelerator in
kvm) machine=(-accel kvm -cpu host) ;;
*) machine=(-accel 'tcg,thread=single' -cpu max) ;;
esac
"$here/initramfs.sh" "$work/initramfs.cpio" "${packing[@]}" \
    --module virtio_pci --module virtio_net --file "$script=/test.sh"

# panic=-1 with -no-reboot: a panic ends QEMU at once. Lockups are reported early: under emulation
# nothing here takes that long.
qemu-system-x86_64 "${machine[@]}" -smp 2 -m 1024 -nodefaults -no-user-config -display none \
    -no-reboot -kernel "$vmlinuz" -initrd "$work/initramfs.cpio" \
    -append 'console=ttyS0 panic=-1 oops=panic ignore_loglevel' \
    -netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= \
    -serial "file:$console" -serial "file:$output" </dev/null >"$work/qemu.log" 2>&1 &
qemu=$!
follower=
# shellcheck disable=SC2317  # called by the trap
stop() {
    kill -KILL "$qemu" 2>/dev/null || true
    [ -z "$follower" ] || kill "$follower" 2>/dev/null || true
}
trap stop EXIT

# The last line is ours, not SCRIPT's.
tail -n +1 -s 0.2 -f --pid="$qemu" "$output" | grep --line-buffered -v '^@status ' &
follower=$!

deadline=$((SECONDS + timeout_s))
while kill -0 "$qemu" 2>/dev/null; do
    if [ "$SECONDS" -ge "$deadline" ]; then
        kill -KILL "$qemu"
        echo "# vm.sh: no end after $timeout_s s; see $console" >&2
        exit 124
    fi
    sleep 0.2
done
wait "$qemu" || true
wait "$follower" || true
follower=

status=$(sed -n 's/^@status //p' "$output")
if [ -z "$status" ]; then
    cat "$work/qemu.log" >&2
    tail -n 20 "$console" >&2
    echo "# vm.sh: the machine stopped before the script ended; see $console" >&2
    exit 125
fi
# Everything that a kernel says when a live patch hurt it.
if grep -aE 'WARNING:|BUG:|Oops|lockup|general protection|Call Trace|rcu.*stall|refcount_t|livepatch: .*fail' \
    "$console" >"$work/findings.log" && [ "$status" -eq 0 ]; then
    sed 's/^/# kernel: /' "$work/findings.log" >&2
    exit 126
fi
exit "$status"
