/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cookie: what a browser sends along by itself, and how we know that it was asked by a page of ours. Pure; fuzzed by
 * tests/fuzz/fuzz-http-cookie.c. Source: RFC 6265 section 4.2; Fetch, section "Origin header"; Fetch Metadata.
 */
#ifndef OAK_FLEET_HTTP_COOKIE_H
#define OAK_FLEET_HTTP_COOKIE_H

#include "fleet/http/http.h"

/*
 * The value of a cookie of the request. Return: false: not there, longer than @size - 1, or there twice: then one
 * was planted, and which one nobody can tell.
 */
bool http_cookie(const struct http_request *req, const char *name, char *ret, size_t size);

/*
 * Does the request come from a page of ours, as far as the browser tells? Sec-Fetch-Site must be "same-origin" or "none",
 * Origin the request's Host; one that is absent says nothing.
 */
bool http_is_ours(const struct http_request *req);

/* The header Oakum-Csrf, or the field "csrf" of the form; "": none. */
void http_csrf(const struct http_request *req, char *ret, size_t size);

#endif
