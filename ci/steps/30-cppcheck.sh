#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. ci/lib.sh
check() {
    mkdir -p "$CHECK/cppcheck"
    cppcheck --project="$BUILD/compile_commands.json" --cppcheck-build-dir="$CHECK/cppcheck" \
        --enable=warning,style,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=ci/cppcheck.txt --quiet -j "$JOBS"
}
case_run "cppcheck" check
