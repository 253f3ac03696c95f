/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch: where the files of a repository come from. The transport is never trusted: whatever it
 * returns is checked against signed lengths and hashes.
 *
 * To add a transport: one fetch-<name>.c with an open function, one row in fetch.c.
 */
#ifndef OAK_TRUST_FETCH_H
#define OAK_TRUST_FETCH_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct fetcher {
	/*
	 * One whole file. @path is relative to the repository ("timestamp.json",
	 * "targets/kernels/..."), already quoted for a URL. @ret is appended to.
	 *
	 * Errors: OAK_E_NOTFOUND (the server says there is no such file), OAK_E_TOOLARGE (more
	 * than @max bytes; noticed while receiving), OAK_E_AGAIN (the server or the network does
	 * not answer, or too slowly), OAK_E_IO, OAK_E_NOMEM. The message names the file.
	 */
	int (*fetch)(void *ctx, const char *path, size_t max, struct buf *ret,
		     struct oak_error *err);
	void (*close)(void *ctx); /* may be NULL */
	void *ctx;
};

/**
 * fetcher_open() - a fetcher for "http://", "https://", "file://" or a plain directory
 *
 * HTTP: no redirect to another scheme, at most 5 redirects; 15 s to connect; gives up when fewer
 * than 100 bytes a second arrive for 30 s. Proxies by the environment, as libcurl reads it.
 * No network traffic happens here. Connections are kept between fetches.
 *
 * Errors: OAK_E_USAGE (another scheme), OAK_E_NOTFOUND (no such directory), OAK_E_NOMEM.
 */
int fetcher_open(const char *url, struct fetcher *ret, struct oak_error *err) _must_check_;

void fetcher_close(struct fetcher *f); /* zero is fine; also the guard */

#endif
