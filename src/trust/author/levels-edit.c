/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/levels-edit.h"

#include <string.h>

#include "base/json.h"
#include "trust/fields.h"

static json_t *kernel_json(const struct manifest_kernel *k)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "build_id", k->build_id, "release",
			 k->release, "arch", k->arch, "distribution", k->distribution,
			 "package_version", k->package_version);
}

static json_t *entry_json(const struct manifest *m, const char *at)
{
	return json_pack("{s:i, s:[s], s:{s:I, s:s}, s:s?, s:s, s:{s:s}}", "level", (int)m->level,
			 "channels", m->channel, "module", "size", (json_int_t)m->module.size,
			 "sha256", m->module.sha256, "effective_version", m->effective_version,
			 "published", at, "since", m->channel, at);
}

static json_t *fix_json(const struct manifest_fix *fix, uint32_t since)
{
	json_t *cve = json_array();

	for (size_t i = 0; cve && i < fix->n_cve; i++)
		(void)json_array_append_new(cve, json_string(fix->cve[i]));
	return json_pack("{s:s, s:o, s:i, s:s*}", "id", fix->id, "cve", cve, "since", (int)since,
			 "severity", fix->severity);
}

/* Members are inserted where the order of levels wants them. */
static int insert_entry(json_t *list, const struct manifest *m, const char *at)
{
	size_t i = json_array_size(list);

	while (i > 0 && json_integer_value(json_object_get(json_array_get(list, i - 1), "level")) >
				(json_int_t)m->level)
		i--;
	return json_array_insert_new(list, i, entry_json(m, at));
}

static bool manifest_has(const struct manifest *m, const char *id)
{
	for (size_t i = 0; i < m->n_fixes; i++)
		if (strcmp(m->fixes[i].id, id) == 0)
			return true;
	return false;
}

/* NULL: no level up to now has it. */
static json_t *open_fix(const json_t *fixes, const char *id)
{
	for (size_t i = 0; i < json_array_size(fixes); i++) {
		json_t *fix = json_array_get(fixes, i);

		if (!json_object_get(fix, "until") && strcmp(json_get_str(fix, "id"), id) == 0)
			return fix;
	}
	return NULL;
}

/* A fix that the new level lacks ends with it; one that it has for the first time begins. */
static int merge_fixes(json_t *fixes, const struct manifest *m)
{
	for (size_t i = 0; i < json_array_size(fixes); i++) {
		json_t *fix = json_array_get(fixes, i);

		if (!json_object_get(fix, "until") && !manifest_has(m, json_get_str(fix, "id")) &&
		    json_object_set_new(fix, "until", json_integer(m->level)) < 0)
			return -1;
	}
	for (size_t i = 0; i < m->n_fixes; i++) {
		json_t *open = open_fix(fixes, m->fixes[i].id);
		const char *severity = m->fixes[i].severity;

		if (!open && json_array_append_new(fixes, fix_json(&m->fixes[i], m->level)) < 0)
			return -1;
		/* The newest level knows best. */
		if (open && severity &&
		    json_object_set_new(open, "severity", json_string(severity)) < 0)
			return -1;
	}
	return 0;
}

/* A level that hosts may have loaded never changes; a correction is the next level. */
static int check_new(const json_t *old, const struct manifest *m, struct oak_error *err)
{
	_cleanup_(levels_freep) struct levels *l = NULL;
	const struct levels_entry *e;
	int r = levels_from_json(old, "levels.json", &l, err);

	if (r < 0)
		return r;
	e = levels_entry(l, m->level);
	if (e && strcmp(e->module.sha256, m->module.sha256) == 0)
		return oak_fail(err, OAK_E_NOTHING, "level %u of kernel %s is there already",
				m->level, m->kernel.build_id);
	if (e)
		return oak_fail(err, OAK_E_REFUSED,
				"level %u of kernel %s exists with other content; a level never "
				"changes: build level %u",
				m->level, m->kernel.build_id, l->entries[l->n - 1].level + 1);
	if (l->n && l->entries[l->n - 1].level > m->level)
		return oak_fail(err, OAK_E_REFUSED,
				"level %u of kernel %s is older than level %u, which is there: levels "
				"are cumulative; build level %u",
				m->level, m->kernel.build_id, l->entries[l->n - 1].level,
				l->entries[l->n - 1].level + 1);
	return 0;
}

int levels_add(const json_t *old, const struct manifest *m, const char *at, json_t **ret,
	       struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *next = NULL;
	int r = old ? check_new(old, m, err) : 0;

	if (r < 0)
		return r;
	next = old ? json_deep_copy(old)
		   : json_pack("{s:i, s:o, s:[], s:[]}", "schema", LEVELS_SCHEMA, "kernel",
			       kernel_json(&m->kernel), "levels", "fixes");
	if (!next || insert_entry(json_object_get(next, "levels"), m, at) < 0 ||
	    merge_fixes(json_object_get(next, "fixes"), m) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(next);
	return 0;
}

/* A copy of the document, and of the entry in it. */
static int copy(const json_t *old, uint32_t level, json_t **ret, json_t **ret_entry,
		struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *next = json_deep_copy(old);
	json_t *list = json_object_get(next, "levels"), *entry;
	size_t i;

	if (!next)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	json_array_foreach(list, i, entry)
	{
		if (json_integer_value(json_object_get(entry, "level")) != (json_int_t)level)
			continue;
		*ret_entry = entry;
		*ret = take_ptr(next);
		return 0;
	}
	return oak_fail(err, OAK_E_NOTFOUND, "the repository has no level %u of this kernel", level);
}

/* A list of before has no member "since". */
static int set_since(json_t *entry, const char *channel, const char *at)
{
	json_t *since = json_object_get(entry, "since");

	return since ? json_object_set_new(since, channel, json_string(at))
		     : json_object_set_new(entry, "since", json_pack("{s:s}", channel, at));
}

int levels_promote(const json_t *old, uint32_t level, const char *channel, const char *at,
		   json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *next = NULL;
	json_t *entry, *channels;
	int r;

	if (!text_follows(channel, &text_word))
		return oak_fail(err, OAK_E_FORMAT, "'%.64s' is no name of a channel: %s is",
				channel, text_word.what);
	r = copy(old, level, &next, &entry, err);
	if (r < 0)
		return r;
	if (json_is_object(json_object_get(entry, "withdrawn")))
		return oak_fail(err, OAK_E_REFUSED,
				"level %u was withdrawn (%s); build the next level instead", level,
				json_get_str(json_object_get(entry, "withdrawn"), "why"));
	channels = json_object_get(entry, "channels");
	for (size_t i = 0; i < json_array_size(channels); i++)
		if (strcmp(json_string_value(json_array_get(channels, i)), channel) == 0)
			return oak_fail(err, OAK_E_NOTHING, "level %u is in channel %s already",
					level, channel);
	if (json_array_size(channels) >= LEVELS_CHANNELS_MAX ||
	    json_object_size(json_object_get(entry, "since")) >= LEVELS_CHANNELS_MAX)
		return oak_fail(err, OAK_E_REFUSED, "level %u is in %d channels already", level,
				LEVELS_CHANNELS_MAX);
	if (json_array_append_new(channels, json_string(channel)) < 0 ||
	    set_since(entry, channel, at) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(next);
	return 0;
}

static int check_reason(const char *why, struct oak_error *err)
{
	return text_follows(why, &text_line)
		       ? 0
		       : oak_fail(err, OAK_E_FORMAT, "the reason is not %s of 1 to %zu bytes",
				  text_line.what, text_line.max);
}

int levels_hold(const json_t *old, uint32_t level, const char *why, const char *at, json_t **ret,
		struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *next = NULL;
	json_t *entry;
	int r = why ? check_reason(why, err) : 0;

	if (r == 0)
		r = copy(old, level, &next, &entry, err);
	if (r < 0)
		return r;
	if (!why && json_object_del(entry, "held") < 0)
		return oak_fail(err, OAK_E_NOTHING, "level %u is not held", level);
	if (why && json_is_object(json_object_get(entry, "withdrawn")))
		return oak_fail(err, OAK_E_REFUSED, "level %u was withdrawn; no host takes it",
				level);
	if (why &&
	    json_object_set_new(entry, "held", json_pack("{s:s, s:s}", "why", why, "at", at)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(next);
	return 0;
}

int levels_withdraw(const json_t *old, uint32_t level, const char *why, const char *at,
		    json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *next = NULL;
	json_t *entry;
	int r;

	r = check_reason(why, err);
	if (r == 0)
		r = copy(old, level, &next, &entry, err);
	if (r < 0)
		return r;
	if (json_is_object(json_object_get(entry, "withdrawn")))
		return oak_fail(err, OAK_E_NOTHING, "level %u is withdrawn already", level);
	if (json_object_set_new(entry, "withdrawn", json_pack("{s:s, s:s}", "why", why, "at", at)) <
	    0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(next);
	return 0;
}
