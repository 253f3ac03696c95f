#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. ci/lib.sh
ci/lint-rooms.sh
