# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh - makes a container host of a bare kernel, runs the test, switches off
#
# What the test prints goes to the second serial port; the first has the kernel's log. The last
# line of the second is "@status N", the test's exit status. Whatever goes wrong before leaves no
# such line, and the host takes that as a failure.

cd /
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
/bin/busybox mkdir -p /usr/bin /usr/sbin /sbin
/bin/busybox --install -s

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sys /sys
mount -t devtmpfs -o mode=0755 dev /dev
mkdir -p /dev/pts /dev/shm /sys/fs/cgroup
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=0755 run /run
mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
mount -t securityfs security /sys/kernel/security
mount -t tracefs trace /sys/kernel/tracing

# The test's lines arrive on the host as they were written.
stty -F /dev/ttyS1 raw -echo
exec </dev/null >/dev/ttyS1 2>&1

while read -r module; do
    insmod "/lib/vm/modules.d/$module.ko" || echo "# module $module cannot be loaded"
done </lib/vm/modules

# QEMU's own network: we are 10.0.2.15, the host's loopback is 10.0.2.2.
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
    ip addr add 10.0.2.15/24 dev eth0
    ip link set eth0 up
    ip route add default via 10.0.2.2
fi
hostname vm
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >/etc/group

echo "# up after $(cut -d' ' -f1 /proc/uptime) s"
/bin/sh /test.sh
echo "@status $?"
# Everything written has to leave the serial port before it is gone.
usleep 200000
poweroff -f
