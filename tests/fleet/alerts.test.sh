#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The alert rules: well formed, of metrics that exist, each speaks where it must, none in a quiet fleet.
set -u
: "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
rules=packaging/prometheus/oakum.rules.yml
: >"$err"

if ! command -v promtool >"$out"; then
    echo 'ok - alert rules # SKIP there is no promtool (package prometheus)'
    exit 0
fi
promtool check rules "$rules" >"$out" 2>"$err"
result $? 'promtool takes the rules'

# Each alert has a test of its own below.
grep -oP '(?<=alert: )\w+' "$rules" | sort >"$TMPDIR/alerts"
grep -oP '(?<=^  - name: )Oakum\w+' tests/fleet/alerts.yml | sort | diff "$TMPDIR/alerts" - >"$out"
result $? 'each of them has a case'

cp "$rules" tests/fleet/alerts.yml "$TMPDIR/"
(cd "$TMPDIR" && promtool test rules alerts.yml) >"$out" 2>"$err"
result $? 'each alert speaks where it must, and none in a fleet that is in order'

# A counter is named without "_total" in the source.
grep -oE '\boakum_[a-z_]+' "$rules" | sort -u | while read -r metric; do
    grep -qE "\"(# HELP )?${metric%_total}(_total)?[ \"]" src/fleet/ops/metrics.c src/agent/tell-prometheus.c ||
        echo "$metric"
done >"$out"
[ ! -s "$out" ]
result $? 'the metrics they are about are those that server and agent write'

exit $failed
