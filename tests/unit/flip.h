/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flip: the property of the self-check: a module with any one byte of its relocations changed fails. */
#ifndef OAK_FLIP_H
#define OAK_FLIP_H

#include <elf.h>

#include "build/selfcheck.h"
#include "test.h"

typedef int (*flip_check)(const struct buf *module, const struct emit_input *in,
			  struct oak_error *err);

struct flip_count {
	size_t relocations, flips, survivors;
};

/* Every byte of every relocation section, each with several patterns; puts all back. */
static inline void flip_all(struct buf *module, const struct emit_input *in, flip_check check,
			    struct flip_count *ret)
{
	static const uint8_t patterns[] = { 1, 2, 4, 8, 16, 32, 64, 128, 255 };
	Elf64_Ehdr eh;
	Elf64_Shdr sh;

	memcpy(&eh, module->data, sizeof(eh));
	for (uint16_t s = 1; s < eh.e_shnum; s++) {
		memcpy(&sh, module->data + eh.e_shoff + s * sizeof(sh), sizeof(sh));
		if (sh.sh_type != SHT_RELA)
			continue;
		ret->relocations += sh.sh_size / sizeof(Elf64_Rela);
		for (uint64_t i = 0; i < sh.sh_size * sizeof(patterns); i++) {
			uint8_t *byte = module->data + sh.sh_offset + i / sizeof(patterns);
			struct oak_error err = { .code = OAK_OK };

			*byte ^= patterns[i % sizeof(patterns)];
			ret->flips++;
			if (check(module, in, &err) == 0) {
				ret->survivors++;
				print_message("section %u, byte %lu ^ 0x%02x passes\n", s,
					      (unsigned long)(i / sizeof(patterns)),
					      patterns[i % sizeof(patterns)]);
			}
			*byte ^= patterns[i % sizeof(patterns)];
		}
	}
}

#endif
