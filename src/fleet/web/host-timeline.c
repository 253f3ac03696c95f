/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/host-view.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

/* Appends {"text", "tone"}; @text is taken, NULL is no memory. */
static void tell(json_t *changes, const char *tone, json_t *text, bool *bad)
{
	if (json_array_append_new(changes, json_pack("{s:o, s:s}", "text", text, "tone", tone)))
		*bad = true;
}

static bool differ(const json_t *a, const json_t *b, const char *name)
{
	return !json_equal(json_object_get(a, name), json_object_get(b, name));
}

static void compare_level(const json_t *was, const json_t *is, json_t *changes, bool *bad)
{
	int64_t from = view_int(was, "level"), to = view_int(is, "level");

	if (from != to && to == 0)
		tell(changes, "warn", json_sprintf("level %" PRId64 " is no longer there", from),
		     bad);
	else if (from != to)
		tell(changes, to > from ? "good" : "warn",
		     json_sprintf("level %" PRId64 ", before %" PRId64, to, from), bad);
	if (differ(was, is, "newest") && view_int(is, "newest"))
		tell(changes, "off",
		     json_sprintf("the repository has level %" PRId64, view_int(is, "newest")),
		     bad);
	if (differ(was, is, "state"))
		tell(changes, view_tone(view_str(is, "state")),
		     json_sprintf("state %s, before %s", view_str(is, "state"),
				  view_str(was, "state")),
		     bad);
}

static void compare_number(const json_t *was, const json_t *is, const char *name, const char *what,
			   bool more_is_good, json_t *changes, bool *bad)
{
	int64_t from = view_int(was, name), to = view_int(is, name);

	if (differ(was, is, name) && json_is_integer(json_object_get(is, name)) &&
	    json_is_integer(json_object_get(was, name)))
		tell(changes, (to > from) == more_is_good ? "good" : "warn",
		     json_sprintf("%s %" PRId64 ", before %" PRId64, what, to, from), bad);
}

static json_t *compare(const json_t *was, const json_t *is)
{
	_cleanup_(json_decrefp) json_t *changes = json_array();
	bool bad = !changes;

	if (differ(was, is, "build_id"))
		tell(changes, "busy",
		     json_sprintf("kernel %s, before %s", view_str(is, "release"),
				  view_str(was, "release")),
		     &bad);
	else if (differ(was, is, "boot"))
		tell(changes, "busy", json_string("was started anew"), &bad);
	compare_level(was, is, changes, &bad);
	if (differ(was, is, "verdict"))
		tell(changes, view_tone(view_str(is, "verdict")),
		     json_sprintf("verdict %s, before %s", view_str(is, "verdict"),
				  view_str(was, "verdict")),
		     &bad);
	compare_number(was, is, "cves_open", "open CVEs:", false, changes, &bad);
	compare_number(was, is, "audit_score", "audit score", true, changes, &bad);
	return bad ? NULL : take_ptr(changes);
}

static json_t *moment(int64_t at_s, int64_t now_s, json_t *changes)
{
	return json_pack("{s:I, s:o, s:o, s:o}", "at", (json_int_t)at_s, "at_text", view_time(at_s),
			 "ago", view_ago(at_s, now_s), "changes", changes);
}

static json_t *first_word(const json_t *report)
{
	return json_pack("[{s:o, s:s}]", "text",
			 json_sprintf("kernel %s, level %" PRId64 ", state %s, verdict %s",
				      view_str(report, "release"), view_int(report, "level"),
				      view_str(report, "state"), view_str(report, "verdict")),
			 "tone", "off");
}

json_t *host_timeline(const json_t *history, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *report;
	size_t i;

	json_array_foreach(history, i, report)
	{
		const json_t *before = json_array_get(history, i + 1);
		_cleanup_(json_decrefp) json_t *changes = before ? compare(before, report)
								 : first_word(report);

		if (!changes)
			return NULL;
		if (!json_array_size(changes))
			continue;
		if (json_array_append_new(list, moment(view_int(report, "at"), now_s,
						       json_incref(changes))))
			return NULL;
	}
	return take_ptr(list);
}

static json_t *deed(const json_t *entry, int64_t now_s)
{
	_cleanup_(freep) char *detail =
		json_dumps(json_object_get(entry, "detail"), JSON_COMPACT | JSON_SORT_KEYS);
	json_t *text;

	if (!detail)
		return NULL;
	text = json_sprintf("%s by %s%s%s", view_str(entry, "action"), view_str(entry, "who"),
			    strcmp(detail, "{}") ? ": " : "", strcmp(detail, "{}") ? detail : "");
	return moment(view_int(entry, "at"), now_s,
		      json_pack("[{s:o, s:s}]", "text", text, "tone", "off"));
}

json_t *host_timeline_deeds(const json_t *timeline, const json_t *entries, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	size_t i = 0, j = 0;

	while (i < json_array_size(timeline) || j < json_array_size(entries)) {
		json_t *seen = json_array_get(timeline, i);
		const json_t *entry = json_array_get(entries, j);
		bool is_deed = !seen || (entry && view_int(entry, "at") > view_int(seen, "at"));

		if (is_deed ? json_array_append_new(list, deed(entry, now_s))
			    : json_array_append(list, seen))
			return NULL;
		i += !is_deed;
		j += is_deed;
	}
	return take_ptr(list);
}
