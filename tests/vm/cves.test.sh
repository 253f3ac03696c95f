#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cves.test.sh - CVEs on a Debian host: the database comes with the agent, a level ends a CVE and its
# revert brings it back, and what is not in this kernel, or not loaded, is told right
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME".
# shellcheck disable=SC2317 # functions are called through agent_case() and the trap
# shellcheck disable=SC2119,SC2120,SC2016
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
cases=$top/tests/vm/cves-cases.tsv
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck source=tests/vm/agent-lib.sh
. "$top/tests/vm/agent-lib.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    story_stop
    rm -rf "$work"
}
trap finish EXIT

# --- the records, made up here: each affects every version, by one file

record() { # ID FILE
    jq -n --arg id "$1" --arg file "$2" '{dataType: "CVE_RECORD", dataVersion: "5.1",
        cveMetadata: {cveId: $id, state: "PUBLISHED",
            assignerOrgId: "f4215fc3-5b6b-47ff-a258-f7189bd81038"},
        containers: {cna: {title: "made up: \($file)", affected: [{product: "Linux",
            vendor: "Linux", defaultStatus: "affected", programFiles: [$file],
            versions: []}]}}}' >"$work/records/$1.json"
}

# records - one for each case and one for what the level fixes; $work/ids has id, kind, file, word
records() {
    local kind file word n=0

    mkdir -p "$work/records"
    : >"$work/ids"
    while IFS=$'\t' read -r kind file word; do
        case $kind in '#'*) continue ;; esac
        n=$((n + 1))
        record "CVE-2026-$((90000 + n))" "$file"
        printf 'CVE-2026-%d\t%s\t%s\t%s\n' $((90000 + n)) "$kind" "$file" "$word" >>"$work/ids"
    done <"$cases"
    record "$cve" kernel/entry/common.c
    [ "$(grep -c unset "$work/ids")" -ge 20 ] && [ "$(grep -c built "$work/ids")" -ge 20 ] &&
        [ "$(grep -c module "$work/ids")" -ge 20 ]
}

# level_of_both - level 1, that says it closes one case's CVE too: a module's that is not loaded
level_of_both() {
    case_cve=$(awk -F '\t' '$2 == "module" { print $1; exit }' "$work/ids")
    story_level 1 "$work/level1" || return
    jq --arg cve "$case_cve" '.fixes[0].cve += [$cve]' "$work/level1/manifest.json" >"$work/m.json" &&
        mv "$work/m.json" "$work/level1/manifest.json"
}

# publish_cves - the database of the records, made with the source of the machine's kernel
publish_cves() {
    "$BUILD/oakum-repo" cves "$work/records" --output "$work/cves.db" --quiet \
        --source "$(kernel_fact dir)/source" &&
        "$BUILD/oakum-repo" add-cves "$agent_repository" "$work/cves.db" "$@" &&
        "$BUILD/oakum-repo" sign --quiet "$agent_repository" --keys "$work/keys"
}

new_repository() {
    mkdir -p "$work/www"
    "$BUILD/oakum-repo" init --quiet "$agent_repository" --keys "$work/keys" --no-passphrase &&
        "$BUILD/oakum-repo" key new --quiet "$work/keys/cves.pem" --no-passphrase &&
        publish_cves --signer "$work/keys/cves.pub"
}

one_record_more() {
    record CVE-2026-99999 fs/exec.c && publish_cves
}

n_records() {
    find "$work/records" -type f | wc -l
}

# --- the machine

configure() {
    printf '%s\n' "repository = $url/repository/" 'jitter = 0s' 'soak = 2s' >"$work/oakum.conf"
    agent_install && machine_put "$work/oakum.conf" /etc/oakum/oakum.conf &&
        machine_put "$(kernel_fact dir)/config" "/boot/config-$(kernel_fact release)" &&
        machine_run 'systemctl start oakum-agent'
}

until_true() { # SECONDS CONDITION
    machine_run "for i in \$(seq $1); do if $2; then exit 0; fi; sleep 1; done; exit 1" $(($1 * 3 + 10))
}

becomes() { # SECONDS JQ-FILTER - of "oakum status --json"
    until_true "$1" "oakum status --json | jq -e '$2' >/dev/null"
}

check_now() {
    machine_run 'systemctl reload oakum-agent'
}

the_same_database() {
    machine_get /var/lib/oakum/cves.db | cmp - "$work/cves.db"
}

verdict_is() { # CVE VERDICT
    machine_run "oakum cves $1; oakum cves --json $1" >"$work/said" || return
    cat "$work/said"
    sed -n '/^{/,$p' "$work/said" | jq -e --arg want "$2" '.cves[0].verdict == $want' >/dev/null
}

# verdicts_are KIND VERDICT - of every case of the kind; those that differ are printed
verdicts_are() {
    local id kind file word ids=() got

    while IFS=$'\t' read -r id kind file word; do
        [ "$kind" != "$1" ] || ids+=("$id")
    done <"$work/ids"
    machine_run "oakum cves --json ${ids[*]}" >"$work/verdicts.json" || return
    got=$(jq -r --arg want "$2" '.cves[] | select(.verdict != $want) |
        "\(.id): \(.verdict): \(.reason)"' "$work/verdicts.json")
    echo "$got"
    echo "${#ids[@]} cases are $2"
    [ -z "$got" ] && [ "$(jq '.cves | length' "$work/verdicts.json")" = "${#ids[@]}" ]
}

words_of() { # KIND
    awk -F '\t' -v kind="$1" '$2 == kind { print $4 }' "$work/ids" | tr '\n' ' '
}

# What the machine says without us.
configuration_agrees() {
    machine_run "for s in $(words_of unset); do
            ! grep \"^CONFIG_\$s=\" /boot/config-\$(uname -r) || exit 1
        done
        for s in $(words_of built); do
            grep -q \"^CONFIG_\$s=y\" /boot/config-\$(uname -r) || { echo \"\$s\"; exit 1; }
        done"
}

modules_are() { # loaded|absent
    machine_run "for m in $(words_of module); do
            if grep -q \"^\$m \" /proc/modules; then is=loaded; else is=absent; fi
            [ \$is = $1 ] || { echo \"\$m is \$is\"; exit 1; }
        done"
}

# statement_is STATUS - now, and soon after in the document that the agent keeps
statement_is() {
    machine_run "oakum vex --cve $cve --json | jq -e '.statements[0].status == \"$1\"'" &&
        until_true 30 "jq -e '.statements[] | select(.vulnerability.name == \"$cve\").status == \"$1\"' \
            /run/oakum/vex.openvex.json"
}

# modprobe heeds no install line of a module with soft dependencies, which f2fs has: both ways.
block_modules() {
    machine_run "for m in $(words_of module); do echo \"install \$m /bin/false\"; done \\
        >/etc/modprobe.d/50-cases.conf"
    verdict_is "$(awk -F '\t' '$4 == "f2fs" { print $1 }' "$work/ids")" module-not-loaded || return
    machine_run "for m in $(words_of module); do echo \"softdep \$m pre:\"; done \\
        >>/etc/modprobe.d/50-cases.conf
        for m in $(words_of module); do ! modprobe \$m 2>/dev/null || { echo \$m; exit 1; }; done"
}

load_modules() {
    machine_run "rm /etc/modprobe.d/50-cases.conf; modprobe -a $(words_of module)" 200
}

story_kernel "${OAKUM_KERNEL:-$STORY_KERNEL}" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
story_fix
cve=$STORY_CVE
cve_options=(--cve "$cve")

agent_case "records are written" records
agent_case "level 1 is built" level_of_both
agent_case "a repository with a CVE database" new_repository
agent_case "a web server serves it" story_serve "$work/www"
agent_case "a machine is at hand" machine_start "$work/vm"
agent_case "it is up" machine_wait_up 400
agent_case "the agent is there" configure
agent_case "it fetches the database" becomes 60 ".cve_database.records == $(n_records)"
agent_case "the very one" the_same_database
agent_case "the CVE is exposed" verdict_is "$cve" exposed
agent_case "its statement is affected" statement_is affected

agent_case "the way to another is closed until then" machine_run "oakum cves mitigate $case_cve"
agent_case "its module cannot be loaded" verdict_is "$case_cve" not-loaded-and-blocked
agent_case "status says so" machine_run "oakum status | grep 'mitigated *$case_cve'"

agent_case "level 1 is published, and a record more" eval 'agent_publish 1 && one_record_more'
agent_case "the agent is told of it" check_now
agent_case "level 1 is applied by itself" becomes 60 '.level == 1 and .state == "applied"'
agent_case "the database comes after it" becomes 60 ".cve_database.records == $(n_records)"
agent_case "as a delta" machine_run \
    'journalctl -u oakum-agent -o cat --no-pager | grep "CVE database of .*by 1 delta"'
agent_case "it is what was compiled" the_same_database
agent_case "the CVE is patched" verdict_is "$cve" patched-live
agent_case "its statement is fixed" statement_is fixed
agent_case "so is the other" verdict_is "$case_cve" patched-live
agent_case "the agent has lifted its mitigation" \
    until_true 20 "[ ! -e /etc/modprobe.d/50-oakum-$case_cve.conf ]"
agent_case "and says so" machine_run \
    "journalctl -o cat --no-pager OAKUM_EVENT=mitigation-lifted | grep '$case_cve is patched-live'"
agent_case "level 1 is reverted by hand" machine_run 'oakum revert' 120
agent_case "the CVE is exposed again" verdict_is "$cve" exposed
agent_case "its statement is affected again" statement_is affected
agent_case "and an auditor finds it so" machine_run 'oakum vex verify /run/oakum/vex.openvex.json'

agent_case "the machine's configuration is as the cases say" configuration_agrees
agent_case "what is not in this kernel" verdicts_are unset not-built
agent_case "what is in it" verdicts_are built exposed
agent_case "no module of the cases is loaded" modules_are absent
agent_case "modules that are not loaded" verdicts_are module module-not-loaded
agent_case "they are blocked" block_modules
agent_case "modules that cannot be loaded" verdicts_are module not-loaded-and-blocked
agent_case "they are loaded" load_modules
agent_case "they are there" modules_are loaded
agent_case "modules that are loaded" verdicts_are module exposed
agent_case "the machine ends" machine_shutdown 300
