/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a configuration says: each option is found by its name, unless it is there twice. */
#include "fuzz.h"

#include <string.h>

#include "audit/kconfig.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(kconfig_clear) struct kconfig k = { .n = 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	FUZZ_CHECK(buf_add(&text, data, size) == 0);
	if (kconfig_parse(&text, &k, &err) < 0)
		return 0;
	for (size_t i = 0; i < k.n; i++) {
		FUZZ_CHECK(k.options[i].name[0]);
		FUZZ_CHECK(kconfig_get(&k, k.options[i].name));
		FUZZ_CHECK(i == 0 || strcmp(k.options[i - 1].name, k.options[i].name) <= 0);
	}
	return 0;
}
