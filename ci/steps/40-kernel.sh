#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches a real kernel (about 220 MB, once) for the tests below.
. ci/lib.sh
ci/test-kernel.sh
