/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical form depends on the value alone: the same after writing and reading the value
 * with another order and other white space, and equal forms mean equal values.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/canonical.h"

#define LIMIT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *first = NULL, *second = NULL;
	_cleanup_(buf_free) struct buf a = { 0 }, b = { 0 };
	_cleanup_(freep) char *text = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (json_parse(data, size, LIMIT, "input", &first, &err) < 0)
		return 0;
	if (canonical_json(first, &a, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT);
		return 0;
	}
	FUZZ_CHECK(strlen(buf_str(&a)) == a.len);
	text = json_text(first);
	FUZZ_CHECK(text && json_parse(text, strlen(text), SIZE_MAX, "again", &second, &err) == 0);
	FUZZ_CHECK(canonical_json(second, &b, &err) == 0);
	FUZZ_CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	return 0;
}
