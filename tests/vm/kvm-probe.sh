#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kvm-probe.sh - says how QEMU shall run a guest of this kernel: "kvm" or "tcg"
#
# usage: kvm-probe.sh VMLINUZ [CACHE-DIR]
#
# /dev/kvm may exist and yet fail, or hang, in a machine that is itself virtual. So nothing but a
# guest that starts is believed: the kernel is booted without a root file system, and has to reach
# its own "no root" panic within PROBE_S seconds. The answer is kept in CACHE-DIR for this boot of
# this machine.
set -euo pipefail

PROBE_S=5

vmlinuz=$1
cache_dir=${2-}

guest_starts() {
    local log

    [ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
    log=$(mktemp)
    # SIGKILL soon after SIGTERM: a QEMU that hangs in the kernel does not listen to the first.
    # The subshell keeps this shell from telling of a QEMU that dumped core.
    (
        timeout -k 1 "$PROBE_S" qemu-system-x86_64 -accel kvm -cpu host -m 256 -nodefaults \
            -display none -no-reboot -kernel "$vmlinuz" -append 'console=ttyS0 panic=-1' \
            -serial "file:$log" || true
    ) >/dev/null 2>&1
    grep -q 'Unable to mount root fs' "$log"
    local found=$?
    rm -f "$log"
    return "$found"
}

answer() {
    if guest_starts; then echo kvm; else echo tcg; fi
}

if [ -z "$cache_dir" ]; then
    answer
    exit
fi
kept=$cache_dir/accelerator.$(cat /proc/sys/kernel/random/boot_id)
if [ ! -s "$kept" ]; then
    mkdir -p "$cache_dir"
    rm -f "$cache_dir"/accelerator.*
    answer >"$kept.$$"
    mv "$kept.$$" "$kept"
fi
cat "$kept"
