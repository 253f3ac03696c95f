/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CVEs of the fleet, and one: which hosts and containers have it, which levels fix it, what is left to do. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/cves-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define HOSTS_ON_PAGE "50"

static const char *const names[] = { "text", "severity", "sort", "closed", NULL };

/* @path with the filters of @req; @after: NULL: the first page. */
static int add_filters(struct buf *out, const char *path, const struct http_request *req,
		       const char *after)
{
	int r = buf_add_str(out, path);

	for (size_t i = 0; names[i] && !r; i++)
		r = web_add_query(out, names[i], http_query(req, names[i]));
	return r ? r : web_add_query(out, "after", after);
}

static json_t *filters_link(const struct http_request *req, const char *after)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	return add_filters(&b, "/cves", req, after) ? NULL : json_string(buf_str(&b));
}

static json_t *query_view(const struct http_request *req)
{
	const char *text = http_query(req, "text"), *sort = http_query(req, "sort"),
		   *severity = http_query(req, "severity"), *closed = http_query(req, "closed");
	bool by_hosts = sort && !strcmp(sort, "hosts"), by_id = sort && !strcmp(sort, "id");

	return json_pack("{s:s, s:s, s:b, s:b, s:b}", "text", text ? text : "", "severity",
			 severity ? severity : "", "by_hosts", (int)by_hosts, "by_id", (int)by_id,
			 "closed", (int)(closed && !strcmp(closed, "true")));
}

static json_t *list_view(const struct http_request *req, const json_t *answer)
{
	_cleanup_(json_decrefp) json_t *view = json_object();
	const char *next = json_get_str(answer, "next"), *after = http_query(req, "after");
	bool bad = false;

	view_set(view, "query", query_view(req), &bad);
	view_set(view, "cves", cves_rows_view(json_object_get(answer, "cves"), req->now_s), &bad);
	view_set(view, "severities",
		 cves_severities_view(json_object_get(answer, "open"), http_query(req, "severity")),
		 &bad);
	view_set(view, "gaps", cves_gaps_view(answer), &bad);
	view_set(view, "gapped", json_boolean(json_array_size(json_object_get(view, "gaps"))), &bad);
	view_set(view, "next", next ? filters_link(req, next) : json_null(), &bad);
	view_set(view, "first", after ? filters_link(req, NULL) : json_null(), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_cves(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	_cleanup_(json_decrefp) json_t *answer = NULL;
	unsigned status = 500;

	if (!add_filters(&target, "/api/v1/cves", req, http_query(req, "after")))
		status = web_call(seat, req, "GET", buf_str(&target), NULL, &answer);
	if (status != 200) {
		page_problem(req, res, status, view_str(answer, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "cves",
				 .title = "CVEs",
				 .nav = "cves",
				 .view = list_view(req, answer) });
}

/* "/api/v1/cves/<id><more>": the id is the reader's own, and is encoded. */
static unsigned ask_cve(struct worker_seat *seat, const struct http_request *req, const char *more,
			const char *after, json_t **ret)
{
	_cleanup_(json_decrefp) json_t *path = view_path("/api/v1/cves", req->params[0]);
	_cleanup_(buf_free) struct buf target = { 0 };

	if (!path || buf_printf(&target, "%s%s", json_string_value(path), more) ||
	    web_add_query(&target, "after", after))
		return 500;
	return web_call(seat, req, "GET", buf_str(&target), NULL, ret);
}

static json_t *cve_link(const char *id, const char *after)
{
	_cleanup_(json_decrefp) json_t *path = view_path("/cves", id);

	return path ? view_query(json_string_value(path), "after", after) : NULL;
}

static json_t *one_view(struct worker_seat *seat, const struct http_request *req, const json_t *cve)
{
	_cleanup_(json_decrefp) json_t *matrix = NULL, *hosts = NULL, *view = NULL;
	const char *id = req->params[0], *after = http_query(req, "after"), *next;
	bool bad = false;

	(void)web_call(seat, req, "GET", "/api/v1/matrix", NULL, &matrix);
	(void)ask_cve(seat, req, "/containers?limit=" HOSTS_ON_PAGE, after, &hosts);
	next = json_get_str(hosts, "next");
	view = cve_view(cve, matrix, req->now_s);
	if (!view)
		return NULL;
	view_set(view, "where", cve_hosts_view(json_object_get(hosts, "hosts")), &bad);
	view_set(view, "next", next ? cve_link(id, next) : json_null(), &bad);
	view_set(view, "first", after ? cve_link(id, NULL) : json_null(), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_cve(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *cve = NULL;
	unsigned status = ask_cve(seat, req, "", NULL, &cve);

	if (status != 200) {
		page_problem(req, res, status, view_str(cve, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "cve",
				 .title = view_str(cve, "cve"),
				 .nav = "cves",
				 .view = one_view(seat, req, cve) });
}
