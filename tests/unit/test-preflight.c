/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "fake-manifest.h"
#include "host/preflight.h"
#include "host/traced.h"

#define OTHER_ID "ffffffffffffffffffffffffffffffffffffffff"

/* One thing that differs from a host that may apply level 2. */
struct change {
	const char *path, *text;
	const char *drop;
	struct fake_level level;
	const char *patch; /* a livepatch that is loaded ... */
	const char *function, *enabled, *transition;
};

static void arrange(int root, const struct change *c)
{
	if (c->path)
		tree_put(root, c->path, c->text);
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
	  "functions",
	  { .path = "sys/kernel/tracing/enabled_functions",
	    .text = "syscall_trace_enter (1) R   D \tdirect-->bpf+0x0\n" },
	  PREFLIGHT_WARN,
	  OAK_OK,
	  "function syscall_trace_enter is traced by a BPF program" },
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
		preflight_run(&h, m, &report);
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
