#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Long runs that find what a short one cannot: fuzzing for a while, every kind of fault at every write
# of a repository with bins, a fleet's server that is killed under load, deaths at many steps of the
# agent, 200 levels in and out under a container that serves, then the virtual machine again and again.
#
# usage: ci/soak.sh SECONDS-A-TARGET ROUNDS
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
seconds=$1 rounds=$2
status=0
ci/fuzz.sh "$seconds" || status=1
make all BUILD="$BUILD" >/dev/null || exit 1
TIDY_NODES=225000 ci/check.sh tidy || status=1
dir=$(mktemp -d)
FAULT_MODES='log kill full full-once eio ro' FAULT_BINS=16 TMPDIR=$dir \
    bash tests/cli/fault.test.sh || status=1
rm -rf "$dir"
ROLLOUT_RUNS=200000 "$BUILD/tests/unit/test-rollout-sim" || status=1
"$BUILD/tests/bench/rollout-bench" 1000000 || status=1
dir=$(mktemp -d)
LONG=120 TMPDIR=$dir bash tests/fleet/crash.test.sh || status=1
rm -rf "$dir"
ci/test-kernel.sh || exit 1
OAKUM_KERNEL=$(cat "$CHECK/kernel")
export OAKUM_KERNEL
for script in kills.sh cycles.sh; do
    dir=$(mktemp -d)
    KILLS=4 KILLS_VM=3 TMPDIR=$dir bash "tests/vm/$script" || status=1
    rm -rf "$dir"
done
for ((round = 1; round <= rounds; round++)); do
    printf '== round %d of %d\n' "$round" "$rounds"
    ci/shell-tests.sh vm || status=1
done
exit $status
