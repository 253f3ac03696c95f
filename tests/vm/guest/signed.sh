# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# signed.sh - a kernel that enforces signatures reads ours, and refuses it for its key alone
#
# In /levels: signed.ko, signed by a key that this kernel does not know, unsigned.ko, and
# broken.ko, whose signature says that it is longer than it is. Started by tests/vm/signed.test.sh.
# insmod exits with the error number: 74 is EBADMSG, 129 EKEYREJECTED.
# shellcheck disable=SC2317 # functions are called through check()

# shellcheck source=tests/vm/guest/lib.sh
. /lib/vm/lib.sh

logged() {
    dmesg | grep -q "$1"
}

step signed "A kernel that enforces module signatures"
check_exit "a level that is signed by nobody it knows loads where that is not asked for" 0 \
    insmod /levels/signed.ko
echo 1 >/sys/module/module/parameters/sig_enforce
check_exit "an unsigned level is refused" 129 insmod /levels/unsigned.ko
check_exit "for it has no signature" 0 logged 'Loading of unsigned module is rejected'
check_exit "a level with a broken signature is refused as malformed" 74 insmod /levels/broken.ko
check_exit "a level with an unknown key is refused" 129 insmod /levels/signed.ko
check_exit "for the key alone" 0 logged 'Loading of module with unavailable key is rejected'
finish
