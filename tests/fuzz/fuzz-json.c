/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What json_parse() accepts can be written, and reads back as the same value. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

#define LIMIT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *first = NULL;
	_cleanup_(json_decrefp) json_t *second = NULL;
	_cleanup_(freep) char *text = NULL;
	struct oak_error err = { .code = OAK_OK };
	int r = json_parse(data, size, LIMIT, "input", &first, &err);

	FUZZ_CHECK((r == 0) == (first != NULL));
	if (r < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	text = json_text(first);
	FUZZ_CHECK(text);
	FUZZ_CHECK(json_parse(text, strlen(text), SIZE_MAX, "again", &second, &err) == 0);
	FUZZ_CHECK(json_equal(first, second));
	return 0;
}
