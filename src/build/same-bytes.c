/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/same-bytes.h"

#include <stddef.h>

#include "build/line-numbers.h"

bool same_fields(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];

	if (ao->n_refs != ap->n_refs)
		return false;
	for (uint32_t i = 0; i < ap->n_refs; i++) {
		const struct ref *ro = &om->refs[ao->first_ref + i];
		const struct ref *rp = &pm->refs[ap->first_ref + i];

		if (ro->off != rp->off || ro->use != rp->use || !arch_rel_same(ro->type, rp->type))
			return false;
	}
	return true;
}

static bool is_zero(const uint8_t *bytes, uint64_t from, uint64_t to)
{
	while (from < to)
		if (bytes[from++])
			return false;
	return true;
}

/* The last entry of a section may lack the padding that others have. */
static bool differ_by_padding(const struct atom *ao, const struct atom *ap, const uint8_t *bo,
			      const uint8_t *bp)
{
	uint64_t min = ao->size < ap->size ? ao->size : ap->size;

	return ap->special && ap->special->tail_min && min >= ap->special->tail_min && bo && bp &&
	       is_zero(bo, min, ao->size) && is_zero(bp, min, ap->size);
}

/* Bytes that say nothing of the code: line numbers in tables. */
static bool is_ignored(const struct model *m, atom_id id, uint64_t pos, uint8_t differs)
{
	const struct special *sp = m->atoms[id].special;

	if (sp)
		return special_ignores(sp, m->atoms[id].size, pos);
	return (differs & ~line_bits(m, id, pos)) == 0;
}

static bool same_between_fields(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];
	const uint8_t *bo = atom_bytes(om, o), *bp = atom_bytes(pm, p);
	uint64_t pos = 0, size = ao->size < ap->size ? ao->size : ap->size;

	for (uint32_t i = 0; i <= ap->n_refs; i++) {
		const struct ref *ref = i < ap->n_refs ? &pm->refs[ap->first_ref + i] : NULL;
		uint64_t end = ref ? ref->off : size;

		for (; pos < end; pos++)
			if (bo[pos] != bp[pos] && !is_ignored(pm, p, pos, bo[pos] ^ bp[pos]))
				return false;
		if (ref)
			pos = ref->off + arch_rel_width(ref->type);
	}
	return true;
}

bool same_bytes(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];
	const uint8_t *bo = atom_bytes(om, o), *bp = atom_bytes(pm, p);

	if (!bo != !bp || (ao->size != ap->size && !differ_by_padding(ao, ap, bo, bp)))
		return false;
	if (!bo || same_between_fields(om, o, pm, p))
		return true;
	return sec_is_code(&pm->obj->secs[ap->sec]) && same_code_but_lines(om, o, pm, p);
}
