/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fetch.h"

#include <string.h>

#include "trust/fetch-open.h"

static const struct transport {
	const char *scheme;
	int (*open)(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		    struct oak_error *err);
} transports[] = {
	{ "http://", fetch_http_open },
	{ "https://", fetch_http_open },
	{ "file://", fetch_file_open },
};

int fetcher_open_with(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		      struct oak_error *err)
{
	static const struct fetch_options defaults = { 0 };

	opt = opt ? opt : &defaults;
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (strncmp(url, transports[i].scheme, strlen(transports[i].scheme)) == 0)
			return transports[i].open(url, opt, ret, err);
	if (strstr(url, "://"))
		return oak_fail(
			err, OAK_E_USAGE,
			"%s: only http://, https://, file:// and directories are repositories",
			url);
	return fetch_file_open(url, opt, ret, err);
}

int fetcher_open(const char *url, struct fetcher *ret, struct oak_error *err)
{
	return fetcher_open_with(url, NULL, ret, err);
}

void fetcher_close(struct fetcher *f)
{
	if (f->close)
		f->close(f->ctx);
	*f = (struct fetcher){ 0 };
}
