/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zone that is taken has an offset of less than 26 hours at any time. */
#include "fuzz.h"

#include "fleet/rollout/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 1774746000, 4102444800, INT64_MAX };
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (zone_parse(data, size, &z, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !z);
		return 0;
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int32_t offset = zone_offset(z, times[i]);

		FUZZ_CHECK(offset > -26 * 3600 && offset < 26 * 3600);
	}
	return 0;
}
