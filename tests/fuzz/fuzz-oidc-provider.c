/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document of a provider elsewhere that is taken leads nowhere but to https. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "fleet/people/oidc-provider.h"

static void check_url(const char *url)
{
	FUZZ_CHECK(strncasecmp(url, "https://", 8) == 0 && !strpbrk(url, " \t\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oidc_provider p;
	struct oak_error err = { 0 };

	if (oidc_provider_parse("https://id.example", data, size, &p, &err) < 0)
		return 0;
	FUZZ_CHECK(size <= OIDC_DOCUMENT_MAX);
	check_url(p.authorization);
	check_url(p.token);
	check_url(p.keys);
	if (p.end_session[0])
		check_url(p.end_session);
	return 0;
}
