/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All bytes of all sections of an accepted image lie within the file. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/elf-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(elf_image_free) struct elf_image img = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t end = 0;

	if (elf_image_end(data, size, &end, &err) == 0)
		FUZZ_CHECK(end <= size);
	if (elf_image_parse(data, size, &img, &err) < 0) {
		FUZZ_CHECK(err.code != OAK_OK && !img.sections);
		return 0;
	}
	for (size_t i = 0; i < img.n_sections; i++) {
		const struct elf_section *s = &img.sections[i];
		const uint8_t *p = elf_image_bytes(&img, s->addr, s->size);
		const char *text = elf_image_string(&img, s->addr);

		FUZZ_CHECK(elf_image_section(&img, s->name));
		FUZZ_CHECK(!s->data || (s->data >= data && s->data + s->size <= data + size));
		FUZZ_CHECK(!p || (p >= data && p + s->size <= data + size));
		if (text)
			FUZZ_CHECK(strlen(text) < size);
	}
	return 0;
}
