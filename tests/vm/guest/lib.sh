# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib.sh - what a test inside the machine says, one line each:
#
#   # TEXT             progress, for people
#   @step NAME TEXT    a new part of the test begins
#   @figure NAME VALUE a measured number
#   @json NAME {...}   a document, on one line
#   ok NAME            one assertion that held
#   not ok NAME        one that did not; "#   ..." lines before it say what was seen
#
# The script ends with "finish": exit status 0 if every assertion held.

failed=0

say() {
    echo "# $*"
}

step() {
    echo "@step $*"
}

figure() {
    echo "@figure $1 $2"
}

# run COMMAND... - what it prints goes to /run/said, its exit status to check_got
run() {
    check_ran=$*
    check_got=0
    "$@" >/run/said 2>&1 </dev/null || check_got=$?
}

# judge NAME STATUS - the assertion that the last run's exit status is STATUS
judge() {
    if [ "$check_got" -eq "$2" ]; then
        echo "ok $1"
        return
    fi
    sed 's/^/#   /' /run/said
    echo "#   exit status $check_got, not $2: $check_ran"
    echo "not ok $1"
    failed=1
}

# check_exit NAME STATUS COMMAND... - COMMAND exits with STATUS
check_exit() {
    check_name=$1 check_want=$2
    shift 2
    run "$@"
    judge "$check_name" "$check_want"
}

# show_exit NAME STATUS COMMAND... - the same, and what COMMAND printed is worth being seen
show_exit() {
    check_name=$1 check_want=$2
    shift 2
    run "$@"
    sed 's/^/# /' /run/said
    judge "$check_name" "$check_want"
}

# check NAME COMMAND... - COMMAND succeeds.
check() {
    check_name=$1
    shift
    check_exit "$check_name" 0 "$@"
}

# check_said NAME TEXT - the last check's command printed TEXT.
check_said() {
    if grep -qF -- "$2" /run/said; then
        echo "ok $1"
        return
    fi
    sed 's/^/#   /' /run/said
    echo "#   not said: $2"
    echo "not ok $1"
    failed=1
}

finish() {
    exit "$failed"
}

# now_ms - milliseconds since the machine started
now_ms() {
    awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime
}
