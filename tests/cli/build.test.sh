#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build make and prove on a real kernel: what is built, and what each bad input answers.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# Runs make and compares the exit status and one line of what it said.
expect() { # NAME STATUS PATTERN PATCH [OPTION...]
    local name=$1 status=$2 pattern=$3 patch=$4 got
    shift 4
    rm -rf "$TMPDIR/level"
    "$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" --quiet "$@" "$patch" \
        >"$out" 2>"$err"
    got=$?
    [ "$got" -eq "$status" ] && grep -qF -- "$pattern" "$out" "$err"
    result $? "$name"
    if [ "$status" -ne 0 ]; then
        [ ! -e "$TMPDIR/level" ]
        result $? "$name: nothing is written"
    fi
}

# A patch that replaces one line of a file by what standard input gives.
patch_of() { # FILE LINE-PATTERN
    local file=$1 pattern=$2 new=$TMPDIR/new
    awk -v pattern="$pattern" -v with="$(cat)" \
        '!done && index($0, pattern) { print with; done = 1; next } { print }' \
        "$source/$file" >"$new"
    diff -u --label "a/$file" --label "b/$file" "$source/$file" "$new"
}

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
[ -f "$source/kernel/entry/common.c" ]
result $? 'the kernel is in the store'

fix=demo/fix/CVE-2026-89603.patch
expect 'a fix becomes a module' 0 'changed  syscall_trace_enter' $fix
[ -s "$TMPDIR/level/oakum_1.ko" ] && jq -e '.fixes[0].functions[0].proof == "identical"' \
    "$TMPDIR/level/manifest.json" >/dev/null
result $? 'the manifest says that the function is proven'
modinfo "$TMPDIR/level/oakum_1.ko" | grep -q '^livepatch: *Y'
result $? 'the module is a livepatch'
cp "$TMPDIR/level/oakum_1.ko" "$TMPDIR/first.ko"
expect 'a second build, from scratch' 0 'changed  syscall_trace_enter' $fix --fresh
cmp -s "$TMPDIR/first.ko" "$TMPDIR/level/oakum_1.ko"
result $? 'the same bytes come out'

patch_of kernel/entry/common.c 'static long syscall_trace_enter' \
    <<<'/* a comment */ static long syscall_trace_enter(struct pt_regs *regs, long syscall,' \
    >"$TMPDIR/comment.patch"
expect 'a comment changes nothing' 3 'unchanged: the generated code is the same' \
    "$TMPDIR/comment.patch"

patch_of kernel/panic.c 'void panic(const char' >"$TMPDIR/new.patch" <<'C'
void oakum_unused(void);
void oakum_unused(void)
{
	nmi_panic_self_stop(NULL);
}

void panic(const char *fmt, ...)
C
expect 'a new function that nothing uses' 3 'nothing uses what is new' "$TMPDIR/new.patch"

patch_of fs/proc/cmdline.c 'static int cmdline_proc_show' >"$TMPDIR/two.patch" <<'C'
int oakum_seen = 3;
static int cmdline_proc_show(struct seq_file *m, void *v)
C
patch_of fs/proc/version.c 'seq_printf(m, linux_proc_banner,' >>"$TMPDIR/two.patch" <<'C'
	{
		extern int oakum_seen;

		oakum_seen++;
	}
	seq_printf(m, linux_proc_banner,
C
expect 'a new variable that only another file uses' 0 'new      oakum_seen' "$TMPDIR/two.patch"

patch_of crypto/asymmetric_keys/x509_cert_parser.c 'ctx->cert->raw_serial = value;' >"$TMPDIR/made.patch" <<'C'
	if (!vlen)
		return -EBADMSG;
	ctx->cert->raw_serial = value;
C
expect 'a file that includes what the makefiles make' 0 'changed  x509_note_serial' \
    "$TMPDIR/made.patch"

sed 's/ret || (work/ret || (works/' $fix >"$TMPDIR/context.patch"
expect 'a patch for another source' 1 \
    "context.patch: does not apply to this kernel's source: patching file kernel/entry/common.c;" \
    "$TMPDIR/context.patch"

sed 's/^+\(.*\)READ_ONCE(/+\1READ_TWICE(/' $fix >"$TMPDIR/syntax.patch"
expect 'a patch that does not compile' 1 \
    'kernel/entry/common.c: does not compile: kernel/entry/common.c:' "$TMPDIR/syntax.patch"

cat >"$TMPDIR/docs.patch" <<'PATCH'
--- a/Documentation/oakum.rst
+++ b/Documentation/oakum.rst
@@ -0,0 +1 @@
+Oakum
PATCH
expect 'a patch of documentation' 4 \
    'not-compiled: docs.patch: the fix touches no file that is compiled into this kernel' \
    "$TMPDIR/docs.patch"

cat >"$TMPDIR/foreign.patch" <<'PATCH'
--- /dev/null
+++ b/drivers/parisc/oakum.c
@@ -0,0 +1 @@
+int oakum;
PATCH
expect 'a file that is not compiled' 4 \
    "not-compiled: drivers/parisc/oakum.c: this kernel's configuration does not compile the file" \
    "$TMPDIR/foreign.patch"

patch_of kernel/panic.c 'int panic_timeout' \
    <<<'int panic_timeout = 12345;' >"$TMPDIR/data.patch"
expect 'changed data' 4 \
    'data-changed: panic_timeout: the content or size of existing data changed' \
    "$TMPDIR/data.patch"

patch_of include/linux/panic.h 'extern int panic_timeout;' \
    <<<'extern int panic_timeout; /* seconds */' >"$TMPDIR/header.patch"
expect "a header's comment" 3 'unchanged' "$TMPDIR/header.patch"
patch_of include/linux/panic.h 'extern int panic_timeout;' \
    <<<'extern long panic_timeout;' >"$TMPDIR/header.patch"
expect 'a header that everything includes' 4 'no more than 400 objects are compiled to see whether' \
    "$TMPDIR/header.patch"

echo 'please make the kernel better' >"$TMPDIR/prose.patch"
expect 'not a patch' 1 'prose.patch: changes no file; give a unified diff' "$TMPDIR/prose.patch"

printf -- '--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n' \
    >"$TMPDIR/escape.patch"
expect 'a patch that leaves the tree' 1 'is not a path below the source tree' \
    "$TMPDIR/escape.patch"

expect 'no such patch' 1 'missing.patch: no such file' "$TMPDIR/missing.patch"
expect 'a level that is no number' 2 'not a number from 1 to 1000000' $fix --level x
expect 'a severity that is none' 2 '--severity grave: not low, medium, high or critical' $fix --severity grave

# A compiler under the right name that optimises otherwise: the proof must notice.
mkdir "$TMPDIR/bin"
cc=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .compiler)
printf '#!/bin/sh\ncase " $* " in *" --version "*) echo "%s (another) 12"; exit;; esac\nexec %s -O1 "$@" -O1\n' \
    "$cc" "$(command -v "$cc")" >"$TMPDIR/bin/$cc"
chmod +x "$TMPDIR/bin/$cc"
PATH=$TMPDIR/bin:$PATH expect 'a compiler that is not the kernel'\''s' 4 \
    'unproven: syscall_trace_enter' $fix
grep -q 'another compiler, other flags or another source than the distribution used' "$out"
result $? 'the refusal names the likely cause'

"$build" prove --kernel "$OAKUM_KERNEL" --json --quiet kernel/entry/common.c >"$out" 2>"$err" &&
    jq -e '.objects[0] | .functions == .identical + (.differs | length) and
        all(.differs[]; .cause | startswith("a weak default"))' "$out" >/dev/null
result $? 'all functions of an object are proven, but for weak ones that lost'

"$build" make --kernel debian:0.0.0-0-none --out "$TMPDIR/level" $fix >"$out" 2>"$err"
[ $? -eq 1 ] && grep -q 'kernel add' "$err"
result $? 'a kernel that was not added: the error says how to add one'

# Killed in the middle of a build: the next one mends the work tree.
"$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/level" --fresh --quiet $fix \
    >/dev/null 2>&1 &
pid=$!
sleep 0.5
kill -9 $pid
wait $pid 2>/dev/null
expect 'a build after one that was killed' 0 'changed  syscall_trace_enter' $fix

# Two at once do not get into each other's way.
"$build" make --kernel "$OAKUM_KERNEL" --out "$TMPDIR/one" --fresh --quiet $fix \
    >/dev/null 2>&1 &
pid=$!
expect 'two builds at once' 0 'changed  syscall_trace_enter' $fix --fresh
wait $pid && cmp -s "$TMPDIR/one/oakum_1.ko" "$TMPDIR/first.ko"
result $? 'both give the same module'

exit $failed
