#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build make for loadable modules of a real kernel: what is linked to what, and what is refused.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# make_level PATCH... - what it said is in $out and $err, its exit status in $status
make_level() {
    rm -rf "$TMPDIR/level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" "$@" >"$out" 2>"$err"
    status=$?
}

# relocations SECTION - the symbols that a relocation section of the level names, one a line
relocations() {
    readelf -rW "$TMPDIR/level/oakum_1.ko" | awk -v name="'$1'" '
        /^Relocation section/ { inside = $3 == name; next }
        inside && /R_X86_64/ { print $5 }'
}

# insert FILE LINE-PATTERN - a patch that puts standard input after the first line with the pattern
insert() {
    awk -v pattern="$2" -v with="$(cat)" \
        '{ print } !done && index($0, pattern) { print with; done = 1 }' \
        "$source/$1" >"$TMPDIR/new"
    diff -u --label "a/$1" --label "b/$1" "$source/$1" "$TMPDIR/new"
}

# refused NAME TEXT - the last make was refused and said TEXT, and nothing is written
refused() {
    [ "$status" -eq 4 ] && grep -qF -- "$2" "$out" && [ ! -e "$TMPDIR/level" ]
    result $? "$1"
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
qrtr=net/qrtr/af_qrtr.c

make_level tests/vm/fix/binfmt_misc.patch tests/vm/fix/zram.patch demo/fix/visible.patch
result "$status" 'a fix of vmlinux and two modules becomes one level'
cp "$TMPDIR/level/oakum_1.ko" "$TMPDIR/first.ko"
[ "$(relocations .klp.rela.binfmt_misc..text)" = .klp.sym.binfmt_misc.enabled,0 ]
result $? "a variable of the module is found when the module comes"
relocations .klp.rela.zram..text | grep -q '^\.klp\.sym\.zsmalloc\.zs_get_total_pages,0$'
result $? "an export of a module that it depends on is found with it"
relocations .klp.rela.vmlinux..text | grep -q '^\.klp\.sym\.vmlinux\.saved_command_line,0$'
result $? "what vmlinux does not export is found when the level is loaded"
! { relocations .klp.rela.zram..text && relocations .klp.rela.binfmt_misc..text; } |
    grep -q '^\.klp\.sym\.vmlinux'
result $? "the kernel allows no symbol of vmlinux in a module's relocations"
jq -e '[.fixes[].functions[] | "\(.object) \(.name) \(.proof)"] ==
    ["binfmt_misc bm_status_read identical", "zram mm_stat_show identical",
     "vmlinux cmdline_proc_show identical"]' "$TMPDIR/level/manifest.json" >"$out"
result $? "the manifest names the objects"
make_level tests/vm/fix/binfmt_misc.patch tests/vm/fix/zram.patch demo/fix/visible.patch
cmp "$TMPDIR/first.ko" "$TMPDIR/level/oakum_1.ko" >"$out"
result $? 'the same bytes come out again'
make_level tests/vm/fix/zram.patch
[ "$status" -eq 0 ] && [ "$(relocations .klp.rela.zram..text | wc -l)" -ge 2 ]
result $? 'a level of modules alone'

{
    insert net/core/rtnetlink.c 'static DEFINE_MUTEX(rtnl_mutex);' \
        <<<'bool oakum_test(void); noinline bool oakum_test(void) { return rtnl_is_locked(); }'
    insert net/ipv4/ip_gre.c '	ether_setup(dev);' \
        <<<'	{ extern bool oakum_test(void); if (!oakum_test()) return; }'
} >"$TMPDIR/shared.patch"
make_level "$TMPDIR/shared.patch"
result "$status" 'a function that a file of vmlinux brings is used in a module'
readelf -sW "$TMPDIR/level/oakum_1.ko" >"$out"
grep -q ' FUNC .* oakum_test$' "$out" && ! grep -q '\.oakum_test,' "$out"
result $? 'and found in the level itself'

insert net/qrtr/ns.c 'node = node_get(node_id);' <<<'	if (node_id == 77) return NULL;' \
    >"$TMPDIR/trace.patch"
make_level "$TMPDIR/trace.patch"
[ "$status" -eq 0 ] && grep -q 'a tracepoint of module qrtr stays quiet in ' "$err" &&
    [ -z "$(relocations .rela__jump_table)" ]
result $? "tracepoints of the module stay quiet, and make says so"

insert net/netfilter/nf_tables_core.c '	info.trace = false;' <<<'	if (!priv) return NF_DROP;' \
    >"$TMPDIR/key.patch"
make_level "$TMPDIR/key.patch"
refused 'a static key of the module' 'refused module-static-key: nft_trace_enabled: nft_do_chain'

insert $qrtr 'if (sock->type != SOCK_DGRAM)' <<'EOP' >"$TMPDIR/foreign.patch"
		return -EPROTOTYPE;
	extern unsigned long zs_get_total_pages(void *);
	if (zs_get_total_pages(sock))
EOP
make_level "$TMPDIR/foreign.patch"
refused 'an export of a module that need not be there' \
    'refused unknown-symbol: zs_get_total_pages: neither the running kernel nor a module'

insert $qrtr 'if (sock->type != SOCK_DGRAM)' <<'EOP' >"$TMPDIR/alternative.patch"
		return -EPROTOTYPE;
	alternative_call(qrtr_ns_remove, qrtr_ns_remove, X86_FEATURE_XMM2, "+r" (kern), "i" (0));
	if (kern == 2)
EOP
make_level "$TMPDIR/alternative.patch"
refused 'a symbol of the module in an alternative' 'refused late-relocation: qrtr_ns_remove:'
exit $failed
