#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh - turns a fresh Debian tree into a test machine; a hook of mmdebstrap
#
# usage: setup.sh ROOT
#
# What is switched off is what a test never waits for: timers of the archive, logins, scrubbing. Docker
# wants AppArmor's parser; the profiles of other programs are not loaded.
set -eu

root=$1
here=$(dirname "$0")

install -m 0755 "$here/vm-channel" "$root/usr/local/sbin/vm-channel"
install -D -m 0644 "$here/vm-channel.service" "$root/etc/systemd/system/vm-channel.service"
install -D -m 0644 "$here/vm.network" "$root/etc/systemd/network/10-vm.network"

echo debian >"$root/etc/hostname"
printf '127.0.0.1 localhost debian\n10.0.2.2 host\n' >"$root/etc/hosts"
: >"$root/etc/resolv.conf"
: >"$root/etc/fstab"
mkdir -p "$root/var/log/journal" "$root/etc/systemd/journald.conf.d"
# Written through often, so that little is lost where a test cuts the power.
printf '[Journal]\nStorage=persistent\nSyncIntervalSec=1s\nRateLimitIntervalSec=0\n' \
    >"$root/etc/systemd/journald.conf.d/vm.conf"

chroot "$root" systemctl --quiet enable vm-channel.service systemd-networkd.service
chroot "$root" systemctl --quiet mask \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
    e2scrub_reap.service podman-auto-update.timer podman-auto-update.service \
    podman-restart.service podman.socket podman.service \
    getty@tty1.service serial-getty@ttyS0.service systemd-logind.service \
    systemd-pstore.service systemd-binfmt.service ldconfig.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service \
    systemd-hwdb-update.service apparmor.service modprobe@dm_mod.service modprobe@loop.service

mkdir -p "$root/etc/containers"
printf '[network]\nnetwork_backend = "netavark"\n' >"$root/etc/containers/containers.conf"

# A root file system for containers, with no registry.
tree=$(mktemp -d)
mkdir -p "$tree/bin" "$tree/tmp"
cp "$root/bin/busybox" "$tree/bin/busybox"
for applet in sh sleep echo cat ls ps true false id uname wget httpd nc dd seq; do
    ln -s busybox "$tree/bin/$applet"
done
mkdir -p "$root/usr/local/share/vm"
tar -C "$tree" --owner=0 --group=0 --numeric-owner -cf "$root/usr/local/share/vm/busybox.tar" .
rm -rf "$tree"

# Left by mmdebstrap, they would keep manual pages of a tested package out.
rm -f "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$root"/etc/apt/apt.conf.d/99mmdebstrap
# systemd need not bring anything up to date at the first boot.
touch "$root/etc/.updated" "$root/var/.updated"
