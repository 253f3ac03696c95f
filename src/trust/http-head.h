/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http-head: the head of a plain HTTP/1.x answer: status, length of the body, whether the
 * connection stays.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-http-head.c. Knows only what a web server says of a static
 * file; whatever else it meets is "not plain" and left to libcurl.
 * Source: RFC 9112, sections 2 to 6.
 */
#ifndef OAK_TRUST_HTTP_HEAD_H
#define OAK_TRUST_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HTTP_HEAD_MAX 16384

struct http_head {
	size_t len;      /* bytes of the head, with its empty line */
	unsigned status; /* 200 to 599, but for 3xx */
	uint64_t length; /* bytes of the body */
	bool keep;       /* the connection may be used again */
};

/* 0, -EAGAIN (not all of the head is there yet), -EINVAL (malformed, or not plain). */
int http_head_parse(const void *data, size_t len, struct http_head *ret) _must_check_;

#endif
