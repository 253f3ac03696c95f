#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum audit on a fake tree, and on this very machine: documents, thresholds, the baseline.
# shellcheck disable=SC2016 # dollars are jq's
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

put proc/sys/kernel/osrelease 6.1.0-50-amd64
put etc/docker/daemon.json '{"hosts": ["tcp://0.0.0.0:2375"], "icc": false}'
put proc/sys/kernel/modules_disabled 1
put proc/cmdline 'quiet mitigations=off'

expect 'findings for people' 0 'FAIL     critical 2.7' oakum audit
expect 'they have evidence' 0 'seen    /etc/docker/daemon.json: host=tcp://0.0.0.0:2375' oakum audit
expect 'the score explains itself' 0 'lost 10.0 to 1 critical' oakum audit
expect 'what others advise is a conflict' 0 'CONFLICT high     sysctl.kernel.modules_disabled' \
    oakum audit
expect 'what passes is left out' 1 '' grep -q PASS "$out"
expect 'all' 0 'PASS     medium   2.2' oakum audit --all
expect 'a document' 0 '' oakum audit --json
json 'with findings' '.schema == 1 and .containers == 0 and (.findings | length) > 300 and
    all(.findings[]; (.evidence | length) > 0) and
    (.findings[] | select(.id == "2.7") | .verdict == "fail" and .severity == "critical")'
json 'the score adds up' '.score as $s | ([.score.lost[].points] | add) as $l |
    ($s.of - $s.points - $l | fabs) < 0.001 and $s.percent == ($s.points * 100 / $s.of | floor)'
expect 'SARIF' 0 '' oakum audit --sarif
json 'of version 2.1.0' '.version == "2.1.0" and (.runs[0].results | length) > 300 and
    (.runs[0] as $r | all($r.results[]; $r.tool.driver.rules[.ruleIndex].id == .ruleId))'
expect 'JUnit' 0 '<testsuite name="docker-daemon"' oakum audit --junit
expect 'one document at a time' 2 'one of --json, --sarif and --junit' oakum audit --json --sarif
expect 'a group alone' 0 '' oakum audit --json --only docker-daemon
json 'it is' 'all(.findings[]; .group == "docker-daemon")'
expect 'no such check' 1 "no check and no group is named 'x'" oakum audit --only x

expect 'a threshold' 1 '1 finding of severity critical or above' oakum audit --severity critical
expect 'one below it' 1 'findings of severity low or above' oakum audit --severity low
expect 'a threshold that nothing reaches' 0 '' oakum audit --only 2.2 --severity low
expect 'no such severity' 2 'must be low, medium, high or critical' oakum audit --severity bad
baseline() { # EXPIRES
    printf '{"schema": 1, "accepted": [{"id": "2.7", "reason": "lab", "expires": "%s"}]}\n' "$1" \
        >"$TMPDIR/baseline.json"
}
baseline 2999-12-31
expect 'a baseline' 0 '1 accepted' oakum audit --severity critical --baseline "$TMPDIR/baseline.json"
baseline 2020-01-01
expect 'one that has ended' 1 'accepted until a day that is past' \
    oakum audit --severity critical --baseline "$TMPDIR/baseline.json"
baseline never
expect 'one without a date' 1 'must be a date' oakum audit --baseline "$TMPDIR/baseline.json"
expect 'a baseline that is not there' 1 'no such file' oakum audit --baseline "$TMPDIR/none.json"

expect 'the checks' 0 '5.32' oakum audit --checks
expect 'as a document' 0 '' oakum audit --checks --json
json 'those that are not automated say why' \
    'all(.checks[]; .automated or (.manual | length) > 10) and (.checks | length) > 300'
"$BUILD/oakum" audit --checks --markdown >"$out" 2>"$err" && cmp -s "$out" docs/checks.md
result $? 'the page of checks is up to date'

root=/
expect 'this machine' 0 'score ' oakum audit
exit $failed
