/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that are accepted are accepted again, and mean the same, when they are written anew. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "host/settings.h"

static void check_same(const char *a, const char *b)
{
	FUZZ_CHECK(!a == !b);
	if (a && b)
		FUZZ_CHECK(strcmp(a, b) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(settings_free) struct settings s = { 0 }, again = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;
	int r = 0;

	if (settings_parse("oakum.conf", data, size, &s, &err) < 0) {
		FUZZ_CHECK(strncmp(err.msg, "oakum.conf:", 11) == 0);
		return 0;
	}
	/* Without spaces: the line may be as long as lines can be. */
	if (s.repository)
		r = buf_printf(&text, "repository=%s\n", s.repository);
	if (s.channel)
		r |= buf_printf(&text, "channel=%s\n", s.channel);
	FUZZ_CHECK(r == 0);
	FUZZ_CHECK(settings_parse("oakum.conf", text.data, text.len, &again, &err) == 0);
	check_same(s.repository, again.repository);
	check_same(s.channel, again.channel);
	return 0;
}
