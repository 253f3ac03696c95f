#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One command, one kind of fault, at every call that changes a file: see shim.c. After each fault
# readers, the repository and the command itself must be as tests/cli/fault.test.sh says.
#
# usage: tests/fault/walk.sh SCENARIO MODE      prints one TAP line
# environment: BUILD, SHIM, BASES (made by bases.sh), TMPDIR
set -u
: "${BUILD:?}" "${SHIM:?}" "${BASES:?}" "${TMPDIR:?}"
# shellcheck source=tests/fault/bases.sh
. tests/fault/bases.sh
scenario=$1 mode=$2 here=$PWD/tests/fault
scratch=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$(realpath "$TMPDIR")") || exit 1
work=$scratch/work log=$scratch/log mark=$scratch/mark
trap 'rm -rf "$scratch"' EXIT

# Scenarios. $base is where it starts, $command what is hit, $again the statuses with which the
# same command may answer when it is run again after a fault. $kind names the checks.
kind=author again='0 3' publishes=false
online=(sign www --keys keys)
case $scenario in
init) kind=init base=empty command=(init www --keys keys --no-passphrase --bins "${BINS:-0}") ;;
add) base=one-16 command=(add www level-2/oakum_2.ko level-2/manifest.json) ;;
add-cves) base=one-16 command=(add-cves www "$BASES/cves.db") ;;
promote) base=one-16 command=(promote www aaaaaaaa/1 stable) ;;
withdraw) base=one-16 command=(withdraw www aaaaaaaa/1 --why 'it hangs') ;;
hold) base=one-16 command=(hold www aaaaaaaa/1 --why 'it is being looked at') ;;
rotate)
    base=one-16 again='0 4' # 4: the key is there already
    command=(rotate www --role timestamp --remove keys/timestamp.pub --add keys/new-timestamp.pub)
    ;;
renew) base=aged command=(renew www) ;;
sign) base=staged publishes=true command=("${online[@]}") ;;
sign-rotated-*) base=${scenario#sign-} publishes=true command=("${online[@]}") ;;
sign-lost) base=lost publishes=true command=("${online[@]}") ;;
refresh) base=one-16 publishes=true command=(refresh www --keys keys --days 14) ;;
request) base=staged command=(sign www --request request.json) ;;
answer) base=answer command=(sign request.json --keys keys) ;;
sign-answer) base=answer publishes=true command=(sign www --from answer.json --keys online) ;;
cves) kind=cves base=empty command=(cves "$here/../cves/records" -o cves.db) ;;
export) kind=export base=one-16 command=(export www -o out.tar.zst) ;;
import-first) kind=import base=bundles command=(import first.tar.zst new --root root.json) ;;
import-*) kind=import base=bundles command=(import "${scenario#import-}.tar.zst" site) ;;
client-init) kind=client base=one-16 command=(fresh www init root.json) ;;
client-refresh) kind=client base=moved command=(st www refresh) ;;
client-rotated) kind=client base=moved command=(st www2 refresh) ;;
client-download) kind=client base=moved command=(st www2 download) ;;
host-first) kind=host base=host command=(new-host www2) ;;
host-next) kind=host base=host command=(host www2) ;;
fix-apply) kind=fix base=fixes command=(--apply) ;;
fix-undo) kind=fix base=fixed again='0 3' command=(--undo) ;;
host-store) kind=store base=host command=(host level-2/oakum_2.ko level-2/manifest.json) ;;
*) echo "walk: no scenario $scenario" >&2 && exit 2 ;;
esac

# Unpacking is the same in every import; the first one, and the long walks, go through it.
case $scenario-${BINS:-0} in
import-first-*) ;;
import-*-0) export OAK_FAULT_SKIP=/.import/ ;;
esac

run() { # the command
    case $kind in
    client) reader "${command[@]}" ;;
    host) host_check "${command[@]}" ;;
    fix) fix "${command[@]}" ;;
    store) LD_PRELOAD=$SHIM "$BUILD/tests/fault/fault-store" "${command[@]}" ;;
    *) repo "${command[@]}" ;;
    esac
}

fresh_copy() {
    rm -rf "$work"
    mkdir "$work" && cd "$work" || exit 1
    [ "$base" = empty ] || cp -a "$BASES/$base/." .
}

wrong() { # WHAT
    why=$1
    return 1
}

quietly() {
    "$@" >>"$log" 2>&1
}

status_in() { # STATUS LIST
    case " $2 " in *" $1 "*) ;; *) return 1 ;; esac
}

# Everything that a reader believes, but what two runs of one command have different.
beliefs() { # STATE
    sed -E -e 's/"signatures":\[[^]]*\]//; s/"[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}Z"//g' \
        -e 's/"(length|sha256)":("[^"]*"|[0-9]+)//g' \
        "$1/root.json" "$1/targets.json" "$1"/kernels-*.json 2>/dev/null
}

# A reader from the first root, and one with the state of before. Both must find the list of
# levels, and level 1 as it was published.
readers() { # REPOSITORY
    local st
    rm -rf fresh fresh.got && mkdir fresh fresh.got && cp root.json fresh/root.json
    for st in fresh st; do
        quietly reader "$st" "$1" download || wrong "a reader ($st) failed" || return
        cmp -s "$st.got/${level1//\//%2F}" "$scratch/level1" ||
            wrong "a reader ($st) has another level 1" || return
    done
}

# Staging is published by the next sign.
publish() {
    local r
    [ "$kind" = author ] && [ "$publishes" = false ] || return 0
    [ "$scenario" != answer ] ||
        quietly repo sign www --from request.json --keys online || return 1
    quietly repo sign www --keys "$([ -d online ] && echo online || echo keys)"
    r=$?
    status_in "$r" '0 3'
}

versions() { # REPOSITORY: "root timestamp snapshot targets"
    repo verify "$1" 2>>"$log" | tr -d , | awk 'NR == 1 { print $5, $7, $9, $11 }'
}

not_older() { # VERSIONS THAN
    local -a a b
    read -ra a <<<"$1"
    read -ra b <<<"$2"
    [ ${#a[@]} -eq 4 ] && [ "${a[0]}" -eq "${b[0]}" ] && [ "${a[3]}" -eq "${b[3]}" ] &&
        [ "${a[1]}" -ge "${b[1]}" ] && [ "${a[2]}" -ge "${b[2]}" ]
}

# The repository that the scenario changes.
target_of() {
    case $scenario in
    import-first) echo new ;;
    import-*) echo site ;;
    *) echo www ;;
    esac
}
target=$(target_of)
had=false
[ ! -f "$BASES/$base/$target/timestamp.json" ] || had=true

expect_author() {
    run >/dev/null && publish && readers "$target" || return 1
    expected=$(beliefs fresh) expected_versions=$(versions "$target")
}

# Only files that nothing names yet were added: readers see what they saw.
untouched() {
    [ "$(ls "$target"/*.root.json)" = "$(ls "$BASES/$base/$target"/*.root.json)" ] &&
        diff -r -x .lock "$BASES/$base/$target" "$target" 2>&1 |
        awk -v new="Only in $target" 'index($0, new) != 1 { bad = 1 } END { exit bad }'
}

# For author, import and init: what was sound is sound, the command ends as if nothing had been.
check_author() {
    local r
    # Where the old keys are lost, the next start of oakum-repo mends it: docs/decisions/0013.
    case $scenario in
    sign-lost) quietly repo sign www ;;
    import-lost | import-far) quietly run ;;
    esac
    if $had && ! untouched; then
        quietly repo verify "$target" || wrong 'verify failed' || return
        readers "$target" || return 1
    fi
    quietly run
    r=$?
    status_in $r "$again" || wrong "run again: status $r" || return
    publish || wrong 'publishing it failed' || return
    readers "$target" || wrong "in the end: $why" || return
    { cmp -s fresh/root.json st/root.json && cmp -s fresh/targets.json st/targets.json &&
        [ "$(beliefs fresh)" = "$expected" ]; } ||
        wrong 'in the end readers believe something else' || return
    not_older "$(versions "$target")" "$expected_versions" ||
        wrong "in the end versions are $(versions "$target"), not $expected_versions" || return
    { [ ! -e "$target/.publish.json" ] && [ ! -e "$target/.staged.json" ] &&
        [ ! -e "$target/.import" ]; } || wrong 'something is left over' || return
}

expect_import() { expect_author; }
check_import() { check_author; }

# An init goes on with the keys that are there; where all is staged, what is left is to sign it.
expect_init() {
    run && expected_versions=$(versions www)
}

check_init() {
    local r key
    quietly run
    r=$?
    if [ $r -ne 0 ] && grep -q 'a repository is there already' "$log"; then
        quietly repo sign www --keys keys
        r=$?
    fi
    status_in $r '0 3' || wrong "neither init nor sign goes on: status $r" || return
    not_older "$(versions www)" "$expected_versions" || wrong 'verify failed' || return
    for key in root timestamp snapshot targets; do
        { [ -f "keys/$key.pem" ] && [ -f "keys/$key.pub" ]; } || wrong "no key of $key" || return
    done
}

expect_export() {
    run >/dev/null && repo import out.tar.zst new --root root.json >/dev/null && readers new &&
        expected=$(beliefs fresh)
}

# A bundle is there whole or not at all.
check_export() {
    quietly repo verify www || wrong 'verify failed' || return
    if [ -e out.tar.zst ]; then
        quietly repo import out.tar.zst whole --root root.json ||
            wrong 'half a bundle is there' || return
    fi
    quietly run || wrong 'run again: failed' || return
    quietly repo import out.tar.zst new --root root.json ||
        wrong 'the bundle cannot be imported' || return
    readers new || return 1
    [ "$(beliefs fresh)" = "$expected" ] || wrong 'the bundle is another' || return
}

expect_cves() {
    run && cp cves.db "$scratch/state"
}

# A database is there whole or not at all, and nothing beside it in the end.
check_cves() {
    if [ -e cves.db ]; then
        cmp -s cves.db "$scratch/state" || wrong 'half a database is there' || return
    fi
    quietly run || wrong 'run again: failed' || return
    cmp -s cves.db "$scratch/state" || wrong 'in the end the database is another' || return
    [ "$(find . -type f)" = ./cves.db ] || wrong 'something is left over' || return
}

expect_client() {
    run || return 1
    cp -a "${command[0]}" "$scratch/state"
    cp -a "${command[0]}.got" "$scratch/got" 2>/dev/null || mkdir "$scratch/got"
    [ "$base" = moved ] || return 0
    cp -a "${command[0]}" moved && mkdir moved.got && reader moved www2 download &&
        cp -a moved "$scratch/moved"
}

# What was trusted before is no longer shown to a reader, the state ends as if nothing had been,
# also where the repository moved on meanwhile.
check_client() {
    local st=${command[0]}
    if [ "$scenario" = client-refresh ] && ! cmp -s "$st/timestamp.json" "$BASES/$base/$st/timestamp.json"; then
        cp -a "$st" back
        ! quietly reader back old refresh || wrong 'an older repository is believed' || return
    fi
    if [ "$base" = moved ]; then
        cp -a "$st" moved && mkdir moved.got
        quietly reader moved www2 download || wrong 'cannot follow the repository' || return
        diff -r moved "$scratch/moved" >>"$log" || wrong 'follows to another state' || return
    fi
    quietly run || wrong 'run again: failed' || return
    [ "$scenario" != client-init ] || { cmp -s "$st/root.json" root.json && return; }
    diff -r "$st" "$scratch/state" >>"$log" || wrong 'in the end the state is another' || return
    diff -r "$st.got" "$scratch/got" >>"$log" || wrong 'in the end downloads differ' || return
}

# Status 3: a newer level would be applied.
expect_host() {
    expected=$(run)
    [ $? -eq 3 ] && cp -a "${command[0]}/var/lib/oakum/trust" "$scratch/state"
}

check_host() {
    local said trust=${command[0]}/var/lib/oakum/trust
    said=$(run 2>>"$log")
    { [ $? -eq 3 ] && [ "$said" = "$expected" ]; } || wrong "run again: $said" || return
    diff -r "$trust" "$scratch/state" >>"$log" || wrong 'in the end the trust is another' || return
}

expect_store() {
    run && cp -a host/var/lib/oakum/levels "$scratch/state"
}

# A level is there whole or not at all.
check_store() {
    local level=host/var/lib/oakum/levels/$build_id/2
    if [ -e "$level" ]; then
        diff -r "$level" "$scratch/state/$build_id/2" >>"$log" || wrong 'half a level' || return
    fi
    quietly run || wrong 'run again: failed' || return
    diff -r host/var/lib/oakum/levels "$scratch/state" >>"$log" || wrong 'something is left over'
}

expect_fix() {
    fix_picture >"$scratch/before" && run && fix_picture >"$scratch/after" || return 1
    [ "$scenario" != fix-undo ] || cmp -s original "$scratch/after"
}

# Whatever was left of an apply, undoing leads to what was before it; of an undo, undoing once more.
check_fix() {
    local r=0 n
    for n in 1 2 3; do
        quietly fix --undo
        r=$?
        [ $r -eq 0 ] || break
    done
    [ $r -eq 3 ] || wrong "undo: status $r" || return
    fix_picture | diff original - >>"$log" || wrong 'after undo the host is another' || return
    [ "$scenario" = fix-apply ] || return 0
    quietly run || wrong 'run again: failed' || return
    fix_picture | diff "$scratch/after" - >>"$log" || wrong 'in the end the host is another'
}

hit() { # NUMBER OF THE CALL
    rm -f "$mark"
    (
        export OAK_FAULT_DIR=$work OAK_FAULT_MODE=$mode OAK_FAULT_AT=$1 OAK_FAULT_MARK=$mark
        run
    ) >"$scratch/said" 2>&1
    fault_status=$?
    [ -e "$mark" ]
}

bad() { # NUMBER REASON
    printf '# %s, %s, call %d (%s): %s\n' "$scenario" "$mode" "$1" "$(tail -n 1 "$mark" 2>/dev/null)" "$2"
    tail -n 3 "$scratch/said" | sed 's/^/#   said: /'
    tail -n 4 "$log" | sed 's/^/#   then: /'
    failures=$((failures + 1))
}

failures=0 n=0
[ "$base" = empty ] || cp "$BASES/$base/st.got/${level1//\//%2F}" "$scratch/level1"
fresh_copy
: >"$scratch/said"
"expect_$kind" >"$log" 2>&1 || bad 0 'fails without any fault'
if [ "$mode" = log ]; then
    fresh_copy
    hit 0
    awk -f "$here/order.awk" "$mark" >"$log"
    [ ! -s "$log" ] || bad 0 'a power cut could take away what is named'
    [ $failures -eq 0 ] || printf 'not '
    printf 'ok - %s: all is on the disk before it is named\n' "$scenario"
    exit $failures
fi
while [ $failures -lt 3 ]; do
    n=$((n + 1))
    fresh_copy
    : >"$log"
    hit $n || break
    why=
    # A fault may go unnoticed only where nothing is lost by it: the checks below tell.
    [ "$fault_status" -eq 137 ] || [ "$mode" != kill ] || bad $n 'was not killed'
    "check_$kind" || bad $n "$why"
done
done_status=0
[ "$kind" != host ] || done_status=3
[ $failures -gt 0 ] || [ "$fault_status" -eq $done_status ] || bad $n "fails without any fault"
[ $n -gt 1 ] || bad $n 'no call was hit'
[ $failures -eq 0 ] || printf 'not '
printf 'ok - %s: %s at each of %d calls\n' "$scenario" "$mode" $((n - 1))
[ $failures -eq 0 ]
