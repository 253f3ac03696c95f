/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever is unpacked: never more than was asked for. */
#include "fuzz.h"

#include "audit/gunzip.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	if (gunzip(data, size, 4096, &b, &err) == 0)
		FUZZ_CHECK(b.len <= 4096);
	return 0;
}
