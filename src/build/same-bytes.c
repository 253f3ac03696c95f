/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/same-bytes.h"

#include <stddef.h>

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

static bool same_range(const struct atom *a, const uint8_t *bo, const uint8_t *bp, uint64_t from,
		       uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		if (bo[i] != bp[i] && !(a->special && special_ignores(a->special, a->size, i)))
			return false;
	return true;
}

bool same_bytes(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];
	const uint8_t *bo = atom_bytes(om, o), *bp = atom_bytes(pm, p);
	uint64_t pos = 0, size = ao->size < ap->size ? ao->size : ap->size;

	if (!bo != !bp || (ao->size != ap->size && !differ_by_padding(ao, ap, bo, bp)))
		return false;
	if (!bo)
		return true;
	for (uint32_t i = 0; i < ap->n_refs; i++) {
		const struct ref *ref = &pm->refs[ap->first_ref + i];

		if (ref->off > pos && !same_range(ap, bo, bp, pos, ref->off))
			return false;
		pos = ref->off + arch_rel_width(ref->type);
	}
	return same_range(ap, bo, bp, pos, size);
}
