/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: one request with a body and its answer, for the fleet's API: from agents (signed reports) and from
 * "oakum fleet". Files of a repository come through trust/fetch.h.
 */
#ifndef OAK_TRUST_HTTP_H
#define OAK_TRUST_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"

#define HTTP_CALL_HEADERS_MAX 8

struct http_client; /* keeps its connections */

struct http_client_options {
	const char *ca;     /* PEM; NULL: those of the system */
	bool pinned;        /* @ca is the server's own certificate: its name is not compared */
	const char *proxy;  /* NULL: by the environment; "": none */
	unsigned connect_s; /* 0: 15 */
	unsigned total_s;   /* 0: 60 */
};

int http_client_open(const struct http_client_options *opt, struct http_client **ret,
		     struct oak_error *err) _must_check_;
void http_client_close(struct http_client *c); /* NULL is fine */
DEFINE_CLEANUP(struct http_client *, http_client_close)

struct http_call {
	const char *method; /* "GET" */
	const char *url;    /* https; http only to a loopback address or where @plain */
	bool plain;
	const char *headers[HTTP_CALL_HEADERS_MAX]; /* "Name: value"; NULL at the end */
	const void *body;
	size_t len;
	size_t max; /* of the answer's body; more is OAK_E_TOOLARGE */
	/*
	 * Called with each piece of the body of a 200 in the place of collecting it; NULL. 0: go on; else
	 * the call ends, with success. A stream may last for ever; one that says nothing for two minutes is
	 * OAK_E_AGAIN.
	 */
	int (*piece)(void *ctx, const void *data, size_t len);
	void *ctx;
};

struct http_reply {
	unsigned status;
	struct buf body;
	char type[64], etag[256], signature[160], location[256]; /* headers; "" */
	unsigned retry_s;                                        /* Retry-After; 0 */
};

/*
 * No redirects. Any status is a success of the call. Errors: OAK_E_AGAIN (no answer, too slow),
 * OAK_E_TRUST (the certificate), OAK_E_TOOLARGE, OAK_E_USAGE, OAK_E_IO, OAK_E_NOMEM.
 */
int http_call(struct http_client *c, const struct http_call *call, struct http_reply *ret,
	      struct oak_error *err) _must_check_;
void http_reply_clear(struct http_reply *r); /* also the guard */

/**
 * http_certificate() - the certificate that a server shows, believed by nobody yet
 * @ret_pem:     on the heap
 * @ret_sha256:  of its DER, as "openssl x509 -fingerprint -sha256" shows it, without colons
 *
 * Errors: as http_call(); OAK_E_TRUST: it shows none.
 */
int http_certificate(const char *url, const struct http_client_options *opt, char **ret_pem,
		     char ret_sha256[SHA256_HEX_MAX], struct oak_error *err) _must_check_;

#endif
