/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-accept: refusals that the author accepts. */
#include "build/make-priv.h"

#include "build/accept.h"

int make_check_accepts(struct maker *m)
{
	struct acceptance ignored;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->opt->n_accepts; i++)
		r = accept_parse(m->opt->accepts[i], &ignored, m->err);
	return r;
}

/* What was accepted may have been all: data that stays as it is, files that are left out. */
static bool carries_anything(const struct make_result *res)
{
	for (size_t i = 0; i < res->n_objects; i++) {
		const struct make_object *o = &res->objects[i];

		for (unsigned k = 0; k < HOOKS; k++)
			if (o->diff.author.hooks[k])
				return true;
		for (atom_id a = 1; a < o->patched->n_atoms; a++)
			if (diff_replaces(&o->diff, a))
				return true;
	}
	return false;
}

int make_accept(struct maker *m)
{
	struct make_result *res = m->res;
	int r = accept_apply(m->opt->accepts, m->opt->n_accepts, &res->findings, &res->accepted,
			     &res->stale_accept, m->err);

	if (r < 0)
		return r;
	if (res->accepted.n && !carries_anything(res))
		res->changed = false;
	return 0;
}
