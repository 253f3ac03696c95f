#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# <oakum/patch.h>: what it says where it is used wrongly, and that the guide shows what is tested.
# shellcheck disable=SC2016 # sed reads the dollars
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# refused NAME PATTERN PATCH...
refused() {
    local name=$1 pattern=$2 got
    shift 2
    rm -rf "$TMPDIR/level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" --quiet "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" -eq 4 ] && [ ! -e "$TMPDIR/level" ] && grep -qF -- "$pattern" "$out" "$err"
    result $? "$name"
}

# cmdline SED-SCRIPT... - a patch that does to fs/proc/cmdline.c what sed does
cmdline() {
    sed -e '/seq_file.h/a #include <oakum/patch.h>' "$@" "$source/fs/proc/cmdline.c" >"$TMPDIR/new"
    diff -u --label a/fs/proc/cmdline.c --label b/fs/proc/cmdline.c \
        "$source/fs/proc/cmdline.c" "$TMPDIR/new"
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
visible='s/seq_putc(m, .\\n.);/seq_puts(m, " oakum\\n");/'
hook='static int FN(struct klp_object *obj) { return 0; } OAKUM_PRE_PATCH(FN);'

cmdline -e "$visible" -e "/^static int cmdline/i ${hook//FN/one} ${hook//FN/two}" \
    >"$TMPDIR/two.patch"
refused 'two callbacks of a kind in one file' \
    'the file has another callback of this kind: ' "$TMPDIR/two.patch"

refused 'two fixes that both want one' 'vmlinux has a post_unpatch callback already: ' \
    tests/author/callbacks.patch tests/author/shadow.patch

cmdline -e "$visible" -e '/^fs_initcall/i static int old(struct klp_object *);' \
    -e '$a extern void oakum_gone(struct klp_object *); OAKUM_POST_PATCH(oakum_gone);' \
    -e '/static int old/d' >"$TMPDIR/elsewhere.patch"
refused 'a callback that lies elsewhere' \
    'the callback is not a function that the fix adds to this very file' "$TMPDIR/elsewhere.patch"

cmdline -e "$visible" -e '$a OAKUM_IGNORE_FUNCTION(proc_cmdline_init);' >"$TMPDIR/nothing.patch"
refused 'something left out that did not change' \
    'the fix says to leave out what changed here, but nothing did' "$TMPDIR/nothing.patch"

sed 's/^+static unsigned long \(pipe_user_pages_soft\)/+static unsigned int \1/' \
    tests/author/ignored.patch >"$TMPDIR/size.patch"
refused 'a variable left out whose size changed' \
    "refused ignored: pipe_user_pages_soft: the variable's size changed" "$TMPDIR/size.patch"

cmdline -e "/^static int cmdline/i static int fresh; OAKUM_IGNORE_SECTION(\".bss.fresh\");" \
    -e 's/seq_putc(m,/fresh++; seq_putc(m,/' >"$TMPDIR/used.patch"
refused 'something new left out that patched code uses' \
    'refused ignored: fresh: the fix says to leave it out, but patched code uses it' \
    "$TMPDIR/used.patch"

cmdline -e "$visible" -e '/^static int cmdline/i static void four(struct klp_object *o) { }' \
    -e '/^static int cmdline/i OAKUM_PRE_PATCH(four);' >"$TMPDIR/type.patch"
"$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" --quiet "$TMPDIR/type.patch" \
    >"$out" 2>"$err"
got=$?
[ "$got" -eq 1 ] && [ ! -e "$TMPDIR/level" ] && grep -q 'does not compile: .*pointer type' "$err"
result $? 'a callback of another type'

# Each block of the guide that names its file ("```diff file") is part of that file, line by line.
awk '/^```[a-z]+ tests\// { file = $2; line = 0; next }
     /^```/ { file = "" }
     file != "" { printf "%s\t%s\n", file, $0 }' docs/author-guide.md >"$TMPDIR/shown"
: >"$out"
while IFS=$'\t' read -r file line; do
    [ -z "$line" ] || grep -qxF -- "$line" "$file" || printf '%s: %s\n' "$file" "$line" >>"$out"
done <"$TMPDIR/shown"
[ -s "$TMPDIR/shown" ] && [ ! -s "$out" ]
result $? 'the guide shows what is tested'
for example in tests/author/*.patch; do grep -qF "$example" docs/author-guide.md || echo "$example"; done >"$out"
[ ! -s "$out" ]
result $? 'the guide names every example'
exit "$failed"
