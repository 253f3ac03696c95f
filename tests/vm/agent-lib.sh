# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# agent-lib.sh - the agent in the Debian machine; for agent.test.sh, kills.sh and cycles.sh
#
# Callers set: top, BUILD and work, and have read demo/story.sh and tests/vm/debian/machine.sh.

: "${top:?}" "${BUILD:?}" "${work:?}"

agent_repository=$work/www/repository

# agent_case NAME COMMAND... - one assertion, with its time; without it nothing after makes sense
agent_case() {
    local name=$1 start=$EPOCHREALTIME

    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
        sed 's/^/# /' "$work/said" | tail -n 16
        echo "# $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
        return
    fi
    sed 's/^/# /' "$work/said"
    machine_run 'oakum status; cat /var/lib/oakum/journal
        journalctl -u "oakum-*" --no-pager -o short-monotonic | tail -n 160' 30 2>&1 |
        sed 's/^/# /' || true
    # shellcheck disable=SC2154 # of machine.sh
    tail -n 5 "$machine_dir/console.log" 2>/dev/null | sed 's/^/# /' || true
    echo "not ok $name"
    exit 1
}

# agent_levels [N]... - level 1 as demo/story.sh has it, levels N that hurt on demand; in $work/levelN
agent_levels() {
    local level

    # Levels made before, for work by hand.
    if [ -n "${AGENT_LEVELS-}" ]; then
        cp -r "$AGENT_LEVELS"/level[12] "$work"
        return
    fi
    story_kernel "${OAKUM_KERNEL:-$STORY_KERNEL}" || return
    story_fix
    story_level 1 "$work/level1" || return
    # shellcheck disable=SC2034 # read by story_level
    fix=$top/tests/vm/fix/harmful.patch cve_options=(--cve CVE-2026-00002)
    for level; do
        story_level "$level" "$work/level$level" || return
    done
}

# agent_publish LEVEL - in the repository, which is made for the first one
agent_publish() {
    mkdir -p "$work/www"
    if [ ! -e "$agent_repository" ]; then
        story_publish "$agent_repository" "$work/level$1"
        return
    fi
    "$BUILD/oakum-repo" add --quiet "$agent_repository" "$work/level$1/oakum_$1.ko" \
        "$work/level$1/manifest.json" &&
        "$BUILD/oakum-repo" sign --quiet "$agent_repository" --keys "$work/keys"
}

# agent_install - program, units, user and root key; nothing is started
agent_install() {
    local unit

    strip -o "$work/oakum" "$BUILD/oakum" && machine_put "$work/oakum" /usr/bin/oakum || return
    for unit in oakum-agent.service oakum-boot.service oakum-fetch.socket oakum-fetch@.service; do
        machine_put "$top/packaging/systemd/$unit" "/lib/systemd/system/$unit" || return
    done
    machine_put "$agent_repository/1.root.json" /etc/oakum/root.json || return
    machine_run 'set -e
        id oakum >/dev/null 2>&1 || useradd --system --no-create-home oakum
        install -d -o oakum -g oakum /var/lib/oakum/trust /var/lib/oakum/news
        systemctl daemon-reload
        systemctl enable -q oakum-agent.service oakum-boot.service oakum-fetch.socket
        systemctl start oakum-boot.service oakum-fetch.socket || true'
}
