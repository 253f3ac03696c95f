/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/document-write.h"

#include "base/cleanup.h"
#include "trust/date.h"

const char *const rollout_next_words[] = { "stage", "pause", NULL };
const char *const rollout_action_words[] = { "pause", "stop", "take-back", NULL };

/* Lives in a table of four: an expression has at most that many durations. */
struct words {
	char text[4][DURATION_TEXT_MAX];
};

static const char *duration(struct words *w, int i, uint32_t s)
{
	duration_format(s, w->text[i]);
	return w->text[i];
}

static json_t *stage_json(const struct rollout_document *d, size_t i)
{
	const struct rollout_stage *st = &d->spec.stages[i];
	struct words w = { 0 };
	json_t *json = json_pack("{s:s, s:I, s:I, s:s, s:s}", "soak", duration(&w, 0, st->soak_s),
				 "success", (json_int_t)st->success_pct, "min_reports",
				 (json_int_t)st->min_reports, "patience",
				 duration(&w, 1, st->patience_s), "next",
				 rollout_next_words[st->next]);

	if (st->kind == ROLLOUT_STAGE_TAG)
		(void)json_object_set_new(json, "tag", json_string(d->stage_tag[i]));
	else
		(void)json_object_set_new(json,
					  st->kind == ROLLOUT_STAGE_COUNT ? "count" : "percent",
					  json_integer(st->amount));
	return json;
}

static json_t *stages_json(const struct rollout_document *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->spec.n_stages; i++)
		(void)json_array_append_new(list, stage_json(d, i));
	return list;
}

static json_t *list_json(const json_t *list)
{
	return list ? json_deep_copy(list) : json_array();
}

static json_t *windows_json(const struct rollout_document *d)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (windows_format(d->windows, d->n_windows, &text) < 0)
		return NULL;
	return json_string(buf_str(&text));
}

static json_t *start_json(const struct rollout_document *d)
{
	char text[DATE_TEXT_MAX];

	if (d->start_s <= ROLLOUT_START_AT_ONCE)
		return json_string(d->start_s == ROLLOUT_START_AT_ONCE ? "at-once" : "by-hand");
	date_format(d->start_s, text);
	return json_string(text);
}

static json_t *parts_json(const struct rollout_document *d)
{
	const struct rollout_spec *s = &d->spec;

	return json_pack("{s:{s:o, s:o, s:o, s:o}, s:o, s:{s:I, s:I, s:I, s:s}, s:{s:I, s:I}}",
			 "where", "rings", list_json(d->where[ROLLOUT_RINGS]), "tags",
			 list_json(d->where[ROLLOUT_TAGS]), "kernels",
			 list_json(d->where[ROLLOUT_KERNELS]), "distributions",
			 list_json(d->where[ROLLOUT_DISTRIBUTIONS]), "stages", stages_json(d),
			 "budget", "failed", (json_int_t)s->budget.max_failed, "failed_percent",
			 (json_int_t)s->budget.max_failed_pct, "min_executed",
			 (json_int_t)s->budget.min_executed, "action",
			 rollout_action_words[s->budget.action], "impact", "transition_ms",
			 (json_int_t)s->max_transition_ms, "gap_us", (json_int_t)s->max_gap_us);
}

json_t *rollout_document_write(const struct rollout_document *d)
{
	const struct rollout_spec *s = &d->spec;
	_cleanup_(json_decrefp) json_t *json = parts_json(d);
	struct words w = { 0 };
	_cleanup_(json_decrefp) json_t *rest =
		json_pack("{s:s, s:o, s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:o, s:b, s:o}", "name",
			  d->name, "level",
			  d->level ? json_integer(d->level) : json_string("latest"), "channel",
			  d->channel, "max_in_flight", (json_int_t)s->max_in_flight,
			  "grant_timeout", duration(&w, 0, s->grant_timeout_s), "settle_timeout",
			  duration(&w, 1, s->settle_timeout_s), "silence",
			  duration(&w, 2, s->silence_s), "windows", windows_json(d), "timezone",
			  d->timezone, "spread",
			  d->spread[0] ? json_string(d->spread) : json_null(), "approval",
			  (int)s->approval, "start", start_json(d));

	if (!json || !rest || json_object_update(json, rest) < 0)
		return NULL;
	return take_ptr(json);
}
