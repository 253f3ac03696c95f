/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/host-tags.h"

#include "fleet/store/facts.h"
#include "fleet/store/rows.h"
#include "fleet/store/tags.h"

static const struct db_statement add_tag = {
	"hosts: add tag",
	"INSERT INTO host_tags (tag, host) VALUES ($1, $2) ON CONFLICT DO NOTHING", NULL
};
static const struct db_statement remove_tag = {
	"hosts: remove tag", "DELETE FROM host_tags WHERE tag = $1 AND host = $2", NULL
};

struct change {
	struct db *db;
	int64_t n, count;
	const struct db_statement *s;
};

static int change(void *ctx, const char *tag, struct oak_error *err)
{
	const struct change *c = ctx;
	const struct db_value args[] = { db_text(tag), db_int(c->n) };
	int64_t rows = db_run(c->db, c->s, args, 2, err);

	if (rows <= 0)
		return (int)rows;
	return facts_count_one(c->db, "tag", tag, c->count, err);
}

int host_tags_change(struct db *db, int64_t n, const char *before, const char *after,
		     struct oak_error *err)
{
	struct change remove = { db, n, -1, &remove_tag }, add = { db, n, 1, &add_tag };
	int r = tags_each_missing(before, after, change, &remove, err);

	return r ? r : tags_each_missing(after, before, change, &add, err);
}
