/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of hosts: filters, views that somebody saved, pages. hosts-csv.c has it as a table for other programs. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/hosts-query.h"
#include "fleet/web/hosts-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define ROWS 100
#define LOOKS \
	8 /* pages of the API that one page of ours asks for, where filters let few hosts through */

static unsigned ask(struct worker_seat *seat, const struct http_request *req, const json_t *query,
		    const char *after, size_t rows, json_t **ret)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	char limit[24];

	(void)snprintf(limit, sizeof(limit), "%zu", rows);
	if (hosts_query_href(&target, "/api/v1/hosts", query, NULL, NULL) ||
	    web_add_query(&target, "limit", limit) || web_add_query(&target, "after", after))
		return 500;
	return web_call(seat, req, "GET", buf_str(&target), NULL, ret);
}

/* Up to ROWS hosts into @list. A page of the API may be short, or empty, and have more after it. */
static unsigned gather(struct worker_seat *seat, const struct http_request *req,
		       const json_t *query, json_t *list, json_t **ret_last)
{
	_cleanup_(json_decrefp) json_t *page = NULL;
	const char *after = http_query(req, "after");
	unsigned status = 200;

	for (size_t looks = 0; looks < LOOKS; looks++) {
		json_t *next = NULL;

		status = ask(seat, req, query, after, ROWS - json_array_size(list), &next);
		json_decref(page);
		page = next;
		if (status != 200)
			break;
		if (json_array_extend(list, json_object_get(page, "hosts")))
			return 500;
		after = json_get_str(page, "next");
		if (!after || json_array_size(list) >= ROWS)
			break;
	}
	*ret_last = take_ptr(page);
	return status;
}

/* What the person kept; none where the server cannot say. */
static json_t *views_of(struct worker_seat *seat, const struct http_request *req,
			const json_t *query)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;

	(void)web_call(seat, req, "GET", "/api/v1/views?page=hosts", NULL, &answer);
	return hosts_views_view(json_object_get(answer, "views"), query);
}

static json_t *view_of(struct worker_seat *seat, const struct http_request *req,
		       const json_t *query, const json_t *counts, const json_t *list,
		       const char *next)
{
	bool bad = false;
	_cleanup_(json_decrefp) json_t *view = json_object();

	view_set(view, "query", json_copy((json_t *)(uintptr_t)query), &bad);
	view_set(view, "hosts", hosts_rows_view(list, req->now_s), &bad);
	view_set(view, "shown", view_count((int64_t)json_array_size(list)), &bad);
	view_set(view, "total_text", view_count(view_int(counts, "total")), &bad);
	view_set(view, "chips", hosts_chips_view(counts, query), &bad);
	view_set(view, "selects", hosts_selects_view(counts, query), &bad);
	view_set(view, "active", hosts_active_view(query), &bad);
	view_set(view, "filtered", json_boolean(json_array_size(json_object_get(view, "active"))),
		 &bad);
	view_set(view, "order", hosts_order_view(query), &bad);
	view_set(view, "pager", hosts_pager_view(req, query, next), &bad);
	view_set(view, "csv", hosts_query_link("/hosts.csv", query, NULL, NULL), &bad);
	view_set(view, "query_text", hosts_query_text(query), &bad);
	view_set(view, "views", views_of(seat, req, query), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_hosts(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *query = hosts_query_read(req), *list = json_array();
	_cleanup_(json_decrefp) json_t *last = NULL, *counts = NULL;
	unsigned status = gather(seat, req, query, list, &last);

	if (status == 200)
		status = web_call(seat, req, "GET", "/api/v1/counts", NULL, &counts);
	if (status != 200) {
		page_problem(req, res, status, view_str(counts ? counts : last, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "hosts",
				 .title = "Hosts",
				 .nav = "hosts",
				 .view = view_of(seat, req, query, counts, list,
						 json_get_str(last, "next")) });
}

/* Back to the list with @query, with what the API said of it. */
static void back(const struct http_request *req, struct http_response *res, const char *query,
		 unsigned status, const json_t *answer, const char *done)
{
	_cleanup_(buf_free) struct buf to = { 0 };

	if (buf_printf(&to, "/hosts%s%s", query[0] ? "?" : "", query))
		page_problem(req, res, 500, "out of memory");
	else
		page_go(req, res, buf_str(&to), status < 300,
			status < 300 ? done : view_str(answer, "detail"));
}

void web_view_save(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *form = NULL, *answer = NULL;
	struct oak_error err = { 0 };
	unsigned status;

	if (form_parse(req->body, req->len, &form, &err) < 0) {
		page_problem(req, res, 400, err.msg);
		return;
	}
	status = web_call(seat, req, "POST", "/api/v1/views",
			  json_pack("{s:s, s:s, s:s}", "name", form_text(form, "name"), "page",
				    "hosts", "query", form_text(form, "query")),
			  &answer);
	back(req, res, form_text(form, "query"), status, answer, "The view was saved.");
}

void web_view_delete(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *path = view_path("/api/v1/views", req->params[0]);
	_cleanup_(json_decrefp) json_t *answer = NULL;
	unsigned status = 500;

	if (path)
		status = web_call(seat, req, "DELETE", json_string_value(path), NULL, &answer);
	back(req, res, "", status, answer, "The view was deleted.");
}
