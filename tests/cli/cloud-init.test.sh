#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The user data for cloud-init: what its own schema says, and that each command in it is one of ours.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
: >"$err"
data=packaging/cloud-init/oakum.yaml
oakum=$BUILD/oakum
[ -x "$oakum" ] || oakum=$BUILD/src/cli/oakum

if command -v cloud-init >/dev/null; then
    cloud-init schema --config-file "$data" >"$out" 2>"$err" && grep -q 'Valid cloud-config' "$out"
    result $? 'cloud-init takes it'
    printf '#cloud-config\nruncmd: 7\n' >"$TMPDIR/bad.yaml"
    ! cloud-init schema --config-file "$TMPDIR/bad.yaml" >"$out" 2>"$err"
    result $? 'and would say so where it did not'
else
    echo 'ok - cloud-init takes it # SKIP there is no cloud-init'
fi

# What register is called with: every option is one that it has.
"$oakum" register --help >"$TMPDIR/help" 2>"$err"
grep -oE -- '--[a-z-]+' <(grep 'oakum, register' "$data") | sort -u >"$TMPDIR/used"
while read -r option; do
    grep -qE -- "^  $option " "$TMPDIR/help" || echo "$option"
done <"$TMPDIR/used" >"$out"
[ ! -s "$out" ] && [ "$(wc -l <"$TMPDIR/used")" -ge 3 ]
result $? 'oakum register has the options that it uses'

# The settings are such that a host takes them.
mkdir -p "$TMPDIR/root/etc/oakum/conf.d"
awk '/20-cloud-init.conf/ { on = 1 } on && /content: \|/ { text = 1; next } text && !/^      / { exit } text { sub(/^      /, ""); print }' \
    "$data" >"$TMPDIR/root/etc/oakum/conf.d/20-cloud-init.conf"
[ "$(wc -l <"$TMPDIR/root/etc/oakum/conf.d/20-cloud-init.conf")" = 3 ] &&
    "$oakum" agent --check --root "$TMPDIR/root" >"$out" 2>"$err"
result $? 'its settings are good'
exit "$failed"
