/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Linux 6.1 says, with functions and a module of our own invention. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "host/kmsg-watch.h"

#define CUT "------------[ cut here ]------------\n"
#define END "---[ end trace 0000000000000000 ]---\n"

/* The level: nft_lookup_eval of nf_tables, do_patched of the kernel. */
static char nf_tables[] = "nf_tables", lookup[] = "nft_lookup_eval", vmlinux[] = "vmlinux",
	    do_patched[] = "do_patched";
static struct livepatch_function functions[] = {
	{ nf_tables, lookup, 0 },
	{ vmlinux, do_patched, 0 },
};
static const struct livepatch patch = { .name = "oakum_2",
					.enabled = true,
					.level = 2,
					.functions = functions,
					.n_functions = 2 };

#define OOPS_OF(where)                                                                \
	"BUG: kernel NULL pointer dereference, address: 0000000000000008\n"           \
	"#PF: supervisor read access in kernel mode\n"                                \
	"#PF: error_code(0x0000) - not-present page\n"                                \
	"PGD 0 P4D 0 \n"                                                              \
	"Oops: 0000 [#1] PREEMPT SMP PTI\n"                                           \
	"CPU: 1 PID: 812 Comm: nginx Tainted: G           O  K   6.1.0-50-amd64 #1\n" \
	"Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian\n" \
	"RIP: 0010:" where "\n"                                                       \
	"Code: 48 8b 47 08 c3 66 0f 1f 44 00 00\n"                                    \
	"RSP: 0018:ffffb0a9c0a7bd68 EFLAGS: 00010246\n"                               \
	"Call Trace:\n"                                                               \
	" <TASK>\n"                                                                   \
	" ? __die_body.cold+0x1a/0x1f\n"                                              \
	" ? exc_page_fault+0x6f/0x170\n"                                              \
	" nft_do_chain+0x14f/0x5a0 [nf_tables]\n"                                     \
	" nf_hook_slow+0x41/0xc0\n"                                                   \
	" entry_SYSCALL_64_after_hwframe+0x6e/0xd8\n"                                 \
	" </TASK>\n"                                                                  \
	"Modules linked in: oakum_2(OK) nf_tables\n"                                  \
	"CR2: 0000000000000008\n" END

#define WARN_OF(where, above)                                                           \
	CUT "WARNING: CPU: 0 PID: 99 at net/core/dev.c:123 " where "\n"                 \
	    "Modules linked in: oakum_2(OK) nf_tables\n"                                \
	    "CPU: 0 PID: 99 Comm: curl Tainted: G           O  K   6.1.0-50-amd64 #1\n" \
	    "RIP: 0010:" where "\n"                                                     \
	    "Call Trace:\n"                                                             \
	    " <TASK>\n"                                                                 \
	    " ? __warn+0x7d/0xc0\n" above " do_syscall_64+0x55/0xb0\n"                  \
	    " </TASK>\n" END

#define LOCKUP                                                                  \
	"watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [kworker/3:1:123]\n" \
	"Modules linked in: oakum_2(OK)\n"                                      \
	"CPU: 3 PID: 123 Comm: kworker/3:1 Tainted: G           O  K\n"         \
	"RIP: 0010:native_queued_spin_lock_slowpath+0x64/0x2c0\n"               \
	"Call Trace:\n"                                                         \
	" <TASK>\n"                                                             \
	" _raw_spin_lock+0x27/0x30\n"                                           \
	" </TASK>\n"

#define HUNG(where)                                                                         \
	"INFO: task nginx:812 blocked for more than 120 seconds.\n"                         \
	"      Tainted: G           O  K   6.1.0-50-amd64 #1\n"                             \
	"\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"     \
	"task:nginx           state:D stack:0     pid:812   ppid:1      flags:0x00000002\n" \
	"Call Trace:\n"                                                                     \
	" <TASK>\n"                                                                         \
	" __schedule+0x34d/0x9e0\n"                                                         \
	" " where "\n"                                                                      \
	" </TASK>\n"

#define RCU                                                                    \
	"rcu: INFO: rcu_preempt self-detected stall on CPU\n"                  \
	"rcu: \t1-....: (5249 ticks this GP) idle=4d84/1/0x4000000000000000\n" \
	"\t(t=5250 jiffies g=1153 q=17 ncpus=4)\n"                             \
	"CPU: 1 PID: 500 Comm: spin Tainted: G           O  K\n"               \
	"Call Trace:\n"                                                        \
	" <TASK>\n"                                                            \
	" looping+0x5/0x10\n"                                                  \
	" </TASK>\n"

#define OOM(comm)                                                                          \
	comm " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" \
	     "CPU: 0 PID: 77 Comm: " comm " Not tainted 6.1.0-50-amd64 #1\n"               \
	     "Call Trace:\n"                                                               \
	     " <TASK>\n"                                                                   \
	     " dump_stack_lvl+0x44/0x5c\n"                                                 \
	     " do_patched+0x1/0x2\n"                                                       \
	     " </TASK>\n"                                                                  \
	     "Memory cgroup out of memory: Killed process 77 (" comm ") total-vm:1kB\n"

static const struct {
	const char *name, *log;
	enum kmsg_severity want;
	const char *what, *function, *line;
} cases[] = {
	{ "oops in patched code", OOPS_OF("nft_lookup_eval+0x12/0x90 [oakum_2]"), KMSG_FATAL, "oops",
	  "nft_lookup_eval", "BUG: kernel NULL pointer dereference, address: 0000000000000008" },
	{ "oops elsewhere", OOPS_OF("ext4_map+0x12/0x90 [ext4]"), KMSG_FATAL, "oops", "",
	  "BUG: kernel NULL pointer dereference, address: 0000000000000008" },
	{ "oops with a page fault",
	  "BUG: unable to handle page fault for address: ffffb0a9c0a7bd68\n"
	  "Oops: 0002 [#1] PREEMPT SMP\n" END,
	  KMSG_FATAL, "oops", "", "BUG: unable to handle page fault for address: ffffb0a9c0a7bd68" },
	{ "general protection fault",
	  "general protection fault, probably for non-canonical address 0xdead000000000122: 0000 "
	  "[#1] PREEMPT SMP\nRIP: 0010:do_patched+0x1/0x2\n" END,
	  KMSG_FATAL, "oops", "do_patched",
	  "general protection fault, probably for non-canonical address 0xdead000000000122: 0000 "
	  "[#1] PREEMPT SMP" },
	{ "BUG()", CUT "kernel BUG at mm/slub.c:123!\ninvalid opcode: 0000 [#1] PREEMPT SMP\n" END,
	  KMSG_FATAL, "bug", "", "kernel BUG at mm/slub.c:123!" },
	{ "list corruption",
	  "list_del corruption. prev->next should be ffff8880, but was dead0000\n" CUT
	  "kernel BUG at lib/list_debug.c:62!\n" END,
	  KMSG_FATAL, "memory-error", "",
	  "list_del corruption. prev->next should be ffff8880, but was dead0000" },
	{ "WARN in a patched function", WARN_OF("do_patched+0x12/0x40", ""), KMSG_FATAL, "warning",
	  "do_patched", "WARNING: CPU: 0 PID: 99 at net/core/dev.c:123 do_patched+0x12/0x40" },
	{ "WARN below a patched function",
	  WARN_OF("helper+0x12/0x40", " do_patched+0x33/0x40 [oakum_2]\n"), KMSG_FATAL, "warning",
	  "do_patched", "WARNING: CPU: 0 PID: 99 at net/core/dev.c:123 helper+0x12/0x40" },
	{ "WARN in the level's own helper", WARN_OF("new_helper+0x12/0x40 [oakum_2]", ""),
	  KMSG_FATAL, "warning", "new_helper",
	  "WARNING: CPU: 0 PID: 99 at net/core/dev.c:123 new_helper+0x12/0x40 [oakum_2]" },
	{ "WARN elsewhere", WARN_OF("helper+0x12/0x40", ""), KMSG_NOTHING, NULL, NULL, NULL },
	{ "WARN with a stale frame", WARN_OF("helper+0x12/0x40", " ? do_patched+0x33/0x40\n"),
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "WARN in a function of a similar name",
	  WARN_OF("do_patched_too+0x12/0x40", " undo_patched+0x1/0x2\n do_patched.cold+0x1/0x2\n"),
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "WARN in the old code of a module's function",
	  WARN_OF("nft_lookup_eval+0x12/0x40 [nf_tables]", ""), KMSG_FATAL, "warning",
	  "nft_lookup_eval",
	  "WARNING: CPU: 0 PID: 99 at net/core/dev.c:123 nft_lookup_eval+0x12/0x40 [nf_tables]" },
	{ "WARN in a function of that name elsewhere",
	  WARN_OF("do_patched+0x12/0x40 [other]", " nft_lookup_eval+0x1/0x2\n"), KMSG_NOTHING, NULL,
	  NULL, NULL },
	{ "WARN in another level", WARN_OF("helper+0x12/0x40 [oakum_21]", ""), KMSG_NOTHING, NULL,
	  NULL, NULL },
	{ "soft lockup", LOCKUP, KMSG_FATAL, "lockup", "",
	  "watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [kworker/3:1:123]" },
	{ "hung in a patched function", HUNG("do_patched+0x1/0x2"), KMSG_FATAL, "hung-task",
	  "do_patched", "INFO: task nginx:812 blocked for more than 120 seconds." },
	{ "hung elsewhere", HUNG("nfs_wait+0x1/0x2 [nfs]"), KMSG_NOTE, "hung-task", "",
	  "INFO: task nginx:812 blocked for more than 120 seconds." },
	{ "RCU stall", RCU, KMSG_FATAL, "rcu-stall", "",
	  "rcu: INFO: rcu_preempt self-detected stall on CPU" },
	{ "KASAN",
	  "==================================================================\n"
	  "BUG: KASAN: use-after-free in do_patched+0x1/0x2\n"
	  "Call Trace:\n <TASK>\n </TASK>\n",
	  KMSG_FATAL, "memory-error", "do_patched",
	  "BUG: KASAN: use-after-free in do_patched+0x1/0x2" },
	{ "UBSAN elsewhere",
	  "UBSAN: array-index-out-of-bounds in drivers/net/x.c:12:3\nCall Trace:\n <TASK>\n"
	  " other+0x1/0x2\n </TASK>\n",
	  KMSG_NOTE, "undefined", "", "UBSAN: array-index-out-of-bounds in drivers/net/x.c:12:3" },
	{ "our patch fails on a module",
	  "livepatch: failed to apply patch 'oakum_2' to module 'nf_tables', refusing to load module "
	  "'nf_tables'\n",
	  KMSG_FATAL, "livepatch", "",
	  "livepatch: failed to apply patch 'oakum_2' to module 'nf_tables', refusing to load module "
	  "'nf_tables'" },
	{ "another's patch fails", "livepatch: failed to enable patch 'oakum_21'\n", KMSG_NOTE,
	  "livepatch", "", "livepatch: failed to enable patch 'oakum_21'" },
	{ "panic", "Kernel panic - not syncing: Fatal exception\n", KMSG_FATAL, "panic", "",
	  "Kernel panic - not syncing: Fatal exception" },
	{ "transition notices",
	  "livepatch: enabling patch 'oakum_2'\n"
	  "livepatch: 'oakum_2': starting patching transition\n"
	  "livepatch: signaling remaining tasks\n"
	  "livepatch: 'oakum_2': patching complete\n",
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "killed for want of memory", OOM("stress"), KMSG_NOTHING, NULL, NULL, NULL },
	{ "segfault of an application",
	  "nginx[81]: segfault at 8 ip 000055d0 sp 00007ffd error 4 in nginx[55d0+1000]\n"
	  "Code: 48 8b 47\n",
	  KMSG_NOTHING, NULL, NULL, NULL },
	/* What a container may try with the names of its processes. */
	{ "a process named as a fault is killed", OOM("BUG: mine"), KMSG_NOTHING, NULL, NULL, NULL },
	{ "a process named as an oops cannot allocate",
	  "Oops: [#1]: page allocation failure: order:9, mode:0xcc0\n"
	  "CPU: 0 PID: 77 Comm: Oops: [#1] Not tainted\nCall Trace:\n <TASK>\n </TASK>\n",
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "... nor map",
	  "BUG: x: vmalloc error: size 1, failed to map pages, mode:0xcc0\nCall Trace:\n <TASK>\n"
	  " </TASK>\n",
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "a process named as a fault crashes",
	  "BUG: mine[7]: segfault at 8 ip 000055d0 sp 00007ffd error 4\n", KMSG_NOTHING, NULL, NULL,
	  NULL },
	{ "a process named as a warning says something", "WARNING: x (7): drop_caches: 3\n",
	  KMSG_NOTHING, NULL, NULL, NULL },
	{ "a process named as a fault says something", "BUG: mine (7): drop_caches: 3\n", KMSG_NOTE,
	  "bug", "", "BUG: mine (7): drop_caches: 3" },
	{ "a hung process named as a harmless line",
	  "INFO: task ]: segfault at :812 blocked for more than 120 seconds.\nCall Trace:\n"
	  " <TASK>\n do_patched+0x1/0x2\n </TASK>\n",
	  KMSG_FATAL, "hung-task", "do_patched",
	  "INFO: task ]: segfault at :812 blocked for more than 120 seconds." },
	{ "a process named as a patched function",
	  OOPS_OF("a+0x1/0x2") "CPU: 1 PID: 2 Comm: do_patched\n", KMSG_FATAL, "oops", "",
	  "BUG: kernel NULL pointer dereference, address: 0000000000000008" },
};

struct heard {
	size_t n;
	struct kmsg_finding findings[4];
};

static void keep(struct heard *h, const struct kmsg_finding *f)
{
	EXPECT(h->n < 4);
	h->findings[h->n++] = *f;
}

/* Each line a record, a millisecond apart. */
static struct heard listen(const char *log, const struct livepatch *of, bool kernel)
{
	struct heard h = { 0 };
	struct kmsg_record r = { .kernel = kernel, .seq = 100 };
	struct kmsg_finding f;
	struct kmsg_watch w;

	kmsg_watch_begin(&w, of);
	while (*log) {
		size_t len = strcspn(log, "\n");

		(void)snprintf(r.text, sizeof(r.text), "%.*s", (int)len, log);
		r.seq++;
		r.usec += 1000;
		if (kmsg_watch_feed(&w, &r, &f))
			keep(&h, &f);
		log += len + (log[len] == '\n');
	}
	if (kmsg_watch_flush(&w, &f))
		keep(&h, &f);
	EXPECT(!kmsg_watch_flush(&w, &f));
	return h;
}

TEST(watch_judges)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct heard h = listen(cases[i].log, &patch, true);
		const struct kmsg_finding *f = &h.findings[0];

		test_case = cases[i].name;
		if (cases[i].want == KMSG_NOTHING) {
			EXPECT(h.n == 0);
			continue;
		}
		EXPECT(h.n >= 1);
		EXPECT_STR(f->what, cases[i].what);
		EXPECT_STR(f->function, cases[i].function);
		EXPECT_STR(f->line, cases[i].line);
		EXPECT(f->severity == cases[i].want);
	}
	test_case = NULL;
}

TEST(watch_believes_the_kernel_alone)
{
	EXPECT(listen(OOPS_OF("do_patched+0x1/0x2"), &patch, false).n == 0);
}

TEST(watch_without_a_patch)
{
	EXPECT(listen(WARN_OF("do_patched+0x1/0x2", ""), NULL, true).n == 0);
	EXPECT(listen(LOCKUP, NULL, true).n == 1);
	EXPECT(listen("livepatch: failed to enable patch 'oakum_2'\n", NULL, true)
		       .findings[0]
		       .severity == KMSG_NOTE);
}

TEST(watch_keeps_the_whole_splat)
{
	struct heard h = listen("eth0: link is up\n" LOCKUP "eth0: link is down\n", &patch, true);

	EXPECT(h.n == 1);
	EXPECT_STR(h.findings[0].text, LOCKUP);
	EXPECT(h.findings[0].seq == 102 && h.findings[0].usec == 2000);
}

TEST(watch_tells_one_after_the_other)
{
	struct heard h = listen(WARN_OF("a+0x1/0x2", "") WARN_OF("do_patched+0x1/0x2", "")
					LOCKUP HUNG("b+0x1/0x2"),
				&patch, true);

	EXPECT(h.n == 3);
	EXPECT_STR(h.findings[0].what, "warning");
	EXPECT_STR(h.findings[1].what, "lockup");
	EXPECT_STR(h.findings[2].what, "hung-task");
}

/* Two processors at once: nothing grave is lost, whose line is whose does not matter. */
TEST(watch_of_two_processors_at_once)
{
	struct heard h = listen(CUT "WARNING: CPU: 0 PID: 9 at x.c:1 a+0x1/0x2\n" CUT
				    "WARNING: CPU: 1 PID: 8 at x.c:2 do_patched+0x1/0x2\n"
				    "Call Trace:\nCall Trace:\n <TASK>\n <TASK>\n"
				    " </TASK>\n" END " </TASK>\n" END,
				&patch, true);

	EXPECT(h.n == 1);
	EXPECT(h.findings[0].severity == KMSG_FATAL);
	EXPECT_STR(h.findings[0].function, "do_patched");
	/* The oops comes in the middle of a warning that means nothing. */
	h = listen(CUT "WARNING: CPU: 0 PID: 9 at x.c:1 a+0x1/0x2\n" OOPS_OF("b+0x1/0x2"), &patch,
		   true);
	EXPECT(h.n == 1);
	EXPECT_STR(h.findings[0].what, "oops");
}

TEST(watch_ends_with_a_silence)
{
	struct kmsg_record r = { .kernel = true, .usec = 1000 };
	struct kmsg_finding f;
	struct kmsg_watch w;

	kmsg_watch_begin(&w, &patch);
	(void)snprintf(r.text, sizeof(r.text), "BUG: unable to handle page fault for address: 0");
	EXPECT(!kmsg_watch_feed(&w, &r, &f));
	(void)snprintf(r.text, sizeof(r.text), "eth0: link is up");
	r.usec += KMSG_SPLAT_US + 1;
	EXPECT(kmsg_watch_feed(&w, &r, &f));
	EXPECT_STR(f.what, "oops");
	EXPECT_STR(f.text, "BUG: unable to handle page fault for address: 0\n");
	EXPECT(!kmsg_watch_flush(&w, &f));
}

TEST(watch_is_bounded)
{
	struct kmsg_record r = { .kernel = true };
	struct kmsg_finding f;
	struct kmsg_watch w;
	unsigned lines = 1;

	kmsg_watch_begin(&w, &patch);
	(void)snprintf(r.text, sizeof(r.text),
		       "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:");
	EXPECT(!kmsg_watch_feed(&w, &r, &f));
	memset(r.text, 'x', sizeof(r.text) - 1);
	while (!kmsg_watch_feed(&w, &r, &f))
		lines++;
	EXPECT(lines == KMSG_SPLAT_LINES);
	EXPECT(strlen(f.text) < KMSG_SPLAT_MAX);
	EXPECT(f.text[strlen(f.text) - 1] == '\n');
}

TEST(watch_names_severities)
{
	EXPECT_STR(kmsg_severity_name(KMSG_NOTHING), "nothing");
	EXPECT_STR(kmsg_severity_name(KMSG_NOTE), "note");
	EXPECT_STR(kmsg_severity_name(KMSG_FATAL), "fatal");
}
