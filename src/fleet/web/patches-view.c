/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/patches-view.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

/* Hosts of this kernel, level and ring; @ring NULL: of all rings; @level < 0: of all levels. */
static json_t *hosts_href(const char *build_id, int64_t level, const char *ring)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	char number[24];

	(void)snprintf(number, sizeof(number), "%" PRId64, level);
	if (buf_add_str(&b, "/hosts") || web_add_query(&b, "ring", ring) ||
	    web_add_query(&b, "level", level < 0 ? NULL : number) ||
	    web_add_query(&b, "build_id", build_id))
		return NULL;
	return json_string(buf_str(&b));
}

/* "2 stalled, 1 soaking": all but those that are settled or have nothing to say. */
static json_t *rest_text(const json_t *states, const char **tone)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	const char *state;
	const json_t *n;

	json_object_foreach((json_t *)(uintptr_t)states, state, n)
	{
		if (!state[0] || !strcmp(state, "settled") || !strcmp(state, "none"))
			continue;
		if (!strcmp(state, "stalled") || !**tone)
			*tone = view_tone(state);
		if (buf_printf(&b, "%s%" JSON_INTEGER_FORMAT " %s", b.len ? ", " : "",
			       json_integer_value(n), state))
			return NULL;
	}
	return json_string(buf_str(&b));
}

static int64_t sum_of(const json_t *states)
{
	int64_t sum = 0;
	const char *state;
	const json_t *n;

	json_object_foreach((json_t *)(uintptr_t)states, state, n) sum += json_integer_value(n);
	return sum;
}

static json_t *cell_view(const json_t *row, const char *ring)
{
	const json_t *states = json_object_get(json_object_get(row, "rings"), ring);
	const char *tone = "";
	int64_t n = sum_of(states);
	json_t *rest = rest_text(states, &tone);

	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:s}", "ring", ring, "some", (int)(n > 0),
			 "n_text", view_count(n), "href",
			 hosts_href(view_str(row, "build_id"), view_int(row, "level"), ring),
			 "rest", rest, "tone", tone);
}

static json_t *cells_view(const json_t *row, const json_t *rings)
{
	_cleanup_(json_decrefp) json_t *cells = json_array();
	const json_t *ring;
	size_t i;

	json_array_foreach(rings, i, ring)
	{
		if (json_array_append_new(cells, cell_view(row, json_string_value(ring))))
			return NULL;
	}
	return take_ptr(cells);
}

/* @any: of a level of the matrix or of the list: both have these members. */
static json_t *state_badge(const json_t *any)
{
	if (view_str(any, "withdrawn")[0])
		return web_badge("bad", "withdrawn");
	if (view_str(any, "held")[0])
		return web_badge("warn", "held");
	return view_int(any, "published") ? web_badge("good", "published")
					  : web_badge("off", "not in the repository");
}

static const char *why_of(const json_t *any)
{
	const char *withdrawn = view_str(any, "withdrawn");

	return withdrawn[0] ? withdrawn : view_str(any, "held");
}

static json_t *row_view(const json_t *row, const json_t *rings, int64_t now_s)
{
	int64_t level = view_int(row, "level");
	const char *build_id = view_str(row, "build_id");

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "effective",
			 view_str(row, "effective"), "level_text",
			 level ? json_sprintf("%" PRId64, level) : json_string("none"), "href",
			 level && view_int(row, "published")
				 ? json_sprintf("/patches/%s/%" PRId64, build_id, level)
				 : json_null(),
			 "published_text",
			 view_int(row, "published") ? view_ago(view_int(row, "published"), now_s)
						    : json_string(""),
			 "cves_text", level ? view_count(view_int(row, "cves")) : json_string(""),
			 "badge", level ? state_badge(row) : json_null(), "why", why_of(row),
			 "hosts_text", view_count(view_int(row, "hosts")), "cells",
			 cells_view(row, rings));
}

/* Begins a kernel: rows of one follow each other. */
static json_t *kernel_view(const json_t *row)
{
	const char *build_id = view_str(row, "build_id"), *release = view_str(row, "release");

	return json_pack("{s:s, s:s, s:o, s:I, s:[]}", "release",
			 release[0] ? release : "a kernel that no host has", "build_id", build_id,
			 "href", hosts_href(build_id, -1, NULL), "hosts", (json_int_t)0, "levels");
}

static json_t *ring_heads(const json_t *rings)
{
	_cleanup_(json_decrefp) json_t *heads = json_array();
	const json_t *ring;
	size_t i;

	json_array_foreach(rings, i, ring)
	{
		const char *name = json_string_value(ring);

		if (json_array_append_new(heads, json_pack("{s:s, s:o}", "name", name, "href",
							   view_query("/hosts", "ring", name))))
			return NULL;
	}
	return take_ptr(heads);
}

static int add_row(json_t *kernels, const json_t *row, const json_t *rings, int64_t now_s)
{
	json_t *last = json_array_get(kernels, json_array_size(kernels) - 1);
	int64_t hosts;
	bool bad = false;

	if (!last || strcmp(view_str(last, "build_id"), view_str(row, "build_id")) != 0) {
		if (json_array_append_new(kernels, kernel_view(row)))
			return -1;
		last = json_array_get(kernels, json_array_size(kernels) - 1);
	}
	hosts = view_int(last, "hosts") + view_int(row, "hosts");
	view_set(last, "hosts", json_integer(hosts), &bad);
	view_set(last, "hosts_text", view_count(hosts), &bad);
	if (json_array_append_new(json_object_get(last, "levels"), row_view(row, rings, now_s)))
		bad = true;
	return bad ? -1 : 0;
}

json_t *patches_view(const json_t *matrix, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *kernels = json_array();
	const json_t *rings = json_object_get(matrix, "rings"), *row;
	size_t i;

	json_array_foreach(json_object_get(matrix, "rows"), i, row)
	{
		if (add_row(kernels, row, rings, now_s))
			return NULL;
	}
	return json_pack("{s:o, s:O}", "rings", ring_heads(rings), "kernels", kernels);
}

static const json_t *find_level(const json_t *levels, const char *build_id, int64_t level)
{
	const json_t *l;
	size_t i;

	json_array_foreach(levels, i, l)
	{
		if (view_int(l, "level") == level && !strcmp(view_str(l, "build_id"), build_id))
			return l;
	}
	return NULL;
}

/* The newest of the same kernel below @level: what it is compared with. */
static const json_t *find_before(const json_t *levels, const char *build_id, int64_t level)
{
	const json_t *l, *best = NULL;
	size_t i;

	json_array_foreach(levels, i, l)
	{
		if (view_int(l, "level") < level && !strcmp(view_str(l, "build_id"), build_id) &&
		    (!best || view_int(l, "level") > view_int(best, "level")))
			best = l;
	}
	return best;
}

/* Members of @cves that are, or are not, in @known (an object whose names they are). */
static json_t *cves_view(const json_t *cves, const json_t *known, bool there)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *cve;
	size_t i;

	json_array_foreach(cves, i, cve)
	{
		const char *id = json_string_value(cve);

		if (!id || (json_object_get(known, id) != NULL) != there)
			continue;
		if (json_array_append_new(list, json_pack("{s:s, s:o}", "cve", id, "href",
							  view_path("/cves", id))))
			return NULL;
	}
	return take_ptr(list);
}

static json_t *names_of(const json_t *cves)
{
	_cleanup_(json_decrefp) json_t *names = json_object();
	const json_t *cve;
	size_t i;

	json_array_foreach(cves, i, cve)
	{
		if (json_object_set_new(names, json_string_value(cve), json_true()))
			return NULL;
	}
	return take_ptr(names);
}

static json_t *channels_view(const json_t *level)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const char *name;
	const json_t *since;

	json_object_foreach(json_object_get(level, "channels"), name, since)
	{
		if (json_array_append_new(list, json_pack("{s:s, s:o}", "name", name, "since_text",
							  view_time(json_integer_value(since)))))
			return NULL;
	}
	return take_ptr(list);
}

json_t *patch_view(const json_t *levels, const char *build_id, int64_t level, int64_t now_s)
{
	const json_t *l = find_level(levels, build_id, level);
	const json_t *before = find_before(levels, build_id, level);
	const json_t *cves = json_object_get(l, "cves");
	_cleanup_(json_decrefp) json_t *known = names_of(json_object_get(before, "cves"));
	_cleanup_(json_decrefp) json_t *view = json_copy((json_t *)(uintptr_t)l);
	bool bad = !known || !view;

	if (!l)
		return json_null();
	view_set(view, "published_text", view_time(view_int(l, "published")), &bad);
	view_set(view, "published_ago", view_ago(view_int(l, "published"), now_s), &bad);
	view_set(view, "badge", state_badge(l), &bad);
	view_set(view, "why", json_string(why_of(l)), &bad);
	view_set(view, "channel_list", channels_view(l), &bad);
	view_set(view, "fresh", cves_view(cves, known, false), &bad);
	view_set(view, "kept", cves_view(cves, known, true), &bad);
	view_set(view, "cves_text", view_count((int64_t)json_array_size(cves)), &bad);
	view_set(view, "before", json_integer(view_int(before, "level")), &bad);
	view_set(view, "hosts_href", hosts_href(build_id, level, NULL), &bad);
	return bad ? NULL : take_ptr(view);
}

json_t *patch_rings_view(const json_t *matrix, const char *build_id, int64_t level)
{
	const json_t *row = find_level(json_object_get(matrix, "rows"), build_id, level);

	return cells_view(row, json_object_get(matrix, "rings"));
}
