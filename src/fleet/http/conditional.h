/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conditional: If-None-Match, If-Modified-Since and Range of a request, against what there is. Pure; fuzzed by
 * tests/fuzz/fuzz-http-conditional.c. Source: RFC 9110 sections 8.8, 13.1, 14.
 */
#ifndef OAK_FLEET_HTTP_CONDITIONAL_H
#define OAK_FLEET_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include <stdint.h>

/* Is @etag ("\"17\"") in a list of If-None-Match, or is that "*"? Weak comparison. */
bool etag_listed(const char *list, const char *etag);

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void http_date(int64_t s, char ret[32]);

enum range_kind {
	RANGE_NONE, /* none asked for, or one that may be ignored: several, another unit */
	RANGE_PART,
	RANGE_BEYOND, /* 416 */
};

/* "bytes=0-499", "bytes=500-", "bytes=-500" of @size bytes. @text NULL: none. */
enum range_kind range_parse(const char *text, uint64_t size, uint64_t *ret_off, uint64_t *ret_len);

#endif
