#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dashboard in a browser: Debian's Chromium, driven by Playwright. web.test.sh [WORD...]: only the files whose
# names have one of them.
# shellcheck disable=SC2154 # set by the libraries
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/cli/npm-lib.sh

what='the dashboard in a browser'
needs_node "$what"
[ "$major" -ge 20 ] || skip "$what" "Node.js $major is too old, 20 is needed"
[ -x "${CHROMIUM:=/usr/bin/chromium}" ] || skip "$what" 'no Chromium; on Debian: apt-get install chromium'
# shellcheck disable=SC2046 # words
# shellcheck disable=SC2046 # each is an argument of its own
needs_modules "$what" playwright-core $(jq -r '.dependencies | to_entries[] | "\(.key)@\(.value)"' tests/web/package.json)
export CHROMIUM WEB_MODULES=${NODE_PATH%/node_modules}

if [ "${1:-}" = --bench ]; then
    node tests/web/bench.mjs
    exit
fi
for file in tests/web/*.test.mjs; do
    name=${file##*/} name=${name%.test.mjs}
    [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
    TMPDIR=$(mktemp -d "$TMPDIR/$name.XXXXXX") timeout 900 node "$file" 2>"$err" || {
        failed=1
        sed 's/^/#   /' "$err"
    }
done
exit "$failed"
