/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three lines: Cookie, Origin, body of a form. What is found stands there, once, and fits. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "fleet/http/cookie.h"

#define NAME "__Host-oakum"

static void check(const struct http_request *req, const char *cookie, const char *body)
{
	char value[64], csrf[64];

	memset(value, 'x', sizeof(value));
	if (http_cookie(req, NAME, value, sizeof(value))) {
		FUZZ_CHECK(memchr(value, '\0', sizeof(value)));
		FUZZ_CHECK(!strchr(value, ';') && strstr(cookie, value) && strstr(cookie, NAME "="));
	} else {
		FUZZ_CHECK(value[0] == 'x');
	}
	http_csrf(req, csrf, sizeof(csrf));
	FUZZ_CHECK(memchr(csrf, '\0', sizeof(csrf)));
	FUZZ_CHECK(!csrf[0] || (strstr(body, csrf) && !strchr(csrf, '&')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	char *rest = text, none[] = "", *cookie, *origin, *body;
	struct http_request req = { .method = "POST", .path = "/" };

	if (!text)
		return 0;
	cookie = strsep(&rest, "\n");
	origin = rest ? strsep(&rest, "\n") : none;
	body = rest ? rest : none;
	const struct http_pair headers[] = {
		{ "cookie", cookie },
		{ "host", "oakum:8443" },
		{ "content-type", "application/x-www-form-urlencoded" },
		{ "origin", origin },
	};

	req.headers = headers;
	req.n_headers = 4;
	req.body = body;
	req.len = strlen(body);
	check(&req, cookie, body);
	if (http_is_ours(&req))
		FUZZ_CHECK(strcasecmp(origin, "https://oakum:8443") == 0 ||
			   strcasecmp(origin, "http://oakum:8443") == 0);
	return 0;
}
