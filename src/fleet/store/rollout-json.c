/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollout-json.h"

static json_t *tally_json(const struct rollout_tally *t)
{
	json_t *json = json_object();

	for (int o = 0; o < ROLLOUT_OUTCOMES; o++)
		(void)json_object_set_new(json, rollout_outcome_name((enum rollout_outcome)o),
					  json_integer(t->n[o]));
	return json;
}

static json_t *stages_json(const struct rollout_row *row, const struct rollout_tallies *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->doc.spec.n_stages; i++)
		(void)json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:o}", "stage",
							    (json_int_t)i + 1, "hosts",
							    (json_int_t)t->stage[i].hosts, "allowed",
							    (json_int_t)row->state.allowed[i],
							    "outcomes", tally_json(&t->stage[i])));
	return list;
}

static json_t *time_json(int64_t s)
{
	return s ? json_integer(s) : json_null();
}

static json_t *text_json(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

json_t *rollout_json(const struct rollout_row *row, const struct rollout_tallies *t)
{
	const struct rollout_tally all = rollout_tallies_sum(row, t);
	const struct rollout_state *s = &row->state;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:b, s:s, s:o, s:I, s:o, s:o, s:O, s:O, s:I, "
		"s:o, s:o}",
		"id", row->id, "name", row->doc.name, "phase", rollout_phase_name(s->phase), "why",
		s->why, "stage", (json_int_t)s->stage + 1, "passed", (int)s->passed, "take_back",
		(int)s->take_back, "assigned", (int)row->assigned, "created_by", row->created_by,
		"approved_by", text_json(row->approved_by), "created", (json_int_t)row->created_s,
		"started", time_json(row->started_s), "ended", time_json(row->ended_s), "levels",
		row->levels, "specification", row->doc.json, "hosts", (json_int_t)all.hosts,
		"outcomes", tally_json(&all), "stages", stages_json(row, t));
}
