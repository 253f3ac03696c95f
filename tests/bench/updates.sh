# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# updates.sh - more updates in the machine that told the story, so that their time has a median
#
# Read by demo/guest/story.sh, which calls hard_end at its end. Each update is a host's first: it
# trusts the repository anew and downloads the level.

hard_end() {
    for lap in 1 2 3 4 5; do
        check "revert, lap $lap" oakum revert
        rm -rf /var/lib/oakum
        update update "update, lap $lap"
    done
}
