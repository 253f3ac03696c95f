/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes: what was read of a module lies inside the file, and no byte is relocated twice. The
 * trailer of a signature is found before it, as where a module comes from disk.
 */
#include "fuzz.h"

#include <string.h>

#include "build/modfile.h"
#include "build/sign-trailer.h"
#include "elf/arch.h"

static void touch(const void *data, uint64_t len)
{
	const volatile uint8_t *p = data;

	for (uint64_t i = 0; p && i < len; i += 1 + len / 64)
		(void)p[i];
}

static void check_rela(const struct modfile *f, uint32_t i)
{
	const struct mod_rela *r = &f->relas[i];
	unsigned width = arch_rel_width(r->type);

	FUZZ_CHECK(width && r->sec && r->sec < f->n_secs && r->holder < f->n_secs);
	FUZZ_CHECK(r->sym && r->sym < f->n_syms);
	FUZZ_CHECK(r->off <= f->secs[r->sec].size && width <= f->secs[r->sec].size - r->off);
	FUZZ_CHECK(modfile_rela_at(f, r->sec, r->off) == r);
	FUZZ_CHECK(!i || r[-1].sec < r->sec || r->off - r[-1].off >= arch_rel_width(r[-1].type));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	struct oak_error err = { .code = OAK_OK };
	size_t len = 0, pkcs7 = 0;

	if (sign_trailer_find(data, size, &len, &pkcs7, &err) < 0) {
		FUZZ_CHECK(err.msg[0]);
		return 0;
	}
	FUZZ_CHECK(len <= size && pkcs7 <= size - len);
	if (modfile_read(data, len, &f, &err) < 0) {
		FUZZ_CHECK(!f && err.msg[0]);
		return 0;
	}
	for (uint32_t i = 1; i < f->n_secs; i++) {
		touch(f->secs[i].name, strlen(f->secs[i].name));
		touch(f->secs[i].data, f->secs[i].size);
		FUZZ_CHECK(strcmp(f->secs[modfile_section(f, f->secs[i].name)].name,
				  f->secs[i].name) == 0);
	}
	for (uint32_t i = 1; i < f->n_syms; i++) {
		const struct mod_sym *s = &f->syms[i];

		touch(s->name, strlen(s->name));
		FUZZ_CHECK(!s->sec || (s->sec < f->n_secs && s->value <= f->secs[s->sec].size));
	}
	for (uint32_t i = 0; i < f->n_relas; i++)
		check_rela(f, i);
	return 0;
}
