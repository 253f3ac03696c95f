/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/model.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf/model-build.h"

atom_id model_atom_at(const struct model *m, sec_id sec, uint64_t off)
{
	atom_id lo = m->sec_first[sec], hi = m->sec_first[sec + 1];

	if (lo == hi)
		return 0;
	while (hi - lo > 1) {
		atom_id mid = lo + (hi - lo) / 2;

		if (m->atoms[mid].off <= off)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

const char *atom_name(const struct model *m, atom_id id)
{
	return m->atoms[id].sym ? m->obj->syms[m->atoms[id].sym].name : "";
}

const char *atom_section(const struct model *m, atom_id id)
{
	return m->obj->secs[m->atoms[id].sec].name;
}

const uint8_t *atom_bytes(const struct model *m, atom_id id)
{
	const struct obj_sec *s = &m->obj->secs[m->atoms[id].sec];

	return s->data ? s->data + m->atoms[id].off : NULL;
}

bool atom_is_global(const struct model *m, atom_id id)
{
	return m->atoms[id].sym && m->obj->syms[m->atoms[id].sym].bind != STB_LOCAL;
}

bool atom_is_writable(const struct model *m, atom_id id)
{
	return m->obj->secs[m->atoms[id].sec].flags & SHF_WRITE;
}

bool atom_has_fentry(const struct model *m, atom_id id)
{
	const struct atom *a = &m->atoms[id];
	const struct ref *ref = &m->refs[a->first_ref];

	/* A call is one opcode byte before its field; four more where an ENDBR stands first. */
	return a->n_refs && !ref->to && (ref->off == 1 || ref->off == 5) &&
	       strcmp(m->obj->syms[ref->sym].name, "__fentry__") == 0;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	free(m->atoms);
	free(m->refs);
	free(m->entries);
	free(m->sec_first);
	free(m->functions);
	free(m);
}

int model_build(const struct obj *obj, struct model **ret, struct oak_error *err)
{
	return model_build_sized(obj, NULL, ret, err);
}

int model_build_sized(const struct obj *obj, const struct special_sizes *sizes, struct model **ret,
		      struct oak_error *err)
{
	_cleanup_(model_freep) struct model *m = calloc(1, sizeof(*m));
	struct builder b = { .m = m, .sizes = sizes, .err = err };
	int r;

	if (!m)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	m->obj = obj;
	r = builder_read_refs(&b);
	if (r == 0)
		r = builder_index_symbols(&b);
	if (r == 0)
		r = builder_cut_atoms(&b);
	if (r == 0)
		r = builder_index_functions(&b);
	if (r == 0)
		r = builder_bind(&b);
	free(b.targets);
	free(b.sec_syms);
	free(b.syms);
	free(b.cut);
	if (r == 0)
		*ret = take_ptr(m);
	return r;
}
