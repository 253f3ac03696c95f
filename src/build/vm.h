/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm: tests levels on the very kernel they were built for, in a virtual machine.
 *
 * The machine holds the shipped kernel, the shipped modules that are patched with what they need,
 * the levels, the author's probe and one program of ours (guest/guest.h), which does the steps of
 * the plan (vm-plan.h). What it answers (vm-report.h) and what the kernel's log says (vm-log.h)
 * together are the result.
 *
 * Probe: a static program, run as root. Exit status 0: the kernel behaves as fixed; 1: it is
 * vulnerable; anything else: the probe cannot tell, which fails the test.
 */
#ifndef OAK_BUILD_VM_H
#define OAK_BUILD_VM_H

#include "base/buf.h"
#include "base/error.h"
#include "base/progress.h"
#include "build/vm-log.h"
#include "build/vm-plan.h"
#include "build/vm-report.h"
#include "kernel/store.h"

#define VM_PROBLEMS_MAX   64
#define VM_PROBLEM_MAX    400
#define VM_MEMORY_MIB     512
#define VM_MEMORY_LEAST   256
#define VM_TIMEOUT_S      120 /* of one level; each further one gets VM_TIMEOUT_MORE_S */
#define VM_TIMEOUT_MORE_S 15

struct vm_options {
	const struct vm_level *levels;
	size_t n_levels;
	const struct vm_level *next; /* NULL: nothing is replaced; only with one level */
	const char *probe;           /* NULL: none; only with one level */
	const char *const *probe_args;
	size_t n_probe_args;
	bool probe_constant;        /* it answers "fixed" from the beginning */
	const char *const *modules; /* that the probe needs */
	size_t n_modules;
	const char *guest; /* our program in the machine */
	unsigned int memory_mib, timeout_s;
	const struct progress *progress;
};

/* One reason why the test has failed, for people. */
struct vm_problem {
	size_t step; /* VM_NO_STEP: of no step */
	char text[VM_PROBLEM_MAX];
};

struct vm_result {
	struct vm_modules modules;
	struct vm_plan plan;
	struct vm_report report;
	struct vm_findings findings;
	struct vm_problem problems[VM_PROBLEMS_MAX];
	size_t n_problems; /* 0: passed */
	struct buf log;    /* the kernel's */
	bool kvm;
	double boot_seconds, seconds;
};

/**
 * vm_test() - boot, do the plan, judge
 * @ret: zeroed by the caller; vm_result_free() it, whatever is returned. Owns its strings, but
 *       those of steps of the plan are good as long as @opt.
 *
 * A level that fails is a result. Errors: what kept us from testing (OAK_E_NOTFOUND: QEMU, a
 * module, the probe; OAK_E_IO, OAK_E_FAILED, OAK_E_TOOLARGE, OAK_E_NOMEM).
 */
int vm_test(const struct kernel *k, const struct vm_options *opt, struct vm_result *ret,
	    struct oak_error *err) _must_check_;
void vm_result_free(struct vm_result *r); /* also the guard */

/* The verdict of a probe: "fixed", "vulnerable", "cannot tell". */
const char *vm_verdict(const struct vm_outcome *o);

/* For vm-judge.c: from the plan, what was answered and the log to problems. Pure. */
void vm_judge(const struct vm_options *opt, bool timed_out, struct vm_result *res);

#endif
