/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node/api.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "node/object.h"

#define TOKEN_MAX  16384
#define URL_MAX    2048
#define TOTAL_S    30
#define CONNECT_S  10
#define ANSWER_MAX ((size_t)16 * NODE_OBJECT_BYTES_MAX)

int node_api_open(struct node_api *api, struct oak_error *err)
{
	/* A proxy of the environment has no business between a pod and its cluster. */
	const struct http_client_options opt = {
		.ca = api->ca, .proxy = "", .connect_s = CONNECT_S, .total_s = TOTAL_S
	};

	return http_client_open(&opt, &api->http, err);
}

void node_api_close(struct node_api *api)
{
	http_client_close(api->http);
	api->http = NULL;
}

/* "Authorization: Bearer ..." */
static int authorize(const char *path, struct buf *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf token = { 0 };
	int r = file_read(AT_FDCWD, path, TOKEN_MAX, &token, err);

	if (r < 0)
		return oak_fail(err, OAK_E_IO, "the service account's token: %.400s", path);
	while (token.len && strchr("\r\n ", token.data[token.len - 1]))
		token.len--;
	for (size_t i = 0; i < token.len; i++)
		if (token.data[i] <= ' ' || token.data[i] >= 0x7f)
			return oak_fail(err, OAK_E_IO, "%.400s: holds no token", path);
	if (buf_add_str(ret, "Authorization: Bearer ") < 0 ||
	    buf_add(ret, token.data, token.len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int judge(const struct node_call *call, struct http_reply *reply, struct oak_error *err)
{
	char said[400];
	unsigned status = reply->status;

	if (status / 100 == 2 || status == 409)
		return 0;
	node_problem(reply->body.data, reply->body.len, said, sizeof(said));
	if (status == 403)
		return oak_fail(err, OAK_E_PERMISSION,
				"the API server does not allow it; the cluster role of oakum-node "
				"is missing something: %s",
				said);
	if (status == 404)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: %s", call->path, said);
	if (status == 401 || status == 429 || status >= 500) {
		(void)oak_fail(err, OAK_E_AGAIN, "%s %s: status %u: %s", call->method, call->path,
			       status, said);
		if (err)
			err->retry_s = reply->retry_s;
		return -OAK_E_AGAIN;
	}
	return oak_fail(err, OAK_E_FAILED, "%s %s: status %u: %s", call->method, call->path, status,
			said);
}

int node_api_call(struct node_api *api, const struct node_call *call, unsigned *ret_status,
		  struct buf *ret, struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	_cleanup_(buf_free) struct buf token = { 0 };
	char url[URL_MAX], type[96];
	struct http_call http = { .method = call->method,
				  .url = url,
				  .body = call->body,
				  .len = call->body ? strlen(call->body) : 0,
				  .max = ANSWER_MAX };
	int n = snprintf(url, sizeof(url), "%s%s", api->server, call->path);
	int r = authorize(api->token, &token, err);

	if (r < 0)
		return r;
	if (n < 0 || (size_t)n >= sizeof(url))
		return oak_fail(err, OAK_E_USAGE, "the server's URL is too long");
	(void)snprintf(type, sizeof(type), "Content-Type: %s", call->type ? call->type : NODE_JSON);
	http.headers[0] = buf_str(&token);
	http.headers[1] = "Accept: application/json";
	http.headers[2] = type;
	r = http_call(api->http, &http, &reply, err);
	if (r == 0)
		r = judge(call, &reply, err);
	if (r < 0)
		return r;
	*ret_status = reply.status;
	if (ret && buf_add(ret, reply.body.data, reply.body.len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}
