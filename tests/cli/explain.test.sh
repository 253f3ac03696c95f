#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build explain, and the report that make writes, on a real kernel.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# make_level NAME PATCH... - a level in $TMPDIR/NAME; what make said is in $out and $err
make_level() {
    local dir=$TMPDIR/$1
    shift
    rm -rf "$dir"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$dir" --quiet "$@" >"$out" 2>"$err"
}

# explain ARGUMENT... - what it said is in $out and $err, its exit status in $status
explain() {
    "$build" explain --quiet "$@" >"$out" 2>"$err"
    status=$?
}

# shows NAME FILE - what was explained is the text of standard input, addresses and sizes aside
shows() {
    sed -E 's/0x[0-9a-f]{16}/ADDRESS/g; s/[0-9]+ bytes/N bytes/g' "$out" >"$TMPDIR/got"
    diff -u - "$TMPDIR/got" >"$TMPDIR/diff"
    local same=$?
    cp "$TMPDIR/diff" "$out"
    [ $same -eq 0 ] && [ "$status" -eq 0 ]
    result $? "$1"
}

# every_symbol_is_explained LEVEL - each of the module's table is found, by its exact name
every_symbol_is_explained() {
    local -a names
    mapfile -t names < <(readelf -sW "$TMPDIR/$1/oakum_1.ko" |
        awk 'NR > 3 && $4 != "SECTION" && $8 != "" { print $NF }' | sort -u)
    [ "${#names[@]}" -gt 5 ] && "$build" explain "$TMPDIR/$1" "${names[@]}" >"$out" 2>"$err" &&
        ! grep -q 'NOT EXPLAINED' "$out"
    result $? "every symbol of the module is explained ($1)"
    jq -r '(.pieces[].name, .symbols[].symbol, .own[].name) | select(. != "")' \
        "$TMPDIR/$1/explain.json" | sort -u | diff - <(printf '%s\n' "${names[@]}") >"$out"
    result $? "the document has the symbols of the module and no others ($1)"
}

fix=demo/fix/CVE-2026-89603.patch
make_level demo "$fix"
result $? 'the fix of the demonstration becomes a level'
explain "$TMPDIR/demo"
head -6 "$out" >"$TMPDIR/head"
cp "$out" "$TMPDIR/all"
cp "$TMPDIR/head" "$out"
release=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .release)
shows 'from the fix to the function' <<EOP
oakum_1, level 1 of kernel $release: replaces 1 function
fix: Look at the system-call work flags again after a ptrace stop, CVE-2026-89603 (CVE-2026-89603.patch)
\`- kernel/entry/common.c
   \`- kernel/entry/common.o, part of vmlinux: 32 of 33 functions are what was shipped
      \`- syscall_trace_enter.constprop.0: replaced, N bytes
           running: syscall_trace_enter.constprop.0 of vmlinux at ADDRESS, sympos 0; proof: identical
EOP
grep -q 'described by: 1 __mcount_loc, .*\.static_call_sites, ' "$TMPDIR/all"
result $? 'entries of special sections are counted'
explain "$TMPDIR/demo" send_sig
shows 'from an export of the kernel up to the fix' <<'EOP'
send_sig: exported by vmlinux, at ADDRESS
`- called by syscall_trace_enter.constprop.0: replaced, N bytes
     running: syscall_trace_enter.constprop.0 of vmlinux at ADDRESS, sympos 0; proof: identical
   `- kernel/entry/common.o, part of vmlinux: 32 of 33 functions are what was shipped
      `- fix: Look at the system-call work flags again after a ptrace stop, CVE-2026-89603 (CVE-2026-89603.patch)
EOP
every_symbol_is_explained demo
explain --json "$TMPDIR/demo"
cmp <(jq -S . "$out") <(jq -S . "$TMPDIR/demo/explain.json") >"$err"
result $? '--json is the document of the level'
explain --json "$TMPDIR/demo" ptrace_notify
jq -e '.symbols[0].steps[1].text | startswith("called by syscall_trace_enter.constprop.0")' \
    "$out" >/dev/null
result $? '--json of one symbol has its steps'

# The same without a level: the fixes alone.
"$build" explain "$TMPDIR/demo" >"$TMPDIR/level-tree"
(cd "$TMPDIR" && "$build" explain --quiet --kernel "$OAKUM_KERNEL" "$OLDPWD/$fix") >"$out" 2>"$err" &&
    cmp "$out" "$TMPDIR/level-tree" >>"$err"
result $? 'a fix is explained as its level is'
[ -z "$(find "$TMPDIR" -maxdepth 1 -name '*.ko')" ]
result $? 'and nothing is written'

# A new function, strings, a static local, a WARN, and an object of a module.
source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
awk '/^static int cmdline_proc_show/ {
        print "static noinline int oakum_count(struct seq_file *m)\n{\n\tstatic int shown;\n"
        print "\tif (WARN_ON_ONCE(!m))\n\t\treturn 0;"
        print "\tseq_printf(m, \"shown %d times\\n\", ++shown);\n\treturn shown;\n}\n" }
    { print }
    /seq_putc/ { print "\tif (oakum_count(m) > 1000)\n\t\tseq_puts(m, \"often\\n\");" }' \
    "$source/fs/proc/cmdline.c" >"$TMPDIR/new.c"
{
    printf 'Subject: [PATCH] proc: count\n\nCVE: CVE-2026-12345\n---\n'
    diff -u --label a/fs/proc/cmdline.c --label b/fs/proc/cmdline.c \
        "$source/fs/proc/cmdline.c" "$TMPDIR/new.c"
} >"$TMPDIR/count.patch"
make_level rich "$TMPDIR/count.patch" tests/vm/fix/binfmt_misc.patch
result $? 'a fix that brings what is new becomes a level'
explain "$TMPDIR/rich"
sed -Ei '/described by/d; /^[| ]* [0-9]+ \./d; /oakum_clear/d' "$out"
shows 'what a fix brings along' <<EOP
oakum_1, level 1 of kernel $release: replaces 2 functions
fix: proc: count, CVE-2026-12345 (count.patch)
\`- fs/proc/cmdline.c
   \`- fs/proc/cmdline.o, part of vmlinux: 2 of 2 functions are what was shipped
      \`- cmdline_proc_show: replaced, N bytes
           running: cmdline_proc_show of vmlinux at ADDRESS, sympos 0; proof: identical
         |- livepatch finds in vmlinux: saved_command_line,0
         |- vmlinux exports: __fentry__, __x86_return_thunk, seq_putc, seq_puts
         |- calls oakum_count: new function, N bytes
         |  |- vmlinux exports: __fentry__, __x86_return_thunk, seq_printf
         |  |- uses through __bug_table "fs/proc/cmdline.c": string, N bytes, copied
         |  |- uses "shown %d times\n": string, N bytes, copied
         |  \`- uses shown.0: new variable, N bytes
         \`- uses "often\n": string, N bytes, copied
fix: Show in binfmt_misc that the module is live patched (binfmt_misc.patch)
\`- fs/binfmt_misc.c
   \`- fs/binfmt_misc.o, part of module binfmt_misc: 16 of 16 functions are what was shipped
      \`- bm_status_read: replaced, N bytes
           running: bm_status_read of binfmt_misc at section offset ADDRESS, sympos 0; proof: identical
         |- livepatch finds in binfmt_misc when binfmt_misc comes: enabled,0
         |- livepatch finds in vmlinux: saved_command_line,0
         |- vmlinux exports: __fentry__, simple_read_from_buffer, strnlen
         |- uses "enabled\n": string, N bytes, copied
         |- uses "enabled, oakum.sealed\n": string, N bytes, copied
         |- uses "disabled\n": string, N bytes, copied
         \`- with bm_status_read.cold: part of a function, N bytes
            |- vmlinux exports: fortify_panic
            |- uses __func__.43: variable, N bytes, copied
            \`- uses __func__.42: variable, N bytes, copied
the level's own
|- __this_module: the kernel's record of the module, as every module has one
|- cleanup_module: called when the module is unloaded; does nothing
|- init_module: called when the module is loaded: hands oakum_patch to livepatch
|- klp_enable_patch: used by init_module
\`- oakum_patch: tells livepatch which functions are replaced by which
EOP
explain "$TMPDIR/rich" shown enabled
shows 'a name as the source spells it' <<'EOP'
shown.0: new variable, N bytes
`- used by oakum_count: new function, N bytes
   `- called by cmdline_proc_show: replaced, N bytes
        running: cmdline_proc_show of vmlinux at ADDRESS, sympos 0; proof: identical
      `- fs/proc/cmdline.o, part of vmlinux: 2 of 2 functions are what was shipped
         `- fix: proc: count, CVE-2026-12345 (count.patch)
enabled: not exported; livepatch finds it in binfmt_misc by sympos 0 when module binfmt_misc comes, at ADDRESS
`- used by bm_status_read: replaced, N bytes
     running: bm_status_read of binfmt_misc at section offset ADDRESS, sympos 0; proof: identical
   `- fs/binfmt_misc.o, part of module binfmt_misc: 16 of 16 functions are what was shipped
      `- fix: Show in binfmt_misc that the module is live patched (binfmt_misc.patch)
EOP
every_symbol_is_explained rich

# __do_sys_prctl() does not call the tracer: both entries of the system call are replaced instead.
sed 's/if (!valid_signal(arg2)) {/if (!valid_signal(arg2) || arg2 == 63) {/' \
    "$source/kernel/sys.c" >"$TMPDIR/new.c"
diff -u --label a/kernel/sys.c --label b/kernel/sys.c "$source/kernel/sys.c" "$TMPDIR/new.c" \
    >"$TMPDIR/prctl.patch"
make_level climb "$TMPDIR/prctl.patch"
explain "$TMPDIR/climb" __x64_sys_prctl
sed -Ei '/described by/d; /vmlinux exports/d' "$out"
shows 'a caller that stands in for a function that cannot be redirected' <<'EOP'
__x64_sys_prctl: replaced, N bytes
  running: __x64_sys_prctl of vmlinux at ADDRESS, sympos 0; proof: identical
`- instead of what it calls, which cannot be redirected: __do_sys_prctl: changed function, N bytes; only the level itself uses it
   `- kernel/sys.o, part of vmlinux: 117 of 119 functions are what was shipped
      `- fix: prctl.patch
EOP
grep -qxF "  - changed, entered by the level only: \`__do_sys_prctl\`" "$TMPDIR/climb/report.md"
result $? 'the report names what is only called by the level'

report=$TMPDIR/rich/report.md
missing=0
while IFS= read -r line; do
    grep -qxF -- "$line" <(sed -E 's/0x[0-9a-f]{16}/ADDRESS/g; s/\| [0-9]+ \| ident/| N | ident/' \
        "$report") || { printf 'report.md lacks: %s\n' "$line" && missing=1; }
done >"$out" <<EOP
# Level 1 of kernel $release
| size | $(stat -c %s "$TMPDIR/rich/oakum_1.ko") bytes |
| SHA-256 | \`$(sha256sum "$TMPDIR/rich/oakum_1.ko" | cut -d' ' -f1)\` |
| signed by | nobody: hosts that enforce signatures refuse it |
- **proc: count**, CVE-2026-12345; \`count.patch\`, SHA-256 \`$(sha256sum "$TMPDIR/count.patch" | cut -d' ' -f1)\`; changes \`fs/proc/cmdline.c\`
| \`cmdline_proc_show\` | vmlinux | 0 | \`ADDRESS\` | N | identical |
| \`bm_status_read\` | binfmt\\_misc | 0 | \`ADDRESS\` | N | identical |
- \`fs/proc/cmdline.o\`, part of vmlinux: 2 of 2 functions are what was shipped, 0 differ
  - new: \`oakum_count\`, \`shown.0\` (variable)
- types: the fix's text touches none that others share
- self-check: passed; read again from its bytes, loading simulated, each relocation compared with objects and shipped kernel
| \`enabled\` | binfmt\\_misc | livepatch, when the module comes | 0 | \`ADDRESS\` |
| \`seq_puts\` | vmlinux | exported | | \`ADDRESS\` |
EOP
[ $missing -eq 0 ]
result $? 'the report says what a reviewer asks'
cp -r "$TMPDIR/rich" "$TMPDIR/first"
make_level rich "$TMPDIR/count.patch" tests/vm/fix/binfmt_misc.patch --fresh
diff -r "$TMPDIR/first" "$TMPDIR/rich" >"$out"
result $? 'a second build writes the same level, explanation and report'
! grep -F -e "$TMPDIR" -e "$PWD" -e "$source" "$report" "$TMPDIR/rich/explain.json" >"$out"
result $? 'they do not speak of the machine that built them'

explain --report "$TMPDIR/rich"
cmp "$out" "$report" >"$err"
result $? '--report writes the same page again'
jq '.tested = [{what: "in QEMU", result: "passed", seconds: 17}]' "$TMPDIR/first/manifest.json" \
    >"$TMPDIR/manifest" && mv "$TMPDIR/manifest" "$TMPDIR/first/manifest.json"
explain --report "$TMPDIR/first"
[ "$(diff "$report" "$out" | grep '^>')" = '> - passed: in QEMU' ]
result $? 'with the tests that were noted since'

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TMPDIR/key" -out "$TMPDIR/cert" -days 2 \
    -subj '/CN=A vendor' 2>"$err"
make_level signed "$fix" --sign-key "$TMPDIR/key" --sign-cert "$TMPDIR/cert" &&
    grep -qxF '| signed by | A vendor |' "$TMPDIR/signed/report.md" &&
    "$build" explain "$TMPDIR/signed" >"$out" 2>"$err" && cmp "$out" "$TMPDIR/level-tree" >"$err"
result $? 'a signed level explains itself too'

# expect NAME STATUS TEXT ARGUMENT...
expect() {
    local name=$1 want=$2 text=$3
    shift 3
    explain "$@"
    [ "$status" -eq "$want" ] && grep -qF -- "$text" "$out" "$err"
    result $? "$name"
}
expect 'a symbol that is not there' 1 'kmalloc: no symbol of this name is in module oakum_1' \
    "$TMPDIR/demo" kmalloc
expect 'not a level' 1 "not a level that 'oakum-build make' wrote" "$TMPDIR"
cp "$TMPDIR/demo/oakum_1.ko" "$TMPDIR/first/oakum_1.ko"
expect 'the explanation of another module' 1 'explain.json is of another module' "$TMPDIR/first"
jq '.own |= map(select(.name != "init_module")) | .pieces[0].name = "ghost"' \
    "$TMPDIR/rich/explain.json" >"$TMPDIR/first/explain.json"
cp "$TMPDIR/rich/oakum_1.ko" "$TMPDIR/first/oakum_1.ko"
expect 'a symbol that nobody explains' 1 'init_module: in the module, but not explained' \
    "$TMPDIR/first"
grep -qF 'ghost: explained, but not in the module' "$err"
result $? 'and one that is not in the module'
expect 'a fix that changes no code' 3 'the generated code is the same' \
    --kernel "$OAKUM_KERNEL" <(sed '/^+/ { /^+++/! s/.*/+/ }' "$fix")
diff -u --label a/kernel/panic.c --label b/kernel/panic.c "$source/kernel/panic.c" \
    <(sed 's/^int panic_timeout = .*/int panic_timeout = 12345;/' "$source/kernel/panic.c") \
    >"$TMPDIR/data.patch"
expect 'a fix that is refused' 4 'refused data-changed: panic_timeout' \
    --kernel "$OAKUM_KERNEL" "$TMPDIR/data.patch"
explain --json --kernel "$OAKUM_KERNEL" "$TMPDIR/data.patch"
[ "$status" -eq 4 ] && jq -e '.refusals[0].rule == "data-changed"' "$out" >/dev/null
result $? 'and its reasons as JSON'
exit $failed
