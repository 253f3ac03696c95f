#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clang-tidy, one file a process: a finding in one file cannot hide those of another.
. ci/lib.sh
set -o pipefail
check() {
    jq -r '.[].file' "$CHECK/clang-san/compile_commands.json" | sort -u |
        in_parallel ci/tidy.sh "$CHECK/clang-san"
}
case_run "clang-tidy" check
