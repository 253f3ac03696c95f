#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the sanitizers cannot see: reads of memory that was never written.
. ci/lib.sh
# A tenth of the random rollouts; all of them run in three other builds. Alone they took a third of this step.
export ROLLOUT_RUNS=200
tests_in valgrind "$BUILD" --suite unit --timeout-multiplier 5 --wrap \
    "valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --suppressions=$PWD/ci/valgrind.supp"
