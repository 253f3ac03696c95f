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

bool same_bytes(const struct model *om, atom_id o, const struct model *pm, atom_id p)
{
	const struct atom *ao = &om->atoms[o], *ap = &pm->atoms[p];
	const uint8_t *bo = atom_bytes(om, o), *bp = atom_bytes(pm, p);
	const struct special *sp = ap->special;
	uint64_t pos = 0;

	if (ao->size != ap->size || !bo != !bp)
		return false;
	if (!bo)
		return true;
	for (uint32_t i = 0; i <= ap->n_refs; i++) {
		const struct ref *ref = i < ap->n_refs ? &pm->refs[ap->first_ref + i] : NULL;
		uint64_t end = ref ? ref->off : ap->size;

		for (; pos < end; pos++)
			if (bo[pos] != bp[pos] && !(sp && pos >= sp->ignore_off &&
						    pos < (uint64_t)sp->ignore_off + sp->ignore_len))
				return false;
		if (ref)
			pos = ref->off + arch_rel_width(ref->type);
	}
	return true;
}
