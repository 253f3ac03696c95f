/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/director/director.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fleet/director/memo.h"
#include "fleet/director/publish.h"
#include "fleet/director/watch.h"
#include "fleet/ops/metrics.h"
#include "fleet/server-settings.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/gather.h"
#include "fleet/store/rollout-assign.h"
#include "fleet/store/rollout-say.h"
#include "fleet/store/rollout-tally.h"
#include "fleet/store/samples.h"

#define LOOK_S      600 /* how often the repository is asked */
#define GATHER_S    5   /* how often lists are added up, where that is cheap */
#define GATHER_PART 50  /* and at most so little of the time where it is not */
#define LOOK_SOON_S 30  /* and where a rollout of the latest level waits for it, and it failed */

struct turn {
	struct fleet *fleet;
	struct db *db;
	int64_t now_s; /* of the wall */
	struct fleet_clock clock;
	struct rollout_rows rows;
};

static void turn_clear(struct turn *t)
{
	rollout_rows_clear(&t->rows);
}

/* A jump of the wall's clock, or a pause in which nobody was heard: rollouts rest for as long. */
static int tell_lost(struct turn *t, int64_t lost_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *data = json_pack("{s:I}", "seconds", (json_int_t)lost_s);
	const struct audit_entry entry = { .who = "server",
					   .action = "clock.jump",
					   .subject = "",
					   .detail = data,
					   .at_s = t->now_s };
	const struct event event = {
		.type = "clock.jumped", .subject = "", .data = data, .at_s = t->now_s
	};
	int r;

	if (!data)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = audit_add(t->db, &entry, err);
	return r < 0 ? r : event_add(t->db, &event, err);
}

static int move_clock(struct turn *t, struct oak_error *err)
{
	const struct director_memo *memo = shelf_memo(t->fleet->shelf);
	int64_t lost_s = 0;
	int r = fleet_clock_turn(t->db, memo->turned_s, t->now_s, &t->clock, &lost_s, err);

	if (r < 0 || !lost_s || !memo->turned_s)
		return r;
	return tell_lost(t, lost_s, err);
}

/* --- one rollout */

static bool is_window_open(const struct turn *t, const struct rollout_row *row)
{
	const struct rollout_document *d = &row->doc;
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct oak_error err;

	if (!d->n_windows)
		return true;
	/* A zone that is gone from the system: no window is known, so none is open. */
	return zone_open(d->timezone, &z, &err) == 0 &&
	       windows_open(d->windows, d->n_windows, t->now_s + zone_offset(z, t->now_s));
}

/* What the server did by itself: once where the phase changed, and for each stage that opened. */
static int tell(struct turn *t, const struct rollout_row *row, const struct rollout_state *before,
		struct oak_error *err)
{
	struct rollout_deed deed = { .who = "server", .at_s = t->now_s };

	if (row->state.phase != before->phase)
		deed.event = deed.action = rollout_phase_event(row->state.phase);
	else if (row->state.stage != before->stage)
		deed.event = deed.action = "rollout.stage";
	else
		return 0;
	return rollout_say(t->db, row, &deed, err);
}

static bool is_same(const struct rollout_state *a, const struct rollout_state *b)
{
	return a->phase == b->phase && a->stage == b->stage && a->took == b->took &&
	       a->moved_s == b->moved_s && a->stepped_s == b->stepped_s && a->done_s == b->done_s &&
	       a->forgiven == b->forgiven && a->passed == b->passed &&
	       a->take_back == b->take_back && strcmp(a->why, b->why) == 0 &&
	       memcmp(a->allowed, b->allowed, sizeof(a->allowed)) == 0;
}

static int step(struct turn *t, struct rollout_row *row, struct oak_error *err)
{
	const struct rollout_state before = row->state;
	struct rollout_tallies tallies;
	int r = rollout_tallies_read(t->db, row, t->clock.fleet_s, &tallies, err);

	if (r < 0)
		return r;
	rollout_step(&row->doc.spec, &row->state, tallies.stage, is_window_open(t, row),
		     t->clock.fleet_s);
	if (is_same(&before, &row->state))
		return 0;
	if (row->state.phase != before.phase && row->state.phase != ROLLOUT_PAUSED)
		row->ended_s = t->now_s;
	r = rollout_row_save(t->db, row, err);
	return r < 0 ? r : tell(t, row, &before, err);
}

static int start(struct turn *t, struct rollout_row *row, struct oak_error *err)
{
	const struct rollout_state before = row->state;
	int r;

	if (row->doc.start_s == ROLLOUT_START_BY_HAND || row->doc.start_s > t->now_s)
		return 0;
	r = rollout_command(&row->doc.spec, &row->state, ROLLOUT_START, 0, t->clock.fleet_s, err);
	if (r < 0)
		return r;
	row->started_s = t->now_s;
	r = rollout_row_save(t->db, row, err);
	return r < 0 ? r : tell(t, row, &before, err);
}

static int move_rollout(struct turn *t, struct rollout_row *row, struct oak_error *err)
{
	if (row->state.phase == ROLLOUT_SCHEDULED)
		return start(t, row, err);
	return row->assigned ? step(t, row, err) : 0;
}

/* --- those whose place another one has taken */

static bool lists_cover(const json_t *wide, const json_t *narrow)
{
	return json_array_size(wide) == 0 || json_equal(wide, narrow);
}

/* Is @new for all whom @old is for, with a higher level for each of its kernels? */
static bool supersedes(const struct rollout_row *new, const struct rollout_row *old)
{
	const json_t *level;
	const char *build_id;

	if (new->state.phase != ROLLOUT_COMPLETED || new->number <= old->number)
		return false;
	for (int i = 0; i < ROLLOUT_LISTS; i++)
		if (!lists_cover(new->doc.where[i], old->doc.where[i]))
			return false;
	json_object_foreach(old->levels, build_id,
			    level) if (json_integer_value(json_object_get(new->levels, build_id)) <=
				       json_integer_value(level)) return false;
	return true;
}

/*
 * A rollout that is over still says that its level may be had, or that it may not, as long as none
 * that went well says more. One whose level is being taken back stays as well until then.
 */
static int retire(struct turn *t, struct rollout_row *row, struct oak_error *err)
{
	bool over = row->state.phase == ROLLOUT_COMPLETED || row->state.phase == ROLLOUT_HALTED;

	for (size_t i = 0; over && row->assigned && i < t->rows.n; i++)
		if (supersedes(&t->rows.rows[i], row)) {
			row->live = false;
			return rollout_row_save(t->db, row, err);
		}
	return 0;
}

/* --- one turn of the leader */

static int lead(struct turn *t, struct oak_error *err)
{
	int r = rollout_rows_live(t->db, true, &t->rows, err);

	if (r == 0)
		r = move_clock(t, err);
	for (size_t i = 0; r == 0 && i < t->rows.n; i++)
		r = move_rollout(t, &t->rows.rows[i], err);
	for (size_t i = 0; r == 0 && i < t->rows.n; i++)
		r = retire(t, &t->rows.rows[i], err);
	if (r == 0)
		r = publish_decisions(t->fleet, t->db, &t->rows, &t->clock, err);
	return r;
}

static int lead_once(struct turn *t, struct oak_error *err)
{
	int r;

	turn_clear(t);
	r = db_begin(t->db, err);
	if (r == 0)
		r = lead(t, err);
	if (r == 0)
		r = db_commit(t->db, err);
	if (r < 0)
		db_rollback(t->db);
	else
		shelf_memo(t->fleet->shelf)->turned_s = t->now_s;
	return r;
}

/*
 * "latest" is of a repository that was looked at after the start: hosts that came since the last look may
 * have a kernel that nobody asked for then. In the second of the start itself a look may have been before it. A
 * clock that went back behind the start waits for nothing.
 */
static bool has_looked(const struct turn *t, const struct rollout_row *row)
{
	int64_t seen_s = shelf_memo(t->fleet->shelf)->seen_s;

	if (row->started_s > t->now_s)
		return seen_s && seen_s <= t->now_s && t->now_s - seen_s < LOOK_SOON_S;
	return seen_s > row->started_s;
}

/* Rollouts that were started, and whose hosts are not known yet. */
static bool is_unassigned(const struct rollout_row *row)
{
	return !row->assigned && row->state.phase == ROLLOUT_RUNNING;
}

static struct rollout_row *to_assign(struct turn *t)
{
	for (size_t i = 0; i < t->rows.n; i++) {
		struct rollout_row *row = &t->rows.rows[i];

		if (is_unassigned(row) && (row->doc.level || has_looked(t, row)))
			return row;
	}
	return NULL;
}

/* Does one wait for a look that was not tried since it was started, or not for some time? */
static bool is_look_wanted(const struct turn *t)
{
	int64_t looked_s = shelf_memo(t->fleet->shelf)->looked_s, since = t->now_s - looked_s;

	for (size_t i = 0; i < t->rows.n; i++) {
		const struct rollout_row *row = &t->rows.rows[i];

		if (is_unassigned(row) && !row->doc.level && !has_looked(t, row) &&
		    (since >= LOOK_SOON_S ||
		     (looked_s <= row->started_s && row->started_s < t->now_s)))
			return true;
	}
	return false;
}

/* A failure to look is told, and holds nothing else up. */
static int look(struct turn *t, struct oak_error *err)
{
	struct director_memo *memo = shelf_memo(t->fleet->shelf);
	int64_t since = t->now_s - memo->looked_s;
	int r;

	if (memo->looked_s && since >= 0 && since < LOOK_S && !is_look_wanted(t))
		return 0;
	memo->looked_s = t->now_s;
	r = watch_repository(t->fleet, t->db, t->now_s, err);
	if (r == 0)
		memo->seen_s = t->now_s;
	return r;
}

/* Lists of the whole fleet, and its curve over time. */
static int gather(struct turn *t, struct oak_error *err)
{
	struct director_memo *memo = shelf_memo(t->fleet->shelf);
	const int64_t pause_s =
		GATHER_S + (int64_t)(GATHER_PART * memo->gather_ns / UINT64_C(1000000000));
	const int64_t since = t->now_s - memo->gathered_s;
	uint64_t begun_ns = clock_now_ns();
	int r;

	if (memo->gathered_s && since >= 0 && since < pause_s)
		return 0;
	memo->gathered_s = t->now_s;
	r = gather_all(t->db, t->now_s, err);
	memo->gather_ns = clock_now_ns() - begun_ns;
	return r < 0 ? r : samples_take(t->db, t->now_s, t->fleet->settings->silence_s, err);
}

/* What was decided is served before anything that may take its time. */
static int turn_as_leader(struct turn *t, struct oak_error *err)
{
	struct oak_error looking = { .code = OAK_OK };
	struct rollout_row *row;
	int64_t oldest_s;
	int looked, r = lead_once(t, err);

	if (r == 0)
		r = publish_shelf(t->fleet, t->db, &oldest_s, err);
	if (r < 0)
		return r;
	r = gather(t, err);
	looked = look(t, &looking);
	while (r == 0 && (row = to_assign(t))) {
		r = rollout_assign_hosts(t->db, row, t->now_s, err);
		if (r == 0)
			r = lead_once(t, err);
	}
	if (r == 0 && looked < 0)
		*err = looking;
	return r < 0 ? r : looked;
}

int director_turn(struct fleet *fleet, struct db *db, struct oak_error *err)
{
	_cleanup_(turn_clear) struct turn t = { .fleet = fleet, .db = db, .now_s = fleet->now_s() };
	struct oak_error second = { .code = OAK_OK };
	int64_t oldest_s = 0;
	bool leads = false;
	int shelved, r = db_try_lead(db, &leads, err);

	if (r < 0)
		return r;
	if (leads)
		r = turn_as_leader(&t, err);
	else
		shelf_memo(fleet->shelf)->turned_s = 0;
	/* What is in the database is served, whatever became of the turn. */
	shelved = publish_shelf(fleet, db, &oldest_s, &second);
	if (r == 0 && shelved < 0) {
		*err = second;
		r = shelved;
	}
	if (r == 0)
		metrics_turn(fleet->metrics, fleet->now_s(), oldest_s);
	return r;
}
