/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of an accepted table rise, and each is found by its name at its place. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/kallsyms.h"

#define RODATA 0xffffffff82000000u

static bool found(const struct kallsyms *k, uint32_t id)
{
	const uint32_t *ids = NULL;
	size_t n = kallsyms_find(k, k->text + k->name[id], &ids);

	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(i == 0 || ids[i - 1] < ids[i]);
		if (ids[i] == id)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (kallsyms_parse(data, size, RODATA, &k, &err) < 0) {
		FUZZ_CHECK(err.code != OAK_OK && !k.n);
		return 0;
	}
	FUZZ_CHECK(k.n > 0);
	for (uint32_t i = 0; i < k.n; i++) {
		FUZZ_CHECK(i == 0 || k.addr[i - 1] <= k.addr[i]);
		FUZZ_CHECK(kallsyms_lower_bound(&k, k.addr[i]) <= i);
		FUZZ_CHECK(found(&k, i));
	}
	return 0;
}
