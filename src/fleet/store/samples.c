/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/samples.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "fleet/store/cves.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rows.h"

#define NAME_MAX_ 80
#define VALUES_MAX \
	32 /* of a facet: those with the most hosts are not looked for, just these many */
#define SPAN_MAX_S (INT64_C(732) * 86400)

static const struct {
	int64_t step_s, kept_s;
} steps[] = {
	{ SAMPLE_FINE_S, 2 * INT64_C(86400) },
	{ SAMPLE_HOUR_S, 90 * INT64_C(86400) },
	{ SAMPLE_DAY_S, SPAN_MAX_S },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static const struct db_statement last = {
	"samples: last", "SELECT COALESCE(MAX(at_s), 0) FROM samples WHERE step_s = $1", NULL
};
static const struct db_statement add = {
	"samples: add",
	"INSERT INTO samples (step_s, name, at_s, n) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
	NULL
};
static const struct db_statement drop = { "samples: drop",
					  "DELETE FROM samples WHERE step_s = $1 AND at_s < $2",
					  NULL };
static const struct db_statement read_all = {
	"samples: read",
	"SELECT name, at_s, n FROM samples WHERE step_s = $1 AND at_s >= $2 AND at_s <= $3"
	" ORDER BY name, at_s",
	NULL
};
/* Few are silent; hosts that are well are many. */
static const struct db_statement silent_well = {
	"samples: silent and well",
	"SELECT COUNT(*) FROM hosts WHERE seen_s < $1 AND revoked_s = 0 AND verdict = 'ok'", NULL
};
static const struct db_statement all_well = {
	"samples: well",
	"SELECT COALESCE(SUM(n), 0) FROM host_counts WHERE facet = 'verdict' AND value = 'ok'",
	"SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (SELECT facet, value, n FROM host_counts"
	" UNION ALL SELECT facet, value, n FROM host_count_changes) AS c"
	" WHERE facet = 'verdict' AND value = 'ok'"
};

int samples_protected(struct db *db, int64_t silent_before_s, int64_t *ret, struct oak_error *err)
{
	const struct db_value before = db_int(silent_before_s);
	int64_t well = 0, silent = 0, r = db_query(db, &all_well, NULL, 0, rows_int, &well, err);

	if (r >= 0)
		r = db_query(db, &silent_well, &before, 1, rows_int, &silent, err);
	if (r < 0)
		return (int)r;
	*ret = well > silent ? well - silent : 0;
	return 0;
}

static int put(json_t *sample, const char *group, const char *name, json_int_t n,
	       struct oak_error *err)
{
	char key[NAME_MAX_];

	(void)snprintf(key, sizeof(key), "%s%s%s", group, group[0] ? "." : "", name);
	return json_object_set_new(sample, key, json_integer(n)) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int put_group(json_t *sample, const char *group, json_t *values, struct oak_error *err)
{
	const char *name;
	size_t n = 0;
	json_t *value;
	int r = 0;

	json_object_foreach(values, name, value)
	{
		if (r == 0 && n++ < VALUES_MAX)
			r = put(sample, group, name, json_integer_value(value), err);
	}
	return r;
}

static json_int_t sum_but(json_t *values, const char *no, const char *unknown)
{
	json_int_t sum = 0;
	const char *name;
	json_t *n;

	json_object_foreach(values, name, n) if (strcmp(name, no) != 0 && strcmp(name, unknown) != 0)
		sum += json_integer_value(n);
	return sum;
}

static int look(struct db *db, int64_t silent_before_s, json_t *sample, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *counts = NULL, *cves = NULL;
	int64_t silent = 0, safe = 0;
	json_t *by;
	int r = hosts_counts(db, &counts, err);

	if (r == 0)
		r = hosts_silent(db, silent_before_s, &silent, err);
	if (r == 0)
		r = samples_protected(db, silent_before_s, &safe, err);
	if (r == 0)
		r = cves_open(db, &cves, err);
	if (r < 0)
		return r;
	by = json_object_get(counts, "by");
	r = put(sample, "", "hosts", json_integer_value(json_object_get(counts, "total")), err);
	if (r == 0)
		r = put(sample, "", "silent", silent, err);
	if (r == 0)
		r = put(sample, "", "protected", safe, err);
	if (r == 0)
		r = put(sample, "", "behind", sum_but(json_object_get(by, "behind"), "0", ""), err);
	if (r == 0)
		r = put(sample, "", "reboot",
			sum_but(json_object_get(by, "reboot"), "no", "unknown"), err);
	if (r == 0)
		r = put_group(sample, "open", json_object_get(counts, "open"), err);
	if (r == 0)
		r = put_group(sample, "cves", cves, err);
	if (r == 0)
		r = put_group(sample, "verdict", json_object_get(by, "verdict"), err);
	if (r == 0)
		r = put_group(sample, "level", json_object_get(by, "level"), err);
	return r ? r : put_group(sample, "state", json_object_get(by, "state"), err);
}

static int keep_step(struct db *db, json_t *sample, size_t step, int64_t now_s,
		     struct oak_error *err)
{
	const int64_t step_s = steps[step].step_s, at_s = now_s - now_s % step_s;
	const struct db_value of = db_int(step_s);
	int64_t newest = 0, r = db_query(db, &last, &of, 1, rows_int, &newest, err);
	const char *name;
	json_t *n;

	if (r < 0 || newest == at_s)
		return r < 0 ? (int)r : 0;
	r = 0;
	json_object_foreach(sample, name, n)
	{
		const struct db_value args[] = { of, db_text(name), db_int(at_s),
						 db_int(json_integer_value(n)) };

		if (r >= 0)
			r = db_run(db, &add, args, 4, err);
	}
	if (r >= 0)
		r = rows_run(db, &drop,
			     (const struct db_value[]){ of, db_int(now_s - steps[step].kept_s) }, 2,
			     err);
	return r < 0 ? (int)r : 0;
}

static int take(struct db *db, int64_t now_s, int64_t silent_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *sample = json_object();
	int r = sample ? look(db, now_s - silent_s, sample, err)
		       : oak_fail(err, OAK_E_NOMEM, "out of memory");

	for (size_t i = 0; i < STEPS && r == 0; i++)
		r = keep_step(db, sample, i, now_s, err);
	return r;
}

int samples_take(struct db *db, int64_t now_s, int64_t silent_s, struct oak_error *err)
{
	const struct db_value fine = db_int(SAMPLE_FINE_S);
	int64_t newest = 0, r = db_query(db, &last, &fine, 1, rows_int, &newest, err);

	if (r < 0 || newest == now_s - now_s % SAMPLE_FINE_S)
		return r < 0 ? (int)r : 0;
	r = db_begin(db, err);
	if (r >= 0)
		r = take(db, now_s, silent_s, err);
	if (r >= 0)
		r = db_commit(db, err);
	if (r < 0)
		db_rollback(db);
	return r < 0 ? (int)r : 0;
}

/* Is @name one of "hosts,open.*"? */
static bool is_wanted(const char *names, const char *name)
{
	while (names && *names) {
		size_t len = strcspn(names, ",");

		if (len && names[len - 1] == '*' && strncmp(names, name, len - 1) == 0)
			return true;
		if (len == strlen(name) && strncmp(names, name, len) == 0)
			return true;
		names += len + (names[len] == ',');
	}
	return !names;
}

struct reading {
	const char *names;
	json_t *series, *points; /* @points: of the last of them */
	char name[NAME_MAX_];
};

static int take_point(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct reading *r = ctx;
	const char *name = db_row_text(row, 0);

	if (!is_wanted(r->names, name))
		return 0;
	if (!r->points || strcmp(name, r->name) != 0) {
		json_t *one = json_pack("{s:s, s:[]}", "name", name, "points");

		rows_copy(r->name, row, 0);
		r->points = json_object_get(one, "points");
		if (rows_append(r->series, one, err) < 0)
			return -OAK_E_NOMEM;
	}
	return rows_append(r->points,
			   json_pack("[I, I]", (json_int_t)db_row_int(row, 1),
				     (json_int_t)db_row_int(row, 2)),
			   err);
}

/* The finest step that is kept for as long. */
static int64_t step_for(int64_t age_s)
{
	size_t i = 0;

	while (i + 1 < STEPS && age_s > steps[i].kept_s)
		i++;
	return steps[i].step_s;
}

int samples_read(struct db *db, const struct samples_query *q, int64_t now_s, json_t **ret,
		 struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *series = json_array();
	struct reading reading = { .names = q->names, .series = series };
	int64_t step_s = q->step_s ? q->step_s : step_for(now_s - q->since_s), r;

	if (!series)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (step_s != SAMPLE_FINE_S && step_s != SAMPLE_HOUR_S && step_s != SAMPLE_DAY_S)
		return oak_fail(err, OAK_E_USAGE, "step: not one of 300, 3600, 86400");
	r = db_query(db, &read_all,
		     (const struct db_value[]){ db_int(step_s), db_int(q->since_s),
						db_int(q->until_s) },
		     3, take_point, &reading, err);
	if (r < 0)
		return (int)r;
	*ret = json_pack("{s:I, s:I, s:I, s:O}", "step", (json_int_t)step_s, "since",
			 (json_int_t)q->since_s, "until", (json_int_t)q->until_s, "series", series);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
