/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target: the path and the query of a request, decoded and checked before anything looks at them.
 *
 * A path begins with "/", is UTF-8, has no control characters, no empty segments, no "." and "..", and no
 * encoded "/" or "\": what was checked here can be matched and opened as it is.
 * Source: RFC 3986 section 2.1 and 3.3. Fuzzed by tests/fuzz/fuzz-http-target.c.
 */
#ifndef OAK_FLEET_HTTP_TARGET_H
#define OAK_FLEET_HTTP_TARGET_H

#include "fleet/http/http.h"

#define HTTP_TARGET_MAX 2048
#define HTTP_QUERY_MAX  32

struct http_target {
	char *path;
	struct http_pair query[HTTP_QUERY_MAX];
	size_t n_query;
};

/**
 * http_target_parse() - decode "/path?name=value&..." in place
 * @text: changed; @ret points into it
 *
 * Pure. Errors: OAK_E_FORMAT; OAK_E_TOOLARGE: too long, or too many parameters.
 */
int http_target_parse(char *text, struct http_target *ret, struct oak_error *err) _must_check_;

#endif
