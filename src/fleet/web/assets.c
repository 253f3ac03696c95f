/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/assets.h"

#include <string.h>

#include "fleet/http/conditional.h"
#include "fleet/http/route.h"
#include "fleet/web/routes.h"

#include "fleet/assets.inc"

static const struct asset *find(const char *name)
{
	for (const struct asset *a = web_assets; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/* Every browser of the last 20 years says "gzip" or does not; weights ("gzip;q=0") are for others. */
static bool takes_gzip(const struct http_request *req)
{
	const char *accepted = http_header(req, "accept-encoding");

	return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0");
}

static int set_headers(struct http_response *res, const struct asset *a, bool gzip)
{
	int r = http_set_header(res, "Cache-Control",
				a->forever ? "public, max-age=31536000, immutable"
					   : "public, max-age=600");

	if (r == 0)
		r = http_set_header(res, "ETag", a->etag);
	if (r == 0)
		r = http_set_header(res, "Vary", "Accept-Encoding");
	if (r == 0)
		r = http_set_header(res, "Cross-Origin-Resource-Policy", "same-origin");
	/* An SVG that is opened by itself is a document. */
	if (r == 0)
		r = http_set_header(res, "Content-Security-Policy",
				    "default-src 'none'; frame-ancestors 'none'");
	if (r == 0 && gzip)
		r = http_set_header(res, "Content-Encoding", "gzip");
	return r;
}

void web_asset(_unused_ struct fleet *fleet, const struct http_request *req,
	       struct http_response *res)
{
	const struct asset *a = find(req->params[0]);
	const char *none_match = http_header(req, "if-none-match");
	bool gzip = a && a->gzip && takes_gzip(req);
	int r;

	if (!a) {
		http_problem(req, res, 404, "not-found", "there is no such file");
		return;
	}
	res->type = a->type;
	r = set_headers(res, a, gzip);
	res->status = 200;
	if (r == 0 && none_match && strstr(none_match, a->etag)) {
		res->status = 304;
		return;
	}
	if (r == 0)
		r = buf_add(&res->body, gzip ? a->gzip : a->data, gzip ? a->gzip_len : a->len);
	if (r < 0)
		http_problem(req, res, 500, "internal", "out of memory");
}
