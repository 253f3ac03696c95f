/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot: new variables that boot code refers to. It was to set them, and will not run again; that
 * of a module does, but as it was shipped. Whether carried code sets them as well cannot be told
 * from the objects, so the author has to say so.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

bool atom_is_boot_only(const struct model *m, atom_id id)
{
	const char *section = atom_section(m, id);

	return strncmp(section, ".init.", strlen(".init.")) == 0 ||
	       strncmp(section, ".meminit.", strlen(".meminit.")) == 0;
}

static bool is_new_variable(const struct check_input *in, atom_id id)
{
	return id && in->patched->atoms[id].kind == ATOM_DATA &&
	       in->verdicts->of[id] == VERDICT_NEW && atom_is_writable(in->patched, id) &&
	       !atom_is_boot_only(in->patched, id);
}

/* The piece of boot code that refers to each new variable, by its id; 0: none. */
static void find_setters(const struct check_input *in, atom_id *ret)
{
	const struct model *m = in->patched;

	for (uint32_t i = 0; i < m->n_refs; i++)
		if (is_new_variable(in, m->refs[i].to) && !ret[m->refs[i].to] &&
		    atom_is_boot_only(m, m->refs[i].from))
			ret[m->refs[i].to] = m->refs[i].from;
}

/* What the module carries uses these. Of a global one other objects may. */
static void find_readers(const struct check_input *in, bool *ret)
{
	const struct model *m = in->patched;

	for (uint32_t i = 0; i < m->n_refs; i++)
		if (in->closure->included[m->refs[i].from] && !atom_is_boot_only(m, m->refs[i].from))
			ret[m->refs[i].to] = true;
}

int boot_finding(struct findings *f, const char *name, const struct model *setter, atom_id id,
		 struct oak_error *err)
{
	const char *by = atom_name(setter, id);

	return finding_add(f, RULE_BOOT_ONLY_GLOBAL, name, NULL, err,
			   "the variable is new and boot code refers to it (%s, section %s), which "
			   "does not run again to set it",
			   by[0] ? by : "unnamed data", atom_section(setter, id));
}

int boot_check(const struct check_input *in, struct findings *f, struct oak_error *err)
{
	const struct model *m = in->patched;
	_cleanup_(freep) atom_id *setters = calloc(m->n_atoms, sizeof(*setters));
	_cleanup_(freep) bool *read = calloc(m->n_atoms, sizeof(*read));
	int r = 0;

	if (!setters || !read)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	find_setters(in, setters);
	find_readers(in, read);
	for (atom_id i = 1; r == 0 && i < m->n_atoms; i++)
		if (setters[i] && (read[i] || atom_is_global(m, i)))
			r = boot_finding(f, atom_name(m, i), m, setters[i], err);
	return r;
}
