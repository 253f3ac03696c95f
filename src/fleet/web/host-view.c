/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/host-view.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/hosts-view.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

/* A list of objects, each made by @one from one of @from. */
static json_t *each(const json_t *from, json_t *(*one)(const json_t *))
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *item;
	size_t i;

	json_array_foreach(from, i, item)
	{
		if (json_array_append_new(list, one(item)))
			return NULL;
	}
	return take_ptr(list);
}

static json_t *cve_view(const json_t *cve)
{
	const char *id = view_str(cve, "id"), *severity = view_str(cve, "severity");

	return json_pack("{s:s, s:o, s:s, s:s}", "id", id, "href", view_path("/cves", id),
			 "severity", view_severity(severity), "reach", view_str(cve, "reach"));
}

static json_t *stall_view(const json_t *stall)
{
	return json_pack("{s:s, s:s, s:s}", "task", view_str(stall, "task"), "container",
			 view_str(stall, "container"), "why", view_str(stall, "why"));
}

static json_t *result_view(const json_t *result)
{
	const char *rollout = view_str(result, "rollout");
	int64_t ms = view_int(result, "transition_ms"), us = view_int(result, "gap_us");

	return json_pack("{s:s, s:o, s:I, s:o, s:s, s:o, s:o}", "rollout", rollout, "href",
			 view_path("/rollouts", rollout), "level",
			 (json_int_t)view_int(result, "level"), "badge",
			 view_badge(view_str(result, "result")), "why", view_str(result, "why"),
			 "transition_text", ms ? view_micros(1000 * ms) : json_null(), "gap_text",
			 us ? view_micros(us) : json_null());
}

static json_t *withheld_view(const json_t *w)
{
	return json_pack("{s:I, s:s, s:s}", "level", (json_int_t)view_int(w, "level"), "reason",
			 view_str(w, "reason"), "why", view_str(w, "why"));
}

static json_t *cves_view(const json_t *report, int64_t now_s)
{
	const json_t *cves = json_object_get(report, "cves");

	if (!json_is_object(cves))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "open_text",
			 view_number(json_object_get(cves, "open")), "closed_text",
			 view_number(json_object_get(cves, "closed")), "as_of_text",
			 view_ago(view_int(cves, "as_of"), now_s), "worst",
			 each(json_object_get(cves, "worst"), cve_view));
}

static json_t *containers_view(const json_t *report)
{
	const json_t *containers = json_object_get(report, "containers");
	const json_t *names = json_object_get(containers, "names");

	if (!json_is_object(containers))
		return json_null();
	return json_pack("{s:o, s:O*}", "count_text",
			 view_number(json_object_get(containers, "count")), "names",
			 json_array_size(names) ? names : NULL);
}

static json_t *audit_view(const json_t *report)
{
	const json_t *audit = json_object_get(report, "audit");

	if (!json_is_object(audit))
		return json_null();
	return json_pack("{s:o, s:o}", "score_text", view_number(json_object_get(audit, "score")),
			 "failed_text", view_number(json_object_get(audit, "failed")));
}

/* What its report says, for people. */
static void add_report(json_t *view, const json_t *report, int64_t now_s, bool *bad)
{
	const json_t *level = json_object_get(report, "level"),
		     *verdict = json_object_get(report, "verdict"),
		     *uptime = json_object_get(report, "uptime_s");
	char text[WEB_TEXT];

	view_set(view, "since_text",
		 view_int(level, "since") ? view_ago(view_int(level, "since"), now_s) : json_null(),
		 bad);
	view_set(view, "since_time", view_time(view_int(level, "since")), bad);
	view_set(view, "uptime_text",
		 json_is_integer(uptime) ? json_string(web_span(json_integer_value(uptime), text))
					 : json_null(),
		 bad);
	view_set(view, "verdict_text", json_string(view_str(verdict, "text")), bad);
	view_set(view, "cves", cves_view(report, now_s), bad);
	view_set(view, "holds", containers_view(report), bad);
	view_set(view, "audit", audit_view(report), bad);
	view_set(view, "stalls", each(json_object_get(report, "stalls"), stall_view), bad);
	view_set(view, "results", each(json_object_get(report, "results"), result_view), bad);
	view_set(view, "withheld", each(json_object_get(report, "withheld"), withheld_view), bad);
	view_set(view, "quarantined",
		 json_is_array(json_object_get(report, "quarantined"))
			 ? json_copy(json_object_get(report, "quarantined"))
			 : json_array(),
		 bad);
}

static json_t *tag_view(const json_t *tag)
{
	const char *text = json_string_value(tag);

	return json_pack("{s:s, s:o}", "text", text, "href", view_query("/hosts", "tag", text));
}

static json_t *tags_text(const json_t *tags)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	const json_t *tag;
	size_t i;

	json_array_foreach(tags, i, tag)
	{
		if (buf_printf(&b, "%s%s", i ? " " : "", json_string_value(tag)))
			return NULL;
	}
	return json_string(buf_str(&b));
}

json_t *host_view(const json_t *host, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *view = hosts_row_view(host, now_s);
	bool bad = !view;

	view_set(view, "enrolled_text", view_time(view_int(host, "enrolled")), &bad);
	view_set(view, "revoked_text",
		 view_int(host, "revoked") ? view_time(view_int(host, "revoked")) : json_null(),
		 &bad);
	view_set(view, "tags_text", tags_text(json_object_get(host, "tags")), &bad);
	view_set(view, "tag_links", each(json_object_get(host, "tags"), tag_view), &bad);
	view_set(view, "ring_href", view_query("/hosts", "ring", view_str(host, "ring")), &bad);
	view_set(view, "build_href",
		 view_query("/hosts", "build_id",
			    view_str(json_object_get(host, "kernel"), "build_id")),
		 &bad);
	view_set(view, "reports_text", view_count(view_int(host, "reports")), &bad);
	if (!bad)
		add_report(view, json_object_get(host, "report"), now_s, &bad);
	return bad ? NULL : take_ptr(view);
}

/* Has it all of @list? */
static bool has_all(const json_t *tags, const json_t *list)
{
	const json_t *word, *tag;
	size_t i, j;

	json_array_foreach(list, i, word)
	{
		bool there = false;

		json_array_foreach(tags, j, tag) there = there || json_equal(word, tag);
		if (!there)
			return false;
	}
	return true;
}

/* Is one of @list @word, or @word up to its colon? An empty list is anybody's. */
static bool one_is(const json_t *list, const char *word)
{
	const json_t *item;
	size_t i, len = strcspn(word, ":");

	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);

		if (text &&
		    (!strcmp(text, word) || (strlen(text) == len && !strncmp(text, word, len))))
			return true;
	}
	return json_array_size(list) == 0;
}

static bool is_of(const json_t *host, const json_t *rollout)
{
	const json_t *where = json_object_get(rollout, "where"), *os = json_object_get(host, "os");
	const char *build_id = view_str(json_object_get(host, "kernel"), "build_id");
	char system[160];

	(void)snprintf(system, sizeof(system), "%s:%s", view_str(os, "id"), view_str(os, "version"));
	return json_object_get(json_object_get(rollout, "levels"), build_id) &&
	       has_all(json_object_get(host, "tags"), json_object_get(where, "tags")) &&
	       one_is(json_object_get(where, "kernels"), build_id) &&
	       one_is(json_object_get(where, "distributions"), system);
}

static json_t *rollout_view(const json_t *host, const json_t *r)
{
	const char *build_id = view_str(json_object_get(host, "kernel"), "build_id");
	const json_t *levels = json_object_get(r, "levels");

	return json_pack("{s:s, s:o, s:s, s:o, s:s, s:I, s:b}", "id", view_str(r, "id"), "href",
			 view_path("/rollouts", view_str(r, "id")), "name", view_str(r, "name"),
			 "badge", view_badge(view_str(r, "state")), "why", view_str(r, "why"),
			 "level", (json_int_t)view_int(levels, build_id), "take_back",
			 (int)json_is_true(json_object_get(r, "take_back")));
}

json_t *host_rollouts(const json_t *host, const json_t *decision)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *rollouts, *r;
	size_t i;

	rollouts = json_object_get(json_object_get(decision, "signed"), "rollouts");
	json_array_foreach(rollouts, i, r)
	{
		if (is_of(host, r) && json_array_append_new(list, rollout_view(host, r)))
			return NULL;
	}
	return take_ptr(list);
}
