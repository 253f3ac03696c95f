#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kill -9 and a full disk at every call of oakum-repo and oakum-tuf that changes a file, one by one.
# After each: a reader that starts from the first root and one with the state of before find what
# they look for; the repository passes its audit (where keys were lost: after the next start of
# oakum-repo, docs/decisions/0013); the command run again ends as if nothing had been; the state of
# a reader that was hit is as good as another's; what oakum audit --fix-plan changed of a host can be
# undone exactly.
#
# "make soak" walks with more kinds of fault and larger repositories: FAULT_MODES, FAULT_BINS.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
modes=${FAULT_MODES:-log kill full}
export BINS=${FAULT_BINS:-0} # of walks that touch every bin
export SHIM=$BUILD/tests/fault/fault-shim.so BASES=$TMPDIR/bases
scenarios=(import-next import-first import-lost init sign-rotated-targets sign sign-answer
    sign-rotated-root sign-rotated-timestamp sign-rotated-snapshot sign-lost add refresh promote
    withdraw hold renew request answer rotate export cves add-cves client-init client-refresh client-rotated client-download
    host-first host-next host-store fix-apply fix-undo)
[ "$BINS" = 0 ] || scenarios+=(import-far)

if [ ! -f "$SHIM" ]; then
    printf 'not ok - %s is missing; build it with: make\n' "$SHIM"
    exit 1
fi
# shellcheck source=tests/fault/bases.sh
. tests/fault/bases.sh
mkdir "$BASES"
if ! make_bases "$BINS"; then
    printf 'not ok - the states to start from can be made\n'
    exit 1
fi
# shellcheck disable=SC2016,SC2086 # the inner shell expands them; modes are words
for mode in $modes; do
    printf "%s $mode\n" "${scenarios[@]}"
done | xargs -P "$(nproc)" -L 1 bash -c 'o=$(tests/fault/walk.sh "$@"); s=$?; printf "%s\n" "$o"; exit $s' walk
exit $((PIPESTATUS[1] != 0))
