/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/curl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libcurl.so.4" /* its ABI since 2006; Debian package libcurl4 */

static const struct {
	const char *name;
	size_t offset; /* of a function pointer in struct curl_api */
} functions[] = {
	{ "curl_easy_init", offsetof(struct curl_api, easy_init) },
	{ "curl_easy_setopt", offsetof(struct curl_api, easy_setopt) },
	{ "curl_easy_perform", offsetof(struct curl_api, easy_perform) },
	{ "curl_easy_getinfo", offsetof(struct curl_api, easy_getinfo) },
	{ "curl_easy_strerror", offsetof(struct curl_api, easy_strerror) },
	{ "curl_easy_cleanup", offsetof(struct curl_api, easy_cleanup) },
};

int curl_api_load(struct curl_api *ret, struct oak_error *err)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		return oak_fail(err, OAK_E_FAILED,
				"this repository needs libcurl (Debian package libcurl4): %s",
				dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *f = dlsym(library, functions[i].name);

		if (!f)
			return oak_fail(err, OAK_E_FAILED, LIBRARY " has no %s", functions[i].name);
		/* POSIX, not ISO C, lets a function's address live in a void pointer. */
		memcpy((char *)ret + functions[i].offset, &f, sizeof(f));
	}
	return 0;
}
