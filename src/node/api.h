/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api: calls to the API server of a cluster, as a service account. The token is read again for each call: the
 * kubelet replaces it long before it expires. The CA is read again with each node_api_open().
 */
#ifndef OAK_NODE_API_H
#define OAK_NODE_API_H

#include "base/cleanup.h"
#include "base/error.h"
#include "trust/http.h"

#define NODE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

struct node_api {
	const char *server; /* "https://10.0.0.1:443", without a slash at the end */
	const char *token;  /* path of the file */
	const char *ca;     /* path; NULL: those of the system */
	struct http_client *http;
};

/* Borrows the texts. */
int node_api_open(struct node_api *api, struct oak_error *err) _must_check_;
void node_api_close(struct node_api *api); /* also the guard */

#define NODE_MERGE     "application/merge-patch+json"
#define NODE_STRATEGIC "application/strategic-merge-patch+json"
#define NODE_JSON      "application/json"

struct node_call {
	const char *method, *path; /* "PATCH", "/api/v1/nodes/a" */
	const char *type;          /* of the body */
	const char *body;          /* NULL: none */
};

/*
 * Success: 2xx; 409, which @ret_status says. Errors: OAK_E_AGAIN (no answer, 401, 429, 5xx; retry_s is the
 * server's wish), OAK_E_PERMISSION (403, with what the server says of it), OAK_E_NOTFOUND (404), OAK_E_TRUST,
 * OAK_E_IO (the token cannot be read), OAK_E_FAILED.
 */
int node_api_call(struct node_api *api, const struct node_call *call, unsigned *ret_status,
		  struct buf *ret, struct oak_error *err) _must_check_;

#endif
