/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http-server: a very small HTTP/1.1 server in a thread of the test, on 127.0.0.1, that can also
 * misbehave. Files have ETags, and ranges of them are served. One connection at a time, one request a connection.
 */
#ifndef OAK_HTTP_SERVER_H
#define OAK_HTTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

struct http_server {
	const char *dir; /* served; paths that begin with "/-" below are special instead */
	/*
	 *	/-endless	a body without a length that never ends
	 *	/-cut		closes in the middle of the body
	 *	/-error		500
	 *	/-forbidden	403 with a body
	 *	/-gone		410
	 *	/-elsewhere	redirects to /timestamp.json
	 *	/-file		redirects to file:///etc/passwd
	 *	/-round		redirects to itself
	 *	/-silent	closes without a word
	 *	/-busy		429, to be tried again after 17 seconds
	 *	/-https		redirects to https://127.0.0.1/
	 *	/-slow		a byte now and then, for at most four seconds
	 *	/-break/NAME	half of the file; the rest where it is asked for
	 *	/-norange/NAME	half of the file; the whole where the rest is asked for
	 *	/-weak/NAME	half of the file, with a weak ETag
	 *	/-stumble/NAME	half of the file, then once 503, then the rest
	 *	/-crumbs/NAME	ten more bytes each time
	 */
	int fd;
	char url[64]; /* "http://127.0.0.1:<port>" */
	pthread_t thread;
	atomic_bool stop;
	atomic_uint requests;
	atomic_uint not_modified; /* answered 304 */
};

void http_server_start(struct http_server *s, const char *dir);
void http_server_stop(struct http_server *s);

#endif
