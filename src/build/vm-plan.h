/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-plan: what is done to a kernel in which a level is tested, step by step.
 *
 * One case a level: it is loaded twice, reverted twice, and replaced where there is a next level;
 * the modules that it patches come after it, leave under it and come back. The probe answers at
 * each point, and runs while the kernel switches over.
 *
 *	a level of vmlinux:     probe ─ LOAD ─ probe ─ REVERT ─ probe ─ clean ─┐
 *	a level with modules:   LOAD ─ modules in ─ probe ─ REVERT ─ probe ─┐  │
 *	┌───────────────────────────────────────────────────────────────────┴──┘
 *	└ LOAD ─ probe ─ [modules out, in ─ probe] ─ [REPLACE ─ probe ─ modules out, in ─ probe] ─
 *	  REVERT ─ probe ─ clean
 *
 * Pure: the same input gives the same text. The guest's side: guest/guest.h.
 */
#ifndef OAK_BUILD_VM_PLAN_H
#define OAK_BUILD_VM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "build/vm-modules.h"

#define VM_WORDS     3
#define VM_WORD_MAX  128  /* a module's name has at most 55 bytes */
#define VM_STEPS_MAX 8192 /* hundreds of levels in one boot */

enum vm_verb {
	VM_CASE,   /* name: takes back what the case before may have left */
	VM_INSMOD, /* file */
	VM_RMMOD,  /* module */
	VM_HOLDS,  /* module: is it one that holds itself, and so can never be unloaded? */
	VM_MARK,   /* remembers how much memory holds modules */
	VM_CLEAN,  /* nothing of a level is left, see VM_MARK */
	VM_LOAD,   /* file, patch, "probe" or "": until its transition has ended */
	VM_REVERT, /* patch, "probe" or "": the same */
	VM_GONE,   /* patch: it was replaced */
	VM_SEES,   /* patch, object, number of functions: the object is patched */
	VM_MISSES, /* patch, object: it is not, for it is not loaded */
	VM_PROBE,
	VM_VERBS,
};

enum vm_want {
	VM_WANT_NONE,
	VM_WANT_VULNERABLE,
	VM_WANT_FIXED
};

struct vm_step {
	enum vm_verb verb;
	char word[VM_WORDS][VM_WORD_MAX]; /* as the guest reads them */
	size_t level;                     /* index of the level; that of the next one is 1 */
	const char *point; /* where in the story, for people: "module loaded after" */
	enum vm_want want; /* of a probe */
};

struct vm_plan {
	struct vm_step *v;
	size_t n, cap;
};

/* A function that a level replaces, as its manifest names it. */
struct vm_function {
	const char *object, *name;
	unsigned int sympos;
};

/* A level as it lies in the author's folder; all borrowed. */
struct vm_level {
	const char *title; /* for people */
	const char *patch; /* its module's name: "oakum_1" */
	const char *file;  /* its module's path */
	const struct vm_function *functions;
	size_t n_functions;
	const char *const *objects; /* modules that it patches, without vmlinux */
	size_t n_objects;
};

/* What is tested in one boot. */
struct vm_cases {
	const struct vm_level *levels;
	size_t n;
	const struct vm_level *next;      /* that replaces the only level; or NULL */
	const struct vm_modules *modules; /* all that any of the levels needs, see vm_modules_add() */
	const char *const *extra;         /* modules that the probe needs besides */
	size_t n_extra;
	bool probe;
	bool probe_constant; /* the verdict shall be "fixed" from the beginning */
};

/* The name of a level's file in the machine; @index: n for the next level. */
void vm_level_file(size_t index, char ret[VM_WORD_MAX]);

/* Errors: OAK_E_TOOLARGE (names, steps), OAK_E_NOMEM. @ret: vm_plan_free() it, whatever is returned. */
int vm_plan_make(const struct vm_cases *c, struct vm_plan *ret, struct oak_error *err) _must_check_;
void vm_plan_free(struct vm_plan *p); /* zero is fine; also the guard */

/* The text that the guest reads. -ENOMEM. */
int vm_plan_text(const struct vm_plan *p, struct buf *ret) _must_check_;

/* The guest's word for a verb. */
const char *vm_verb_name(enum vm_verb verb);

#endif
