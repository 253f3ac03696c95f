/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/cves-view.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

static const char *const severities[] = { "critical", "high", "medium", "low", "unknown" };

/* What hosts say of it, in words that say what to do. */
static json_t *reach_badge(const char *reach)
{
	if (!strcmp(reach, "exposed"))
		return web_badge("bad", "exposed");
	if (!strcmp(reach, "withheld"))
		return web_badge("warn", "a fix is held back");
	return reach[0] ? web_badge("off", reach) : json_null();
}

static json_t *row_view(const json_t *cve, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *row = json_copy((json_t *)(uintptr_t)cve);
	const char *id = view_str(cve, "cve");
	bool bad = !row;

	view_set(row, "href", view_path("/cves", id), &bad);
	view_set(row, "severity", json_string(view_severity(view_str(cve, "severity"))), &bad);
	view_set(row, "reach_badge", reach_badge(view_str(cve, "reach")), &bad);
	view_set(row, "hosts_text", view_count(view_int(cve, "hosts")), &bad);
	view_set(row, "hosts_href", view_query("/hosts", "cve", id), &bad);
	view_set(row, "containers_text", view_count(view_int(cve, "containers")), &bad);
	view_set(row, "first_text", view_ago(view_int(cve, "first_seen"), now_s), &bad);
	view_set(row, "first_time", view_time(view_int(cve, "first_seen")), &bad);
	view_set(row, "closed_text",
		 view_int(cve, "closed") ? view_ago(view_int(cve, "closed"), now_s) : json_null(),
		 &bad);
	return bad ? NULL : take_ptr(row);
}

json_t *cves_rows_view(const json_t *cves, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *rows = json_array();
	const json_t *cve;
	size_t i;

	json_array_foreach(cves, i, cve)
	{
		if (json_array_append_new(rows, row_view(cve, now_s)))
			return NULL;
	}
	return take_ptr(rows);
}

json_t *cves_severities_view(const json_t *open, const char *severity)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
		const char *word = severities[i];
		bool on = severity && !strcmp(severity, word);

		if (json_array_append_new(
			    list, json_pack("{s:s, s:o, s:o, s:b}", "word", word, "n_text",
					    view_count(view_int(open, word)), "href",
					    view_query("/cves", "severity", on ? NULL : word), "on",
					    (int)on)))
			return NULL;
	}
	return take_ptr(list);
}

static int add_gap(json_t *list, int64_t n, const char *one, const char *many, const char *href)
{
	char count[WEB_TEXT];

	if (n <= 0)
		return 0;
	return json_array_append_new(list, json_pack("{s:o, s:s*}", "text",
						     json_sprintf("%s %s", web_count(n, count),
								  n == 1 ? one : many),
						     "href", href));
}

json_t *cves_gaps_view(const json_t *answer)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *lists = json_object_get(answer, "lists");

	if (!list ||
	    add_gap(list, view_int(lists, "worst"), "host names only its worst CVEs",
		    "hosts name only their worst CVEs", NULL) ||
	    add_gap(list, view_int(lists, "none"), "host says nothing of CVEs",
		    "hosts say nothing of CVEs", NULL) ||
	    add_gap(list, view_int(answer, "silent"), "host is silent", "hosts are silent",
		    "/hosts?silent=true"))
		return NULL;
	return take_ptr(list);
}

const char *matrix_release(const json_t *matrix, const char *build_id)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(matrix, "rows"), i, row)
	{
		if (!strcmp(view_str(row, "build_id"), build_id))
			return view_str(row, "release");
	}
	return "";
}

/* Hosts that have it open and run this kernel: who the level is for. */
static json_t *exposed_href(const char *cve, const char *build_id)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (buf_add_str(&b, "/hosts") || web_add_query(&b, "build_id", build_id) ||
	    web_add_query(&b, "cve", cve))
		return NULL;
	return json_string(buf_str(&b));
}

static json_t *level_view(const json_t *level, const char *cve, const json_t *matrix)
{
	const char *build_id = view_str(level, "build_id");
	const char *withdrawn = view_str(level, "withdrawn"), *held = view_str(level, "held");
	const char *release = matrix_release(matrix, build_id);
	int64_t n = view_int(level, "level");

	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:s, s:o}", "release",
			 release[0] ? release : build_id, "build_id", build_id, "level",
			 (json_int_t)n, "href", json_sprintf("/patches/%s/%" PRId64, build_id, n),
			 "hosts_href", exposed_href(cve, build_id), "published_text",
			 view_time(view_int(level, "published")), "why",
			 withdrawn[0] ? withdrawn : held, "badge",
			 withdrawn[0] ? web_badge("bad", "withdrawn")
			 : held[0]    ? web_badge("warn", "held")
				      : web_badge("good", "published"));
}

static json_t *levels_view(const json_t *cve, const json_t *matrix)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *level;
	size_t i;

	json_array_foreach(json_object_get(cve, "levels"), i, level)
	{
		if (json_array_append_new(list, level_view(level, view_str(cve, "cve"), matrix)))
			return NULL;
	}
	return take_ptr(list);
}

static json_t *rings_view(const json_t *cve)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const char *ring;
	const json_t *n;

	json_object_foreach(json_object_get(cve, "rings"), ring, n)
	{
		_cleanup_(buf_free) struct buf href = { 0 };

		if (buf_add_str(&href, "/hosts") || web_add_query(&href, "ring", ring) ||
		    web_add_query(&href, "cve", view_str(cve, "cve")) ||
		    json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "ring", ring, "n_text",
							  view_count(json_integer_value(n)), "href",
							  buf_str(&href))))
			return NULL;
	}
	return take_ptr(list);
}

/* Open; closed and proven; or no longer named, which is less than closed. */
static json_t *fate_badge(const json_t *cve)
{
	if (view_int(cve, "hosts"))
		return web_badge("bad", "open");
	if (json_is_true(json_object_get(cve, "closed")))
		return web_badge("good", "closed everywhere");
	return web_badge("warn", "no host names it");
}

json_t *cve_view(const json_t *cve, const json_t *matrix, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *view = row_view(cve, now_s);
	_cleanup_(json_decrefp) json_t *levels = levels_view(cve, matrix);
	bool bad = !view || !levels;

	view_set(view, "fate_badge", fate_badge(cve), &bad);
	view_set(view, "open_here", json_boolean(view_int(cve, "hosts")), &bad);
	view_set(view, "rings", rings_view(cve), &bad);
	view_set(view, "gaps", cves_gaps_view(cve), &bad);
	view_set(view, "gapped", json_boolean(json_array_size(json_object_get(view, "gaps"))), &bad);
	view_set(view, "levels_known", json_boolean(json_array_size(levels)), &bad);
	view_set(view, "levels", take_ptr(levels), &bad);
	return bad ? NULL : take_ptr(view);
}

json_t *cve_hosts_view(const json_t *hosts)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *host;
	size_t i;

	json_array_foreach(hosts, i, host)
	{
		const char *id = view_str(host, "host"), *name = view_str(host, "name");
		json_t *names = json_object_get(host, "names");

		if (json_array_append_new(
			    list, json_pack("{s:s, s:o, s:s, s:o, s:O}", "label",
					    name[0] ? name : id, "href", view_path("/hosts", id),
					    "ring", view_str(host, "ring"), "containers_text",
					    view_number(json_object_get(host, "containers")),
					    "names", json_is_array(names) ? names : json_false())))
			return NULL;
	}
	return take_ptr(list);
}
