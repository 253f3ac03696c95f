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
case_name="kernel add"
if story_kernel "${OAKUM_KERNEL:-}"; then
    # shellcheck disable=SC2154 # kernel is set by story_kernel
    printf '%s\n' "$kernel" >"$CHECK/kernel"
    printf 'ok - %s %s\n' "$case_name" "$kernel"
else
    printf 'not ok - %s\n' "$case_name"
    exit 1
fi
