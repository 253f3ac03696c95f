/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stall: which tasks keep a transition from ending, in which containers, and where they sleep.
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

#include <jansson.h>

#include "base/error.h"
#include "host/container.h"
#include "host/livepatch.h"

#define STALL_TASKS_MAX    64 /* described; all are counted */
#define STALL_NAMED_MAX    64 /* containers whose files are read, those that block most first */
#define STALL_COMM_MAX     32
#define STALL_FUNCTION_MAX 128
#define STALL_STACK_MAX    1024
#define STALL_TEXT_MAX     1400 /* enough for stall_task_text() */

struct stall_task {
	pid_t pid, tid;
	char comm[STALL_COMM_MAX];
	size_t container;                  /* in stall.containers, or CONTAINER_NONE */
	char function[STALL_FUNCTION_MAX]; /* the patched function that it is in; "" not known */
	char stack[STALL_STACK_MAX];       /* lines of the kernel stack, cut; "" not readable */
};

struct stall_container {
	struct container c; /* without init and tasks */
	size_t blocked;     /* tasks of it that have not switched, described or not */
};

struct stall {
	struct stall_task *tasks;
	size_t n;                           /* described */
	size_t n_total;                     /* that have not switched */
	struct stall_container *containers; /* those that block most first */
	size_t n_containers;
};

/**
 * stall_read() - the tasks that have not switched
 * @to_patched: what the transition goes to: true while applying, false while reverting
 * @patch:      whose functions are looked for on the stacks, or NULL
 *
 * Tasks that end meanwhile are left out. A static function of a name that the kernel has twice
 * cannot be told from the other by a stack. Errors: OAK_E_IO (no /proc), OAK_E_NOMEM.
 */
int stall_read(int root, bool to_patched, const struct livepatch *patch, struct stall *ret,
	       struct oak_error *err) _must_check_;

/* How many have not, no more; -1: there is no /proc. */
long stall_count(int root, bool to_patched);

/* NULL where the task is in none. */
const struct container *stall_container_of(const struct stall *s, const struct stall_task *t);

/*
 * "sleepd (123) in podman container web (image docker.io/library/nginx:1.25) sleeps in patched
 * function foo"; "has not switched" where the function is not known; never more than @size bytes.
 */
void stall_task_text(const struct stall *s, const struct stall_task *t, char *ret, size_t size);

/*
 * One line for an error message: "3 tasks have not switched: sleepd (123), ...; 2 of them in podman
 * container web"; never more than @size bytes.
 */
void stall_summary(const struct stall *s, char *ret, size_t size);

/*
 * stall_function() - the innermost patched function of a kernel stack
 * @stack: lines "[<0>] name+0x12/0x40" or "[<0>] name+0x12/0x40 [module]", innermost first
 *
 * Names match whole: "foo.cold" is not "foo", and a "foo" of module a is not that of module b. The
 * new code is in the patch's own module. NULL where there is none; else borrowed from @patch.
 */
const char *stall_function(const char *stack, const struct livepatch *patch);

/* {blocked, tasks, containers}; NULL when out of memory. */
json_t *stall_json(const struct stall *s);

void stall_free(struct stall *s); /* also the guard */

#endif
