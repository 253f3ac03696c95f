/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stall: which tasks keep a transition from ending.
 *
 * During a transition /proc/<pid>/task/<tid>/patch_state is 0 where the task still runs the old
 * code, 1 where it runs the new one, -1 outside of any transition. A task that sleeps in a
 * patched function does not switch before it leaves it; its kernel stack shows where it sleeps.
 * Tasks that are listed nowhere can block too: the idle tasks of the processors.
 * Source: Documentation/livepatch/livepatch.rst, "Consistency model"; proc(5), "stack".
 */
#ifndef OAK_HOST_STALL_H
#define OAK_HOST_STALL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define STALL_TASKS_MAX 64 /* described; all are counted */
#define STALL_COMM_MAX  32
#define STALL_STACK_MAX 1024

struct stall_task {
	pid_t pid, tid;
	char comm[STALL_COMM_MAX];
	char stack[STALL_STACK_MAX]; /* lines of the kernel stack, cut; "" where not readable */
};

struct stall {
	struct stall_task *tasks;
	size_t n;       /* described */
	size_t n_total; /* that have not switched */
};

/**
 * stall_read() - the tasks that have not switched
 * @to_patched: what the transition goes to: true while applying, false while reverting
 *
 * Tasks that end meanwhile are left out. Errors: OAK_E_IO (no /proc), OAK_E_NOMEM.
 */
int stall_read(int root, bool to_patched, struct stall *ret, struct oak_error *err) _must_check_;

/*
 * One line for an error message: "3 tasks have not switched: sleepd (123), ..."; never more
 * than @size bytes.
 */
void stall_summary(const struct stall *s, char *ret, size_t size);

void stall_free(struct stall *s); /* also the guard */

#endif
