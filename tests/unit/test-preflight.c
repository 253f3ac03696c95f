/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "fake-manifest.h"
#include "host/preflight.h"
#include "host/probes.h"
#include "host/traced.h"
#include "host/trusted-keys.h"

#define KPROBES "sys/kernel/debug/kprobes/list"
#define BUSY    "some avg10=92.31 avg60=1.00 avg300=0.00 total=99\nfull avg10=0.00 total=0\n"
#define KEY_LINE                                                                     \
	"1c0ffee1 I--Q---     2 perm 1f3f0000     0 65534 keyring   _uid.0: empty\n" \
	"2c0ffee2 I------     1 perm 1f030000     0     0 asymmetri "

#define OTHER_ID "ffffffffffffffffffffffffffffffffffffffff"

/* One thing that differs from a host that may apply level 2. */
struct change {
	const char *path, *text;
	const char *drop;
	struct fake_level level;
	const char *patch; /* a livepatch that is loaded ... */
	const char *function, *enabled, *transition;
	const char *release, *sig_enforce;
	unsigned limit; /* of pressure */
};

static void arrange(int root, const struct change *c)
{
	if (c->path)
		tree_put(root, c->path, c->text);
	if (c->release)
		tree_put(root, "proc/sys/kernel/osrelease", c->release);
	if (c->sig_enforce)
		tree_put(root, "sys/module/module/parameters/sig_enforce", c->sig_enforce);
	if (c->drop)
		tree_drop(root, c->drop);
	if (c->patch)
		tree_put_livepatch(root, c->patch, c->function, c->enabled, c->transition);
}

static struct manifest *change_manifest(const struct change *c)
{
	struct fake_level l = c->level;

	l.build_id = l.build_id ? l.build_id : FAKE_BUILD_ID;
	l.level = 2;
	l.module = "module";
	return fake_manifest(&l);
}

static const struct preflight_row *find_row(const struct preflight_report *r, const char *id)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->rows[i].id, id) == 0)
			return &r->rows[i];
	return NULL;
}

static const struct {
	const char *name, *id;
	struct change change;
	enum preflight_verdict want;
	enum oak_code code;
	const char *text;
} cases[] = {
	{ "no root",
	  "privilege",
	  { .path = "proc/self/status", .text = "Name:\tx\nCapEff:\t0000000000000000\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_PERMISSION,
	  "not permitted: run as root (CAP_SYS_MODULE is missing)" },
	{ "no livepatch",
	  "livepatch",
	  { .drop = "sys/kernel/livepatch" },
	  PREFLIGHT_FAIL,
	  OAK_E_UNSUPPORTED,
	  "this kernel has no livepatch support (CONFIG_LIVEPATCH): boot a kernel of the "
	  "distribution that has it" },
	{ "no build-id",
	  "kernel",
	  { .drop = "sys/kernel/notes" },
	  PREFLIGHT_FAIL,
	  OAK_E_UNSUPPORTED,
	  "this kernel does not tell its build-id (/sys/kernel/notes)" },
	{ "other kernel",
	  "kernel",
	  { .level = { .build_id = OTHER_ID } },
	  PREFLIGHT_FAIL,
	  OAK_E_REFUSED,
	  "level 2 is for kernel " OTHER_ID
	  " (6.1.0-50-amd64), this host runs kernel " FAKE_BUILD_ID " (6.1.0-50-amd64)" },
	{ "withdrawn",
	  "withdrawn",
	  { .level = { .withdrawn = "{}" } },
	  PREFLIGHT_FAIL,
	  OAK_E_REFUSED,
	  "level 2 was withdrawn by its publisher" },
	{ "modules disabled",
	  "modules",
	  { .path = "proc/sys/kernel/modules_disabled", .text = "1\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_PERMISSION,
	  "kernel.modules_disabled is 1: no module, and so no level, can be loaded before "
	  "the next boot; use kernel.modprobe=\"\" and signed modules instead" },
	{ "lockdown",
	  "signature",
	  { .path = "sys/kernel/security/lockdown", .text = "none [integrity] confidentiality\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_PERMISSION,
	  "level 2 is not signed, and the kernel is locked down: use levels signed with a "
	  "key that is enrolled on this host (mokutil --import)" },
	{ "sig_enforce, signed",
	  "signature",
	  { .path = "sys/module/module/parameters/sig_enforce",
	    .text = "Y\n",
	    .level = { .signer = "\"our key\"" } },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "signed by 'our key'; the kernel takes it only if it knows that key: "
	  "module.sig_enforce is set" },
	{ "other tool's livepatch",
	  "foreign",
	  { .patch = "kpatch_a", .function = "f,1", .enabled = "1\n", .transition = "0\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_REFUSED,
	  "livepatch 'kpatch_a' of another tool is loaded, and a level would replace it: "
	  "remove it with that tool first" },
	{ "older level",
	  "foreign",
	  { .patch = "oakum_1", .function = "f,1", .enabled = "1\n", .transition = "0\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no livepatch of another tool" },
	{ "transition",
	  "transition",
	  { .patch = "oakum_1", .function = "f,1", .enabled = "1\n", .transition = "1\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "livepatch 'oakum_1' is in transition: try again later" },
	{ "own transition",
	  "transition",
	  { .patch = "oakum_2", .function = "f,1", .enabled = "1\n", .transition = "1\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no transition is under way" },
	{ "own way out",
	  "transition",
	  { .patch = "oakum_2", .function = "f,1", .enabled = "0\n", .transition = "1\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "livepatch 'oakum_2' is in transition: try again later" },
	{ "other tool's function",
	  "functions",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "do_exit (1)\nsyscall_trace_enter (1) R I \ttramp: 0xff (x+0x0/0x1)\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_REFUSED,
	  "function syscall_trace_enter is redirected by another tool (ftrace IPMODIFY, "
	  "see /sys/kernel/tracing/enabled_functions): stop it first" },
	{ "our own function",
	  "functions",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (1) R I \n",
	    .patch = "oakum_1",
	    .function = "syscall_trace_enter,1",
	    .enabled = "1\n",
	    .transition = "0\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no function belongs to another tool" },
	{ "BPF",
	  "bpf",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (1) R   D \tdirect-->bpf_trampoline_1+0x0/0x1000\n" },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "function syscall_trace_enter is traced by a BPF program, which will see calls of the new "
	  "code" },
	{ "BPF before 6.0",
	  "bpf",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (1)    D\n\tdirect-->bpf_trampoline_1+0x0/0x1000\n",
	    .release = "5.15.0-1-amd64\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "function syscall_trace_enter is traced by a BPF program, and this kernel does not let both "
	  "have it: detach that first (bpftool link detach)" },
	{ "direct caller of a module",
	  "bpf",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (1)    D\n\tdirect-->my_tramp+0x0/0x20 [spy]\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "function syscall_trace_enter is traced by the direct caller my_tramp, and this kernel does "
	  "not let both have it: detach that first" },
	{ "function tracer",
	  "functions",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (2) R    \ttramp: 0xff (function_trace_call+0x0/0x1)\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no function belongs to another tool" },
	{ "kprobe",
	  "probes",
	  { .path = KPROBES,
	    .text = "ffffffff81000000  k  other+0x0    [FTRACE]\n"
		    "ffffffff81000010  k  syscall_trace_enter+0x1f    [OPTIMIZED]\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "a kprobe is on syscall_trace_enter+0x1f, and it and the level cannot both have the "
	  "function: remove it first (perf probe -d, bpftrace, /sys/kernel/tracing/kprobe_events)" },
	{ "kretprobe",
	  "probes",
	  { .path = KPROBES, .text = "ffffffff81000010  r  syscall_trace_enter+0x0    [FTRACE]\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "a kretprobe is on syscall_trace_enter+0x0, and it and the level cannot both have the "
	  "function: remove it first (perf probe -d, bpftrace, /sys/kernel/tracing/kprobe_events)" },
	{ "disabled kprobe",
	  "probes",
	  { .path = KPROBES,
	    .text = "ffffffff81000010  k  syscall_trace_enter+0x4    [DISABLED]\n" },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "a disabled kprobe is on syscall_trace_enter+0x4: once enabled it would never fire" },
	{ "kprobe on a module's function of the same name",
	  "probes",
	  { .path = KPROBES,
	    .text = "ffffffffc0000010  k  syscall_trace_enter+0x4  spy [FTRACE]\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no kprobe on a function of the level" },
	{ "no debugfs",
	  "probes",
	  { .drop = "sys/kernel/debug" },
	  PREFLIGHT_UNKNOWN,
	  OAK_OK,
	  "which kprobes there are cannot be read (debugfs is not mounted)" },
	{ "little memory",
	  "memory",
	  { .path = "proc/meminfo", .text = "MemFree:  99 kB\nMemAvailable:    9216 kB\n" },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "9 MiB of memory are available, loading takes 17 MiB: try again later" },
	{ "enough memory",
	  "memory",
	  { .path = "proc/meminfo", .text = "MemAvailable:   92160 kB\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "memory suffices" },
	{ "memory is not told",
	  "memory",
	  { .path = "proc/meminfo", .text = "OtherMemAvailable:   92160 kB\n" },
	  PREFLIGHT_UNKNOWN,
	  OAK_OK,
	  "/proc/meminfo does not tell how much memory is available" },
	{ "pressure without a limit",
	  "pressure",
	  { .path = "proc/pressure/cpu", .text = BUSY },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no limit of pressure is set" },
	{ "pressure above the limit",
	  "pressure",
	  { .path = "proc/pressure/io", .text = BUSY, .limit = 90 },
	  PREFLIGHT_FAIL,
	  OAK_E_AGAIN,
	  "the host is busy: tasks waited for io 92 % of the last 10 s, the limit is 90 % "
	  "(pressure): try again later" },
	{ "pressure below the limit",
	  "pressure",
	  { .path = "proc/pressure/io", .text = BUSY, .limit = 93 },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "pressure is below 93 %" },
	{ "no PSI",
	  "pressure",
	  { .limit = 1 },
	  PREFLIGHT_UNKNOWN,
	  OAK_OK,
	  "the kernel does not tell its pressure (CONFIG_PSI, psi=1)" },
	{ "not tainted",
	  "taint",
	  { .path = "proc/sys/kernel/tainted", .text = "0\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no fault since boot, no foreign module" },
	{ "it had an oops",
	  "taint",
	  { .path = "proc/sys/kernel/tainted", .text = "4736\n" },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "the kernel is tainted (4736): it had an oops since it booted; a reboot is due" },
	{ "a foreign module",
	  "taint",
	  { .path = "sys/module/nvidia/taint", .text = "POE\n" },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "1 module is not of the distribution's kernel: nvidia (POE); a level knows nothing of what "
	  "they do" },
	{ "our own level's taint",
	  "taint",
	  { .path = "sys/module/oakum_1/taint", .text = "OEK\n" },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "no fault since boot, no foreign module" },
	{ "signed, enrolled",
	  "signature",
	  { .path = "proc/keys",
	    .text = KEY_LINE "Our Company: our key: 6ccece7e4c6c0d1f6149f3dd27dfcc5cbb419ea1: "
			     "X509.rsa bb419ea1 []\n",
	    .sig_enforce = "Y\n",
	    .level = { .signer = "\"our key\"" } },
	  PREFLIGHT_PASS,
	  OAK_OK,
	  "signed by 'our key', a certificate that the kernel holds" },
	{ "signed, not enrolled",
	  "signature",
	  { .path = "proc/keys",
	    .text = KEY_LINE "Debian Secure Boot CA: 6ccece7e4c6c0d1f6149f3dd27dfcc5cbb419ea1: "
			     "X509.rsa bb419ea1 []\n",
	    .sig_enforce = "Y\n",
	    .level = { .signer = "\"our key\"" } },
	  PREFLIGHT_FAIL,
	  OAK_E_PERMISSION,
	  "level 2 is signed by 'our key', which is not among the kernel's certificates, and "
	  "module.sig_enforce is set: enrol it (mokutil --import) and boot once" },
	{ "no tracefs",
	  "functions",
	  { .drop = "sys/kernel/tracing" },
	  PREFLIGHT_UNKNOWN,
	  OAK_OK,
	  "who else redirects functions cannot be read (tracefs is not mounted)" },
	{ "no /var/lib",
	  "disk",
	  { .drop = "var" },
	  PREFLIGHT_UNKNOWN,
	  OAK_OK,
	  "/var/lib: No such file or directory" },
};

TEST(preflight_verdicts)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		_cleanup_(manifest_freep) struct manifest *m = change_manifest(&cases[i].change);
		_cleanup_(host_clear) struct host h = { 0 };
		struct oak_error err = { .code = OAK_OK };
		struct preflight_report report;
		const struct preflight_row *row;

		test_case = cases[i].name;
		arrange(root, &cases[i].change);
		EXPECT(host_read(root, &h, &err) == 0);
		preflight_run_with(&h, m, &(struct preflight_options){ cases[i].change.limit },
				   &report);
		row = find_row(&report, cases[i].id);
		EXPECT(row);
		EXPECT_STR(row->text, cases[i].text);
		EXPECT(row->verdict == cases[i].want);
		if (row->verdict != PREFLIGHT_FAIL) {
			EXPECT(preflight_verdict(&report, &err) == 0);
			continue;
		}
		/* The only thing that is wrong, so it is the verdict. */
		EXPECT(preflight_verdict(&report, &err) == -(int)cases[i].code);
		EXPECT_STR(err.msg, cases[i].text);
	}
	test_case = NULL;
}

TEST(preflight_of_the_host_alone)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(host_clear) struct host h = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct preflight_report report;

	EXPECT(host_read(root, &h, &err) == 0);
	preflight_run(&h, NULL, &report);
	EXPECT(preflight_verdict(&report, &err) == 0);
	EXPECT(!find_row(&report, "withdrawn") && !find_row(&report, "functions"));
	EXPECT_STR(find_row(&report, "kernel")->text, "kernel " FAKE_BUILD_ID);
}

/* It may come to its end, whatever would hinder another one. */
TEST(preflight_of_a_level_that_is_in_the_kernel)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(manifest_freep) struct manifest *m = change_manifest(&(struct change){ 0 });
	_cleanup_(host_clear) struct host h = { 0 };
	const struct preflight_options limits = { .pressure_percent = 1 };
	struct oak_error err = { .code = OAK_OK };
	struct preflight_report report;

	tree_put_livepatch(root, "oakum_2", "syscall_trace_enter,1", "1\n", "1\n");
	tree_put(root, KPROBES, "0  k  syscall_trace_enter+0x1f\n");
	tree_put(root, "proc/pressure/cpu", BUSY);
	tree_put(root, "proc/meminfo", "MemAvailable: 1 kB\n");
	EXPECT(host_read(root, &h, &err) == 0);
	preflight_run_with(&h, m, &limits, &report);
	EXPECT(preflight_verdict(&report, &err) == 0);
	EXPECT(find_row(&report, "functions") && !find_row(&report, "probes"));
	EXPECT(!find_row(&report, "memory") && !find_row(&report, "pressure"));
}

/* The one way back from a level that hurts is not closed by a full disk. */
TEST(preflight_of_a_level_on_the_disk)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(manifest_freep) struct manifest *m = change_manifest(&(struct change){ 0 });
	_cleanup_(host_clear) struct host h = { 0 };
	struct preflight_options opt = { .stored = false };
	struct oak_error err = { .code = OAK_OK };
	struct preflight_report report;
	const struct preflight_row *row;

	/* As much as no disk has. */
	m->module.size = UINT64_MAX / 4;
	EXPECT(host_read(root, &h, &err) == 0);
	preflight_run_with(&h, m, &opt, &report);
	row = find_row(&report, "disk");
	EXPECT(row && row->verdict == PREFLIGHT_FAIL);
	opt.stored = true;
	preflight_run_with(&h, m, &opt, &report);
	row = find_row(&report, "disk");
	EXPECT(row && row->verdict == PREFLIGHT_PASS);
}

TEST(preflight_of_a_revert_asks_little)
{
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(host_clear) struct host h = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct preflight_report report;

	tree_put(root, "proc/sys/kernel/modules_disabled", "1\n");
	tree_put_livepatch(root, "kpatch_a", "f,1", "1\n", "0\n");
	tree_put_livepatch(root, "oakum_1", "f,1", "0\n", "1\n");
	EXPECT(host_read(root, &h, &err) == 0);
	preflight_run_revert(&h, &report);
	EXPECT(report.n == 2);
	EXPECT(preflight_verdict(&report, &err) == 0);
}

TEST(traced_find_flags)
{
	static const char list[] = "a (1)           \n"
				   "ab (2) R I     \ttramp: 0xffffffffc0 (I+0x0/0x1 [D]) ->D\n"
				   "abc [mod] (1) R   D M\n"
				   "I (1) R\n"
				   "last (1)I";

	EXPECT(!traced_find(list, "a").ip_modified);
	EXPECT(traced_find(list, "ab").ip_modified && !traced_find(list, "ab").direct);
	EXPECT(traced_find(list, "abc").direct && !traced_find(list, "abc").ip_modified);
	EXPECT(!traced_find(list, "I").ip_modified);
	EXPECT(traced_find(list, "last").ip_modified);
	EXPECT(!traced_find(list, "none").ip_modified);
	EXPECT(!traced_find("", "a").direct);
}

TEST(traced_find_tells_who)
{
	static const char list[] = "a (1)    D\n"
				   "\tdirect-->bpf_trampoline_9+0x0/0x1000\n"
				   "b (1) R\n"
				   "c (1)    D \tdirect-->spy+0x0/0x9 [m]";

	EXPECT_STR(traced_find(list, "a").direct_to, "bpf_trampoline_9");
	EXPECT_STR(traced_find(list, "b").direct_to, "");
	EXPECT_STR(traced_find(list, "c").direct_to, "spy");
}

TEST(probe_find_whole_names)
{
	static const char list[] = "0  k  foobar+0x1\n"
				   "0  k  foo+0x2    [DISABLED]\n"
				   "0  k  foo.cold+0x3\n"
				   "0  r  foo+0x0    [DISABLED][FTRACE]\n"
				   "0  k  mod_fn+0x10  ext4 [OPTIMIZED]\n"
				   "0  k  mod_fn+0x11/0x20 [xfs] [GONE]\n"
				   "0  x  bar+0x1\n"
				   "0  k  bar+1\n"
				   "0  k  bar\n"
				   "\n"
				   "0  k  foo+0x5";
	struct probe p;

	EXPECT(probe_find(list, "vmlinux", "foo", &p));
	EXPECT_STR(p.offset, "5");
	EXPECT(!p.disabled);
	EXPECT(!probe_find(list, "vmlinux", "mod_fn", &p));
	EXPECT(probe_find(list, "ext4", "mod_fn", &p) && !p.disabled);
	EXPECT_STR(p.offset, "10");
	EXPECT(probe_find(list, "xfs", "mod_fn", &p) && p.disabled);
	EXPECT(!probe_find(list, "ext4", "foo", &p));
	EXPECT(!probe_find(list, "vmlinux", "bar", &p) && !probe_find("", "vmlinux", "foo", &p));
}

TEST(trusted_keys_by_common_name)
{
	static const char hex[] = ": 6ccece7e4c6c: X509.rsa bb419ea1 []\n";
	static const struct {
		const char *name, *signer;
		enum trusted_key want;
	} rows[] = {
		{ "our key", "our key", TRUSTED_KEY_PRESENT },
		{ "Firm: our key", "our key", TRUSTED_KEY_PRESENT },
		{ "a: b", "a: b", TRUSTED_KEY_PRESENT },
		{ "not our key", "our key", TRUSTED_KEY_MISSING },
		{ "our key: of theirs", "our key", TRUSTED_KEY_MISSING },
		{ "our",
		  "our key that is longer than the whole of the line below it, by far, and more",
		  TRUSTED_KEY_MISSING },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_case = rows[i].name;
		(void)snprintf(text, sizeof(text), KEY_LINE "%s%s", rows[i].name, hex);
		EXPECT(trusted_keys_find(text, rows[i].signer) == rows[i].want);
	}
	test_case = NULL;
	EXPECT(trusted_keys_find("", "x") == TRUSTED_KEY_UNKNOWN);
	EXPECT(trusted_keys_find("short\n1 2 3 4 5 6 7 user x: 1\n", "x") == TRUSTED_KEY_UNKNOWN);
	EXPECT(trusted_keys_find(KEY_LINE "x", "x") == TRUSTED_KEY_MISSING);
}
