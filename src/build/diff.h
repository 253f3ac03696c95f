/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff: what changed between two compilations of one source file, as a list of pure passes.
 *
 *	pair     which atom of the patched object is which atom of the original
 *	compare  same, changed or new
 *	author   what the fix itself says of that: callbacks, and what is left out on purpose
 *	climb    which callers stand in for a changed function that cannot be redirected
 *	close    which atoms the module must carry, and because of which other
 *	check    every reason why that cannot be a live patch
 *	warn     what its author should know although it can be one
 *
 * Each pass reads const models and earlier side tables and writes one table of its own. Atoms are
 * named by their ids in the patched model unless said otherwise.
 */
#ifndef OAK_BUILD_DIFF_H
#define OAK_BUILD_DIFF_H

#include "base/cleanup.h"
#include "base/error.h"
#include "build/author.h"
#include "build/finding.h"
#include "elf/model.h"

/* patched -> original and back; 0: no twin. Only named functions and variables have twins. */
struct pairing {
	atom_id *to_orig;    /* by patched id */
	atom_id *to_patched; /* by original id */
	/* By patched id: paired by name alone, although numbers may shift; or not paired although
	 * an original of the same stem is left over. */
	bool *doubtful;
};

enum verdict {
	VERDICT_NONE, /* not compared on its own: literals, entries, parts, fresh statics */
	VERDICT_SAME,
	VERDICT_CHANGED,
	VERDICT_NEW,
	VERDICT_CALLER, /* the same, but what it calls changed and cannot be redirected itself */
};

struct verdicts {
	enum verdict *of;
	uint32_t n_changed, n_new; /* functions and variables */
	uint32_t n_gone;           /* named atoms of the original without a twin */
};

/* By patched id. */
struct climb {
	bool *replaced;       /* the running function is redirected to this one (a klp_func) */
	atom_id *callee;      /* of VERDICT_CALLER: the function that it stands in for */
	const char **blocked; /* why no caller can stand in for it; static, NULL: nothing is */
	atom_id *blocker;     /* who is meant by that */
};

struct closure {
	bool *included;
	atom_id *because; /* who needed it first; itself for the roots that changed or are new */
};

int pass_pair(const struct model *orig, const struct model *patched, struct pairing *ret,
	      struct oak_error *err) _must_check_;
int pass_compare(const struct model *orig, const struct model *patched,
		 const struct pairing *pairing, struct verdicts *ret, struct oak_error *err)
	_must_check_;
/* Turns VERDICT_SAME of callers into VERDICT_CALLER. Nothing else changes an older table. */
int pass_climb(const struct model *orig, const struct model *patched, const struct pairing *pairing,
	       struct verdicts *verdicts, bool boot_is_over, struct climb *ret,
	       struct oak_error *err) _must_check_;
int pass_close(const struct model *patched, const struct verdicts *verdicts,
	       const struct climb *climb, struct closure *ret, struct oak_error *err) _must_check_;

struct check_input {
	const struct model *orig, *patched;
	const struct pairing *pairing;
	const struct verdicts *verdicts;
	const struct climb *climb;
	const struct closure *closure;
};

/* Appends to @ret. Needs no kernel: what the objects alone show. */
int pass_check(const struct check_input *in, struct findings *ret, struct oak_error *err)
	_must_check_;

/* The same of warnings. */
int pass_warn(const struct check_input *in, struct findings *ret, struct oak_error *err)
	_must_check_;

/* Adds findings about new variables that only boot code would set; a part of pass_check(). */
int boot_check(const struct check_input *in, struct findings *f, struct oak_error *err)
	_must_check_;

/* The finding about one; its setter may be of another object. */
int boot_finding(struct findings *f, const char *name, const struct model *setter, atom_id id,
		 struct oak_error *err) _must_check_;

/* Is this code or data freed once the kernel, or the module, has started? */
bool atom_is_boot_only(const struct model *m, atom_id id);

/* The part of pass_check() about what the patched object lacks. */
int lost_check(const struct check_input *in, struct findings *ret, struct oak_error *err)
	_must_check_;

/* Adds the finding about a function that was climbed to in vain, if @id is one. */
int climb_finding(const struct check_input *in, atom_id id, struct findings *f,
		  struct oak_error *err) _must_check_;

/* What a ref of an included atom becomes in the module. */
enum link_kind {
	LINK_MODULE, /* another included atom */
	LINK_KERNEL, /* a symbol of the running kernel, or of another object of the fix */
};
enum link_kind link_of(const struct model *patched, const struct verdicts *verdicts,
		       const struct ref *ref);

/* Everything above for one pair. */
struct diff {
	/* Set by the caller: the objects are part of vmlinux, whose boot code will not run again;
	 * that of a module runs whenever it is loaded. */
	bool boot_is_over;
	struct pairing pairing;
	struct verdicts verdicts;
	struct author author;
	struct climb climb;
	struct closure closure;
	struct findings findings, warnings;
};

/**
 * diff_run() - all passes over one pair
 * @ret: zeroed by the caller but for boot_is_over; diff_free() it, also after a failure
 *
 * Refusals are findings, not errors. Errors: OAK_E_NOMEM.
 */
int diff_run(const struct model *orig, const struct model *patched, struct diff *ret,
	     struct oak_error *err) _must_check_;
void diff_free(struct diff *d); /* also the guard */

/* Is this function of the patched object entered instead of the running one (a klp_func)? */
bool diff_replaces(const struct diff *d, atom_id id);

/* Is any function entered instead of a running one, or any callback made? */
bool diff_acts(const struct diff *d, const struct model *patched);

#endif
