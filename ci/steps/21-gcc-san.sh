#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Address and undefined-behaviour sanitizers of gcc.
. ci/lib.sh
CC=gcc-12 case_run "sanitizer build, gcc" \
    build_in "$CHECK/gcc-san" -Db_sanitize=address,undefined || exit 1
tests_in gcc-san "$CHECK/gcc-san" --no-suite kernel
