#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# That kernel in a virtual machine, with real containers on it.
. ci/lib.sh
ci/shell-tests.sh vm
