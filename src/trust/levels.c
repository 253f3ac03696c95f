/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/levels.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "trust/date.h"
#include "trust/fields.h"

static int check_words(const json_t *list, const char *key, struct oak_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (!word || !text_follows(word, &text_word))
			return oak_fail(err, OAK_E_FORMAT, "%s: %zu: not a plain word", key, i);
	}
	return 0;
}

static int get_level(const json_t *json, const char *key, uint32_t *ret, struct oak_error *err)
{
	uint64_t n;
	int r = field_number(json, key, 1, MANIFEST_LEVEL_MAX, &n, err);

	if (r == 0)
		*ret = (uint32_t)n;
	return r;
}

/* {"why", "at"}; null or absent: nothing is said against the level. */
static int parse_verdict(const json_t *json, const char *key, const char **ret_why,
			 const char **ret_at, struct oak_error *err)
{
	const json_t *verdict = json_object_get(json, key);
	int64_t at_s;
	int r;

	if (!verdict || json_is_null(verdict))
		return 0;
	r = field_text(verdict, "why", &text_line, ret_why, err);
	if (r == 0)
		r = field_text(verdict, "at", &text_line, ret_at, err);
	if (r == 0 && date_parse(*ret_at, &at_s) < 0)
		r = oak_fail(err, OAK_E_FORMAT, "at: not a date like 2026-01-31T00:00:00Z");
	return r < 0 ? oak_context(err, "%s", key) : 0;
}

/* {"<channel>": "<date>"}; absent in lists of before. */
static int parse_since(const json_t *json, const json_t **ret, struct oak_error *err)
{
	json_t *since = json_object_get(json, "since"), *date;
	const char *channel;

	if (!since)
		return 0;
	if (!json_is_object(since) || json_object_size(since) > LEVELS_CHANNELS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "since: not an object of at most %d channels",
				LEVELS_CHANNELS_MAX);
	json_object_foreach(since, channel, date)
	{
		int64_t s;

		if (!text_follows(channel, &text_word))
			return oak_fail(err, OAK_E_FORMAT, "since: not a plain word");
		if (!json_is_string(date) || date_parse(json_string_value(date), &s) < 0)
			return oak_fail(err, OAK_E_FORMAT,
					"since: %s: not a date like 2026-01-31T00:00:00Z", channel);
	}
	*ret = since;
	return 0;
}

static int parse_entry(const json_t *json, struct levels_entry *ret, struct oak_error *err)
{
	const json_t *module = json_object_get(json, "module");
	size_t n;
	int r = get_level(json, "level", &ret->level, err);

	if (r == 0)
		r = field_list(json, "channels", true, LEVELS_CHANNELS_MAX, &ret->channels, &n, err);
	if (r == 0)
		r = check_words(ret->channels, "channels", err);
	if (r == 0)
		r = field_number(module, "size", 1, MANIFEST_MODULE_MAX, &ret->module.size, err);
	if (r == 0)
		r = field_text(module, "sha256", &text_sha256, &ret->module.sha256, err);
	if (r == 0)
		r = field_optional(json, "effective_version", &ret->effective_version, err);
	if (r == 0)
		r = parse_verdict(json, "withdrawn", &ret->withdrawn_why, &ret->withdrawn_at, err);
	if (r == 0)
		r = parse_verdict(json, "held", &ret->held_why, &ret->held_at, err);
	if (r == 0)
		r = field_date(json, "published", &ret->published_s, err);
	if (r == 0)
		r = parse_since(json, &ret->since, err);
	return r;
}

static int parse_entries(struct levels *l, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = field_list(l->json, "levels", true, LEVELS_MAX, &list, &n, err);

	if (r < 0)
		return r;
	l->entries = calloc(n + 1, sizeof(*l->entries));
	if (!l->entries)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; l->n < n; l->n++) {
		r = parse_entry(json_array_get(list, l->n), &l->entries[l->n], err);
		if (r < 0)
			return oak_context(err, "levels: %zu", l->n);
		if (l->n && l->entries[l->n].level <= l->entries[l->n - 1].level)
			return oak_fail(err, OAK_E_FORMAT, "levels: %zu: not in rising order", l->n);
	}
	return 0;
}

static int parse_fix(const json_t *json, struct levels_fix *ret, struct oak_error *err)
{
	size_t n;
	int r = field_text(json, "id", &text_word, &ret->id, err);

	if (r == 0)
		r = field_list(json, "cve", true, LEVELS_MAX, &ret->cve, &n, err);
	if (r == 0)
		r = check_words(ret->cve, "cve", err);
	if (r == 0)
		r = field_severity(json, "severity", &ret->severity, err);
	if (r == 0)
		r = get_level(json, "since", &ret->since, err);
	if (r == 0 && json_object_get(json, "until"))
		r = get_level(json, "until", &ret->until, err);
	if (r == 0 && ret->until && ret->until <= ret->since)
		r = oak_fail(err, OAK_E_FORMAT, "until: not after since");
	return r;
}

static int parse_fixes(struct levels *l, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = field_list(l->json, "fixes", true, LEVELS_MAX, &list, &n, err);

	if (r < 0)
		return r;
	l->fixes = calloc(n + 1, sizeof(*l->fixes));
	if (!l->fixes)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; l->n_fixes < n; l->n_fixes++) {
		r = parse_fix(json_array_get(list, l->n_fixes), &l->fixes[l->n_fixes], err);
		if (r < 0)
			return oak_context(err, "fixes: %zu", l->n_fixes);
	}
	return 0;
}

static int parse(struct levels *l, struct oak_error *err)
{
	uint64_t schema;
	int r = field_number(l->json, "schema", LEVELS_SCHEMA, LEVELS_SCHEMA, &schema, err);

	if (r == 0)
		r = manifest_kernel_parse(json_object_get(l->json, "kernel"), &l->kernel, err);
	if (r == 0)
		r = parse_entries(l, err);
	if (r == 0)
		r = parse_fixes(l, err);
	return r;
}

int levels_from_json(const json_t *json, const char *what, struct levels **ret,
		     struct oak_error *err)
{
	_cleanup_(levels_freep) struct levels *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* json_incref() wants non-const; only the reference count changes. */
	l->json = json_incref((json_t *)(uintptr_t)json);
	r = parse(l, err);
	if (r < 0)
		return oak_context(err, "%s", what);
	*ret = take_ptr(l);
	return 0;
}

const struct levels_entry *levels_entry(const struct levels *l, uint32_t level)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->entries[i].level == level)
			return &l->entries[i];
	return NULL;
}

bool levels_in_channel(const struct levels_entry *e, const char *channel)
{
	for (size_t i = 0; i < json_array_size(e->channels); i++)
		if (strcmp(json_string_value(json_array_get(e->channels, i)), channel) == 0)
			return true;
	return false;
}

int64_t levels_since(const struct levels_entry *e, const char *channel)
{
	const char *date = channel ? json_get_str(e->since, channel) : NULL;
	int64_t s = e->published_s;

	if (date && date_parse(date, &s) < 0) /* it was parsed once */
		return 0;
	return s;
}

bool levels_fix_in(const struct levels_fix *fix, uint32_t level)
{
	return level >= fix->since && (!fix->until || level < fix->until);
}

const struct levels_entry *levels_newest(const struct levels *l, const char *channel)
{
	for (size_t i = l->n; i-- > 0;)
		if (!l->entries[i].withdrawn_why && !l->entries[i].held_why &&
		    (!channel || levels_in_channel(&l->entries[i], channel)))
			return &l->entries[i];
	return NULL;
}

void levels_path(const char *arch, const char *build_id, char ret[MANIFEST_PATH_MAX])
{
	(void)snprintf(ret, MANIFEST_PATH_MAX, "kernels/%.32s/%.64s/levels.json", arch, build_id);
}

void levels_module_path(const char *arch, const char *build_id, uint32_t level,
			char ret[MANIFEST_PATH_MAX])
{
	(void)snprintf(ret, MANIFEST_PATH_MAX, "kernels/%.32s/%.64s/%u/oakum_%u.ko.zst", arch,
		       build_id, level, level);
}

void levels_free(struct levels *l)
{
	if (!l)
		return;
	json_decref(l->json);
	free(l->entries);
	free(l->fixes);
	free(l);
}
