#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# story.test.sh - the demonstration's story in a virtual machine, with bad input at every turn
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and
# "not ok NAME". By hand: BUILD=build tests/vm/story.test.sh
# shellcheck disable=SC2317 # functions are called through case_of() and the trap
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
finish() {
    story_stop
    rm -rf "$work"
}
trap finish EXIT

www=$work/www
guest=$top/tests/vm/guest

# case_of NAME COMMAND... - one assertion; without it nothing after makes sense
case_of() {
    local name=$1

    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
        return
    fi
    sed 's/^/# /' "$work/said"
    echo "not ok $name"
    exit 1
}

# replace_byte FILE OFFSET - another byte in its place
replace_byte() {
    local byte

    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf '%02x' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# withdraw REPOSITORY NEW-REPOSITORY LEVEL WHY
withdraw() {
    cp -r "$1" "$2"
    "$BUILD/oakum-repo" withdraw "$2" "$(jq -r .kernel.build_id "$work/level/manifest.json")/$3" \
        --why "$4" &&
        "$BUILD/oakum-repo" sign "$2" --keys "$work/keys"
}

make_variants() {
    local module

    cp -r "$www/repository" "$www/tampered"
    module=$(find "$www/tampered/targets" -name '*.ko.zst')
    replace_byte "$module" 100 || return
    cp -r "$www/repository" "$www/forged"
    # One digit of the signature, or of what it signs: either must be noticed.
    sed -i 's/"version": *2/"version":9/' "$www/forged/timestamp.json"
    ! cmp -s "$www/repository/timestamp.json" "$www/forged/timestamp.json" || return
    cp -r "$www/repository" "$www/newer"
    story_level 2 "$work/level2" || return
    "$BUILD/oakum-repo" add "$www/newer" "$work/level2/oakum_2.ko" "$work/level2/manifest.json" ||
        return
    "$BUILD/oakum-repo" sign "$www/newer" --keys "$work/keys" || return
    withdraw "$www/newer" "$www/withdrawn" 2 'it hurts' || return
    withdraw "$www/withdrawn" "$www/empty" 1 'it hurts too' || return

    mkdir "$work/levels"
    cp "$work/level/oakum_1.ko" "$work/level/manifest.json" "$work/levels"
    jq '.kernel.build_id = "0000000000000000000000000000000000000000"' \
        "$work/level/manifest.json" >"$work/levels/foreign.json" || return
    head -c -100 "$work/level/oakum_1.ko" >"$work/levels/truncated.ko"
}

mkdir "$www"
case_of "a kernel is ready" story_kernel "${OAKUM_KERNEL:-$STORY_KERNEL}"
story_fix
echo "# $kernel: $flaw"
case_of "level 1 is built" story_level 1 "$work/level"
case_of "every replaced function is proven" \
    jq -e '[.fixes[].functions[].proof] | length > 0 and all(. == "identical")' \
    "$work/level/manifest.json"
case_of "a repository is published" story_publish "$www/repository" "$work/level"
cp "$www/repository/1.root.json" "$work/root.json"
case_of "variants of the repository are made" make_variants
case_of "a web server serves them" story_serve "$www"

status=0
story_boot --tree "$work/levels=/levels" \
    --file "$guest/hard-cases.sh=/lib/story/hard-cases.sh" >"$work/machine.out" 2>&1 || status=$?
sed '/^@json /d; s/^@/# /' "$work/machine.out"
case $status in
0) echo "ok the kernel's log has no warning" ;;
1) echo "# an assertion in the machine did not hold" ;;
126) echo "not ok the kernel's log has no warning" ;;
*) echo "not ok the machine ended by itself (status $status)" ;;
esac
exit "$status"
