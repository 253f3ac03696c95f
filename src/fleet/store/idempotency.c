/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/idempotency.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

#define KEPT_S     86400
#define ANSWER_MAX (1u << 20)

static const struct db_statement drop_old = {
	.name = "idempotency: drop old",
	.sql = "DELETE FROM idempotency WHERE at_s < $1",
};

/* With PostgreSQL the second of two waits here until the first has committed. */
static const struct db_statement take_new = {
	.name = "idempotency: take",
	.sql = "INSERT INTO idempotency(who, key, digest, status, answer, at_s)"
	       " VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT DO NOTHING",
};

static const struct db_statement get_old = {
	.name = "idempotency: get",
	.sql = "SELECT digest, status, answer FROM idempotency WHERE who = $1 AND key = $2",
};

static const struct db_statement keep = {
	.name = "idempotency: keep",
	.sql = "UPDATE idempotency SET status = $3, answer = $4 WHERE who = $1 AND key = $2",
};

static int read_old(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct idempotency_answer *a = ctx;
	const char *text = db_row_text(row, 2);

	(void)snprintf(a->digest, sizeof(a->digest), "%s", db_row_text(row, 0));
	a->status = (unsigned)db_row_int(row, 1);
	if (!text[0])
		return 1;
	return json_parse(text, strlen(text), ANSWER_MAX, "the kept answer", &a->answer, err) < 0
		       ? -OAK_E_FORMAT
		       : 1;
}

int idempotency_take(struct db *db, const struct idempotency *id, struct idempotency_answer *ret,
		     struct oak_error *err)
{
	const struct db_value old = db_int(id->now_s - KEPT_S);
	const struct db_value args[] = { db_text(id->who), db_text(id->key), db_text(id->digest),
					 db_int(id->now_s) };
	int64_t n = db_run(db, &drop_old, &old, 1, err);

	if (n >= 0)
		n = db_run(db, &take_new, args, 4, err);
	if (n != 0)
		return n < 0 ? (int)n : 0;
	n = db_query(db, &get_old, args, 2, read_old, ret, err);
	if (n == 0)
		return oak_fail(err, OAK_E_AGAIN, "the Idempotency-Key has just run out: try again");
	return n < 0 ? (int)n : 1;
}

int idempotency_keep(struct db *db, const struct idempotency *id, unsigned status,
		     const json_t *answer, struct oak_error *err)
{
	_cleanup_(freep) char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	int64_t n;

	if (answer && !text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	{
		const struct db_value args[] = { db_text(id->who), db_text(id->key), db_int(status),
						 db_text(text ? text : "") };

		n = db_run(db, &keep, args, 4, err);
	}
	return n < 0 ? (int)n : 0;
}
