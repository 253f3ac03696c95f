/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No stream unpacks to more than the limit, and what was there before stays. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/decompress.h"

#define LIMIT 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err = { .code = OAK_OK };

	FUZZ_CHECK(buf_add_str(&out, "x") == 0);
	if (decompress(data, size, LIMIT, &out, &err) < 0)
		FUZZ_CHECK(err.code != OAK_OK && err.msg[0]);
	else
		FUZZ_CHECK(out.len - 1 <= LIMIT && out.data[out.len] == 0);
	FUZZ_CHECK(out.data[0] == 'x');
	return 0;
}
