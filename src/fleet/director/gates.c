/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/director/gates.h"

#include <inttypes.h>
#include <stdio.h>

/* Hosts of each stage when the rollout began, and the place of the last. */
static const struct db_statement stages = {
	"rollout-stages", "SELECT stage, placed, last_place FROM rollout_stages WHERE rollout = $1",
	NULL
};

/* Where that rank has no mark of its own, the next one: some more may ask, and are refused. */
static const struct db_statement place_at = {
	"rollout-place-at",
	"SELECT place FROM rollout_marks WHERE rollout = $1 AND stage = $2 AND rank >= $3 "
	"ORDER BY rank LIMIT 1",
	NULL
};

struct placed {
	uint32_t hosts[ROLLOUT_STAGES_MAX + 1];
	uint64_t last[ROLLOUT_STAGES_MAX + 1];
};

static int take_stage(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	struct placed *p = ctx;
	int64_t stage = db_row_int(row, 0);

	if (stage >= 0 && stage <= ROLLOUT_STAGES_MAX) {
		p->hosts[stage] = (uint32_t)db_row_int(row, 1);
		p->last[stage] = (uint64_t)db_row_int(row, 2);
	}
	return 0;
}

static int take_place(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(uint64_t *)ctx = (uint64_t)db_row_int(row, 0);
	return 0;
}

/*
 * Up to which place hosts of a stage may ask; @ret_any: none may. Late ones belong to the last stage:
 * once it is open, so is all beyond its last place, unless there are hosts that no stage takes.
 */
static int gate_of(struct db *db, const struct rollout_row *row, const struct placed *p,
		   uint32_t stage, uint64_t *ret, bool *ret_any, struct oak_error *err)
{
	const size_t n = row->doc.spec.n_stages;
	uint32_t allowed = row->state.allowed[stage], hosts = p->hosts[stage];
	const struct db_value args[] = { db_int(row->number), db_int(stage),
					 db_int((int64_t)allowed - 1) };
	bool over = row->state.phase == ROLLOUT_COMPLETED || allowed >= hosts;
	int64_t got;

	if (over && stage + 1 == n && !p->hosts[n]) {
		*ret_any = stage <= row->state.stage;
		*ret = UINT64_MAX;
		return 0;
	}
	*ret_any = over ? hosts > 0 && stage <= row->state.stage : allowed > 0;
	*ret = p->last[stage];
	if (over || !allowed)
		return 0;
	got = db_query(db, &place_at, args, 3, take_place, ret, err);
	return got < 0 ? (int)got : 0;
}

static int add_gate(json_t *open, const char *tag, uint64_t below, struct oak_error *err)
{
	char hex[17];

	(void)snprintf(hex, sizeof(hex), "%016" PRIx64, below);
	return json_array_append_new(open, json_pack("{s:s, s:s}", "tag", tag, "below", hex)) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

/* Stages without a tag follow each other in the order of places: the highest gate is that of all. */
static int open_json(struct db *db, const struct rollout_row *row, json_t *open,
		     struct oak_error *err)
{
	const struct db_value arg = db_int(row->number);
	struct placed p = { 0 };
	uint64_t highest = 0;
	bool any = false;
	int64_t n = db_query(db, &stages, &arg, 1, take_stage, &p, err);
	int r = n < 0 ? (int)n : 0;

	for (uint32_t i = 0; r == 0 && i < row->doc.spec.n_stages; i++) {
		uint64_t below = 0;
		bool some = false;

		r = gate_of(db, row, &p, i, &below, &some, err);
		if (r < 0 || !some)
			continue;
		if (row->doc.spec.stages[i].kind == ROLLOUT_STAGE_TAG) {
			r = add_gate(open, row->doc.stage_tag[i], below, err);
			continue;
		}
		highest = below > highest ? below : highest;
		any = true;
	}
	return r == 0 && any ? add_gate(open, "", highest, err) : r;
}

int gates_json(struct db *db, const struct rollout_row *row, json_t **ret, struct oak_error *err)
{
	const json_t *where = json_object_get(row->doc.json, "where");
	_cleanup_(json_decrefp) json_t *open = json_array();
	int r = open ? open_json(db, row, open, err) : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return r;
	*ret = json_pack("{s:s, s:s, s:s, s:s, s:{s:O, s:O, s:O}, s:O, s:O, s:b}", "id", row->id,
			 "name", row->doc.name, "state", rollout_phase_name(row->state.phase),
			 "why", row->state.why, "where", "tags", json_object_get(where, "tags"),
			 "kernels", json_object_get(where, "kernels"), "distributions",
			 json_object_get(where, "distributions"), "levels", row->levels, "open",
			 open, "take_back", (int)row->state.take_back);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
