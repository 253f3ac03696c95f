#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What "make" builds, by the distribution's compiler, and its tests.
. ci/lib.sh
CC=gcc-12 case_run "release build, gcc" make all BUILD="$BUILD" || exit 1
tests_in release "$BUILD" --no-suite kernel
