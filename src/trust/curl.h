/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * curl: libcurl, loaded when it is first needed and not when the program starts: see
 * trust/http-plain.h for what that saves.
 */
#ifndef OAK_TRUST_CURL_H
#define OAK_TRUST_CURL_H

/* The checking macros call the library's own functions by name; ours are pointers. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#include "base/error.h"

struct curl_api {
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *curl);
	CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
	const char *(*easy_strerror)(CURLcode code);
	void (*easy_cleanup)(CURL *curl);
};

/*
 * Fills in all functions. The library stays loaded: others' exit handlers lie in it.
 *
 * Errors: OAK_E_FAILED (not installed); not OAK_E_NOTFOUND, which says that a file is missing.
 */
int curl_api_load(struct curl_api *ret, struct oak_error *err) _must_check_;

#endif
