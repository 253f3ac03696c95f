#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. ci/lib.sh
check() { find docs/man -name '*.[1-8]' -exec mandoc -T lint -W warning {} +; }
case_run "manual pages are well formed" check
