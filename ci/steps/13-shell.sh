#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. ci/lib.sh
check() { scripts | xargs -d '\n' -n 8 -P "$JOBS" shellcheck -x; }
case_run "shellcheck" check
