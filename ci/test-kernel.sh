#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a kernel ready for the tests and leaves its reference in build-check/kernel. It is the
# demonstration's: where the archive has it no more, the newest 6.1 kernel.
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
top=$PWD work=$CHECK
mkdir -p "$work"
rm -f "$CHECK/kernel"
# shellcheck source=demo/story.sh
. demo/story.sh
if story_kernel "${OAKUM_KERNEL:-}"; then
    # shellcheck disable=SC2154 # kernel is set by story_kernel
    printf '%s\n' "$kernel" >"$CHECK/kernel"
    printf 'ok - kernel add %s\n' "$kernel"
else
    echo 'not ok - kernel add'
    exit 1
fi
