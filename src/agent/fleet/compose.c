/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/compose.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/plain.h"

static const char *const words
	[] = { [REPORT_APPLIED] = "applied", [REPORT_SETTLED] = "settled", [REPORT_FAILED] = "failed" };

static uint32_t number(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static bool is_state(const json_t *facts, const char *state)
{
	const char *is = json_get_str(json_object_get(facts, "level"), "state");

	return is && strcmp(is, state) == 0;
}

static const char *quarantine_of(const json_t *facts, uint32_t level)
{
	const json_t *list = json_object_get(json_object_get(facts, "local"), "quarantine"), *each;
	const char *why;
	size_t i;

	json_array_foreach(list, i, each)
	{
		why = json_get_str(each, "why");
		if (number(each, "level") == level)
			return why && why[0] ? why : "quarantined";
	}
	return NULL;
}

static bool tell(struct report_result *ret, enum report_result_kind kind, const char *why)
{
	ret->kind = kind;
	plain_copy(ret->why, sizeof(ret->why), why);
	return true;
}

/* The last deed, where it was that level's, and failed in the kernel after it was granted. */
static const char *failure_of(const json_t *facts, const struct fleet_watch *w)
{
	const json_t *failed = json_object_get(json_object_get(facts, "local"), "failed");

	if (number(failed, "level") != w->level ||
	    json_integer_value(json_object_get(failed, "at")) < w->granted_s)
		return NULL;
	return json_get_str(failed, "why");
}

static bool is_of_kernel(const json_t *facts, const struct fleet_watch *w)
{
	const char *build_id = json_get_str(json_object_get(facts, "kernel"), "build_id");

	return build_id && strcmp(build_id, w->build_id) == 0;
}

bool fleet_result(const json_t *facts, const struct fleet_watch *w, struct report_result *ret)
{
	const json_t *local = json_object_get(facts, "local");
	uint32_t level = number(json_object_get(facts, "level"), "number");
	const char *why = quarantine_of(facts, w->level);

	*ret = (struct report_result){ .level = w->level };
	memcpy(ret->rollout, w->rollout, sizeof(ret->rollout));
	if (!is_of_kernel(facts, w))
		return false;
	if (level == w->level && number(local, "impact_level") == level) {
		ret->transition_ms = number(local, "transition_ms");
		ret->gap_us = number(local, "gap_us");
	}
	if (why)
		return tell(ret, REPORT_FAILED, why);
	if (level == w->level && is_state(facts, "settled"))
		return tell(ret, REPORT_SETTLED, "");
	if (level == w->level && is_state(facts, "soaking"))
		return tell(ret, REPORT_APPLIED, "");
	why = failure_of(facts, w);
	if (why && level != w->level)
		return tell(ret, REPORT_FAILED, why);
	if (w->applied && level < w->level && !is_state(facts, "reverting"))
		return tell(ret, REPORT_FAILED, "taken out again");
	return false;
}

/* Nothing will come of it any more: another kernel runs, or a newer level is there. */
static bool is_over(const json_t *facts, const struct fleet_watch *w)
{
	return !is_of_kernel(facts, w) ||
	       number(json_object_get(facts, "level"), "number") > w->level;
}

static void drop_over(const json_t *facts, struct fleet_memory *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n_watches; i++)
		if (!is_over(facts, &m->watches[i]) || quarantine_of(facts, m->watches[i].level))
			m->watches[kept++] = m->watches[i];
	m->n_watches = kept;
}

static json_t *result_json(const struct report_result *r)
{
	json_t *json = json_pack("{s:s, s:I, s:s}", "rollout", r->rollout, "level",
				 (json_int_t)r->level, "result", words[r->kind]);

	if (r->why[0])
		(void)json_object_set_new(json, "why", json_string(r->why));
	if (r->transition_ms)
		(void)json_object_set_new(json, "transition_ms",
					  json_integer((json_int_t)r->transition_ms));
	if (r->gap_us)
		(void)json_object_set_new(json, "gap_us", json_integer((json_int_t)r->gap_us));
	return json;
}

static json_t *results_json(const json_t *facts, const struct fleet_memory *m)
{
	json_t *list = json_array();
	struct report_result r;

	for (size_t i = 0; i < m->n_watches; i++)
		if (fleet_result(facts, &m->watches[i], &r))
			(void)json_array_append_new(list, result_json(&r));
	return list;
}

/* What is written is read as the server will: a fact that does not fit is found here. */
static int check(const char *text, struct oak_error *err)
{
	struct report r = { .sequence = 0 };
	int ret = report_parse(text, strlen(text), &r, err);

	if (ret == 0)
		report_clear(&r);
	return ret;
}

int fleet_compose(const struct compose_options *o, char **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = json_deep_copy(o->facts);
	_cleanup_(freep) char *text = NULL;
	json_t *results;
	int r;

	if (!json_is_object(doc))
		return oak_fail(err, OAK_E_FORMAT, "nothing is known of this host yet");
	drop_over(o->facts, o->memory);
	results = results_json(o->facts, o->memory);
	(void)json_object_del(doc, "local");
	(void)json_object_set_new(doc, "schema", json_integer(1));
	(void)json_object_set_new(doc, "host", json_string(o->home->host));
	(void)json_object_set_new(doc, "sequence", json_integer((json_int_t)o->sequence));
	(void)json_object_set_new(doc, "time", json_integer((json_int_t)o->now_s));
	if (json_array_size(results))
		(void)json_object_set(doc, "results", results);
	json_decref(results);
	if (o->ask)
		(void)json_object_set_new(doc, "asks",
					  json_pack("[{s:s, s:I}]", "rollout", o->ask->rollout,
						    "level", (json_int_t)o->ask->level));
	text = json_dumps(doc, JSON_COMPACT);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = check(text, err);
	if (r == 0)
		*ret = take_ptr(text);
	return r;
}

void fleet_news(const json_t *facts, const struct fleet_memory *m, char ret[65])
{
	static const char *const keys[] = { "level", "quarantined", "kernel", "boot", "tags" };
	_cleanup_(json_decrefp) json_t *news = json_object(), *results = results_json(facts, m);
	_cleanup_(freep) char *text = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)json_object_set(news, keys[i], json_object_get(facts, keys[i]));
	(void)json_object_set(news, "results", results);
	text = json_dumps(news, JSON_COMPACT | JSON_SORT_KEYS);
	sha256_hex(text ? text : "", text ? strlen(text) : 0, ret);
}
