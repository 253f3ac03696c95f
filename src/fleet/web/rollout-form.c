/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/rollout-form.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/deed.h"
#include "fleet/web/rollout-form-priv.h"
#include "fleet/web/view.h"

const struct rollout_form_field rollout_form_fields[] = {
	{ .name = "name",
	  .in = "what",
	  .label = "Name",
	  .hint = "For people: what it is for.",
	  .wanted = true },
	{ .name = "level",
	  .in = "what",
	  .label = "Level",
	  .kind = FIELD_LEVEL,
	  .wanted = true,
	  .hint = "A number, or \"latest\": of each kernel the newest one in the channel as the rollout starts." },
	{ .name = "channel", .in = "what", .label = "Channel of \"latest\"" },
	{ .name = "rings",
	  .in = "who",
	  .label = "Rings",
	  .at = "where",
	  .kind = FIELD_CHOICES,
	  .by = "ring" },
	{ .name = "kernels",
	  .in = "who",
	  .label = "Kernels",
	  .at = "where",
	  .kind = FIELD_CHOICES,
	  .by = "build_id",
	  .hint = "A level's number means something for one kernel: choose those that are meant." },
	{ .name = "distributions",
	  .in = "who",
	  .label = "Distributions",
	  .at = "where",
	  .kind = FIELD_CHOICES,
	  .by = "os" },
	{ .name = "tags",
	  .in = "who",
	  .label = "Tags",
	  .at = "where",
	  .kind = FIELD_WORDS,
	  .hint = "With commas between; a host has all of them." },
	{ .name = "failed",
	  .in = "stop",
	  .label = "Hosts that may fail",
	  .at = "budget",
	  .kind = FIELD_NUMBER },
	{ .name = "failed_percent",
	  .in = "stop",
	  .label = "Share that may fail, in percent",
	  .at = "budget",
	  .kind = FIELD_NUMBER },
	{ .name = "min_executed",
	  .in = "stop",
	  .label = "The share counts once so many are done",
	  .at = "budget",
	  .kind = FIELD_NUMBER },
	{ .name = "action",
	  .in = "stop",
	  .label = "When more fail",
	  .at = "budget",
	  .kind = FIELD_SELECT,
	  .options = { { "pause", "pause: a person decides" },
		       { "stop", "stop for good" },
		       { "take-back", "stop, and hosts give the level back" } } },
	{ .name = "transition_ms",
	  .in = "stop",
	  .label = "Longest transition, in ms",
	  .at = "impact",
	  .kind = FIELD_NUMBER,
	  .hint = "A host whose apply took longer has failed. 0: any." },
	{ .name = "gap_us",
	  .in = "stop",
	  .label = "Longest gap of scheduling, in \u00b5s",
	  .at = "impact",
	  .kind = FIELD_NUMBER,
	  .hint = "The same for how long tasks stood still. 0: any." },
	{ .name = "max_in_flight",
	  .in = "pace",
	  .label = "At most so many at once",
	  .kind = FIELD_NUMBER,
	  .hint = "Whatever a level does, no more than this and the budget's hosts ever suffer it." },
	{ .name = "windows",
	  .in = "pace",
	  .label = "Windows",
	  .hint = "\"any\", or \"Mon-Thu 22:00-05:00; Sat 00:00-24:00\"." },
	{ .name = "timezone",
	  .in = "pace",
	  .label = "Time zone of the windows",
	  .hint = "\"Europe/Berlin\"" },
	{ .name = "spread",
	  .in = "pace",
	  .label = "Spread over",
	  .hint = "A key of tags: never two hosts of one \"az=\u2026\" at once. Empty: off." },
	{ .name = "grant_timeout",
	  .in = "pace",
	  .label = "Wait for a granted host",
	  .hint = "\"30m\", \"4h\", \"7d\"" },
	{ .name = "settle_timeout", .in = "pace", .label = "Wait for it to settle" },
	{ .name = "silence", .in = "pace", .label = "Silent for longer has failed" },
	{ .name = "approval",
	  .in = "start",
	  .label = "Another person must approve it",
	  .kind = FIELD_CHECK },
	{ .name = "start",
	  .in = "start",
	  .label = "Start",
	  .kind = FIELD_SELECT,
	  .options = { { "by-hand", "by hand" },
		       { "at-once", "at once, when it is ready" },
		       { "time", "at this time:" } } },
	{ .name = "start_at", .in = "start", .label = "Time, in UTC", .kind = FIELD_TIME },
	{ .name = NULL },
};

const char *const rollout_form_stage_names[] = { "s_kind",    "s_amount", "s_soak",
						 "s_success", "s_min",    "s_next" };

/* --- reading it */

/* The @i-th value of a field that may have come more than once; "". */
const char *rollout_form_nth(const json_t *form, const char *name, size_t i)
{
	const json_t *v = json_object_get(form, name);
	const char *s = json_is_array(v) ? json_string_value(json_array_get(v, i))
			: i == 0         ? json_string_value(v)
					 : NULL;

	return s ? s : "";
}

size_t rollout_form_count(const json_t *form, const char *name)
{
	const json_t *v = json_object_get(form, name);

	return json_is_array(v) ? json_array_size(v) : v ? 1 : 0;
}

/* All words of all values. */
json_t *rollout_form_words(const json_t *form, const char *name)
{
	_cleanup_(json_decrefp) json_t *all = json_array();

	for (size_t i = 0; i < rollout_form_count(form, name); i++) {
		_cleanup_(json_decrefp) json_t *words = deed_words(rollout_form_nth(form, name, i));

		if (!words || json_array_extend(all, words) < 0)
			return NULL;
	}
	return take_ptr(all);
}

static json_t *start_of(const json_t *form)
{
	const char *start = form_text(form, "start"), *at = form_text(form, "start_at");

	if (strcmp(start, "time") != 0)
		return json_string(start);
	/* "2026-11-01T22:00", as browsers send it; with its seconds where they have some. */
	return json_sprintf(strlen(at) == 16 ? "%s:00Z" : "%sZ", at);
}

static json_t *value_of(const json_t *form, const struct rollout_form_field *f)
{
	const char *text = form_text(form, f->name);

	if (f->kind == FIELD_WORDS || f->kind == FIELD_CHOICES)
		return rollout_form_words(form, f->name);
	if (f->kind == FIELD_CHECK)
		return json_boolean(*text);
	if (f->kind == FIELD_NUMBER || f->kind == FIELD_LEVEL)
		return deed_number(text);
	return strcmp(f->name, "start") == 0 ? start_of(form) : json_string(text);
}

/* What was left empty is left out, so that its default holds. */
static bool is_given(const json_t *form, const struct rollout_form_field *f)
{
	if (f->kind == FIELD_TIME)
		return false;
	return f->kind == FIELD_CHECK || f->wanted || rollout_form_count(form, f->name) > 1 ||
	       *rollout_form_nth(form, f->name, 0);
}

static int put(json_t *spec, const struct rollout_form_field *f, json_t *value)
{
	json_t *into = spec;

	if (f->at) {
		into = json_object_get(spec, f->at);
		if (!into) {
			into = json_object();
			if (json_object_set_new(spec, f->at, into) < 0)
				into = NULL;
		}
	}
	return json_object_set_new(into, f->name, value);
}

static int put_word(json_t *stage, const char *name, const char *text, bool number)
{
	return *text ? json_object_set_new(stage, name,
					   number ? deed_number(text) : json_string(text))
		     : 0;
}

static json_t *stage_of(const json_t *form, size_t i)
{
	_cleanup_(json_decrefp) json_t *stage = json_object();
	const char *kind = rollout_form_nth(form, "s_kind", i);
	bool tag = strcmp(kind, "tag") == 0;

	if (!tag && strcmp(kind, "count") != 0)
		kind = "percent";
	if (put_word(stage, kind, rollout_form_nth(form, "s_amount", i), !tag) < 0 ||
	    put_word(stage, "soak", rollout_form_nth(form, "s_soak", i), false) < 0 ||
	    put_word(stage, "success", rollout_form_nth(form, "s_success", i), true) < 0 ||
	    put_word(stage, "min_reports", rollout_form_nth(form, "s_min", i), true) < 0 ||
	    put_word(stage, "next", rollout_form_nth(form, "s_next", i), false) < 0)
		return NULL;
	return take_ptr(stage);
}

static json_t *stages_of(const json_t *form)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < rollout_form_count(form, "s_amount"); i++)
		if (*rollout_form_nth(form, "s_amount", i) &&
		    json_array_append_new(list, stage_of(form, i)) < 0)
			return NULL;
	return take_ptr(list);
}

json_t *rollout_form_spec(const json_t *form)
{
	_cleanup_(json_decrefp) json_t *spec = json_object(), *stages = stages_of(form);

	for (const struct rollout_form_field *f = rollout_form_fields; f->name; f++)
		if (is_given(form, f) && put(spec, f, value_of(form, f)) < 0)
			return NULL;
	if (!stages || (json_array_size(stages) && json_object_set(spec, "stages", stages) < 0))
		return NULL;
	return take_ptr(spec);
}

/* --- making one */

static json_t *text_of(const json_t *value)
{
	if (json_is_integer(value))
		return json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_true(value))
		return json_string("yes");
	return json_is_string(value) ? json_incref((json_t *)(uintptr_t)value) : json_string("");
}

static int add_start(json_t *form, const char *start)
{
	if (strcmp(start, "by-hand") == 0 || strcmp(start, "at-once") == 0)
		return json_object_set_new(form, "start", json_string(start));
	if (json_object_set_new(form, "start", json_string("time")) < 0)
		return -1;
	return json_object_set_new(form, "start_at",
				   json_stringn(start, strlen(start) < 16 ? strlen(start) : 16));
}

static const char *kind_of(const json_t *stage)
{
	if (json_object_get(stage, "tag"))
		return "tag";
	return json_object_get(stage, "count") ? "count" : "percent";
}

/* The stages of @spec as the fields of their rows. */
static int add_stages(json_t *form, const json_t *stages)
{
	static const char *const members[] = {
		NULL, NULL, "soak", "success", "min_reports", "next"
	};

	for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++) {
		json_t *list = json_array();

		for (size_t i = 0; i < json_array_size(stages); i++) {
			const json_t *st = json_array_get(stages, i);
			json_t *v = k == 0   ? json_string(kind_of(st))
				    : k == 1 ? text_of(json_object_get(st, kind_of(st)))
					     : text_of(json_object_get(st, members[k]));

			if (json_array_append_new(list, v) < 0)
				break;
		}
		if (json_object_set_new(form, rollout_form_stage_names[k], list) < 0 ||
		    json_array_size(list) != json_array_size(stages))
			return -1;
	}
	return 0;
}

json_t *rollout_form_of(const json_t *spec)
{
	_cleanup_(json_decrefp) json_t *form = json_object();

	for (const struct rollout_form_field *f = rollout_form_fields; f->name; f++) {
		const json_t *in = f->at ? json_object_get(spec, f->at) : spec;
		json_t *value = json_object_get(in, f->name);
		int r;

		if (f->kind == FIELD_TIME)
			continue;
		if (strcmp(f->name, "start") == 0)
			r = add_start(form, view_str(spec, "start"));
		else if (json_is_array(value))
			r = json_object_set(form, f->name, value);
		else
			r = json_object_set_new(form, f->name, text_of(value));
		if (r < 0)
			return NULL;
	}
	if (add_stages(form, json_object_get(spec, "stages")) < 0)
		return NULL;
	return take_ptr(form);
}

static const struct {
	const char *name, *stages;
} presets[] = {
	{ "canary", "[{\"count\": 1, \"soak\": \"1h\", \"success\": 100},"
		    " {\"percent\": 10, \"soak\": \"4h\", \"success\": 95},"
		    " {\"percent\": 50, \"soak\": \"4h\", \"success\": 95},"
		    " {\"percent\": 100, \"soak\": \"1h\", \"success\": 95}]" },
	{ "gentle", "[{\"count\": 1, \"soak\": \"4h\", \"success\": 100, \"next\": \"pause\"},"
		    " {\"percent\": 1, \"soak\": \"24h\", \"success\": 100, \"next\": \"pause\"},"
		    " {\"percent\": 10, \"soak\": \"24h\", \"success\": 98},"
		    " {\"percent\": 50, \"soak\": \"12h\", \"success\": 98},"
		    " {\"percent\": 100, \"soak\": \"1h\", \"success\": 98}]" },
	{ "urgent", "[{\"count\": 1, \"soak\": \"10m\", \"success\": 100},"
		    " {\"percent\": 20, \"soak\": \"30m\", \"success\": 95},"
		    " {\"percent\": 100, \"soak\": \"30m\", \"success\": 90}]" },
};

bool rollout_form_preset(json_t *form, const char *name)
{
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
		_cleanup_(json_decrefp) json_t *stages = NULL;

		if (strcmp(presets[i].name, name) != 0)
			continue;
		stages = json_loads(presets[i].stages, 0, NULL);
		return stages && add_stages(form, stages) == 0;
	}
	return false;
}
