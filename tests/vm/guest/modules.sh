# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# modules.sh - patched modules come and go while a level stays
#
# In /levels: oakum_1.ko, which patches vmlinux (/proc/cmdline), binfmt_misc and zram, and
# oakum_2.ko, which patches the modules alone; the effect in each is the word MARK. In /modules:
# binfmt_misc.ko, zsmalloc.ko, zram.ko. Started by tests/vm/module.test.sh.
# shellcheck disable=SC2317 # functions are called through check()

# shellcheck source=tests/vm/guest/lib.sh
. /lib/vm/lib.sh

MARK=oakum.sealed
klp=/sys/kernel/livepatch
binfmt=/proc/sys/fs/binfmt_misc
zram=/sys/block/zram0

marked() {
    grep -q "$MARK" "$1"
}

unmarked() {
    # Files of /proc have no size to ask for.
    [ -n "$(cat "$1")" ] && ! marked "$1"
}

binfmt_in() {
    insmod /modules/binfmt_misc.ko && mount -t binfmt_misc binfmt_misc "$binfmt"
}

binfmt_out() {
    umount "$binfmt" && rmmod binfmt_misc
}

# zram calls zsmalloc only where a device has a size.
zram_in() {
    insmod /modules/zsmalloc.ko && insmod /modules/zram.ko && echo 1M >"$zram/disksize"
}

zram_out() {
    echo 1 >"$zram/reset" && rmmod zram && rmmod zsmalloc
}

# waits for the level's transition
settled() {
    for _ in $(seq 100); do
        [ "$(cat "$klp/$1/transition" 2>/dev/null || echo 0)" != 0 ] || return 0
        sleep 0.2
    done
    return 1
}

level_in() {
    insmod "/levels/$1.ko" && settled "$1"
}

# A replaced or disabled level leaves sysfs when it can be removed.
level_out() {
    for _ in $(seq 100); do
        [ -e "$klp/$1" ] || break
        sleep 0.2
    done
    rmmod "$1"
}

disable() {
    echo 0 >"$klp/$1/enabled" && level_out "$1"
}

# again MODULE - its functions in_ and out_ once more; each time at another address
again() {
    check "$1 is unloaded" "$1_out"
    check "$1 is loaded again" "$1_in"
}

step loaded "a module that was loaded before the level, one that comes after it"
check "zram is loaded" zram_in
check "zram is not patched" unmarked "$zram/mm_stat"
check "level 1 is loaded" level_in oakum_1
check "vmlinux is patched" marked /proc/cmdline
check "zram, loaded before, is patched" marked "$zram/mm_stat"
check "binfmt_misc is loaded" binfmt_in
check "binfmt_misc, loaded after, is patched" marked "$binfmt/status"

step reload "both go and come while the level stays"
for round in 1 2; do
    again binfmt
    check "binfmt_misc is patched again ($round)" marked "$binfmt/status"
    again zram
    check "zram is patched again ($round)" marked "$zram/mm_stat"
done

step replace "level 2 takes over"
check "level 2 is loaded" level_in oakum_2
check "level 1 is removed" level_out oakum_1
check "vmlinux is as it was" unmarked /proc/cmdline
check "zram is still patched" marked "$zram/mm_stat"
again zram
check "zram is patched by level 2" marked "$zram/mm_stat"
again binfmt
check "binfmt_misc is patched by level 2" marked "$binfmt/status"

step revert "the level goes, the modules stay"
check "level 2 is disabled and removed" disable oakum_2
check "zram is as it was" unmarked "$zram/mm_stat"
check "binfmt_misc is as it was" unmarked "$binfmt/status"
again zram
check "zram is not patched after the level" unmarked "$zram/mm_stat"

step absent "a level without one of its modules"
check "binfmt_misc is unloaded" binfmt_out
check "level 1 is loaded once more" level_in oakum_1
check "zram is patched once more" marked "$zram/mm_stat"
check "zram is unloaded for good" zram_out
check "level 1 is disabled and removed" disable oakum_1
check "the kernel refused no field" \
    sh -c '! dmesg | grep -E "nonzero|refusing to load|not found in symbol table"'
finish
