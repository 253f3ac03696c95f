/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-log: judges a kernel's log: one line that a hurt kernel says, and the test has failed.
 *
 * The machine writes "oakum-test: step N" into the log before each step, so each finding has the
 * step that it came after. One fault says many lines: those that only illustrate one (a call
 * trace) count where nothing was found shortly before.
 *
 * The log is bytes of a kernel under test: pure, bounded. Fuzzed by tests/fuzz/fuzz-vm-log.c.
 *
 * Source of the words: kernel/panic.c, lib/bug.c, kernel/watchdog.c, kernel/rcu/tree_stall.h,
 * kernel/hung_task.c, lib/refcount.c, mm/slub.c, mm/slab_common.c, arch/x86/kernel/{traps,module,
 * alternative}.c, arch/x86/mm/fault.c, kernel/livepatch, kernel/trace/ftrace.c, lib/list_debug.c.
 */
#ifndef OAK_BUILD_VM_LOG_H
#define OAK_BUILD_VM_LOG_H

#include <stddef.h>

#define VM_LOG_LINE_MAX 240 /* bytes of a line that are shown */
#define VM_FINDINGS_MAX 32  /* that are kept; all are counted */
#define VM_NO_STEP      ((size_t)-1)

struct vm_finding {
	const char *what; /* "WARN", "RCU stall", ...; static */
	size_t step;      /* VM_NO_STEP: before the first */
	size_t times;     /* lines that differ from the first only in numbers count here */
	char line[VM_LOG_LINE_MAX]; /* printable, without time stamp */
};

struct vm_findings {
	struct vm_finding v[VM_FINDINGS_MAX];
	size_t n;     /* kept */
	size_t total; /* lines found */
};

void vm_log_judge(const void *log, size_t len, struct vm_findings *ret);

/* The kernel's own flag that something went wrong, for bits of /proc/sys/kernel/tainted that were
 * set meanwhile; NULL where none of them means harm. Static. */
const char *vm_taint_says(unsigned long before, unsigned long after);

#endif
