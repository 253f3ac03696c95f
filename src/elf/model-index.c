/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted tables in the place of searches: -ffunction-sections gives an object thousands of each. */
#include "elf/model-build.h"

#include <stdlib.h>
#include <string.h>

/* A counting sort of symbols by their section; stable, so the order of the file is kept. */
int builder_index_symbols(struct builder *b)
{
	const struct obj *o = b->m->obj;
	uint32_t sum = 0;

	b->sec_syms = calloc(o->n_secs + 1u, sizeof(*b->sec_syms));
	b->syms = calloc(o->n_syms, sizeof(*b->syms));
	if (!b->sec_syms || !b->syms)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	for (sym_id i = 1; i < o->n_syms; i++)
		b->sec_syms[o->syms[i].sec]++;
	for (sec_id s = 0; s <= o->n_secs; s++) {
		sum += b->sec_syms[s];
		b->sec_syms[s] = sum;
	}
	/* From the back, so that what was the end of each section becomes its beginning. */
	for (sym_id i = o->n_syms - 1; i > 0; i--)
		b->syms[--b->sec_syms[o->syms[i].sec]] = i;
	return 0;
}

static int cmp_function(const void *pa, const void *pb, void *model)
{
	atom_id a = *(const atom_id *)pa, b = *(const atom_id *)pb;
	int c = strcmp(atom_name(model, a), atom_name(model, b));

	return c ? c : (a > b) - (a < b);
}

int builder_index_functions(struct builder *b)
{
	struct model *m = b->m;
	uint32_t n = 0;

	for (atom_id i = 1; i < m->n_atoms; i++)
		n += m->atoms[i].kind == ATOM_CODE;
	m->functions = calloc(n + 1u, sizeof(*m->functions));
	if (!m->functions)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; i < m->n_atoms; i++)
		if (m->atoms[i].kind == ATOM_CODE)
			m->functions[m->n_functions++] = i;
	qsort_r(m->functions, n, sizeof(*m->functions), cmp_function, m);
	return 0;
}

/* Of several of one name the first in the object. */
atom_id model_find_function(const struct model *m, const char *name)
{
	uint32_t lo = 0, hi = m->n_functions;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (strcmp(atom_name(m, m->functions[mid]), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == m->n_functions || strcmp(atom_name(m, m->functions[lo]), name) != 0)
		return 0;
	return m->functions[lo];
}
