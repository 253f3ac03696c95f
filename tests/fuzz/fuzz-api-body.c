/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A body that the table accepts has its members as the table wants them, and no others. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/api/api.h"

static const struct api_member members[] = {
	{ .name = "name", .type = API_TEXT, .required = true, .min = 1, .max = 16 },
	{ .name = "ring", .type = API_WORD, .min = 1, .max = 8 },
	{ .name = "tags", .type = API_WORDS, .max = 3 },
	{ .name = "uses", .type = API_NUMBER, .min = 1, .max = 99 },
	{ .name = "own", .type = API_BOOL },
	{ NULL },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *body = NULL;
	struct oak_error err;
	const json_t *uses, *tags;
	const char *name;

	if (json_parse(data, size, 1u << 16, "body", &body, &err) < 0 || !json_is_object(body) ||
	    api_check_members(body, members, &err) < 0)
		return 0;
	FUZZ_CHECK(json_object_size(body) <= 5);
	name = json_get_str(body, "name");
	FUZZ_CHECK(name && name[0] && strlen(name) <= 16);
	for (; *name; name++)
		FUZZ_CHECK((unsigned char)*name >= ' ' && *name != 0x7f);
	uses = json_object_get(body, "uses");
	FUZZ_CHECK(!uses || json_is_null(uses) ||
		   (json_integer_value(uses) >= 1 && json_integer_value(uses) <= 99));
	tags = json_object_get(body, "tags");
	FUZZ_CHECK(json_array_size(tags) <= 3);
	for (size_t i = 0; i < json_array_size(tags); i++)
		FUZZ_CHECK(json_string_length(json_array_get(tags, i)) > 0);
	return 0;
}
