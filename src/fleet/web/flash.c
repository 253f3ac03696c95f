/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/flash.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"

#define COOKIE     "__Host-oakum-told"
#define ATTRIBUTES "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
#define TEXT_MAX   600 /* encoded three times as long: below what browsers keep */

int flash_leave(struct http_response *res, bool good, const char *text)
{
	_cleanup_(buf_free) struct buf value = { 0 }, cookie = { 0 };
	char shown[TEXT_MAX];

	if (!text || !*text)
		return 0;
	(void)snprintf(shown, sizeof(shown), "%s", text);
	/* "?good=...": web_add_query() encodes all that a cookie cannot hold. */
	if (web_add_query(&value, good ? "good" : "bad", shown) < 0 ||
	    buf_printf(&cookie, COOKIE "=%s" ATTRIBUTES "60", buf_str(&value) + 1) < 0)
		return -OAK_E_NOMEM;
	return http_set_header(res, "Set-Cookie", buf_str(&cookie));
}

const char *web_cookie(const struct http_request *req, const char *name, size_t *ret_len)
{
	const char *at = http_header(req, "cookie");
	size_t len = strlen(name);

	while (at && *at) {
		at += strspn(at, "; ");
		if (strncmp(at, name, len) == 0 && at[len] == '=') {
			*ret_len = strcspn(at + len + 1, ";");
			return at + len + 1;
		}
		at += strcspn(at, ";");
	}
	return NULL;
}

int flash_take(const struct http_request *req, struct http_response *res, json_t *into)
{
	_cleanup_(json_decrefp) json_t *said = NULL;
	struct oak_error err = { 0 };
	const char *good, *bad, *text;
	size_t len = 0;
	const char *at = web_cookie(req, COOKIE, &len);

	if (!at)
		return 0;
	if (http_set_header(res, "Set-Cookie", COOKIE "=" ATTRIBUTES "0") < 0)
		return -OAK_E_NOMEM;
	/* What cannot be read was not left by us. */
	if (form_parse(at, len, &said, &err) < 0)
		return 0;
	good = form_text(said, "good");
	bad = form_text(said, "bad");
	text = *bad ? bad : good;
	if (!*text)
		return 0;
	return json_object_set_new(into, "flash",
				   json_pack("{s:b, s:s}", "good", !*bad, "text", text));
}
