/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * author: what a fix says with include/oakum/patch.h, in records of sections ".oakum.*".
 *
 *	.oakum.callbacks.<kind>   an address: the function that the kernel is to call
 *	.oakum.ignore.section     a name: what changed there, or is new, is not carried
 *	.oakum.ignore.function    the same of a function; a name and not an address, for taking
 *	                          that would change how the compiler treats the function
 *
 * Records are neither changes nor carried. One of a section that is not named here stays what it is
 * to other passes: new data that no module may carry.
 */
#ifndef OAK_BUILD_AUTHOR_H
#define OAK_BUILD_AUTHOR_H

#include "base/error.h"
#include "elf/model.h"

struct check_input;
struct findings;
struct pairing;
struct verdicts;

/* What the kernel calls around the switch of an object. */
enum klp_hook {
	HOOK_PRE_PATCH,
	HOOK_POST_PATCH,
	HOOK_PRE_UNPATCH,
	HOOK_POST_UNPATCH,
	HOOKS
};

struct author {
	atom_id hooks[HOOKS]; /* functions of the patched object; 0: none */
	bool *ignored;        /* by patched id: changed or new, and not carried on purpose */
};

/**
 * pass_author() - read the records of a patched object
 * @verdicts: what is left out becomes VERDICT_SAME, or VERDICT_NONE where it is new
 * @ret:      zeroed by the caller; diff_free() frees it
 * @f:        gets findings about records that cannot be followed: rules "callbacks", "ignored"
 */
int pass_author(const struct model *orig, const struct model *patched,
		const struct pairing *pairing, struct verdicts *verdicts, struct author *ret,
		struct findings *f, struct oak_error *err) _must_check_;

/* Adds findings about what is left out but needed. After pass_close(). */
int author_check(const struct check_input *in, const struct author *author, struct findings *f,
		 struct oak_error *err) _must_check_;

#endif
