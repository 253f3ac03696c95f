/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An accepted image answers every question about every symbol and export that it names. */
#include "fuzz.h"

#include <string.h>

#include "kernel/image.h"

static void ask_symbol(const struct kimage *img, size_t i)
{
	struct ksym s = kimage_sym(img, i);
	const uint32_t *ids = NULL;

	FUZZ_CHECK(s.name[0] && kimage_find(img, s.name, &ids) > 0);
	FUZZ_CHECK(kimage_sym_at(img, s.addr) <= i);
	(void)kimage_bytes(img, s.addr, s.size);
	(void)kimage_section_at(img, s.addr);
	FUZZ_CHECK(!kimage_is_ftrace_site(img, s.addr) ||
		   kimage_ftrace_site_in(img, s.addr, 1) == s.addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	struct oak_error err = { .code = OAK_OK };
	const struct kexport *x;
	uint32_t off = 0;
	size_t n = 0;

	if (kimage_parse(data, size, &img, &err) < 0) {
		FUZZ_CHECK(!img && err.code != OAK_OK && err.msg[0]);
		return 0;
	}
	FUZZ_CHECK(strncmp(kimage_banner(img), "Linux version ", 14) == 0);
	FUZZ_CHECK(strstr(kimage_banner(img), kimage_release(img)));
	for (size_t i = 0; i < kimage_n_syms(img); i++)
		ask_symbol(img, i);
	x = kimage_exports(img, &n);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(kimage_export(img, x[i].name) && x[i].ns);
	if (kimage_member_offset(img, "module", "init", &off, &err) < 0)
		FUZZ_CHECK(err.msg[0]);
	return 0;
}
