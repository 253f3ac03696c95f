#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh - a Debian 12 machine in QEMU that can be told, killed and started again
#
# As a library: ". machine.sh", then the functions below. As a command, for work by hand:
#   machine.sh DIR start|boot [KERNEL-ARGUMENT]...   machine.sh DIR run 'COMMANDS' [SECONDS]
#   machine.sh DIR put FILE PATH                     machine.sh DIR get PATH >FILE
#   machine.sh DIR wait_up|wait_down SECONDS         machine.sh DIR kill|reboot|shutdown|alive
#
# The kernel is that of OAKUM_KERNEL_DIR (a folder of "oakum-build kernel add") or the one of
# OAKUM_KERNEL, a reference. DIR keeps: disk.qcow2, the machine's own layer above the image, which
# outlives the machine's death; console.log, the kernel's log of all its boots; qemu.log.
#
# Functions return 125 where the machine has ended, 124 where time is up.
# shellcheck disable=SC2015

machine_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
machine_cache=${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}
machine_dir=${machine_dir-}

# machine_kernel_dir - where the kernel under test lies
machine_kernel_dir() {
    if [ -z "${OAKUM_KERNEL_DIR-}" ]; then
        OAKUM_KERNEL_DIR=$("${BUILD:?}/oakum-build" kernel show "${OAKUM_KERNEL:?}" --json |
            jq -r .dir) || return
    fi
    printf '%s\n' "$OAKUM_KERNEL_DIR"
}

# machine_prepare DIR - makes all that a machine is started from
machine_prepare() {
    local kernel root modules accelerator

    machine_dir=$1
    mkdir -p "$machine_dir" || return
    kernel=$(machine_kernel_dir) || return
    root=$("$machine_here/image.sh" root) || return
    modules=$("$machine_here/image.sh" modules "$kernel") || return
    accelerator=$("$machine_here/../kvm-probe.sh" "$kernel/vmlinuz" "$machine_cache/vm") || return
    "$machine_here/../initramfs.sh" "$machine_dir/initramfs.cpio" --modules "$kernel/modules" \
        --module virtio_pci --module virtio_blk --module virtio_console --module ext4 \
        --module crc32c_generic --file "$machine_here/guest/init=/init" || return
    ln -sfn "$kernel/vmlinuz" "$machine_dir/vmlinuz"
    ln -sfn "$root" "$machine_dir/root"
    ln -sfn "$modules" "$machine_dir/modules"
    printf '%s\n' "$accelerator" >"$machine_dir/accelerator"
    : >"$machine_dir/console.log"
    rm -f "$machine_dir"/{channel,monitor}.{in,out}
    mkfifo "$machine_dir"/{channel,monitor}.{in,out}
}

# machine_start DIR [KERNEL-ARGUMENT]... - a fresh machine, which is now "the machine"
machine_start() {
    local root

    machine_prepare "$1" || return
    shift
    root=$(readlink "$machine_dir/root")
    rm -f "$machine_dir/disk.qcow2"
    qemu-img create -q -f qcow2 -F raw -b "$root" "$machine_dir/disk.qcow2" || return
    machine_boot "$@"
}

# machine_settled DIR - as machine_start, but up, with image "busybox" in podman and docker
machine_settled() {
    machine_start "$1" && machine_wait_up 400 && machine_images
}

# machine_images - image "busybox" for podman and docker
machine_images() {
    machine_run 'set -e
        podman import -q /usr/local/share/vm/busybox.tar busybox
        docker import /usr/local/share/vm/busybox.tar busybox
        sync' 180 >/dev/null
}

# machine_boot [KERNEL-ARGUMENT]... - switches it on, its disk as it was left
#
# The disk tells a flush from a write: what the guest did not flush may be lost with QEMU, as with
# a host that loses its power.
machine_boot() {
    local accelerator=(-accel 'tcg,thread=single' -cpu max)

    rm -f "$machine_dir/qemu.pid"
    [ "$(cat "$machine_dir/accelerator")" = tcg ] || accelerator=(-accel kvm -cpu host)
    # shellcheck disable=SC2086 # MACHINE_QEMU is a list of options
    (cd "$machine_dir" && exec qemu-system-x86_64 "${accelerator[@]}" -smp 2 \
        -m "${MACHINE_MIB:-1536}" -nodefaults -no-user-config -display none -no-reboot \
        -daemonize -pidfile qemu.pid -D qemu.log \
        -kernel vmlinuz -initrd initramfs.cpio \
        -append "console=ttyS0 panic=-1 ignore_loglevel net.ifnames=0 $*" \
        -chardev file,id=console,path=console.log,append=on -serial chardev:console \
        -drive file=disk.qcow2,if=virtio,format=qcow2,cache=writeback,discard=unmap \
        -drive file=modules,if=virtio,format=raw,readonly=on \
        -netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= \
        -device virtio-rng-pci -device virtio-serial-pci \
        -chardev pipe,id=channel,path=channel \
        -device virtserialport,chardev=channel,name=org.oakum.channel \
        -chardev pipe,id=monitor,path=monitor -mon chardev=monitor,mode=readline \
        ${MACHINE_QEMU-} </dev/null >>qemu.out 2>&1)
}

# machine_pid - of its QEMU; fails where that has ended
machine_pid() {
    local pid

    pid=$(cat "$machine_dir/qemu.pid" 2>/dev/null) || return 125
    # An ended one that nobody has waited for is still there, and has no command line.
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q '^qemu-system-x86_64 ' || return 125
    printf '%s\n' "$pid"
}

machine_alive() {
    machine_pid >/dev/null
}

# machine_ask SECONDS SCRIPT-FILE INPUT-FILE - runs it in the machine; its output, errors, status
#
# A machine that dies closes the pipe that is read here.
machine_ask() {
    local seconds=$1 script=$2 input=$3 id=$RANDOM$RANDOM answer status output_size error_size

    machine_alive || return 125
    {
        # Nobody reads and writes between a question and its answer but who asked.
        flock 8
        exec 7<"$machine_dir/channel.out" || return 125
        {
            printf '%s %s %s %s\n' "$id" "$seconds" "$(stat -c %s "$script")" \
                "$(stat -c %s "$input")"
            cat "$script" "$input"
        } >"$machine_dir/channel.in" 2>/dev/null &
        while :; do
            status=0
            read -r -t $((seconds + 3)) -u 7 answer status output_size error_size || status=$?
            if [ -z "${error_size-}" ]; then
                exec 7<&-
                kill %% 2>/dev/null
                [ "$status" -gt 128 ] && return 124
                return 125
            fi
            if [ "$answer" = "$id" ]; then
                head -c "$output_size" <&7
                head -c "$error_size" <&7 >&2
                break
            fi
            # The late answer to a question that was given up.
            head -c "$((output_size + error_size))" <&7 >/dev/null
            error_size=
        done
        exec 7<&-
        wait %% 2>/dev/null
        return "$status"
    } 8>"$machine_dir/channel.lock"
}

# machine_run COMMANDS [SECONDS] - bash commands, as root; their output, errors and exit status
machine_run() {
    local script status=0

    script=$(mktemp)
    printf '%s\n' "$1" >"$script"
    machine_ask "${2:-60}" "$script" /dev/null || status=$?
    rm -f "$script"
    return "$status"
}

# machine_put FILE PATH - copies it into the machine, permissions kept
machine_put() {
    local script status=0

    script=$(mktemp)
    printf 'install -D -m %s /dev/stdin %q\n' "$(stat -L -c %a "$1")" "$2" >"$script"
    machine_ask 60 "$script" "$1" || status=$?
    rm -f "$script"
    return "$status"
}

# machine_get PATH - what that file of the machine holds
machine_get() {
    machine_run "cat -- $(printf %q "$1")"
}

# machine_wait_up SECONDS - until systemd has started all; fails if a unit failed
machine_wait_up() {
    machine_run 'systemctl is-system-running --wait >/dev/null ||
        { systemctl --failed --no-legend >&2; exit 1; }' "$1"
}

# machine_wait_down SECONDS - until the machine has ended
machine_wait_down() {
    local end=$((SECONDS + $1))

    while machine_alive; do
        [ "$SECONDS" -lt "$end" ] || return 124
        sleep 0.1
    done
}

# machine_kill - the power is cut
machine_kill() {
    local pid

    pid=$(machine_pid) || return 0
    kill -KILL "$pid"
    machine_wait_down 10
}

# machine_shutdown [SECONDS] - an orderly end
machine_shutdown() {
    # The way back may close before the answer is there.
    machine_run 'systemctl --no-block poweroff' 20 || true
    machine_wait_down "${1:-60}"
}

# machine_reboot [SECONDS] [KERNEL-ARGUMENT]... - an orderly end, and switched on again
machine_reboot() {
    local seconds=${1:-60}

    [ $# -eq 0 ] || shift
    machine_run 'systemctl --no-block reboot' 20 || true
    machine_wait_down "$seconds" || return
    machine_boot "$@"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    [ $# -ge 2 ] || { sed -n 's/^#   /usage: /p' "$0" >&2; exit 2; }
    machine_dir=$1 verb=$2
    shift 2
    mkdir -p "$machine_dir" && machine_dir=$(realpath "$machine_dir")
    [ "$verb" != start ] || set -- "$machine_dir" "$@"
    "machine_$verb" "$@"
fi
