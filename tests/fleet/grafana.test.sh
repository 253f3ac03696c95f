#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Grafana dashboard: every expression parses, every metric and label it names is one that a running
# server or the agent of a host writes, and the file is what Grafana loads.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh
touch "$out" "$err"
board=packaging/grafana/oakum.json
trap swarm_end EXIT

jq -e '.schemaVersion >= 36 and .schemaVersion <= 39 and (.title | length > 0) and (.uid | test("^[a-z-]{1,40}$")) and
    (has("id") | not) and (has("__inputs") | not)' "$board" >"$out" 2>"$err"
result $? 'a dashboard of Grafana 9 or 10, that any of them can load'
jq -e '[.panels[].id] | length == (unique | length)' "$board" >"$out" 2>"$err" &&
    jq -e '[.panels[] | select(.type != "row") | .gridPos | .x + .w <= 24 and .w > 0 and .h > 0] | all' "$board" >"$out" 2>"$err"
result $? 'its panels have numbers and places of their own'
# Of each pair of panels: neither covers the other.
jq -e '[.panels[].gridPos] as $p | [range($p | length) as $i | range($i) as $j | $p[$i] as $a | $p[$j] as $b |
    $a.x + $a.w <= $b.x or $b.x + $b.w <= $a.x or $a.y + $a.h <= $b.y or $b.y + $b.h <= $a.y] | all' "$board" >"$out" 2>"$err"
result $? 'none covers another'
jq -e '[.panels[] | select(.type != "row") | .datasource.uid, .targets[].datasource.uid] | unique == ["${datasource}"]' "$board" >"$out" 2>"$err"
result $? 'all ask the data source that is chosen above'

jq -r '.panels[].targets[]?.expr' "$board" >"$TMPDIR/expressions"
[ "$(wc -l <"$TMPDIR/expressions")" -gt 25 ]
result $? 'it asks for something'
if command -v promtool >/dev/null; then
    # As rules: what Grafana puts in first is put in here.
    {
        printf 'groups:\n- name: board\n  rules:\n'
        # shellcheck disable=SC2016 # Grafana's
        sed -e 's/\$__rate_interval/5m/g; s/\$job/oakum/g; s/\$instance/.+/g' -e "s/'/''/g" "$TMPDIR/expressions" |
            awk '{ printf "  - record: expression_%d\n    expr: '"'%s'"'\n", NR, $0 }'
    } >"$TMPDIR/board.yml"
    promtool check rules "$TMPDIR/board.yml" >"$out" 2>"$err" &&
        grep -q "SUCCESS: $(wc -l <"$TMPDIR/expressions") rules" "$out"
    result $? 'promtool parses every expression'
else
    echo 'ok - promtool parses every expression # SKIP there is no promtool (package prometheus)'
fi

# A server, and a host that has a level and reports.
swarm_repo >"$out" 2>"$err" && swarm_publish 1 >"$out" 2>"$err"
result $? 'a repository'
server_make one '' 'unmanaged = free' "repository = $swarm/repo" && server_do one init >"$out" 2>"$err" && server_start one &&
    swarm_token one default && swarm_template "repository = $swarm/repo" &&
    mkdir -p "$swarm/template/var/lib/prometheus/node-exporter" && swarm_host 1 &&
    swarm_register 1 one "$enrol_token"
result $? 'a server, and a host of its fleet'
swarm_start 1
# shellcheck disable=SC2317 # called through swarm_until
host_reports() {
    grep -qs '^oakum_fleet_report_timestamp_seconds' "$swarm/hosts/1/var/lib/prometheus/node-exporter/oakum.prom" &&
        grep -qs '^oakum_level 1' "$swarm/hosts/1/var/lib/prometheus/node-exporter/oakum.prom"
}
swarm_until 60 host_reports
result $? 'which has a level, and reports'
token=$(server_do one token create metrics --scope metrics 2>"$err")
curl -sS --cacert "$(server_ca one)" -H "Authorization: Bearer $token" "$(server_url one)/metrics" >"$TMPDIR/server.prom" 2>"$err"
cat "$TMPDIR/server.prom" "$swarm/hosts/1/var/lib/prometheus/node-exporter/oakum.prom" >"$TMPDIR/all.prom"
grep -q '^oakum_hosts' "$TMPDIR/all.prom"
result $? 'the metrics of both'

# "# TYPE" lines stand there for metrics that have no sample yet.
{
    sed -n 's/^# TYPE \([a-z_]*\) histogram$/\1_bucket/p; s/^# TYPE \([a-z_]*\) .*/\1/p' "$TMPDIR/all.prom"
    # Of a host only: what it knows nothing of is left out of its file.
    grep -oE '"oakum_[a-z_]+"' src/agent/tell-prometheus.c | tr -d '"'
} | sort -u >"$TMPDIR/known"
{ cat "$TMPDIR/expressions" && jq -r '.templating.list[].definition // empty' "$board"; } | grep -oE '\boakum_[a-z_]+' | sort -u >"$TMPDIR/asked"
comm -23 "$TMPDIR/asked" "$TMPDIR/known" >"$out"
[ ! -s "$out" ]
result $? 'every metric is one that server or agent write'
# Those of a host that this one has no reason to write are few, and named here.
comm -23 "$TMPDIR/asked" <(sed -n 's/^# TYPE \([a-z_]*\) histogram$/\1_bucket/p; s/^# TYPE \([a-z_]*\) .*/\1/p' "$TMPDIR/all.prom" | sort -u) >"$out"
[ ! -s "$out" ]
result $? 'and does write now'

{
    grep -oE '[{,][a-z_]+=' "$TMPDIR/all.prom" | tr -d '{,='
    printf '%s\n' job instance state rollout verdict
} | sort -u >"$TMPDIR/labels"
{
    grep -oE '[{,][a-z_]+=~?"' "$TMPDIR/expressions" | tr -d '{,=~"'
    grep -oE 'by \([a-z_, ]+\)' "$TMPDIR/expressions" | sed 's/by (//; s/)//' | tr -d ' ' | tr ',' '\n'
    jq -r '.panels[].targets[]?.legendFormat' "$board" | grep -oE '\{\{[a-z_]+\}\}' | tr -d '{}'
} | sort -u | comm -23 - "$TMPDIR/labels" >"$out"
[ ! -s "$out" ]
result $? 'every label is one of theirs'
exit "$failed"
