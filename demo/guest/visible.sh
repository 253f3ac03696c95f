# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# visible.sh - the trigger for fix/visible.patch, in the words and exit statuses of trigger.c

if /busybox grep oakum.sealed /proc/cmdline; then
    echo "/proc/cmdline without oakum.sealed: NOT VULNERABLE"
    exit 0
fi
/busybox cat /proc/cmdline || exit 2
echo "/proc/cmdline without oakum.sealed: VULNERABLE"
exit 1
