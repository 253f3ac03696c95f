/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http-plain: static files over unencrypted HTTP, with nothing but a socket.
 *
 * libcurl brings 28 shared libraries; loading them costs a host more than all the rest of
 * "oakum update" (measured under emulation: 90 of 330 ms, and 3 MiB). What a plain web server
 * answers for a static file needs none of them. Whatever is not plain (a proxy, a redirect, a
 * chunked body, a connection cut in the middle) is answered "not handled", and libcurl is asked
 * instead. Encryption would add nothing to what TUF checks; for https:// there is libcurl.
 */
#ifndef OAK_TRUST_HTTP_PLAIN_H
#define OAK_TRUST_HTTP_PLAIN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

struct http_plain;

/*
 * @ret: NULL where the URL is not plain (not http://, user or query in it) or the environment
 *       names a proxy. No network traffic happens here.
 *
 * Errors: OAK_E_NOMEM.
 */
int http_plain_open(const char *url, struct http_plain **ret, struct oak_error *err) _must_check_;

/**
 * http_plain_get() - one file; the connection is kept
 * @path:       below the URL, quoted
 * @ret:        appended to where the status is 200, else untouched
 * @ret_status: of HTTP; 0: not handled, ask libcurl
 *
 * Errors: OAK_E_TOOLARGE, OAK_E_AGAIN (no such host, no connection, too slow),
 * OAK_E_NOMEM.
 */
int http_plain_get(struct http_plain *h, const char *path, size_t max, struct buf *ret,
		   unsigned *ret_status, struct oak_error *err) _must_check_;

void http_plain_close(struct http_plain *h); /* NULL is fine */
DEFINE_CLEANUP(struct http_plain *, http_plain_close)

#endif
