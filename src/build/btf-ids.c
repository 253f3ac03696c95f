/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/btf-ids.h"

#include <stdlib.h>
#include <string.h>

#include "build/names.h"

static bool is_id(const struct obj *o, const struct obj_sym *sym)
{
	return sym->sec && strcmp(o->secs[sym->sec].name, ".BTF_ids") == 0 &&
	       strncmp(sym->name, "__BTF_ID__", strlen("__BTF_ID__")) == 0;
}

static int cmp_place(const void *pa, const void *pb, void *obj)
{
	const struct obj_sym *a = &((const struct obj *)obj)->syms[*(const sym_id *)pa];
	const struct obj_sym *b = &((const struct obj *)obj)->syms[*(const sym_id *)pb];

	if (a->sec != b->sec)
		return a->sec < b->sec ? -1 : 1;
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return strcmp(a->name, b->name);
}

int btf_ids_read(const struct obj *o, struct btf_ids *ret, struct oak_error *err)
{
	struct obj all = *o; /* qsort_r() takes no const */
	size_t n = 0;

	for (sym_id i = 1; i < o->n_syms; i++)
		n += is_id(o, &o->syms[i]);
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (sym_id i = 1; i < o->n_syms; i++)
		if (is_id(o, &o->syms[i]))
			ret->v[ret->n++] = i;
	qsort_r(ret->v, ret->n, sizeof(*ret->v), cmp_place, &all);
	return 0;
}

void btf_ids_release(struct btf_ids *ids)
{
	free(ids->v);
	*ids = (struct btf_ids){ 0 };
}

/* The first id that lies in the section of an atom at @off or behind. */
static size_t first_at(const struct btf_ids *ids, const struct obj *o, const struct atom *a,
		       uint64_t off)
{
	size_t lo = 0, hi = ids->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct obj_sym *sym = &o->syms[ids->v[mid]];

		if (sym->sec < a->sec || (sym->sec == a->sec && sym->value < off))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool btf_ids_same(const struct btf_ids *oi, const struct model *om, atom_id o,
		  const struct btf_ids *pi, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];
	size_t fo = first_at(oi, om->obj, ao, ao->off), fp = first_at(pi, pm->obj, ap, ap->off);
	size_t n = first_at(oi, om->obj, ao, ao->off + ao->size) - fo;

	if (first_at(pi, pm->obj, ap, ap->off + ap->size) - fp != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct obj_sym *so = &om->obj->syms[oi->v[fo + i]];
		const struct obj_sym *sp = &pm->obj->syms[pi->v[fp + i]];
		char to[NAME_STEM_MAX], tp[NAME_STEM_MAX];

		name_stem(so->name, to);
		name_stem(sp->name, tp);
		if (so->value - ao->off != sp->value - ap->off || strcmp(to, tp) != 0)
			return false;
	}
	return true;
}
