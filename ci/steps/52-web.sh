#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dashboard in a browser: every page, each role, in light and dark, wide and narrow. Skipped where Node.js or Chromium
# is missing.
. ci/lib.sh
ci/shell-tests.sh web
