#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a kernel ready for the tests and leaves its reference in build-check/kernel.
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
reference=${OAKUM_KERNEL:-debian:6.1.0-50-amd64}
mkdir -p "$CHECK"
case_run "kernel add $reference" "$BUILD/oakum-build" kernel add "$reference" || exit 1
printf '%s\n' "$reference" >"$CHECK/kernel"
