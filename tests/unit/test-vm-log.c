/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/vm-log.h"

static struct vm_findings judge(const char *log)
{
	struct vm_findings f;

	vm_log_judge(log, strlen(log), &f);
	return f;
}

TEST(log_knows_what_a_hurt_kernel_says)
{
	static const struct {
		const char *line, *what; /* NULL: nothing of it */
	} cases[] = {
		{ "[    1.5] WARNING: CPU: 0 PID: 77 at fs/proc/cmdline.c:10 f+0x1/0x20 [oakum_1]",
		  "WARN" },
		{ "kernel BUG at mm/slub.c:379!", "BUG" },
		{ "BUG: kernel NULL pointer dereference, address: 0000000000000000", "BUG" },
		{ "BUG: scheduling while atomic: init/1/0x00000002", "BUG" },
		{ "Oops: 0000 [#1] PREEMPT SMP NOPTI", "oops" },
		{ "general protection fault, probably for non-canonical address", "oops" },
		{ "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:1]", "lockup" },
		{ "NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", "lockup" },
		{ "rcu: INFO: rcu_preempt self-detected stall on CPU", "RCU stall" },
		{ "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", "RCU stall" },
		{ "INFO: task probe:88 blocked for more than 15 seconds.", "hung task" },
		{ "refcount_t: underflow; use-after-free.", "reference count" },
		{ "BUG kmalloc-64 (Tainted: G): Objects remaining in kmalloc-64 on "
		  "__kmem_cache_shutdown()",
		  "leak" },
		{ "kmem_cache_destroy nilfs2: Slab cache still has objects when called", "leak" },
		{ "livepatch: failed to initialize patch 'oakum_1'", "livepatch" },
		{ "livepatch: patch 'oakum_1' failed for module 'zram', refusing to load",
		  "livepatch" },
		{ "module: Skipping invalid relocation target, existing value is nonzero",
		  "relocation" },
		{ "oakum_1: disagrees about version of symbol module_layout", "symbol" },
		{ "Kernel panic - not syncing: Fatal exception", "panic" },
		{ " Call Trace:", "call trace" },
		{ "Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on", NULL },
		{ "livepatch: enabling patch 'oakum_1'", NULL },
		{ "livepatch: 'oakum_1': patching complete", NULL },
		{ "systemd failed to start", NULL },
		{ "oakum-test: step 3", NULL },
		{ "oakum_1: loading out-of-tree module taints kernel.", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vm_findings f = judge(cases[i].line);

		test_case = cases[i].line;
		EXPECT(f.total == (cases[i].what ? 1 : 0));
		if (cases[i].what)
			EXPECT_STR(f.v[0].what, cases[i].what);
	}
}

TEST(log_says_after_which_step)
{
	struct vm_findings f = judge("WARNING: at boot\r\n[ 3.0] oakum-test: step 12\n"
				     "[    3.141592] WARNING: CPU: 1\033[31m at f\n"
				     "oakum-test: step x\noakum-test: step \nWARNING: again");

	EXPECT(f.n == 3 && f.total == 3);
	EXPECT(f.v[0].step == VM_NO_STEP && f.v[1].step == 12 && f.v[2].step == 12);
	EXPECT_STR(f.v[0].line, "WARNING: at boot");
	EXPECT_STR(f.v[1].line, "WARNING: CPU: 1?[31m at f");
}

TEST(log_counts_what_illustrates_a_finding_with_it)
{
	EXPECT(judge("WARNING: x\nModules linked in:\nCall Trace:\n <TASK>\n").total == 1);
	EXPECT(judge("Call Trace:\n").total == 1);
}

TEST(log_shows_a_place_that_warns_again_once)
{
	struct vm_findings f = judge("WARNING: CPU: 0 PID: 9 at fs/a.c:10 f+0x4\n"
				     "WARNING: CPU: 1 PID: 100 at fs/a.c:10 f+0x4\n"
				     "WARNING: CPU: 1 PID: 100 at fs/b.c:10 f+0x4\n");

	EXPECT(f.total == 3 && f.n == 2);
	EXPECT(f.v[0].times == 2 && f.v[1].times == 1);
}

TEST(log_is_bounded)
{
	_cleanup_(buf_free) struct buf log = { 0 };
	struct vm_findings f;

	for (int i = 0; i < 625; i++)
		EXPECT(buf_printf(&log, "WARNING: %c%c %0*d\n", 'a' + i % 25, 'a' + i / 25, 500,
				  0) == 0);
	vm_log_judge(log.data, log.len, &f);
	EXPECT(f.total == 625 && f.n == VM_FINDINGS_MAX);
	EXPECT(strlen(f.v[0].line) == VM_LOG_LINE_MAX - 1);
}

TEST(taint_says_only_what_is_new_and_harmful)
{
	EXPECT(!vm_taint_says(0, 0));
	EXPECT(!vm_taint_says(0, 1u << 15 | 1u << 12 | 1u << 13)); /* live patched, ours, unsigned */
	EXPECT(!vm_taint_says(1u << 9, 1u << 9 | 1u << 15));
	EXPECT_STR(vm_taint_says(1u << 15, 1u << 15 | 1u << 9), "the kernel warned (taint W)");
}
