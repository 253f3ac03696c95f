/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people tell rollouts to do. */
#include <stdio.h>
#include <string.h>

#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/level-list.h"
#include "fleet/store/rollout-json.h"
#include "fleet/store/rollout-say.h"
#include "fleet/store/rollouts.h"

static const struct db_statement count_live = { "rollouts-live-count",
						"SELECT count(*) FROM rollouts WHERE live = 1",
						NULL };

static const struct db_statement set_stop = {
	"fleet-stop",
	"UPDATE fleet_state SET stop_why = $1, stop_who = $2, stop_s = $3 WHERE id = 1", NULL
};

static const struct db_statement get_stop = {
	"fleet-stop-state",
	"SELECT stop_why, stop_who, stop_s FROM fleet_state WHERE id = 1 AND stop_why IS NOT NULL",
	NULL
};

static int take_count(void *ctx, const struct db_row *row, _unused_ struct oak_error *err)
{
	*(int64_t *)ctx = db_row_int(row, 0);
	return 0;
}

/* All live ones stand in each decision, which has a size. */
static int check_live(struct db *db, const struct rollout_row *row, struct oak_error *err)
{
	int64_t live = 0, n = db_query(db, &count_live, NULL, 0, take_count, &live, err);

	if (n < 0)
		return (int)n;
	if (!row->live && live >= ROLLOUTS_LIVE)
		return oak_fail(err, OAK_E_REFUSED,
				"%d rollouts are live; complete or cancel some first",
				ROLLOUTS_LIVE);
	return 0;
}

/* A second pair of eyes: another name, and another person behind it. */
static int check(struct db *db, const struct rollout_row *row, enum rollout_command c,
		 const struct rollout_by *by, struct oak_error *err)
{
	if (c == ROLLOUT_APPROVE && strcmp(row->created_by, by->who) == 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s created the rollout: another person approves it", by->who);
	if (c == ROLLOUT_APPROVE && row->created_person[0] &&
	    strcmp(row->created_person, by->person) == 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s, who is the same person, created the rollout: another person "
				"approves it",
				row->created_by);
	return c == ROLLOUT_SUBMIT ? check_live(db, row, err) : 0;
}

/* Marks that are not the engine's. */
static void mark(struct rollout_row *row, enum rollout_command c, const char *who, int64_t now_s)
{
	enum rollout_phase p = row->state.phase;

	if (c == ROLLOUT_APPROVE)
		(void)snprintf(row->approved_by, sizeof(row->approved_by), "%s", who);
	if (c == ROLLOUT_START)
		row->started_s = now_s;
	row->live = p != ROLLOUT_DRAFT && p != ROLLOUT_CANCELLED;
	row->ended_s = p == ROLLOUT_HALTED || p == ROLLOUT_CANCELLED ? now_s : 0;
}

int rollouts_command(struct db *db, const char *id, enum rollout_command c, const char *who,
		     int64_t now_s, json_t **ret, struct oak_error *err)
{
	return rollouts_command_by(db, id, c, &(const struct rollout_by){ who, "" }, now_s, ret,
				   err);
}

int rollouts_command_by(struct db *db, const char *id, enum rollout_command c,
			const struct rollout_by *by, int64_t now_s, json_t **ret,
			struct oak_error *err)
{
	_cleanup_(rollout_row_clear) struct rollout_row row = { 0 };
	struct rollout_tallies t;
	struct rollout_tally all;
	struct fleet_clock clock = { 0 };
	char action[32];
	int r = rollout_row_find(db, id, true, &row, err);

	if (r == 0)
		r = fleet_clock_read(db, now_s, &clock, err);
	if (r == 0)
		r = rollout_tallies_read(db, &row, clock.fleet_s, &t, err);
	if (r == 0)
		r = check(db, &row, c, by, err);
	if (r < 0)
		return r;
	all = rollout_tallies_sum(&row, &t);
	r = rollout_command(&row.doc.spec, &row.state, c, rollout_failed(&all), clock.fleet_s, err);
	if (r < 0)
		return r;
	mark(&row, c, by->who, now_s);
	(void)snprintf(action, sizeof(action), "rollout.%s", rollout_command_name(c));
	r = rollout_row_save(db, &row, err);
	if (r == 0)
		r = rollout_say(db, &row,
				&(struct rollout_deed){ by->who, action,
							rollout_phase_event(row.state.phase),
							now_s },
				err);
	if (r < 0)
		return r;
	*ret = rollout_json(&row, &t);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int rollouts_stop_all(struct db *db, const char *why, const char *who, int64_t now_s,
		      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *data = json_pack("{s:s*}", "why", why);
	const struct audit_entry entry = { .who = who,
					   .action = why ? "fleet.stop" : "fleet.lift",
					   .subject = "",
					   .detail = data,
					   .at_s = now_s };
	const struct event event = { .type = why ? "fleet.stopped" : "fleet.lifted",
				     .subject = "",
				     .data = data,
				     .at_s = now_s };
	int64_t n;
	int r;

	if (!data)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (why && (!why[0] || strlen(why) > 255))
		return oak_fail(err, OAK_E_FORMAT, "why: a text of 1 to 255 bytes");
	n = db_run(db, &set_stop,
		   (const struct db_value[]){ db_text(why), db_text(who), db_int(now_s) }, 3, err);
	if (n < 0)
		return (int)n;
	r = audit_add(db, &entry, err);
	return r < 0 ? r : event_add(db, &event, err);
}

static int take_stop(void *ctx, const struct db_row *row, struct oak_error *err)
{
	json_t **ret = ctx;

	*ret = json_pack("{s:b, s:s, s:s, s:I}", "stopped", 1, "why", db_row_text(row, 0), "who",
			 db_row_text(row, 1), "since", (json_int_t)db_row_int(row, 2));
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int rollouts_stop_state(struct db *db, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *state = NULL;
	int64_t n = db_query(db, &get_stop, NULL, 0, take_stop, &state, err);

	if (n < 0)
		return (int)n;
	if (!state)
		state = json_pack("{s:b}", "stopped", 0);
	if (!state)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(state);
	return 0;
}

int rollouts_levels(struct db *db, json_t **ret, struct oak_error *err)
{
	return level_list_read(db, NULL, ret, err);
}
