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

/* What a server said of a file, to ask for it only if it has changed. "": it said nothing. */
#define FETCH_ETAG_MAX 256 /* bytes with the NUL; a longer one is not kept */

struct fetch_validator {
	char etag[FETCH_ETAG_MAX];
	char modified[64]; /* Last-Modified, as it came */
};

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
	/*
	 * The same, unless @v still describes the file: then 1, and @ret is as it was. With 0, @v
	 * describes what was fetched. NULL: the transport has no such thing.
	 */
	int (*fetch_if_changed)(void *ctx, const char *path, size_t max, struct fetch_validator *v,
				struct buf *ret, struct oak_error *err);
	void (*close)(void *ctx); /* may be NULL */
	void *ctx;
	const char *url; /* where it fetches from, as long as it lives; may be NULL */
};

/* Zero means the default everywhere. */
struct fetch_options {
	const char *ca;     /* the certificates to trust, PEM; NULL: those of the system */
	const char *proxy;  /* NULL: by the environment, as libcurl reads it; "": none */
	unsigned connect_s; /* until the connection stands; 15 */
	unsigned slow_s;    /* fewer than 100 bytes a second for so long is too slow; 30 */
	unsigned total_s;   /* one file; 600 */
};

/**
 * fetcher_open() - a fetcher for "http://", "https://", "file://" or a plain directory
 * @opt: NULL: the defaults; borrowed for the call
 *
 * HTTP: no redirect to another scheme, at most 5 redirects. A transfer that breaks in the middle
 * goes on where it was (If-Range) where the server said what it was sending, up to three times. No
 * network traffic happens here. Connections are kept between fetches.
 *
 * Errors: OAK_E_USAGE (another scheme), OAK_E_NOTFOUND (no such directory), OAK_E_NOMEM.
 */
int fetcher_open_with(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		      struct oak_error *err) _must_check_;
int fetcher_open(const char *url, struct fetcher *ret, struct oak_error *err) _must_check_;

void fetcher_close(struct fetcher *f); /* zero is fine; also the guard */

#endif
