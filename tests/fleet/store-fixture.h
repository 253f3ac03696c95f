/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store-fixture: a database of its own for a test, SQLite in a fresh folder, or with OAKUM_TEST_POSTGRES (a
 * postgresql:// URL, see postgres.sh) a fresh schema there.
 */
#ifndef OAK_STORE_FIXTURE_H
#define OAK_STORE_FIXTURE_H

#include "fleet/db/db.h"
#include "trust/fleet/report.h"

#define FIXTURE_NOW 1790000000

/* Empty, for as long as the program runs; each call makes another one. */
const char *fixture_url(void);

/* A connection to a fresh database of the newest schema. Fails the test. */
struct db *fixture_open(void);
struct db *fixture_migrated(const char *url);
struct db *fixture_again(const char *url); /* one more connection */

/* "oakum-enrol-..." for the ring "default". */
void fixture_token(struct db *db, uint32_t uses, char ret[128]);
/* Enrols host number @n with that token; its id. In a transaction of its own. */
void fixture_host(struct db *db, const char *token, unsigned n, char ret_id[33]);
void fixture_key(unsigned n, uint8_t ret[32]);

/* A report of that host; report_clear() it. @json may be changed before it is taken. */
void fixture_report(const char *id, uint64_t sequence, uint32_t level, const char *state,
		    struct report *ret);
/* Takes it in a transaction of its own. Return: what hosts_take_report() does. */
int fixture_take(struct db *db, const struct report *r, bool *ret_new, bool *ret_cloned,
		 struct oak_error *err);

#endif
