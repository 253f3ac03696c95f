#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module.test.sh - a level that patches vmlinux and two modules, and the modules' coming and going
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. By hand:
# BUILD=build tests/vm/module.test.sh
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
OAKUM_KERNEL=${OAKUM_KERNEL:-debian:6.1.0-50-amd64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$top/tests/vm

# level N - builds it: 1 is of vmlinux and the modules, 2 of the modules alone
level() {
    local fixes=("$here/fix/binfmt_misc.patch" "$here/fix/zram.patch")

    [ "$1" -eq 2 ] || fixes+=("$top/demo/fix/visible.patch")
    "$BUILD/oakum-build" make --kernel "$OAKUM_KERNEL" --level "$1" --out "$work/$1" --json \
        --quiet "${fixes[@]}" >"$work/make.json"
}

# module NAME - its file in the kernel's package
module() {
    find "$modules" -name "$1.ko" -print -quit
}

"$BUILD/oakum-build" kernel show "$OAKUM_KERNEL" --json >"$work/kernel.json"
modules=$(jq -r .dir "$work/kernel.json")/modules
mkdir "$work/levels"
for n in 1 2; do
    if ! level "$n"; then
        jq -r '.refusals[]? | "# \(.rule): \(.symbol): \(.why)"' "$work/make.json"
        echo "not ok level $n is built"
        exit 1
    fi
    echo "ok level $n is built"
    cp "$work/$n/oakum_$n.ko" "$work/levels/"
done
if jq -e '[.fixes[].functions[].object] | unique == ["binfmt_misc", "vmlinux", "zram"]' \
    "$work/1/manifest.json" >/dev/null; then
    echo "ok the manifest names the three objects"
else
    echo "not ok the manifest names the three objects"
fi

status=0
"$here/vm.sh" --vmlinuz "$(jq -r .vmlinuz "$work/kernel.json")" --work "$work/vm" --timeout 180 \
    --cache "${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/vm" \
    --modules "$modules" --tree "$work/levels=/levels" \
    --file "$(module binfmt_misc)=/modules/binfmt_misc.ko" \
    --file "$(module zsmalloc)=/modules/zsmalloc.ko" \
    --file "$(module zram)=/modules/zram.ko" \
    "$here/guest/modules.sh" >"$work/machine.out" 2>&1 || status=$?
sed 's/^@/# /' "$work/machine.out"
case $status in
0) echo "ok the kernel's log has no warning" ;;
1) echo "# an assertion in the machine did not hold" ;;
126) echo "not ok the kernel's log has no warning" ;;
*)
    tail -n 30 "$work/vm/console.log" | sed 's/^/# /'
    echo "not ok the machine ended by itself (status $status)"
    ;;
esac
exit "$status"
