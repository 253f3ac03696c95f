/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/hooks.h"

#include <string.h>

const char *hook_name(enum klp_hook kind)
{
	static const char *const names[HOOKS] = { "pre_patch", "post_patch", "pre_unpatch",
						  "post_unpatch" };

	return names[kind];
}

static bool is_part_of(const struct unit *u, const char *module)
{
	return u->module && module ? strcmp(u->module, module) == 0 : u->module == module;
}

bool hook_find(const struct link_world *w, const char *module, enum klp_hook kind, size_t *ret_unit,
	       atom_id *ret_atom)
{
	for (size_t i = 0; i < w->n_units; i++) {
		atom_id id = w->units[i].diff->author.hooks[kind];

		if (!id || !is_part_of(&w->units[i], module))
			continue;
		*ret_unit = i;
		*ret_atom = id;
		return true;
	}
	return false;
}

static int check_one(const struct link_world *w, size_t unit, enum klp_hook kind,
		     struct findings *f, struct oak_error *err)
{
	const struct unit *u = &w->units[unit];
	atom_id id = u->diff->author.hooks[kind], first_id = 0;
	size_t first = 0;

	if (!id || !hook_find(w, u->module, kind, &first, &first_id) || first == unit)
		return 0;
	return finding_add(f, RULE_CALLBACKS, atom_name(u->patched, id), NULL, err,
			   "%s has a %s callback already: %s of %s",
			   u->module ? u->module : "vmlinux", hook_name(kind),
			   atom_name(w->units[first].patched, first_id), w->units[first].object);
}

int hooks_check(const struct link_world *w, struct findings *f, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; i < w->n_units; i++)
		for (unsigned k = 0; r == 0 && k < HOOKS; k++)
			r = check_one(w, i, (enum klp_hook)k, f, err);
	return r;
}
