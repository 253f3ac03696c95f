/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same-bytes: are two atoms equal, what their relocated fields refer to left aside?
 */
#ifndef OAK_BUILD_SAME_BYTES_H
#define OAK_BUILD_SAME_BYTES_H

#include "elf/model.h"

/*
 * Do both have fields of the same places, widths and ways of use? Types that one operand may be
 * written with (a call by PC32 or PLT32) are one.
 */
bool same_fields(const struct model *om, atom_id o, const struct model *pm, atom_id p);

/*
 * Is all equal that lies between the fields, line numbers aside? Only where same_fields() holds:
 * the fields themselves hold 0 or rubbish.
 */
bool same_bytes(const struct model *om, atom_id o, const struct model *pm, atom_id p);

#endif
