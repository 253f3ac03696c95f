/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any texts of genksyms, one after another with zero bytes between: CRCs and definitions of the
 * original and of the patched source. A text has nothing against itself; a finding has its words.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "build/crc.h"

static int compare(const struct crc_text *orig, const struct crc_text *patched)
{
	struct findings f = { 0 };
	struct oak_error err;
	int n;

	FUZZ_CHECK(crc_compare(orig, patched, &f, &err) == 0);
	for (size_t i = 0; i < f.n; i++)
		FUZZ_CHECK(f.v[i].why[0] && f.v[i].advice[0]);
	n = (int)f.n;
	free(f.v);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *copy = calloc(size + 4, 1);
	const char *v[4], *p = copy;
	struct oak_error err;
	char name[256];

	FUZZ_CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	/* The zeros behind the bytes end the last one, and are the texts that are missing. */
	for (size_t i = 0; i < 4; i++) {
		v[i] = p;
		p += p < copy + size ? strlen(p) + 1 : 0;
	}
	(void)compare(&(struct crc_text){ v[0], v[1] }, &(struct crc_text){ v[2], v[3] });
	FUZZ_CHECK(crc_check_shipped(v[0], v[1], name, &err) == 0);
	FUZZ_CHECK(strlen(name) < sizeof(name));
	return 0;
}
