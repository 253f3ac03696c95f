/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an answer leaves: the headers that all have, the body or the file. */
#include <string.h>

#include "base/clock.h"
#include "fleet/http/listener-priv.h"
#include "fleet/ops/answered.h"
#include "fleet/server-settings.h"

#define SLOWEST_BYTES_S 4096u /* a reader that takes less than this is let go */

static bool has_header(const struct http_response *res, const char *name)
{
	for (size_t i = 0; i < res->n_headers; i++)
		if (strcasecmp(res->headers[i].name, name) == 0)
			return true;
	return false;
}

static struct MHD_Response *make_body(struct http_response *res)
{
	struct MHD_Response *m;
	size_t len = 0;
	uint8_t *data;

	if (res->is_file) {
		m = MHD_create_response_from_fd_at_offset64(res->file_len, res->fd, res->file_off);
		res->is_file = !m;
		return m;
	}
	if (!res->body.len)
		return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "",
						       MHD_RESPMEM_PERSISTENT);
	data = buf_take(&res->body, &len);
	m = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
	if (!m)
		free(data);
	return m;
}

static void add_headers(const struct exchange *x, struct MHD_Response *m)
{
	const struct http_response *res = &x->res;

	if (res->type)
		(void)MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, res->type);
	for (size_t i = 0; i < res->n_headers; i++)
		(void)MHD_add_response_header(m, res->headers[i].name, res->headers[i].value);
	if (!has_header(res, "Cache-Control"))
		(void)MHD_add_response_header(m, "Cache-Control", "no-store");
	(void)MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(m, "X-Request-Id", x->req.id);
	if (!x->listener->opt.fleet->settings->plain)
		(void)MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
	if (atomic_load(&x->listener->stopping))
		(void)MHD_add_response_header(m, "Connection", "close");
}

enum MHD_Result exchange_send(struct exchange *x)
{
	const struct listener_limits *limits = &x->listener->opt.limits;
	struct http_response *res = &x->res;
	uint64_t size = res->is_file ? res->file_len : res->body.len;
	uint32_t patience = x->stream ? 0 : limits->answer_s + (uint32_t)(size / SLOWEST_BYTES_S);
	struct MHD_Response *m = x->stream ? stream_response(take_ptr(x->stream)) : make_body(res);
	enum MHD_Result r;

	if (!m)
		return MHD_NO;
	if (!res->status)
		res->status = 500;
	add_headers(x, m);
	x->state = EXCHANGE_SENT;
	link_due(x->link, patience);
	request_answered(x->listener->opt.fleet, x->route, &x->req, res->status,
			 clock_now_ns() - x->begun_ns);
	r = MHD_queue_response(x->connection, res->status, m);
	MHD_destroy_response(m);
	return r;
}
