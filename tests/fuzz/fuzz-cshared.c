/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any two texts, split at the first zero byte: equal ones change nothing, types go with prototypes,
 * and what one more file could add is never lost.
 */
#include "fuzz.h"

#include <string.h>

#include "build/cshared.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *old = (const char *)data, *zero = size ? memchr(data, 0, size) : NULL;
	size_t old_len = zero ? (size_t)(zero - old) : size;
	const char *new = zero ? zero + 1 : "";
	size_t new_len = zero ? size - old_len - 1 : 0;
	struct cshared same = { 0 }, got = { 0 }, all = { .types = true, .prototypes = true };
	struct oak_error err;

	if (!size)
		return 0;
	FUZZ_CHECK(cshared_judge(old, old_len, old, old_len, &same, &err) == 0);
	FUZZ_CHECK(!same.types && !same.prototypes);
	FUZZ_CHECK(cshared_judge(old, old_len, new, new_len, &got, &err) == 0);
	FUZZ_CHECK(!got.types || got.prototypes);
	FUZZ_CHECK(cshared_judge(old, old_len, new, new_len, &all, &err) == 0);
	FUZZ_CHECK(all.types && all.prototypes);
	return 0;
}
