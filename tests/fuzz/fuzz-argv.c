/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a monitor is called with: an id is a name and no path. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hint h = { .name = "" };

	if (!hint_of_argv((const char *)data, size, &h)) {
		FUZZ_CHECK(!h.ref.id[0]);
		return 0;
	}
	FUZZ_CHECK(container_id_is_valid(h.ref.id) && h.ref.engine[0]);
	FUZZ_CHECK(!h.ref.scope[0] || container_id_is_valid(h.ref.scope));
	FUZZ_CHECK(memchr(h.name, '\0', sizeof(h.name)) && memchr(h.vm, '\0', sizeof(h.vm)));
	return 0;
}
