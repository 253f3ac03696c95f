/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost: what the original has and the patched object has not, where that matters. A part of check.
 *
 *	a variable is gone and another one comes   its value in the running kernel would be lost
 *	a function was boot code and is no more    the running kernel has freed it
 *	boot code is gone                          it has run, and its effects stay
 */
#include "build/diff.h"

#include <string.h>

#include "build/names.h"

static bool is_boot_code(const char *section)
{
	return strncmp(section, ".init.", 6) == 0 || strncmp(section, ".exit.", 6) == 0;
}

static bool is_state(const struct model *m, atom_id id)
{
	return m->atoms[id].kind == ATOM_DATA && atom_is_writable(m, id) &&
	       !name_is_fresh(atom_name(m, id), atom_section(m, id));
}

/* The function that @id is or belongs to. */
static atom_id function_of(const struct model *m, atom_id id)
{
	return m->atoms[id].kind == ATOM_CODE ? id : m->atoms[id].owner;
}

static bool function_uses(const struct model *m, atom_id function, atom_id variable)
{
	const struct atom *a = &m->atoms[function];

	for (uint32_t i = 0; i < a->n_refs; i++)
		if (m->refs[a->first_ref + i].to == variable)
			return true;
	return false;
}

/* Does a function that used @gone use @new in its place? */
static bool takes_its_place(const struct check_input *in, atom_id gone, atom_id new)
{
	const struct model *p = in->patched;

	/* A static of a function is told by its users alone. */
	if (in->orig->atoms[gone].size == p->atoms[new].size &&
	    !strchr(atom_name(in->orig, gone), '.') && !strchr(atom_name(p, new), '.'))
		return true;
	for (uint32_t i = 0; i < p->n_refs; i++) {
		const struct ref *ref = &p->refs[i];
		atom_id user = ref->to == new ? function_of(p, ref->from) : 0;

		if (user && in->pairing->to_orig[user] &&
		    function_uses(in->orig, in->pairing->to_orig[user], gone))
			return true;
	}
	return false;
}

/* The variable of the original that @new may be under another name; 0: none. */
static atom_id find_gone(const struct check_input *in, atom_id new)
{
	for (atom_id i = 1; i < in->orig->n_atoms; i++)
		if (is_state(in->orig, i) && !in->pairing->to_patched[i] &&
		    takes_its_place(in, i, new))
			return i;
	return 0;
}

static int check_variable(const struct check_input *in, atom_id id, struct findings *f,
			  struct oak_error *err)
{
	atom_id gone;

	/* One of a doubtful name has its refusal. */
	if (in->verdicts->of[id] != VERDICT_NEW || !in->closure->included[id] ||
	    !is_state(in->patched, id) || in->pairing->doubtful[id])
		return 0;
	gone = find_gone(in, id);
	if (!gone)
		return 0;
	return finding_add(f, RULE_AMBIGUOUS_TWIN, atom_name(in->patched, id),
			   "keep the variable's name and type", err,
			   "it looks new, but %s of the original is gone: where this takes its "
			   "place, the value in the running kernel would be lost",
			   atom_name(in->orig, gone));
}

static int check_function(const struct check_input *in, atom_id id, struct findings *f,
			  struct oak_error *err)
{
	atom_id o = in->pairing->to_orig[id];

	if (in->patched->atoms[id].kind != ATOM_CODE || !o || !in->climb->replaced[id] ||
	    !is_boot_code(atom_section(in->orig, o)) || is_boot_code(atom_section(in->patched, id)))
		return 0;
	return finding_add(f, RULE_INIT_CODE, atom_name(in->patched, id),
			   "give the function another name, and have what runs later call that",
			   err,
			   "the function was boot code, which the running kernel has freed (section "
			   "%s)",
			   atom_section(in->orig, o));
}

static int check_gone_code(const struct check_input *in, atom_id id, struct findings *f,
			   struct oak_error *err)
{
	if (in->orig->atoms[id].kind != ATOM_CODE || in->pairing->to_patched[id] ||
	    !is_boot_code(atom_section(in->orig, id)))
		return 0;
	return finding_add(f, RULE_INIT_CODE, atom_name(in->orig, id),
			   "undo its effects in code that still runs, or leave it as it is", err,
			   "the fix removes boot code, but it has run (section %s)",
			   atom_section(in->orig, id));
}

int lost_check(const struct check_input *in, struct findings *ret, struct oak_error *err)
{
	int r = 0;

	for (atom_id i = 1; r == 0 && i < in->patched->n_atoms; i++) {
		r = check_variable(in, i, ret, err);
		if (r == 0)
			r = check_function(in, i, ret, err);
	}
	for (atom_id i = 1; r == 0 && i < in->orig->n_atoms; i++)
		r = check_gone_code(in, i, ret, err);
	return r;
}
