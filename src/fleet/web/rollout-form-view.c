/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the form of a rollout is shown: its fields with what was typed, what there is to choose from, what is wrong. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fleet/rollout/spec.h"
#include "fleet/web/rollout-form-priv.h"
#include "fleet/web/rollout-form.h"
#include "fleet/web/view.h"

#define CHOICES_MAX 40

static const struct {
	const char *name, *legend,
		*member; /* which list of the view it is in: before or after the stages */
} sections[] = {
	{ "what", "What", "before" },         { "who", "For which hosts", "before" },
	{ "stop", "What stops it", "after" }, { "pace", "How fast", "after" },
	{ "start", "Start", "after" },
};

/* --- what is wrong, and where */

/* "where: rings: a list ..." is about where.rings. */
static const char *error_of(const struct rollout_form_field *f, const char *error)
{
	char path[64];
	int len = snprintf(path, sizeof(path), f->at ? "%s: %s" : "%.0s%s", f->at ? f->at : "",
			   f->name);

	if (len < 0 || (size_t)len >= sizeof(path) || strncmp(error, path, (size_t)len) != 0)
		return "";
	/* "max_in_flight is 0: ..." */
	if (error[len] == ' ')
		return error;
	return error[len] == ':' ? error + len + 1 + strspn(error + len + 1, " ") : "";
}

static size_t number_at(const char *text)
{
	size_t n = 0;

	for (; *text >= '0' && *text <= '9' && n < 1000; text++)
		n = n * 10 + (size_t)(*text - '0');
	return n;
}

/* "stages[1]: soak: ...", "stage 2 is of ...": which row, from 0; -1: of none. */
static long error_row(const char *error)
{
	if (strncmp(error, "stages[", 7) == 0)
		return (long)number_at(error + 7);
	return strncmp(error, "stage ", 6) == 0 ? (long)number_at(error + 6) - 1 : -1;
}

/* --- choices */

static int add_choice(json_t *list, const char *value, int64_t hosts, bool on)
{
	json_t *choice = json_pack("{s:s, s:s%, s:b, s:o}", "value", value, "text", value,
				   strlen(value) == 40 ? (size_t)12 : strlen(value), "on", (int)on,
				   "hosts",
				   hosts < 0 ? json_string("none now") : view_count(hosts));

	return json_array_append_new(list, choice);
}

static bool has_word(const json_t *words, const char *word)
{
	for (size_t i = 0; i < json_array_size(words); i++)
		if (strcmp(json_string_value(json_array_get(words, i)), word) == 0)
			return true;
	return false;
}

/* What the fleet has, and what was chosen although it has none of it now. */
static json_t *choices(const struct rollout_form_field *f, const json_t *form, const json_t *counts)
{
	json_t *by = json_object_get(json_object_get(counts, "by"), f->by);
	_cleanup_(json_decrefp) json_t *list = json_array(),
				       *words = rollout_form_words(form, f->name);

	if (!words)
		return NULL;
	for (void *it = json_object_iter(by); it; it = json_object_iter_next(by, it)) {
		const char *value = json_object_iter_key(it);
		bool on = has_word(words, value);

		if (!*value || (!on && json_array_size(list) >= CHOICES_MAX))
			continue;
		if (add_choice(list, value, json_integer_value(json_object_iter_value(it)), on) < 0)
			return NULL;
	}
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (!json_object_get(by, word) && add_choice(list, word, -1, true) < 0)
			return NULL;
	}
	return take_ptr(list);
}

static json_t *options(const struct rollout_form_field *f, const char *now)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < FIELD_OPTIONS && f->options[i][0]; i++)
		if (json_array_append_new(list,
					  json_pack("{s:s, s:s, s:b}", "value", f->options[i][0],
						    "text", f->options[i][1], "on",
						    strcmp(now, f->options[i][0]) == 0)) < 0)
			return NULL;
	return take_ptr(list);
}

/* --- fields */

static const char *type_of(enum rollout_form_kind kind)
{
	return kind == FIELD_TIME ? "datetime-local" : kind == FIELD_NUMBER ? "number" : "text";
}

/* What was typed; words again as a line. */
static json_t *value_text(const struct rollout_form_field *f, const json_t *form)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (f->kind != FIELD_WORDS)
		return json_string(rollout_form_nth(form, f->name, 0));
	for (size_t i = 0; i < rollout_form_count(form, f->name); i++)
		if (buf_printf(&b, "%s%s", i ? ", " : "", rollout_form_nth(form, f->name, i)) < 0)
			return NULL;
	return json_string(buf_str(&b));
}

/* Every member is there, for a name that is not would be looked for further out. */
static json_t *field(const struct rollout_form_field *f, const json_t *form, const json_t *counts,
		     const char *error)
{
	const char *now = rollout_form_nth(form, f->name, 0);
	bool line = f->kind != FIELD_CHOICES && f->kind != FIELD_SELECT && f->kind != FIELD_CHECK;

	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:b, s:o, s:b, s:o, s:b, s:o, s:b, s:b}",
			 "name", f->name, "label", f->label, "hint", f->hint ? f->hint : "",
			 "wrong", error_of(f, error), "is_line", (int)line, "type",
			 type_of(f->kind), "wanted", (int)f->wanted, "value", value_text(f, form),
			 "is_choices", (int)(f->kind == FIELD_CHOICES), "choices",
			 f->kind == FIELD_CHOICES ? choices(f, form, counts) : json_array(),
			 "is_select", (int)(f->kind == FIELD_SELECT), "options", options(f, now),
			 "is_check", (int)(f->kind == FIELD_CHECK), "on", *now != '\0');
}

static json_t *section(size_t which, const json_t *form, const json_t *counts, const char *error)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (const struct rollout_form_field *f = rollout_form_fields; f->name; f++)
		if (strcmp(f->in, sections[which].name) == 0 &&
		    json_array_append_new(list, field(f, form, counts, error)) < 0)
			return NULL;
	return json_pack("{s:s, s:s, s:O}", "legend", sections[which].legend, "section",
			 sections[which].name, "fields", list);
}

/* --- stages */

static json_t *row(const json_t *form, size_t i, size_t number, const char *wrong)
{
	const char *kind = rollout_form_nth(form, "s_kind", i);
	bool pause = strcmp(rollout_form_nth(form, "s_next", i), "pause") == 0;

	return json_pack("{s:I, s:b, s:b, s:b, s:s, s:s, s:s, s:s, s:b, s:s}", "number",
			 (json_int_t)number, "is_count", strcmp(kind, "count") == 0, "is_percent",
			 strcmp(kind, "count") != 0 && strcmp(kind, "tag") != 0, "is_tag",
			 strcmp(kind, "tag") == 0, "amount", rollout_form_nth(form, "s_amount", i),
			 "soak", rollout_form_nth(form, "s_soak", i), "success",
			 rollout_form_nth(form, "s_success", i), "min",
			 rollout_form_nth(form, "s_min", i), "pause", (int)pause, "wrong", wrong);
}

/* Those that were filled in come first, without gaps: so row and stage have one number. */
static json_t *stage_rows(const json_t *form, const char *error, size_t least)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	size_t have = rollout_form_count(form, "s_amount");
	long bad = error_row(error);

	for (size_t i = 0; i < have; i++) {
		size_t n = json_array_size(list);

		if (*rollout_form_nth(form, "s_amount", i) &&
		    json_array_append_new(list, row(form, i, n + 1, bad == (long)n ? error : "")) <
			    0)
			return NULL;
	}
	while (json_array_size(list) < least && json_array_size(list) < ROLLOUT_STAGES_MAX)
		if (json_array_append_new(list, row(NULL, 0, json_array_size(list) + 1, "")) < 0)
			return NULL;
	return take_ptr(list);
}

json_t *rollout_form_view(const json_t *form, const json_t *counts, const char *error, size_t rows)
{
	_cleanup_(json_decrefp)
		json_t *view = json_pack("{s:s, s:[], s:[]}", "error", error, "before", "after");
	bool bad = !view;

	for (size_t i = 0; !bad && i < sizeof(sections) / sizeof(sections[0]); i++)
		bad = json_array_append_new(json_object_get(view, sections[i].member),
					    section(i, form, counts, error)) < 0;
	if (!bad)
		view_set(view, "stages", stage_rows(form, error, rows), &bad);
	return bad ? NULL : take_ptr(view);
}
