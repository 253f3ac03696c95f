#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. ci/lib.sh
check() {
    # The build's own defines are read from the project; these are the compiler's.
    mkdir -p "$CHECK/cppcheck"
    cppcheck --project="$BUILD/compile_commands.json" --cppcheck-build-dir="$CHECK/cppcheck" \
        --enable=warning,style,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=ci/cppcheck.txt -D__GNUC__=12 -D__x86_64__ --quiet -j "$JOBS"
}
case_run "cppcheck" check
