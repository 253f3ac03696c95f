/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet-views: what the dashboard shows of the whole fleet: CVEs, findings, levels by ring, the fleet over time. */
#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/cves.h"
#include "fleet/store/findings.h"
#include "fleet/store/hosts.h"
#include "fleet/store/matrix.h"
#include "fleet/store/samples.h"

#define CONTAINERS_PAGE 100 /* hosts whose reports are read */

const struct route_query api_query_cves[] = {
	{ "severity", "critical, high, medium, low or unknown", "string" },
	{ "text", "whose id has this in it", "string" },
	{ "closed", "true: those that no host names any more", "boolean" },
	{ "sort", "severity, hosts or id; each from above", "string" },
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ "after", "the member \"next\" of the page before", "string" },
	{ NULL },
};

const struct route_query api_query_series[] = {
	{ "names", "these alone: hosts,open.*; otherwise all", "string" },
	{ "since", "seconds since the epoch; otherwise two days ago", "integer" },
	{ "until", "seconds since the epoch; otherwise now", "integer" },
	{ "step", "300, 3600 or 86400; otherwise the finest that is kept for so long", "integer" },
	{ NULL },
};

static int64_t silent_before(const struct api_call *c)
{
	return c->req->now_s - c->seat->fleet->settings->silence_s;
}

/* {"lists", "silent", "complete"}: does a list of CVEs say all there is to say? */
static int add_complete(struct api_call *c, json_t *into, bool *ret, struct oak_error *err)
{
	json_t *lists = NULL;
	int64_t silent = 0;
	int r = cves_lists(c->db, &lists, err);

	if (r == 0 && json_object_set_new(into, "lists", lists) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = hosts_silent(c->db, silent_before(c), &silent, err);
	if (r < 0)
		return r;
	*ret = !json_integer_value(json_object_get(lists, "worst")) &&
	       !json_integer_value(json_object_get(lists, "none"));
	if (json_object_set_new(into, "silent", json_integer(silent)) < 0 ||
	    json_object_set_new(into, "complete", json_boolean(*ret)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int run_cves(struct api_call *c, struct oak_error *err)
{
	struct cves_page page = { .severity = http_query(c->req, "severity"),
				  .text = http_query(c->req, "text"),
				  .sort = http_query(c->req, "sort"),
				  .after = http_query(c->req, "after"),
				  .closed = api_tristate(c, "closed") > 0 };
	json_t *cves = NULL, *open = NULL;
	bool complete;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0)
		r = cves_list(c->db, &page, &cves, &next, err);
	if (r < 0)
		return r;
	r = api_page(c, "cves", cves, next, err);
	if (r == 0)
		r = cves_open(c->db, &open, err);
	if (r == 0 && json_object_set_new(c->answer, "open", open) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r < 0 ? r : add_complete(c, c->answer, &complete, err);
}
API_ROUTE(cves_list, .run = run_cves, .query = api_query_cves)

/* Closed is what no host names, where each names all it has, and none is silent. */
static int run_cve(struct api_call *c, struct oak_error *err)
{
	json_t *cve = NULL;
	bool complete = false, closed;
	int r = cves_get(c->db, c->req->params[0], &cve, err);

	if (r == 0)
		r = api_give(c, cve, err);
	if (r == 0)
		r = add_complete(c, cve, &complete, err);
	if (r < 0)
		return r;
	closed = complete && !json_integer_value(json_object_get(cve, "hosts")) &&
		 !json_integer_value(json_object_get(cve, "silent"));
	return json_object_set_new(cve, "closed", json_boolean(closed)) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}
API_ROUTE(cves_get, .run = run_cve)

static int add_containers(struct api_call *c, const json_t *hosts, json_t *list,
			  struct oak_error *err)
{
	const json_t *host;
	size_t i;
	int r = 0;

	json_array_foreach(hosts, i, host)
	{
		json_t *names = NULL;

		r = cves_containers(c->db, json_get_str(host, "id"), &names, err);
		if (r < 0)
			return r;
		if (json_array_append_new(list,
					  json_pack("{s:O, s:O, s:O, s:O, s:o}", "host",
						    json_object_get(host, "id"), "name",
						    json_object_get(host, "name"), "ring",
						    json_object_get(host, "ring"), "containers",
						    json_object_get(host, "containers"), "names",
						    names)) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return r;
}

static int run_containers(struct api_call *c, struct oak_error *err)
{
	const struct hosts_filter f = { .cve = c->req->params[0] };
	struct hosts_page page = { .after = http_query(c->req, "after") };
	_cleanup_(json_decrefp) json_t *hosts = NULL, *list = json_array();
	_cleanup_(freep) char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (page.limit > CONTAINERS_PAGE)
		page.limit = CONTAINERS_PAGE;
	if (r == 0)
		r = hosts_list(c->db, &f, &page, &hosts, &next, err);
	if (r == 0)
		r = list ? add_containers(c, hosts, list, err)
			 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r < 0 ? r : api_page(c, "hosts", take_ptr(list), take_ptr(next), err);
}
API_ROUTE(cve_containers, .run = run_containers, .query = api_query_cve_hosts)

static int run_findings(struct api_call *c, struct oak_error *err)
{
	json_t *findings = NULL;
	int r = findings_list(c->db, &findings, err);

	return r < 0 ? r : api_page(c, "findings", findings, NULL, err);
}
API_ROUTE(findings_list, .run = run_findings)

static int run_finding_hosts(struct api_call *c, struct oak_error *err)
{
	const struct hosts_filter f = { .finding = c->req->params[0],
					.silent_before_s = silent_before(c) };
	struct hosts_page page = { .after = http_query(c->req, "after") };
	json_t *hosts = NULL;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0)
		r = hosts_list(c->db, &f, &page, &hosts, &next, err);
	return r < 0 ? r : api_page(c, "hosts", hosts, next, err);
}
API_ROUTE(finding_hosts, .run = run_finding_hosts, .query = api_query_cve_hosts)

static int run_matrix(struct api_call *c, struct oak_error *err)
{
	json_t *matrix = NULL;
	int r = matrix_read(c->db, &matrix, err);

	return r < 0 ? r : api_give(c, matrix, err);
}
API_ROUTE(matrix, .run = run_matrix)

static int run_series(struct api_call *c, struct oak_error *err)
{
	const int64_t now_s = c->req->now_s;
	const struct samples_query q = {
		.names = http_query(c->req, "names"),
		.since_s = api_query_number(c, "since", now_s - INT64_C(2) * 86400),
		.until_s = api_query_number(c, "until", now_s),
		.step_s = api_query_number(c, "step", 0),
	};
	json_t *series = NULL;
	int r = samples_read(c->db, &q, now_s, &series, err);

	return r < 0 ? r : api_give(c, series, err);
}
API_ROUTE(series, .run = run_series, .query = api_query_series)
