#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every seed through libFuzzer, then a few seconds of new inputs; "make fuzz" takes longer.
. ci/lib.sh
ci/fuzz.sh 3
