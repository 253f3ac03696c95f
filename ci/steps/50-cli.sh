#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs as a user meets them; those that need a kernel use the one fetched before.
. ci/lib.sh
ci/shell-tests.sh cli golden build
