# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# turned-away.sh - a callback that keeps a module away, until it is told otherwise
#
# In /levels: oakum_1.ko, made of tests/vm/fix/turned-away.patch. In /modules: zsmalloc.ko, zram.ko.
# Started by tests/vm/author.test.sh.
# shellcheck disable=SC2317 # functions are called through check()

# shellcheck source=tests/vm/guest/lib.sh
. /lib/vm/lib.sh

klp=/sys/kernel/livepatch/oakum_1
zram=/sys/block/zram0
switch=/proc/sys/kernel/panic

settled() {
    for _ in $(seq 100); do
        [ "$(cat "$klp/transition" 2>/dev/null || echo 0)" != 0 ] || return 0
        sleep 0.2
    done
    return 1
}

level_in() {
    insmod /levels/oakum_1.ko && settled
}

level_out() {
    echo 0 >"$klp/enabled" || return 1
    for _ in $(seq 100); do
        [ -e "$klp" ] || break
        sleep 0.2
    done
    rmmod oakum_1
}

patched() {
    echo 1M >"$zram/disksize" && grep -q oakum.sealed "$zram/mm_stat"
}

zram_out() {
    echo 1 >"$zram/reset" && rmmod zram
}

step alone "a callback of an object without functions"
check "the level is loaded" level_in
check "its callback for vmlinux is called" sh -c 'dmesg | grep -q "oakum: alone"'

step away "a callback that turns a module away"
check "zsmalloc is loaded" insmod /modules/zsmalloc.ko
# 16 is EBUSY; insmod tries it in two ways each time.
echo 7 >"$switch"
for round in 1 2; do
    check_exit "zram is turned away ($round)" 16 insmod /modules/zram.ko
    check_exit "and is not there ($round)" 1 grep -q '^zram ' /proc/modules
done
echo -1 >"$switch"
check "zram comes when it may" insmod /modules/zram.ko
check "and is patched" patched
check "it goes" zram_out
check "it comes back" insmod /modules/zram.ko
check "and is patched again" patched
check "the level is disabled and removed" level_out
check_exit "no field was left filled in" 1 sh -c 'dmesg | grep nonzero'
finish
