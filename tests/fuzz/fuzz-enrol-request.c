/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is accepted is complete, and every text in it is terminated and without controls. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/api/enrol-request.h"

static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	FUZZ_CHECK(len < size);
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(enrol_request_clear) struct enrol_request r = { .json = NULL };
	struct oak_error err = { .code = OAK_OK };

	if (enrol_request_parse(data, size, &r, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !r.json);
		return 0;
	}
	check_text(r.token, sizeof(r.token));
	check_text(r.name, sizeof(r.name));
	check_text(r.machine, sizeof(r.machine));
	FUZZ_CHECK(r.token[0] && (!r.machine[0] || strlen(r.machine) == 32));
	FUZZ_CHECK(!r.tags || json_array_size(r.tags) <= ENROL_TAGS_MAX);
	for (size_t i = 0; i < json_array_size(r.tags); i++)
		FUZZ_CHECK(json_is_string(json_array_get(r.tags, i)));
	return 0;
}
