#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build make: refusals with names of their own, those that an author accepts, and warnings.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# make_level PATCH OPTION... - its exit status is in $status
make_level() {
    rm -rf "$TMPDIR/level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" --quiet "${@:2}" "$1" \
        >"$out" 2>"$err"
    status=$?
}

# refused PATCH STATUS LINE OPTION... - exactly that status, a line with these words, no level
refused() {
    make_level "$1" "${@:4}"
    [ "$status" -eq "$2" ] && cat "$out" "$err" | grep -qF -- "$3" && [ ! -e "$TMPDIR/level" ]
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
manifest=$TMPDIR/level/manifest.json

# Data: the running kernel keeps its own.
data=$TMPDIR/data.patch only=$TMPDIR/only.patch
change kernel/panic.c 's/^int panic_timeout = .*/int panic_timeout = 12345;/' >"$only"
change kernel/panic.c -e 's/^int panic_timeout = .*/int panic_timeout = 12345;/' \
    -e '/^void nmi_panic(/,/^}/s/^{/{\n\tif (panic_timeout == 77)\n\t\treturn;/' >"$data"
refused "$data" 4 'refused data-changed: panic_timeout: the content or size of existing data changed'
result $? 'changed data is refused'

reason='hosts set it by sysctl'
make_level "$data" --json --accept "data-changed:panic_timeout=$reason"
[ "$status" -eq 0 ] && jq -e --arg reason "$reason" '.verdict == "changed" and .refusals == [] and
    (.accepted | length == 1 and .[0].rule == "data-changed" and .[0].symbol == "panic_timeout" and
        (.[0].why | startswith("the content or size")) and .[0].reason == $reason)' "$out" >"$err"
result $? 'changed data is accepted with a reason'
jq -e --slurpfile made "$out" '.warnings == [] and
    .accepted == [$made[0].accepted[] | del(.advice)]' "$manifest" >"$err"
result $? 'the manifest keeps what was accepted'
grep -qxF -- "- \`data-changed\` \`panic_timeout\`: the content or size of existing data changed; the \
running kernel keeps its own (section .data.panic\\_timeout); accepted: $reason" \
    "$TMPDIR/level/report.md"
result $? 'the report shows it'
readelf -sW "$TMPDIR/level/oakum_1.ko" >"$out"
[ "$(grep -c panic_timeout "$out")" -eq 1 ] && grep -q 'UND panic_timeout$' "$out"
result $? "the module refers to the kernel's variable and brings none"

make_level "$only" --accept "data-changed:panic_timeout=$reason"
[ "$status" -eq 3 ] && grep -qxF 'unchanged: nothing but what was accepted changes; there is nothing to patch' \
    "$out" && [ ! -e "$TMPDIR/level" ]
result $? 'where nothing else changes there is nothing to patch'

# What is no refusal cannot be accepted.
refused "$data" 2 '--accept data-changed:panic_timeot=x: the fix has no such refusal; take it out' \
    --accept data-changed:panic_timeot=x
status=$?
[ $status -eq 0 ] && grep -q '^refused data-changed: panic_timeout: ' "$out"
result $? 'one that matches nothing fails, and the refusals are told'
refused "$data" 2 '--accept data-changed:panic_timeout=y: the fix has no such refusal; take it out' \
    --accept data-changed:panic_timeout=x --accept data-changed:panic_timeout=y
result $? 'one that is given twice fails'
refused "$data" 2 '--accept data-changed: not RULE:SYMBOL=REASON' --accept data-changed
result $? 'one of another form fails'
refused "$data" 2 '--accept data-changed:panic_timeout=: a reason is missing; the manifest keeps it' \
    --accept data-changed:panic_timeout=
result $? 'one without a reason fails'
refused "$data" 2 "--accept data:panic_timeout=x: no such rule; 'oakum-build rules' lists them" \
    --accept data:panic_timeout=x
result $? 'one of no rule fails'
refused "$data" 2 "--accept unproven:nmi_panic=x: 'unproven' cannot be accepted, for the module would be wrong" \
    --accept unproven:nmi_panic=x
result $? 'one of a rule that has no risk but only harm fails'

# An enum that grows: no memory holds another layout, but two exported functions take it.
enum=$TMPDIR/enum.patch
{
    change drivers/bluetooth/btqca.h '/^enum qca_btsoc_type {/,/^}/s/^}/\tQCA_OAKUM,\n}/'
    change drivers/bluetooth/btqca.c '/^int qca_read_soc_version(/,/^}/s/^{/{\n\tif (soc_type == QCA_OAKUM)\n\t\treturn -EINVAL;/'
} >"$enum"
make_level "$enum"
[ "$status" -eq 4 ] && [ "$(grep -c '^refused ' "$out")" -eq 2 ] &&
    grep -q '^refused export-crc: qca_read_soc_version: it depends on enum qca_btsoc_type, which changes: ' "$out" &&
    grep -q '^refused export-crc: qca_uart_setup: ' "$out"
result $? 'an enum with a new last value changes CRCs and no layout'
make_level "$enum" --accept export-crc:qca_read_soc_version="callers pass the old values" \
    --accept export-crc:qca_uart_setup="callers pass the old values"
[ "$status" -eq 0 ] && jq -e '[.accepted[] | .rule + ":" + .symbol] ==
    ["export-crc:qca_read_soc_version", "export-crc:qca_uart_setup"]' "$manifest" >"$err"
result $? 'which an author may accept'

# Refusals with names of their own.
change kernel/panic.c '/^void __weak crash_smp_send_stop/,/^}/s/^{/{\n\tpr_emerg("stopping\\n");/' \
    >"$TMPDIR/weak.patch"
refused "$TMPDIR/weak.patch" 4 "refused weak-loser: crash_smp_send_stop: the function is a weak \
default, and the shipped kernel has the definition of another file at this name"
result $? 'a weak default that lost the link is refused as that'
change arch/x86/kernel/traps.c \
    '/^static __always_inline void exc_debug_user/,/^}/s/bool icebp;/bool icebp = READ_ONCE(regs->ip) == 1;/' \
    >"$TMPDIR/noinstr.patch"
refused "$TMPDIR/noinstr.patch" 4 "refused noinstr: noist_exc_debug: the function runs where tracing \
is forbidden (noinstr), so ftrace cannot redirect it"
result $? 'code that must not be traced is refused as that'
change kernel/audit_tree.c \
    -e '/^static void kill_rules(/,/^}/s/^{/{\n\tif (!READ_ONCE(audit_oakum))\n\t\treturn;/' \
    -e '/^static int __init audit_tree_init(void)/,/^}/s/^\treturn 0;/\taudit_oakum = 1;\n&/' \
    -e 's/^static void kill_rules(/static int audit_oakum;\n\n&/' >"$TMPDIR/boot.patch"
refused "$TMPDIR/boot.patch" 4 "refused boot-only-global: audit_oakum: the variable is new and boot \
code refers to it (audit_tree_init, section .init.text), which does not run again to set it"
result $? 'a new variable that only boot code sets is refused'

# Warnings.
change mm/vmscan.c '/^static int kswapd(void \*p)/,/^}/s/^\tset_freezable();/\tpr_info_once("kswapd\\n");\n&/' \
    >"$TMPDIR/thread.patch"
make_level "$TMPDIR/thread.patch"
[ "$status" -eq 0 ] && grep -q '^warning never-leaves: kswapd: it is the main function of a kernel thread, which [a-z_]* starts; ' \
    "$out" && jq -e '.accepted == [] and (.warnings | length == 1 and .[0].rule == "never-leaves" and
        .[0].symbol == "kswapd" and (.[0] | has("advice")))' "$manifest" >"$err" &&
    grep -q '^- .never-leaves. .kswapd.: .*; advice: ' "$TMPDIR/level/report.md"
result $? 'a function that a kernel thread never leaves is warned of'
refused "$TMPDIR/thread.patch" 2 "--accept never-leaves:kswapd=x: 'never-leaves' only warns" \
    --accept never-leaves:kswapd=x
result $? 'a warning needs no --accept'

"$build" rules --json >"$out" 2>"$err" && jq -e '[.rules[] | select(.acceptable)] as $yes |
    ($yes | length > 0) and all($yes[]; .kind == "refusal" and (.risk | length > 0)) and
    any(.rules[]; .id == "never-leaves" and .kind == "warning") and
    any(.rules[]; .id == "unproven" and .kind == "refusal" and (.acceptable | not))' "$out" >"$err"
result $? 'the rules are listed'
exit $failed
