/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/entry-sizes.h"

static const struct {
	const char *section, *name;
} structs[] = {
	{ "__bug_table", "bug_entry" },                 /* asm-generic/bug.h */
	{ ".altinstructions", "alt_instr" },            /* asm/alternative.h */
	{ "__ex_table", "exception_table_entry" },      /* asm/extable.h */
	{ "__jump_table", "jump_entry" },               /* linux/jump_label.h */
	{ ".parainstructions", "paravirt_patch_site" }, /* asm/paravirt_types.h */
	{ ".static_call_sites", "static_call_site" },   /* linux/static_call_types.h */
	{ ".orc_unwind", "orc_entry" },                 /* asm/orc_types.h */
};

_Static_assert(sizeof(structs) / sizeof(structs[0]) <= SPECIAL_SIZES_MAX, "all find room");

int entry_sizes(const struct kimage *img, struct special_sizes *ret, struct oak_error *err)
{
	struct special_sizes sizes = { .n = 0 };

	for (size_t i = 0; i < sizeof(structs) / sizeof(structs[0]); i++) {
		uint32_t size;
		int r = kimage_struct_size(img, structs[i].name, &size, err);

		if (r == -OAK_E_NOTFOUND)
			continue;
		if (r < 0)
			return r;
		sizes.v[sizes.n++] = (struct special_size){ structs[i].section, size };
	}
	*ret = sizes;
	return 0;
}
