#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches a real kernel (about 220 MB, once) for the tests below, and reads it.
. ci/lib.sh
ci/test-kernel.sh || exit 1
tests_in kernel "$BUILD" --suite kernel
