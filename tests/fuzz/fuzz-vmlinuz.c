/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vmlinuz_unpack() accepts is one whole ELF, of which nothing more can be cut. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/elf-image.h"
#include "kernel/vmlinuz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err = { .code = OAK_OK };
	size_t end = 0;

	if (vmlinuz_unpack(data, size, &out, &err) < 0) {
		FUZZ_CHECK(err.code != OAK_OK && err.msg[0]);
		return 0;
	}
	FUZZ_CHECK(elf_image_end(out.data, out.len, &end, &err) == 0 && end == out.len);
	return 0;
}
