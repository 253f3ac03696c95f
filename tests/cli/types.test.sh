#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build make: what a fix does to types and to exported symbols, on a real kernel.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# make_level - of the patch on standard input; its exit status is in $status
make_level() {
    cat >"$TMPDIR/types.patch"
    rm -rf "$TMPDIR/level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" "$TMPDIR/types.patch" \
        >"$out" 2>"$err"
    status=$?
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
cache=net/core/dst_cache.c
body='/^struct dst_entry \*dst_cache_get(/,/^}/s/if (!dst/if (!dst_cache || !dst/'

make_level < <(change $cache "$body")
[ "$status" -eq 0 ] && ! grep -q '^\(types\|exports\):' "$err"
result $? 'a fix inside of functions costs no look at types'

make_level < <(change $cache -e "$body" -e 's/^\tu32 cookie;/& \/* of the route *\//' \
    -e '/^#include <net\/dst_cache.h>/a #include <linux/security.h>')
[ "$status" -eq 0 ] && grep -q '^types: ' "$err" && grep -q '^exports: ' "$err"
result $? 'a comment in a type and one more header change no type'

make_level < <(change $cache '/^\tu32 cookie;/i\	u32 more;')
[ "$status" -eq 4 ] && grep -qxF "refused type-layout: struct dst_cache_pcpu: member more is new at \
byte 16: the running kernel's memory holds the old layout" "$out"
result $? 'a member in a hole of a private type is refused'

make_level < <(
    change net/qrtr/qrtr.h 's/^\(int qrtr_endpoint_post(.*\)size_t len/\1unsigned int len/'
    change net/qrtr/af_qrtr.c -e 's/^\(int qrtr_endpoint_post(.*\)size_t len/\1unsigned int len/' \
        -e 's/^\tif (len == 0 || len & 3)/\tif (len < 4 || len \& 3)/'
)
sed 's/0x[0-9a-f]*/0x/g' "$out" >"$TMPDIR/plain"
[ "$status" -eq 4 ] && grep -qxF "refused export-crc: qrtr_endpoint_post: its prototype or type \
changes: CRC 0x becomes 0x, and modules were built against the old one" "$TMPDIR/plain"
result $? 'another prototype of an exported function is refused'

cat >"$TMPDIR/x.c" <<'EOF'
struct a {
#ifdef PATCHED
	char before;
#endif
	int x;
};
int f(struct a *a);
int f(struct a *a) { return a->x; }
EOF
for flag in ORIG PATCHED; do
    gcc -g -O2 -fno-pie -pg -mfentry -mcmodel=kernel -mno-red-zone -ffunction-sections \
        -fdata-sections -D$flag -c -o "$TMPDIR/$flag.o" "$TMPDIR/x.c"
done
"$build" diff "$TMPDIR/ORIG.o" "$TMPDIR/PATCHED.o" >"$out" 2>"$err"
[ $? -eq 4 ] && grep -qxF "refused type-layout: struct a: size 4 becomes 8, member before is new at \
byte 0: the running kernel's memory holds the old layout" "$out"
result $? 'diff compares types where both objects have debugging information'
exit $failed
