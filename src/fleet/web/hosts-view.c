/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/hosts-view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/hosts-query.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

#define PATH        "/hosts"
#define OPTIONS_MAX 200 /* of a select; what has more values is typed */

static json_t *level_text(const json_t *host)
{
	int64_t level = view_int(host, "level");

	return level ? json_sprintf("%" PRId64, level) : json_string("none");
}

static json_t *os_text(const json_t *host)
{
	const json_t *os = json_object_get(host, "os");

	return json_sprintf("%s %s", view_str(os, "id"), view_str(os, "version"));
}

/* Scores are of 100. */
static json_t *audit_badge(const json_t *host)
{
	const json_t *score = json_object_get(host, "audit_score");
	int64_t n = json_integer_value(score);
	char word[24];

	if (!json_is_integer(score))
		return json_null();
	(void)snprintf(word, sizeof(word), "%" PRId64, n);
	return web_badge(n >= 80 ? "good" : n >= 50 ? "warn" : "bad", word);
}

json_t *hosts_row_view(const json_t *host, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *row = json_copy((json_t *)(uintptr_t)host);
	const char *id = view_str(host, "id"), *name = view_str(host, "name");
	bool bad = !row;

	view_set(row, "href", view_path(PATH, id), &bad);
	view_set(row, "label", json_string(name[0] ? name : id), &bad);
	view_set(row, "seen_text", view_ago(view_int(host, "seen"), now_s), &bad);
	view_set(row, "seen_time", view_time(view_int(host, "seen")), &bad);
	view_set(row, "level_text", level_text(host), &bad);
	view_set(row, "os_text", os_text(host), &bad);
	view_set(row, "verdict_badge", view_badge(view_str(host, "verdict")), &bad);
	view_set(row, "state_badge",
		 strcmp(view_str(host, "state"), "none") ? view_badge(view_str(host, "state"))
							 : json_null(),
		 &bad);
	view_set(row, "silent_badge", view_badge("silent"), &bad);
	view_set(row, "audit_badge", audit_badge(host), &bad);
	view_set(row, "cves_text", view_number(json_object_get(host, "cves_open")), &bad);
	view_set(row, "containers_text", view_number(json_object_get(host, "containers")), &bad);
	return bad ? NULL : take_ptr(row);
}

json_t *hosts_rows_view(const json_t *hosts, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *rows = json_array();
	const json_t *host;
	size_t i;

	json_array_foreach(hosts, i, host)
	{
		if (json_array_append_new(rows, hosts_row_view(host, now_s)))
			return NULL;
	}
	return take_ptr(rows);
}

/* What is counted on top. @facet NULL: a member of counts itself. */
static const struct {
	const char *label, *facet, *value, *name, *query, *tone;
} chips[] = {
	{ "Critical", "verdict", "critical", "verdict", "critical", "bad" },
	{ "Warning", "verdict", "warning", "verdict", "warning", "warn" },
	{ "Stalled", "state", "stalled", "state", "stalled", "bad" },
	{ "Soaking", "state", "soaking", "state", "soaking", "busy" },
	{ "Behind", "behind", "1", "behind", "true", "warn" },
	{ "No level", "level", "0", "level", "0", "off" },
	{ "Silent", NULL, "silent", "silent", "true", "warn" },
};

static json_t *chip_view(size_t i, const json_t *counts, const json_t *query)
{
	const json_t *by = chips[i].facet
				   ? json_object_get(json_object_get(counts, "by"), chips[i].facet)
				   : counts;
	bool on = !strcmp(view_str(query, chips[i].name), chips[i].query);

	return json_pack("{s:s, s:o, s:b, s:o, s:s}", "label", chips[i].label, "n_text",
			 view_count(view_int(by, chips[i].value)), "on", (int)on, "href",
			 hosts_query_link(PATH, query, chips[i].name, on ? NULL : chips[i].query),
			 "tone", view_int(by, chips[i].value) ? chips[i].tone : "off");
}

json_t *hosts_chips_view(const json_t *counts, const json_t *query)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (json_array_append_new(list, chip_view(i, counts, query)))
			return NULL;
	return take_ptr(list);
}

static const struct {
	const char *name, *facet, *label;
} selects[] = {
	{ "ring", "ring", "Ring" },         { "level", "level", "Level" },
	{ "state", "state", "State" },      { "verdict", "verdict", "Verdict" },
	{ "release", "release", "Kernel" }, { "os", "os", "System" },
};

/* Numbers by their size, texts by their letters. */
static int by_value(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t m = strspn(x, "0123456789"), n = strspn(y, "0123456789");

	return m && n && !x[m] && !y[n] && m != n ? (m > n) - (m < n) : strcmp(x, y);
}

static json_t *option_view(const char *value, int64_t n, const char *chosen)
{
	char count[WEB_TEXT];

	return json_pack("{s:s, s:o, s:b}", "value", value, "text",
			 json_sprintf("%s (%s)", value, web_count(n, count)), "chosen",
			 (int)!strcmp(value, chosen));
}

/* The API knows "debian", counts are of "debian:12": added up. */
static json_t *systems_of(const json_t *by_os)
{
	_cleanup_(json_decrefp) json_t *sum = json_object();
	const char *name;
	const json_t *n;

	json_object_foreach((json_t *)(uintptr_t)by_os, name, n)
	{
		char id[64];

		(void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(name, ":"), name);
		if (json_object_set_new(sum, id,
					json_integer(view_int(sum, id) + json_integer_value(n))))
			return NULL;
	}
	return take_ptr(sum);
}

static json_t *options_view(const json_t *values, const char *chosen)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	_cleanup_(freep) const char **names = calloc(json_object_size(values) + 1, sizeof(*names));
	bool there = !chosen[0];
	const char *name;
	const json_t *count;
	size_t n = 0;

	if (!names)
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)values, name, count)
	{
		if (name[0])
			names[n++] = name;
	}
	qsort(names, n, sizeof(*names), by_value);
	for (size_t i = 0; i < n && i < OPTIONS_MAX; i++) {
		there = there || !strcmp(names[i], chosen);
		if (json_array_append_new(list, option_view(names[i], view_int(values, names[i]),
							    chosen)))
			return NULL;
	}
	if (!there && json_array_append_new(list, option_view(chosen, 0, chosen)))
		return NULL;
	return take_ptr(list);
}

json_t *hosts_selects_view(const json_t *counts, const json_t *query)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *by = json_object_get(counts, "by");

	for (size_t i = 0; i < sizeof(selects) / sizeof(selects[0]); i++) {
		_cleanup_(json_decrefp)
			json_t *values = json_incref(json_object_get(by, selects[i].facet));

		if (!strcmp(selects[i].name, "os")) {
			json_decref(values);
			values = systems_of(json_object_get(by, "os"));
		}
		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:o}", "name", selects[i].name, "label",
					    selects[i].label, "options",
					    options_view(values, view_str(query, selects[i].name)))))
			return NULL;
	}
	return take_ptr(list);
}

json_t *hosts_active_view(const json_t *query)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (const struct hosts_query_name *n = hosts_query_names; n->name; n++) {
		const char *value = view_str(query, n->name);

		if (!value[0] || !strcmp(n->name, "sort"))
			continue;
		if (json_array_append_new(list,
					  json_pack("{s:s, s:s, s:s, s:o}", "name", n->name,
						    "label", n->label, "value", value, "href",
						    hosts_query_link(PATH, query, n->name, NULL))))
			return NULL;
	}
	return take_ptr(list);
}

json_t *hosts_views_view(const json_t *views, const json_t *query)
{
	_cleanup_(json_decrefp) json_t *list = json_array(), *now = hosts_query_text(query);
	const json_t *v;
	size_t i;

	if (!now)
		return NULL;
	json_array_foreach(views, i, v)
	{
		const char *kept = view_str(v, "query");
		bool on = !strcmp(kept, json_string_value(now));

		if (json_array_append_new(
			    list,
			    json_pack("{s:s, s:o, s:o, s:b}", "name", view_str(v, "name"), "href",
				      json_sprintf(PATH "%s%s", kept[0] ? "?" : "", kept), "delete",
				      json_sprintf("/views/%s/delete", view_str(v, "id")), "on",
				      (int)on)))
			return NULL;
	}
	return take_ptr(list);
}

static json_t *order_view(const json_t *query, const char *name)
{
	const char *now = view_str(query, "sort");
	bool up = !strcmp(now, name), down = now[0] == '-' && !strcmp(now + 1, name);
	char other[16];

	(void)snprintf(other, sizeof(other), "%s%s", up ? "-" : "", name);
	return json_pack("{s:o, s:s, s:b, s:b}", "href",
			 hosts_query_link(PATH, query, "sort", down ? NULL : other), "sort",
			 up     ? "ascending"
			 : down ? "descending"
				: "none",
			 "up", (int)up, "down", (int)down);
}

json_t *hosts_order_view(const json_t *query)
{
	return json_pack("{s:o, s:o, s:o}", "name", order_view(query, "name"), "seen",
			 order_view(query, "seen"), "level", order_view(query, "level"));
}

/* The page after this one, or before it: its query, its cursor, its own way back. */
static json_t *page_link(const json_t *query, const char *after, const char *trail)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (hosts_query_href(&b, PATH, query, NULL, NULL) || web_add_query(&b, "after", after) ||
	    web_add_query(&b, "trail", trail))
		return NULL;
	return json_string(buf_str(&b));
}

json_t *hosts_pager_view(const struct http_request *req, const json_t *query, const char *next)
{
	const char *after = http_query(req, "after"), *trail = http_query(req, "trail");
	_cleanup_(buf_free) struct buf longer = { 0 }, shorter = { 0 }, before = { 0 };
	bool first = !after || !after[0];

	if (hosts_trail_push(&longer, trail, after) || hosts_trail_pop(&shorter, trail, &before))
		return NULL;
	return json_pack("{s:o, s:o, s:o, s:b}", "next",
			 next ? page_link(query, next, buf_str(&longer)) : json_null(), "back",
			 first ? json_null() : page_link(query, buf_str(&before), buf_str(&shorter)),
			 "first", first ? json_null() : page_link(query, NULL, NULL), "many",
			 (int)(next || !first));
}
