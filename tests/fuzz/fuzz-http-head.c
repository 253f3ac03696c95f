/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A head that is taken ends where it says, is within the limit, and is taken alone as well. */
#include "fuzz.h"

#include <string.h>

#include "trust/http-head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head, again;

	if (http_head_parse(data, size, &head) < 0)
		return 0;
	FUZZ_CHECK(head.len >= 4 && head.len <= size && head.len <= HTTP_HEAD_MAX);
	FUZZ_CHECK(memcmp(data + head.len - 4, "\r\n\r\n", 4) == 0);
	FUZZ_CHECK(head.status >= 200 && head.status <= 599);
	FUZZ_CHECK(http_head_parse(data, head.len, &again) == 0);
	FUZZ_CHECK(again.length == head.length && again.status == head.status);
	return 0;
}
