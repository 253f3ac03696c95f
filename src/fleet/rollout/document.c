/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/document.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/rollout/document-write.h"
#include "fleet/rollout/fields.h"
#include "trust/date.h"
#include "trust/manifest.h"

#define DAY_S 86400

static const struct rollout_field stage_fields[] = {
	{ "soak", FIELD_DURATION, offsetof(struct rollout_stage, soak_s), 0, 90 * DAY_S },
	{ "success", FIELD_NUMBER, offsetof(struct rollout_stage, success_pct), 0, 100 },
	{ "min_reports", FIELD_NUMBER, offsetof(struct rollout_stage, min_reports), 1, 100000000 },
	{ "patience", FIELD_DURATION, offsetof(struct rollout_stage, patience_s), 60, 365 * DAY_S },
	{ "count", FIELD_OTHER, 0, 0, 0 },
	{ "percent", FIELD_OTHER, 0, 0, 0 },
	{ "tag", FIELD_OTHER, 0, 0, 0 },
	{ "next", FIELD_OTHER, 0, 0, 0 },
	{ NULL, FIELD_OTHER, 0, 0, 0 },
};

static const struct rollout_field budget_fields[] = {
	{ "failed", FIELD_NUMBER, offsetof(struct rollout_budget, max_failed), 0, 100000000 },
	{ "failed_percent", FIELD_NUMBER, offsetof(struct rollout_budget, max_failed_pct), 0, 100 },
	{ "min_executed", FIELD_NUMBER, offsetof(struct rollout_budget, min_executed), 1,
	  100000000 },
	{ "action", FIELD_OTHER, 0, 0, 0 },
	{ NULL, FIELD_OTHER, 0, 0, 0 },
};

static const struct rollout_field impact_fields[] = {
	{ "transition_ms", FIELD_NUMBER, offsetof(struct rollout_spec, max_transition_ms), 0,
	  86400000 },
	{ "gap_us", FIELD_NUMBER, offsetof(struct rollout_spec, max_gap_us), 0, 4000000000u },
	{ NULL, FIELD_OTHER, 0, 0, 0 },
};

static const struct rollout_field spec_fields[] = {
	{ "max_in_flight", FIELD_NUMBER, offsetof(struct rollout_spec, max_in_flight), 1,
	  100000000 },
	{ "grant_timeout", FIELD_DURATION, offsetof(struct rollout_spec, grant_timeout_s), 10,
	  30 * DAY_S },
	{ "settle_timeout", FIELD_DURATION, offsetof(struct rollout_spec, settle_timeout_s), 1,
	  30 * DAY_S },
	{ "silence", FIELD_DURATION, offsetof(struct rollout_spec, silence_s), 1, 30 * DAY_S },
	{ "approval", FIELD_SWITCH, offsetof(struct rollout_spec, approval), 0, 0 },
	{ "name", FIELD_OTHER, 0, 0, 0 },
	{ "level", FIELD_OTHER, 0, 0, 0 },
	{ "channel", FIELD_OTHER, 0, 0, 0 },
	{ "where", FIELD_OTHER, 0, 0, 0 },
	{ "stages", FIELD_OTHER, 0, 0, 0 },
	{ "budget", FIELD_OTHER, 0, 0, 0 },
	{ "impact", FIELD_OTHER, 0, 0, 0 },
	{ "windows", FIELD_OTHER, 0, 0, 0 },
	{ "timezone", FIELD_OTHER, 0, 0, 0 },
	{ "spread", FIELD_OTHER, 0, 0, 0 },
	{ "start", FIELD_OTHER, 0, 0, 0 },
	{ NULL, FIELD_OTHER, 0, 0, 0 },
};

static const struct rollout_field where_fields[] = {
	{ "rings", FIELD_OTHER, 0, 0, 0 },   { "tags", FIELD_OTHER, 0, 0, 0 },
	{ "kernels", FIELD_OTHER, 0, 0, 0 }, { "distributions", FIELD_OTHER, 0, 0, 0 },
	{ NULL, FIELD_OTHER, 0, 0, 0 },
};

/* --- stages */

static int read_kind(const json_t *json, struct rollout_stage *st, char tag[ROLLOUT_WORD_MAX],
		     struct oak_error *err)
{
	const json_t *count = json_object_get(json, "count");
	const json_t *percent = json_object_get(json, "percent");
	const json_t *word = json_object_get(json, "tag");
	const json_t *amount = count ? count : percent;

	if (!!count + !!percent + !!word != 1)
		return oak_fail(err, OAK_E_FORMAT, "one of \"count\", \"percent\" and \"tag\"");
	if (word) {
		st->kind = ROLLOUT_STAGE_TAG;
		return rollout_word_read(word, "tag", tag, ROLLOUT_WORD_MAX, err);
	}
	st->kind = count ? ROLLOUT_STAGE_COUNT : ROLLOUT_STAGE_PERCENT;
	return rollout_number_read(amount,
				   &(struct rollout_field){ count ? "count" : "percent",
							    FIELD_NUMBER, 0, 1,
							    count ? 100000000 : 100 },
				   &st->amount, err);
}

static int read_stage(const json_t *json, struct rollout_document *d, size_t i,
		      struct oak_error *err)
{
	struct rollout_stage *st = &d->spec.stages[i];
	const json_t *next = json_object_get(json, "next");
	size_t choice = 0;
	int r;

	*st = (struct rollout_stage){ .soak_s = i ? 3600 : 1800,
				      .success_pct = 95,
				      .min_reports = 1,
				      .patience_s = d->spec.silence_s > DAY_S ? d->spec.silence_s
									      : DAY_S };
	r = rollout_fields_read(json, stage_fields, st, err);
	if (r == 0)
		r = read_kind(json, st, d->stage_tag[i], err);
	if (r == 0 && next)
		r = rollout_choice_read(next, "next", rollout_next_words, &choice, err);
	st->next = (enum rollout_next)choice;
	return r;
}

/* Who says nothing begins with one host. */
static int default_stages(struct rollout_document *d, struct oak_error *err)
{
	static const struct {
		const char *kind;
		int amount;
	} stages[] = { { "count", 1 }, { "percent", 10 }, { "percent", 100 } };

	d->spec.n_stages = sizeof(stages) / sizeof(stages[0]);
	for (size_t i = 0; i < d->spec.n_stages; i++) {
		_cleanup_(json_decrefp)
			json_t *json = json_pack("{s:i}", stages[i].kind, stages[i].amount);
		int r = json ? read_stage(json, d, i, err)
			     : oak_fail(err, OAK_E_NOMEM, "out of memory");

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_stages(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *list = json_object_get(json, "stages");
	int r = 0;

	if (!list)
		return default_stages(d, err);
	if (!json_is_array(list) || !json_array_size(list) ||
	    json_array_size(list) > ROLLOUT_STAGES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "stages: a list of 1 to %d stages",
				ROLLOUT_STAGES_MAX);
	d->spec.n_stages = json_array_size(list);
	for (size_t i = 0; r == 0 && i < d->spec.n_stages; i++) {
		r = read_stage(json_array_get(list, i), d, i, err);
		if (r < 0)
			return oak_context(err, "stages[%zu]", i);
	}
	return r;
}

/* --- the other parts */

static int read_budget(const json_t *json, struct rollout_budget *b, struct oak_error *err)
{
	const json_t *object = json_object_get(json, "budget");
	size_t choice = ROLLOUT_ACTION_PAUSE;
	int r = 0;

	*b = (struct rollout_budget){ .max_failed = 3, .max_failed_pct = 5, .min_executed = 20 };
	if (object)
		r = rollout_fields_read(object, budget_fields, b, err);
	if (r == 0 && json_object_get(object, "action"))
		r = rollout_choice_read(json_object_get(object, "action"), "action",
					rollout_action_words, &choice, err);
	b->action = (enum rollout_action)choice;
	return r < 0 ? oak_context(err, "budget") : 0;
}

static bool is_build_id(const char *text)
{
	return strlen(text) == 40 && strspn(text, "0123456789abcdef") == 40;
}

static int read_list(const json_t *list, enum rollout_list which, struct oak_error *err)
{
	const json_t *word;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > ROLLOUT_LIST_MAX)
		return oak_fail(err, OAK_E_FORMAT, "a list of at most %d words", ROLLOUT_LIST_MAX);
	json_array_foreach(list, i, word)
	{
		char text[ROLLOUT_WORD_MAX];
		int r = rollout_word_read(word, NULL, text, sizeof(text), err);

		if (r < 0)
			return r;
		if (which == ROLLOUT_KERNELS && !is_build_id(text))
			return oak_fail(err, OAK_E_FORMAT,
					"\"%s\" is no build-id: 40 hexadecimal digits", text);
	}
	return 0;
}

static int read_where(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *where = json_object_get(json, "where");
	int r = where ? rollout_fields_read(where, where_fields, NULL, err) : 0;

	for (int i = 0; r == 0 && i < ROLLOUT_LISTS; i++) {
		const json_t *list = json_object_get(where, where_fields[i].name);

		r = list ? read_list(list, (enum rollout_list)i, err) : 0;
		if (r < 0)
			(void)oak_context(err, "%s", where_fields[i].name);
		d->where[i] = list;
	}
	return r < 0 ? oak_context(err, "where") : 0;
}

static int read_level(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *level = json_object_get(json, "level");
	const json_t *channel = json_object_get(json, "channel");
	static const struct rollout_field number = { "level", FIELD_NUMBER, 0, 1,
						     MANIFEST_LEVEL_MAX };

	(void)snprintf(d->channel, sizeof(d->channel), "stable");
	if (channel) {
		int r = rollout_word_read(channel, "channel", d->channel, sizeof(d->channel), err);

		if (r < 0)
			return r;
	}
	if (json_is_string(level) && strcmp(json_string_value(level), "latest") == 0)
		return 0;
	if (!json_is_integer(level))
		return oak_fail(err, OAK_E_FORMAT, "level: a number, or \"latest\"");
	return rollout_number_read(level, &number, &d->level, err);
}

static int read_times(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *windows = json_object_get(json, "windows");
	const json_t *zone = json_object_get(json, "timezone");
	const json_t *start = json_object_get(json, "start");
	const char *text = json_string_value(start);

	(void)snprintf(d->timezone, sizeof(d->timezone), "UTC");
	if (zone && (!json_is_string(zone) || !zone_is_name(json_string_value(zone))))
		return oak_fail(err, OAK_E_FORMAT, "timezone: a name like \"Europe/Berlin\"");
	if (zone)
		(void)snprintf(d->timezone, sizeof(d->timezone), "%s", json_string_value(zone));
	if (windows &&
	    (!json_is_string(windows) || windows_parse(json_string_value(windows), d->windows,
						       ROLLOUT_WINDOWS_MAX, &d->n_windows) < 0))
		return oak_fail(err, OAK_E_FORMAT,
				"windows: \"any\", or at most %d like \"Mon-Fri 22:00-04:00; Sat "
				"00:00-24:00\"",
				ROLLOUT_WINDOWS_MAX);
	if (!start || (text && strcmp(text, "by-hand") == 0))
		return 0;
	d->start_s = ROLLOUT_START_AT_ONCE;
	if (text && strcmp(text, "at-once") == 0)
		return 0;
	if (!text || date_parse(text, &d->start_s) < 0 || d->start_s <= ROLLOUT_START_AT_ONCE)
		return oak_fail(err, OAK_E_FORMAT,
				"start: \"by-hand\", \"at-once\", or a time like "
				"\"2026-11-01T22:00:00Z\"");
	return 0;
}

static int read_words(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *spread = json_object_get(json, "spread");
	int r = rollout_text_read(json_object_get(json, "name"), "name", d->name, sizeof(d->name),
				  err);

	if (r < 0 || !spread || json_is_null(spread))
		return r;
	d->spec.spread = true;
	r = rollout_word_read(spread, "spread", d->spread, sizeof(d->spread), err);
	if (r == 0 && strchr(d->spread, '='))
		return oak_fail(err, OAK_E_FORMAT, "spread: the part of a tag before its '='");
	return r;
}

static int read_all(const json_t *json, struct rollout_document *d, struct oak_error *err)
{
	const json_t *impact = json_object_get(json, "impact");
	int r;

	d->spec = (struct rollout_spec){ .max_in_flight = 10,
					 .grant_timeout_s = 1800,
					 .settle_timeout_s = 7200,
					 .silence_s = 12 * 3600 };
	r = rollout_fields_read(json, spec_fields, &d->spec, err);
	if (r == 0)
		r = read_words(json, d, err);
	if (r == 0)
		r = read_level(json, d, err);
	if (r == 0)
		r = read_where(json, d, err);
	if (r == 0)
		r = read_stages(json, d, err);
	if (r == 0)
		r = read_budget(json, &d->spec.budget, err);
	if (r == 0 && impact) {
		r = rollout_fields_read(impact, impact_fields, &d->spec, err);
		if (r < 0)
			return oak_context(err, "impact");
	}
	if (r == 0)
		r = read_times(json, d, err);
	return r < 0 ? r : rollout_check(&d->spec, err);
}

int rollout_document_read(const json_t *json, struct rollout_document *ret, struct oak_error *err)
{
	struct rollout_document d = { 0 };
	int r = read_all(json, &d, err);

	if (r < 0)
		return r;
	d.json = rollout_document_write(&d);
	if (!d.json)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (int i = 0; i < ROLLOUT_LISTS; i++)
		d.where[i] =
			json_object_get(json_object_get(d.json, "where"), where_fields[i].name);
	*ret = d;
	return 0;
}

void rollout_document_clear(struct rollout_document *d)
{
	json_decref(d->json);
	*d = (struct rollout_document){ 0 };
}

/* --- whom it is meant for */

bool rollout_has_tag(const char *tags, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = tags; len && (at = strstr(at, word)); at += len)
		if ((at == tags || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static bool is_one_of(const json_t *list, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i,
			   item) if (strcmp(json_string_value(item), word) == 0) return true;
	return json_array_size(list) == 0;
}

static bool has_all(const json_t *list, const char *tags)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i,
			   item) if (!rollout_has_tag(tags, json_string_value(item))) return false;
	return true;
}

bool rollout_document_fits(const struct rollout_document *d, const struct rollout_who *w)
{
	char os[2 * ROLLOUT_WORD_MAX];

	(void)snprintf(os, sizeof(os), "%s:%s", w->os_id, w->os_version);
	return is_one_of(d->where[ROLLOUT_RINGS], w->ring) &&
	       has_all(d->where[ROLLOUT_TAGS], w->tags) &&
	       is_one_of(d->where[ROLLOUT_KERNELS], w->build_id) &&
	       (is_one_of(d->where[ROLLOUT_DISTRIBUTIONS], w->os_id) ||
		is_one_of(d->where[ROLLOUT_DISTRIBUTIONS], os));
}

uint32_t rollout_domain(const struct rollout_document *d, const char *tags)
{
	size_t len = strlen(d->spread);

	for (const char *at = tags; len && (at = strstr(at, d->spread)); at += len) {
		char hex[SHA256_HEX_MAX];
		uint32_t n = 0;

		if ((at != tags && at[-1] != ' ') || at[len] != '=')
			continue;
		sha256_hex(at, strcspn(at, " "), hex);
		/* Two values that meet in 31 bits are one domain: more careful than asked. */
		for (int i = 0; i < 8; i++)
			n = n << 4 | (uint32_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
		n &= 0x7fffffff;
		return n ? n : 1;
	}
	return 0;
}
