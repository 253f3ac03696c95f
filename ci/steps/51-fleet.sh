#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet's server with hosts, databases, a proxy and those who watch it; on the loopback alone.
. ci/lib.sh
ci/shell-tests.sh fleet
