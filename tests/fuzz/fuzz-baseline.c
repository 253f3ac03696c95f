/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a baseline says: what was accepted has an id, a reason and a date in each entry. */
#include "fuzz.h"

#include <string.h>

#include "audit/baseline.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(baseline_clear) struct baseline b = { .n = 0 };
	struct oak_error err;
	json_t *entry;
	size_t i;

	if (baseline_parse(data, size, "baseline", &b, &err) < 0)
		return 0;
	json_array_foreach(json_object_get(b.json, "accepted"), i, entry)
	{
		const char *expires = json_get_str(entry, "expires");

		FUZZ_CHECK(audit_check_by_id(json_get_str(entry, "id"), NULL));
		FUZZ_CHECK(json_get_str(entry, "reason")[0]);
		FUZZ_CHECK(expires && strlen(expires) == 10);
	}
	FUZZ_CHECK(i == b.n);
	return 0;
}
