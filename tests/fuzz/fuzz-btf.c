/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups in an accepted section end, and either answer or name what they did not find. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const asked[][2] = { { "outer", "c" }, { "module", "init" }, { "", "" } };
	_cleanup_(btf_free) struct btf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (btf_parse(data, size, &b, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT && err.msg[0] && !b.offset);
		return 0;
	}
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		uint32_t n = 0;

		if (btf_struct_size(&b, asked[i][0], &n, &err) < 0)
			FUZZ_CHECK(strstr(err.msg, asked[i][0]));
		if (btf_member_offset(&b, asked[i][0], asked[i][1], &n, &err) < 0)
			FUZZ_CHECK(strstr(err.msg, asked[i][0]));
	}
	return 0;
}
