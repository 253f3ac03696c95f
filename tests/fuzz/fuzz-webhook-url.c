/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A URL that is accepted is https, or http to this machine as it is written; it has no user, no blank. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/hooks/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *url = strndup((const char *)data, size);
	struct oak_error err;
	bool loopback = false;

	if (!url || hook_url_check(url, &loopback, &err) < 0)
		return 0;
	FUZZ_CHECK(strlen(url) <= 1024 && !strpbrk(url, " \t\r\n\x7f"));
	FUZZ_CHECK(strncasecmp(url, "https://", 8) == 0 ||
		   (loopback && strncasecmp(url, "http://", 7) == 0));
	return 0;
}
