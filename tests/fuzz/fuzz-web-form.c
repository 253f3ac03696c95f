/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A form that is taken is an object of texts and lists of texts, none longer than what was sent. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"

static void check_text(const json_t *v, size_t size)
{
	FUZZ_CHECK(json_is_string(v));
	FUZZ_CHECK(json_string_length(v) <= size);
	FUZZ_CHECK(strlen(json_string_value(v)) == json_string_length(v));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *form = NULL;
	struct oak_error err = { 0 };
	const char *name;
	json_t *v, *item;
	size_t i;

	if (form_parse(data, size, &form, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_NOMEM);
		return 0;
	}
	FUZZ_CHECK(json_is_object(form) && json_object_size(form) <= 256);
	json_object_foreach(form, name, v)
	{
		FUZZ_CHECK(name[0]);
		if (!json_is_array(v))
			check_text(v, size);
		json_array_foreach(v, i, item)
		{
			check_text(item, size);
		}
	}
	return 0;
}
