#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The layout of the source is clang-format's, so that nobody has to discuss it.
. ci/lib.sh
check() { sources | xargs -d '\n' clang-format --dry-run -Werror; }
case_run "clang-format (repair: make format)" check
