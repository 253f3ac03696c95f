/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-report: what a test machine answers, as it comes, in pieces of any size.
 *
 * The lines are those of guest/guest.h. The machine runs a kernel under test, so its words are
 * taken with care: bounded, in order, each step answered once; what does not fit is counted, not
 * believed. Pure. Fuzzed by tests/fuzz/fuzz-vm-report.c.
 */
#ifndef OAK_BUILD_VM_REPORT_H
#define OAK_BUILD_VM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VM_LINE_MAX   512 /* bytes; the rest of a longer line is dropped */
#define VM_TEXT_MAX   200
#define VM_VALUES_MAX 4

enum vm_state {
	VM_NOT_RUN,
	VM_RUNNING,
	VM_DONE,
	VM_FAILED,
	VM_SKIPPED
};

/* How a step went. */
struct vm_outcome {
	enum vm_state state;
	uint64_t ms;
	uint64_t taint;                /* of the kernel, after it */
	uint64_t value[VM_VALUES_MAX]; /* load, revert: ms, probe's runs, fixed, vulnerable;
					* probe: exit status; mark: pieces of memory;
					* holds: 1 where it does */
	size_t n_values;
	char text[VM_TEXT_MAX]; /* failed: why; a probe: the last line that it printed */
};

struct vm_report {
	struct vm_outcome *v; /* parallel to the plan */
	size_t n;
	size_t at;        /* the first step that is not answered */
	bool ended;       /* the machine said that it is through */
	uint64_t strange; /* lines that are not of the form, or not in order */
	char line[VM_LINE_MAX];
	size_t line_len;
};

/* Errors: OAK_E_NOMEM. */
int vm_report_init(size_t n_steps, struct vm_report *ret, struct oak_error *err) _must_check_;
void vm_report_free(struct vm_report *r); /* zero is fine; also the guard */

/* The next bytes of the machine. */
void vm_report_feed(struct vm_report *r, const void *data, size_t len);

#endif
