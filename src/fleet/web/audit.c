/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit: who did what; and whether the chain of hashes holds. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

static const char *const times[] = { "at", NULL };

/* Where the subject of an action has a page: "rollout.start" is of a rollout. */
static const struct {
	const char *begin, *path;
} pages[] = {
	{ "rollout.", "/rollouts/" },
	{ "host.", "/hosts/" },
	{ "webhook.", "/webhooks/" },
};

static json_t *href_of(const char *action, const char *subject)
{
	for (size_t i = 0; *subject && i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strncmp(action, pages[i].begin, strlen(pages[i].begin)) == 0) {
			_cleanup_(freep) char *href = deed_target(pages[i].path, subject, "");

			return href ? json_string(href) : NULL;
		}
	return json_string("");
}

/* Why a detail is shown as JSON: nothing of it is hidden, and all of it is text. */
static json_t *detail_of(const json_t *detail)
{
	_cleanup_(freep) char *text = NULL;

	if (!json_object_size(detail))
		return json_string("");
	text = json_dumps(detail, JSON_SORT_KEYS);
	return text ? json_string(text) : NULL;
}

static int add_words(json_t *e)
{
	const char *hash = view_str(e, "hash");
	char who[DEED_WHO];
	bool bad = false;

	view_set(e, "who_text", json_string(deed_who(view_str(e, "who"), who)), &bad);
	view_set(e, "href", href_of(view_str(e, "action"), view_str(e, "subject")), &bad);
	view_set(e, "detail_text", detail_of(json_object_get(e, "detail")), &bad);
	view_set(e, "short", json_sprintf("%.12s", hash), &bad);
	return bad ? -1 : 0;
}

static json_t *next_page(const json_t *answer, const char *subject)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	const char *next = json_string_value(json_object_get(answer, "next"));

	if (!next)
		return json_string("");
	if (buf_add_str(&b, "/audit") < 0 || web_add_query(&b, "subject", subject) < 0 ||
	    web_add_query(&b, "before", next) < 0)
		return NULL;
	return json_string(buf_str(&b));
}

/* Walking the chain takes a while where it is long: only where it was asked for. */
static void add_verdict(struct worker_seat *seat, const struct http_request *req, json_t *view)
{
	json_t *verdict = NULL;

	if (!http_query(req, "verify") ||
	    web_call(seat, req, "GET", "/api/v1/audit/verify", NULL, &verdict) != 200) {
		json_decref(verdict);
		return;
	}
	(void)json_object_set_new(verdict, "entries_text", view_count(view_int(verdict, "entries")));
	(void)json_object_set_new(view, "verdict", verdict);
}

void web_audit(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	const char *subject = http_query(req, "subject");
	_cleanup_(buf_free) struct buf target = { 0 };
	_cleanup_(json_decrefp) json_t *view = NULL;
	json_t *entry;
	bool bad = false;
	size_t i;

	if (buf_add_str(&target, "/api/v1/audit?limit=100") == 0 &&
	    web_add_query(&target, "subject", subject) == 0 &&
	    web_add_query(&target, "before", http_query(req, "before")) == 0)
		view = deed_ask(seat, req, res, buf_str(&target));
	else
		page_problem(req, res, 500, "out of memory");
	if (!view)
		return;
	bad = deed_times(json_object_get(view, "entries"), times, req->now_s) < 0;
	json_array_foreach(json_object_get(view, "entries"), i, entry) if (add_words(entry) < 0)
		bad = true;
	view_set(view, "older", next_page(view, subject), &bad);
	view_set(view, "later", json_boolean(http_query(req, "before") != NULL), &bad);
	view_set(view, "asked", json_string(subject ? subject : ""), &bad);
	add_verdict(seat, req, view);
	page_send(seat, req, res, 200,
		  (struct page){ .template = "audit",
				 .title = "Audit log",
				 .nav = "audit",
				 .view = bad ? NULL : take_ptr(view) });
}
