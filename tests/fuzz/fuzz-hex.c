/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hex_decode() accepts is, but for case, what hex_encode() makes of the bytes. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define BYTES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	char again[2 * BYTES_MAX + 1];
	uint8_t bytes[BYTES_MAX];
	int n;

	FUZZ_CHECK(text);
	n = hex_decode(text, bytes, sizeof(bytes));
	if (n < 0)
		return 0;
	FUZZ_CHECK((size_t)n <= sizeof(bytes));
	hex_encode(bytes, (size_t)n, again);
	FUZZ_CHECK(strcasecmp(again, text) == 0);
	return 0;
}
