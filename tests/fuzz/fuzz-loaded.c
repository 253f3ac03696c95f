/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/modules: what is read is sorted, each name once, and each holder is one of the modules. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/modules/loaded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(loaded_free) struct loaded_list l = { 0 };
	struct oak_error err = { .msg = "" };

	FUZZ_CHECK(text);
	if (loaded_parse(text, &l, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !l.modules && !l.holds);
		return 0;
	}
	for (size_t i = 0; i < l.n; i++) {
		FUZZ_CHECK(l.modules[i].name[0] && strlen(l.modules[i].name) < MODULE_NAME_MAX);
		FUZZ_CHECK(!i || strcmp(l.modules[i - 1].name, l.modules[i].name) < 0);
		FUZZ_CHECK(loaded_find(&l, l.modules[i].name) == i);
	}
	for (size_t i = 0; i < l.n_holds; i++)
		FUZZ_CHECK(l.holds[i].held < l.n && l.holds[i].holder < l.n &&
			   l.holds[i].held != l.holds[i].holder);
	return 0;
}
