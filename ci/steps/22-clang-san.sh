#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same by clang, which has its own warnings, and with coverage counters for libFuzzer.
. ci/lib.sh
CC=clang case_run "sanitizer build, clang" build_in "$CHECK/clang-san" \
    -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzers=true || exit 1
tests_in clang-san "$CHECK/clang-san" --no-suite kernel
