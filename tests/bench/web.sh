# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a person waits for at the dashboard; read by run.sh. HOSTS (100000). Left out, with the reason, where Node.js
# or Chromium is missing.
# shellcheck disable=SC2154 # set by run.sh

bench_web() {
    local what ms target
    (cd "$top" && TMPDIR=$work BUILD=$BUILD HOSTS=${HOSTS:-100000} RUNS=$RUNS bash tests/web/web.test.sh --bench) >"$work/web" || true
    grep -q '^@bench' "$work/web" || { row "the dashboard: $(tail -n 1 "$work/web")" - ms ''; return 0; }
    while IFS=$'\t' read -r _ what ms target; do
        row "$what" "$ms" ms "$target"
    done < <(grep '^@bench' "$work/web")
}
