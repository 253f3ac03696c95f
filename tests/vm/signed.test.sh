#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# signed.test.sh - what "make --sign-key" writes, read by openssl and by a kernel that asks for it
#
# Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL and TMPDIR are set. By hand:
# BUILD=build tests/vm/signed.test.sh
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
OAKUM_KERNEL=${OAKUM_KERNEL:-debian:6.1.0-50-amd64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$top/tests/vm

# level DIR OPTION... - a level of vmlinux
level() {
    local dir=$1
    shift
    "$BUILD/oakum-build" make --kernel "$OAKUM_KERNEL" --out "$work/$dir" --quiet "$@" \
        "$top/demo/fix/visible.patch" >/dev/null
}

# holds NAME COMMAND... - one assertion
holds() {
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
    else
        sed 's/^/# /' "$work/said"
        echo "not ok $name"
        failed=1
    fi
}

# cut_off - the signature of signed.ko: 12 bytes of lengths and 28 of text end the file
cut_off() {
    local size sig
    size=$(stat -c %s "$work/signed/oakum_1.ko")
    sig=$((16#$(tail -c 32 "$work/signed/oakum_1.ko" | head -c 4 | od -An -tx1 | tr -d ' \n')))
    head -c $((size - 40 - sig)) "$work/signed/oakum_1.ko" >"$work/body"
    tail -c $((40 + sig)) "$work/signed/oakum_1.ko" | head -c "$sig" >"$work/signature"
}

failed=0
openssl req -x509 -newkey rsa:2048 -noenc -subj "/CN=level signer" -days 1 \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
level unsigned
level signed --sign-key "$work/key.pem" --sign-cert "$work/cert.pem"
cut_off
holds "the signed level is the unsigned one and a signature" \
    cmp "$work/body" "$work/unsigned/oakum_1.ko"
holds "openssl verifies the signature" openssl cms -verify -binary -inform DER \
    -in "$work/signature" -content "$work/body" -certfile "$work/cert.pem" -noverify \
    -nointern -out /dev/null
# shellcheck disable=SC2016 # a variable of jq's
holds "the manifest names the signer and hashes what was signed" jq -e \
    --arg sha "$(sha256sum "$work/signed/oakum_1.ko" | cut -d' ' -f1)" \
    '.module.signer == "level signer" and .module.sha256 == $sha' "$work/signed/manifest.json"
holds "the check reads a signed level" "$BUILD/oakum-build" check --kernel "$OAKUM_KERNEL" \
    "$work/signed/oakum_1.ko"

mkdir "$work/levels"
cp "$work/signed/oakum_1.ko" "$work/levels/signed.ko"
cp "$work/unsigned/oakum_1.ko" "$work/levels/unsigned.ko"
# A message that says it is longer than there are bytes.
{
    cat "$work/body"
    printf '\x30\x82\xff\xff'
    tail -c +5 "$work/signature"
    tail -c 40 "$work/signed/oakum_1.ko"
} >"$work/levels/broken.ko"

"$BUILD/oakum-build" kernel show "$OAKUM_KERNEL" --json >"$work/kernel.json"
status=0
"$here/vm.sh" --vmlinuz "$(jq -r .vmlinuz "$work/kernel.json")" --work "$work/vm" --timeout 120 \
    --cache "${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/vm" \
    --modules "$(jq -r .dir "$work/kernel.json")/modules" --tree "$work/levels=/levels" \
    "$here/guest/signed.sh" >"$work/machine.out" 2>&1 || status=$?
sed 's/^@/# /' "$work/machine.out"
if [ "$status" -ne 0 ]; then
    tail -n 30 "$work/vm/console.log" | sed 's/^/# /'
    echo "not ok the machine ended well (status $status)"
fi
[ "$failed" -eq 0 ] && exit "$status"
exit 1
