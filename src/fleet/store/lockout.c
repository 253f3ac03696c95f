/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/lockout.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/http/forwarded.h"
#include "fleet/store/rows.h"

#define KEY_MAX 160

static const struct db_statement find = { "lockout: find",
					  "SELECT until_s FROM lockouts WHERE key = $1", NULL };
/* A count that is forgotten begins anew. */
static const struct db_statement add = {
	"lockout: count",
	"INSERT INTO lockouts (key, failures, last_s, until_s) VALUES ($1, 1, $2, 0)"
	" ON CONFLICT (key) DO UPDATE SET last_s = $2,"
	" failures = CASE WHEN lockouts.last_s < $3 THEN 1 ELSE lockouts.failures + 1 END",
	NULL
};
static const struct db_statement count = { "lockout: read",
					   "SELECT failures FROM lockouts WHERE key = $1", NULL };
static const struct db_statement lock = { "lockout: lock",
					  "UPDATE lockouts SET until_s = $2 WHERE key = $1", NULL };
static const struct db_statement drop = { "lockout: good", "DELETE FROM lockouts WHERE key = $1",
					  NULL };
static const struct db_statement forget = { "lockout: forget",
					    "DELETE FROM lockouts WHERE last_s < $1", NULL };

enum {
	BY_PAIR,
	BY_NETWORK,
	BY_NAME,
	KINDS
};

/* So many are free. */
static const int64_t allowed[KINDS] = { [BY_PAIR] = 5, [BY_NETWORK] = 20, [BY_NAME] = 50 };

static void make_keys(const char *name, const char *peer, char ret[KINDS][KEY_MAX])
{
	char hash[SHA256_HEX_MAX], network[48];

	sha256_hex(name, strlen(name), hash);
	address_network(peer, network);
	(void)snprintf(ret[BY_PAIR], KEY_MAX, "pair %.32s %s", hash, network);
	(void)snprintf(ret[BY_NETWORK], KEY_MAX, "network %s", network);
	(void)snprintf(ret[BY_NAME], KEY_MAX, "name %.32s", hash);
}

int lockout_check(struct db *db, const char *name, const char *peer, int64_t now_s,
		  struct oak_error *err)
{
	char keys[KINDS][KEY_MAX];
	int64_t wait_s = 0;

	make_keys(name, peer, keys);
	for (int i = 0; i < KINDS; i++) {
		const struct db_value key = db_text(keys[i]);
		int64_t until_s = 0, r = db_query(db, &find, &key, 1, rows_int, &until_s, err);

		if (r < 0)
			return (int)r;
		if (until_s - now_s > wait_s)
			wait_s = until_s - now_s;
	}
	if (wait_s <= 0)
		return 0;
	if (wait_s > LOCKOUT_MAX_S) /* the clock was wrong */
		wait_s = LOCKOUT_MAX_S;
	(void)oak_fail(err, OAK_E_AGAIN, "too many wrong tries: wait %d seconds", (int)wait_s);
	if (err)
		err->retry_s = (unsigned)wait_s;
	return -OAK_E_AGAIN;
}

static int64_t wait_after(int64_t failures, int64_t free)
{
	int64_t wait_s = 1;

	for (int64_t n = free; n < failures && wait_s < LOCKOUT_MAX_S; n++)
		wait_s *= 2;
	return wait_s < LOCKOUT_MAX_S ? wait_s : LOCKOUT_MAX_S;
}

static int count_one(struct db *db, const char *key, int64_t free, int64_t now_s,
		     struct oak_error *err)
{
	const struct db_value args[] = { db_text(key), db_int(now_s),
					 db_int(now_s - LOCKOUT_FORGET_S) };
	int64_t failures = 0, r = db_run(db, &add, args, 3, err);

	if (r >= 0)
		r = db_query(db, &count, args, 1, rows_int, &failures, err);
	if (r >= 0 && failures >= free)
		r = db_run(db, &lock,
			   (const struct db_value[]){ args[0],
						      db_int(now_s + wait_after(failures, free)) },
			   2, err);
	return r < 0 ? (int)r : 0;
}

int lockout_failed(struct db *db, const char *name, const char *peer, int64_t now_s,
		   struct oak_error *err)
{
	char keys[KINDS][KEY_MAX];
	int r = 0;

	make_keys(name, peer, keys);
	for (int i = 0; r == 0 && i < KINDS; i++)
		r = count_one(db, keys[i], allowed[i], now_s, err);
	return r;
}

int lockout_good(struct db *db, const char *name, const char *peer, struct oak_error *err)
{
	char keys[KINDS][KEY_MAX];
	struct db_value key;
	int r;

	make_keys(name, peer, keys);
	key = db_text(keys[BY_PAIR]);
	r = rows_run(db, &drop, &key, 1, err);
	key = db_text(keys[BY_NAME]);
	return r < 0 ? r : rows_run(db, &drop, &key, 1, err);
}

int lockout_tidy(struct db *db, int64_t now_s, struct oak_error *err)
{
	const struct db_value before = db_int(now_s - LOCKOUT_FORGET_S);

	return rows_run(db, &forget, &before, 1, err);
}
