/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/hosts.h"

#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"

#define HISTORY 100

#define PAGE_QUERY                                                           \
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" }, \
	{                                                                    \
		"after", "the member \"next\" of the page before", "string"  \
	}

const struct route_query api_query_limit[] = {
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ NULL },
};

const struct route_query api_query_hosts[] = {
	{ "ring", "of this ring", "string" },
	{ "tag", "that have this tag", "string" },
	{ "build_id", "that run the kernel with this build id", "string" },
	{ "release", "that run this release of the kernel", "string" },
	{ "os", "of this distribution: \"debian\"", "string" },
	{ "state", "whose level is in this state", "string" },
	{ "verdict", "of this verdict: ok, warning, critical, unknown", "string" },
	{ "level", "that have this level; 0: none", "integer" },
	{ "cve", "that name this CVE as open", "string" },
	{ "finding", "where this check of the audit fails", "string" },
	{ "uptime",
	  "that are up for so long: under-1w, 1w-1m, 1m-3m, 3m-6m, 6m-12m, 12m-18m, over-18m",
	  "string" },
	{ "reboot", "that want a reboot for this reason: kernel, cves, packages", "string" },
	{ "text", "whose name or id has this in it", "string" },
	{ "silent", "true: only hosts that are silent; false: only others", "boolean" },
	{ "revoked", "true: only hosts that were revoked, which are not listed otherwise",
	  "boolean" },
	{ "behind", "true: whose level is below the newest one", "boolean" },
	{ "sort", "id, name, seen or level; with a minus before it downwards", "string" },
	PAGE_QUERY,
	{ NULL },
};

const struct route_query api_query_cve_hosts[] = {
	PAGE_QUERY,
	{ NULL },
};

static struct hosts_filter filter_of(const struct api_call *c)
{
	const struct http_request *q = c->req;

	return (struct hosts_filter){
		.ring = http_query(q, "ring"),
		.tag = http_query(q, "tag"),
		.build_id = http_query(q, "build_id"),
		.release = http_query(q, "release"),
		.os = http_query(q, "os"),
		.state = http_query(q, "state"),
		.verdict = http_query(q, "verdict"),
		.level = http_query(q, "level"),
		.cve = http_query(q, "cve"),
		.finding = http_query(q, "finding"),
		.uptime = http_query(q, "uptime"),
		.reboot = http_query(q, "reboot"),
		.text = http_query(q, "text"),
		.silent = api_tristate(c, "silent"),
		.silent_before_s = q->now_s - c->seat->fleet->settings->silence_s,
		.revoked = api_tristate(c, "revoked"),
		.behind = api_tristate(c, "behind"),
	};
}

static int list(struct api_call *c, const struct hosts_filter *f, struct oak_error *err)
{
	struct hosts_page page = { .after = http_query(c->req, "after"),
				   .sort = http_query(c->req, "sort") };
	json_t *hosts = NULL;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0)
		r = hosts_list(c->db, f, &page, &hosts, &next, err);
	return r < 0 ? r : api_page(c, "hosts", hosts, next, err);
}

static int run_list(struct api_call *c, struct oak_error *err)
{
	const struct hosts_filter f = filter_of(c);

	return list(c, &f, err);
}
API_ROUTE(hosts_list, .run = run_list, .query = api_query_hosts)

static int run_cve_hosts(struct api_call *c, struct oak_error *err)
{
	struct hosts_filter f = filter_of(c);

	f.cve = c->req->params[0];
	return list(c, &f, err);
}
API_ROUTE(cve_hosts, .run = run_cve_hosts, .query = api_query_cve_hosts)

static int run_get(struct api_call *c, struct oak_error *err)
{
	const int64_t before_s = c->req->now_s - c->seat->fleet->settings->silence_s;
	json_t *host = NULL;
	int r = hosts_get(c->db, c->req->params[0], &host, err);

	if (r < 0)
		return r;
	r = api_give(c, host, err);
	if (r == 0 &&
	    json_object_set_new(host, "silent",
				json_boolean(json_integer_value(json_object_get(host, "seen")) <
					     before_s)))
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}
API_ROUTE(hosts_get, .run = run_get)

static int run_history(struct api_call *c, struct oak_error *err)
{
	struct store_host host;
	json_t *history = NULL;
	unsigned limit = HISTORY;
	int r = api_limit(c, &limit, err);

	if (r == 0)
		r = hosts_find(c->db, c->req->params[0], &host, err);
	if (r == 0)
		r = hosts_history(c->db, c->req->params[0], limit, &history, err);
	return r < 0 ? r : api_page(c, "reports", history, NULL, err);
}
API_ROUTE(hosts_history, .run = run_history, .query = api_query_limit)

static const struct api_member change_members[] = {
	{ .name = "ring", .type = API_WORD, .min = 1, .max = REPORT_WORD_MAX - 1 },
	{ .name = "tags", .type = API_WORDS, .max = API_TAGS_MAX },
	{ NULL },
};

static int run_change(struct api_call *c, struct oak_error *err)
{
	const char *id = c->req->params[0], *ring = api_text(c, "ring");
	json_t *tags = json_object_get(c->body, "tags");
	struct api_deed deed = { .action = "host.change", .subject = id, .event = "host.changed" };
	int r;

	if (json_is_null(tags))
		tags = NULL;
	if (!ring && !tags)
		return oak_fail(err, OAK_E_FORMAT, "body: say a ring, or tags");
	r = hosts_change(c->db, id, ring, tags, err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s*, s:O*}", "ring", ring, "tags", tags);
	c->wake = true;
	r = api_did(c, &deed, err);
	return r < 0 ? r : run_get(c, err);
}
API_ROUTE(hosts_change, .run = run_change, .current = run_get, .members = change_members,
	  .writes = true)

static int run_revoke(struct api_call *c, struct oak_error *err)
{
	const char *id = c->req->params[0];
	const struct api_deed deed = { .action = "host.revoke",
				       .subject = id,
				       .event = "host.revoked" };
	int r = hosts_revoke(c->db, id, c->req->now_s, err);

	if (r == 0)
		r = api_did(c, &deed, err);
	return r < 0 ? r : run_get(c, err);
}
API_ROUTE(hosts_revoke, .run = run_revoke, .current = run_get, .writes = true)

static int run_trust(struct api_call *c, struct oak_error *err)
{
	const char *id = c->req->params[0];
	const struct api_deed deed = { .action = "host.trust-again", .subject = id };
	int r = hosts_trust_again(c->db, id, err);

	if (r == 0)
		r = api_did(c, &deed, err);
	return r < 0 ? r : run_get(c, err);
}
API_ROUTE(hosts_trust, .run = run_trust, .current = run_get, .writes = true)
