/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Success means complete: a place that was read is written, and read again, as the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/store/hosts-page.h"

/* The first byte is the order, the rest the cursor. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hosts_order o = { .sort = (enum hosts_sort)(size ? data[0] % 4 : 0),
				       .down = size && data[0] & 4 };
	_cleanup_(freep) char *text = size ? strndup((const char *)data + 1, size - 1) : strdup("");
	_cleanup_(freep) char *again = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct hosts_place p, q;

	if (!text || hosts_cursor_read(&o, text, &p, &err) < 0) {
		FUZZ_CHECK(!text || err.code == OAK_E_USAGE);
		return 0;
	}
	if (o.sort != HOSTS_BY_NAME)
		p.name[0] = '\0';
	again = hosts_cursor_write(&o, &p);
	FUZZ_CHECK(again && hosts_cursor_read(&o, again, &q, &err) == 0);
	FUZZ_CHECK(p.n == q.n && p.number == q.number && !strcmp(p.name, q.name));
	return 0;
}
