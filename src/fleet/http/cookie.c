/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/cookie.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* One header: "a=1; b=2". Return: how often it is there. */
static unsigned find_in(const char *header, const char *name, const char **value, size_t *len)
{
	size_t name_len = strlen(name);
	unsigned n = 0;

	while (*header) {
		size_t pair = strcspn(header, ";");

		if (pair > name_len && strncmp(header, name, name_len) == 0 &&
		    header[name_len] == '=') {
			*value = header + name_len + 1;
			*len = pair - name_len - 1;
			n++;
		}
		header += pair;
		header += strspn(header, ";" BLANKS);
	}
	return n;
}

bool http_cookie(const struct http_request *req, const char *name, char *ret, size_t size)
{
	const char *value = NULL;
	size_t len = 0;
	unsigned n = 0;

	for (size_t i = 0; i < req->n_headers; i++)
		if (strcmp(req->headers[i].name, "cookie") == 0)
			n += find_in(req->headers[i].value + strspn(req->headers[i].value, BLANKS),
				     name, &value, &len);
	while (len && strchr(BLANKS, value[len - 1]))
		len--;
	if (n != 1 || len >= size)
		return false;
	memcpy(ret, value, len);
	ret[len] = '\0';
	return true;
}

/*
 * "https://host:port" of that host; of "http" too, for a proxy may do TLS before us. The port that is usual is left out by
 * both sides.
 */
static bool is_origin_of(const char *origin, const char *host)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(origin, schemes[i], len) == 0)
			return host && host[0] && strcasecmp(origin + len, host) == 0;
	}
	return false;
}

bool http_is_ours(const struct http_request *req)
{
	const char *site = http_header(req, "sec-fetch-site");
	const char *origin = http_header(req, "origin");

	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	/* A page that sends no Referer sends "null" to itself as well; Sec-Fetch-Site knows better. */
	if (origin && site && strcmp(origin, "null") == 0)
		return true;
	return !origin || is_origin_of(origin, http_header(req, "host"));
}

static bool is_form(const struct http_request *req)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = http_header(req, "content-type");

	return type && strncasecmp(type, form, sizeof(form) - 1) == 0 &&
	       (!type[sizeof(form) - 1] || strchr("; ", type[sizeof(form) - 1]));
}

/* What base64url is made of is never escaped, so it stands there as it is. */
static void from_form(const char *body, size_t len, char *ret, size_t size)
{
	static const char field[] = "csrf=";
	const char *end = body + len;

	while (body < end) {
		const char *next = memchr(body, '&', (size_t)(end - body));
		size_t n = (size_t)((next ? next : end) - body);

		if (n >= sizeof(field) - 1 && memcmp(body, field, sizeof(field) - 1) == 0 &&
		    n - (sizeof(field) - 1) < size) {
			n -= sizeof(field) - 1;
			memcpy(ret, body + sizeof(field) - 1, n);
			ret[n] = '\0';
			return;
		}
		body += n + 1;
	}
}

void http_csrf(const struct http_request *req, char *ret, size_t size)
{
	const char *header = http_header(req, "oakum-csrf");

	ret[0] = '\0';
	if (header && strlen(header) < size)
		memcpy(ret, header, strlen(header) + 1);
	else if (!header && req->len && is_form(req))
		from_form(req->body, req->len, ret, size);
}
