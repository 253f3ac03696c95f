/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/fleet-clock.h"

#include <stdio.h>

static const struct db_statement read_clock = {
	"fleet-clock-read", "SELECT fleet_s, wall_s, stop_why FROM fleet_state WHERE id = 1", NULL
};

static const struct db_statement lock_clock = {
	"fleet-clock-lock", "SELECT fleet_s, wall_s, stop_why FROM fleet_state WHERE id = 1",
	"SELECT fleet_s, wall_s, stop_why FROM fleet_state WHERE id = 1 FOR UPDATE"
};

static const struct db_statement write_clock = {
	"fleet-clock-write", "UPDATE fleet_state SET fleet_s = $1, wall_s = $2 WHERE id = 1", NULL
};

static int take(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct fleet_clock *c = ctx;

	(void)err;
	c->fleet_s = db_row_int(row, 0);
	c->wall_s = db_row_int(row, 1);
	(void)snprintf(c->stop_why, sizeof(c->stop_why), "%s", db_row_text(row, 2));
	return 0;
}

static int query(struct db *db, const struct db_statement *s, struct fleet_clock *ret,
		 struct oak_error *err)
{
	struct fleet_clock c = { 0 };
	int64_t n = db_query(db, s, NULL, 0, take, &c, err);

	if (n < 0)
		return (int)n;
	if (n != 1)
		return oak_fail(err, OAK_E_FAILED, "the database has no fleet_state");
	*ret = c;
	return 0;
}

int fleet_clock_read(struct db *db, int64_t now_s, struct fleet_clock *ret, struct oak_error *err)
{
	int r = query(db, &read_clock, ret, err);

	if (r == 0 && !ret->fleet_s)
		ret->fleet_s = ret->wall_s = now_s;
	return r;
}

int fleet_clock_turn(struct db *db, int64_t since_s, int64_t now_s, struct fleet_clock *ret,
		     int64_t *ret_lost_s, struct oak_error *err)
{
	struct fleet_clock c;
	int64_t passed, step, n;
	int r = query(db, &lock_clock, &c, err);

	if (r < 0)
		return r;
	passed = now_s - (since_s ? since_s : c.wall_s);
	step = passed < 0 ? 0 : passed > FLEET_CLOCK_STEP_MAX ? FLEET_CLOCK_STEP_MAX : passed;
	if (!c.fleet_s) {
		c.fleet_s = now_s;
		step = passed = 0;
	}
	c.fleet_s += step;
	c.wall_s = now_s;
	*ret_lost_s = passed - step;
	*ret = c;
	if (!step && passed == 0 && c.fleet_s != now_s)
		return 0;
	n = db_run(db, &write_clock,
		   (const struct db_value[]){ db_int(c.fleet_s), db_int(c.wall_s) }, 2, err);
	return n < 0 ? (int)n : 0;
}
