/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flash: what the next page tells once ("The host was revoked."), in a cookie of that person's browser: nothing to
 * keep, nothing to tidy. Whoever could forge it could write to the browser's cookies anyway; it is shown as text.
 */
#ifndef OAK_FLEET_WEB_FLASH_H
#define OAK_FLEET_WEB_FLASH_H

#include "fleet/http/http.h"

/* The value of a cookie, which ends at *@ret_len; NULL: there is none. Pure. */
const char *web_cookie(const struct http_request *req, const char *name, size_t *ret_len);

/* NULL is nothing. */
int flash_leave(struct http_response *res, bool good, const char *text) _must_check_;
/* {"good": bool, "text": ...} as "flash" of @into, where one was left; the browser forgets it. */
int flash_take(const struct http_request *req, struct http_response *res, json_t *into)
	_must_check_;

#endif
