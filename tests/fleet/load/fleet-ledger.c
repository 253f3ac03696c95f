/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-ledger: holds what hosts were acknowledged (fleet-load --record) beside what the database has.
 *
 *	ack HOST SEQUENCE       the database has that sequence of the host, no lower and no higher one
 *	grant HOST ROLLOUT T    the rollout knows the host as granted; it was granted once
 *	settles HOST ROLLOUT    is about to say so: from here on its place may be another's
 *
 * At no line are more hosts granted and not about to settle than MAX: hosts learn of a grant after it was
 * given, and say that they settle before the server hears it, so the record counts fewer than there were.
 * One TAP line for each rule.
 *
 * usage: fleet-ledger DATABASE RECORD [ROLLOUT MAX]
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../decimal.h"
#include "base/cleanup.h"
#include "fleet/db/db.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rollouts.h"

struct ledger {
	json_t *acks;    /* host: sequence */
	json_t *granted; /* host: how often */
	size_t in_flight, most;
};

static void take_line(struct ledger *l, const char *line)
{
	char kind[16], host[40], third[40] = "";

	if (sscanf(line, "%15s %39s %39s", kind, host, third) < 3)
		return;
	if (strcmp(kind, "ack") == 0) {
		uint64_t n = 0;

		(void)decimal_read(third, &n);
		(void)json_object_set_new(l->acks, host, json_integer((json_int_t)n));
	} else if (strcmp(kind, "grant") == 0) {
		json_int_t n = json_integer_value(json_object_get(l->granted, host));

		(void)json_object_set_new(l->granted, host, json_integer(n + 1));
		l->in_flight++;
		l->most = l->in_flight > l->most ? l->in_flight : l->most;
	} else if (strcmp(kind, "settles") == 0 && l->in_flight) {
		l->in_flight--;
	}
}

static bool check_acks(struct db *db, const struct ledger *l)
{
	const char *host;
	json_t *sequence;
	bool good = json_object_size(l->acks) > 0;

	json_object_foreach(l->acks, host, sequence)
	{
		struct store_host h;
		struct oak_error err;

		if (hosts_find(db, host, &h, &err) < 0) {
			(void)printf("# %s: %s\n", host, err.msg);
			good = false;
		} else if ((json_int_t)h.sequence != json_integer_value(sequence)) {
			(void)printf("# %s: acknowledged %" JSON_INTEGER_FORMAT
				     ", the database has %" PRIu64 "\n",
				     host, json_integer_value(sequence), h.sequence);
			good = false;
		}
	}
	return good;
}

/* Hosts that the rollout knows as granted. */
static int read_granted(struct db *db, const char *rollout, json_t *ret, struct oak_error *err)
{
	_cleanup_(freep) char *next = NULL;
	int r = 0;

	do {
		const struct rollouts_hosts_page page = { .after = next,
							  .stage = -1,
							  .limit = 1000 };
		_cleanup_(json_decrefp) json_t *hosts = NULL;
		char *following = NULL;

		r = rollouts_hosts(db, rollout, &page, 0, &hosts, &following, err);
		for (size_t i = 0; r == 0 && i < json_array_size(hosts); i++) {
			const json_t *h = json_array_get(hosts, i);
			const char *id = json_string_value(json_object_get(h, "host"));

			if (id && json_integer_value(json_object_get(h, "granted")) > 0)
				(void)json_object_set_new(ret, id, json_true());
		}
		free(next);
		next = following;
	} while (r == 0 && next);
	return r;
}

static bool check_grants(struct db *db, const struct ledger *l, const char *rollout)
{
	_cleanup_(json_decrefp) json_t *known = json_object();
	const char *host;
	json_t *times;
	struct oak_error err;
	bool good = json_object_size(l->granted) > 0;

	if (read_granted(db, rollout, known, &err) < 0) {
		(void)printf("# %s\n", err.msg);
		return false;
	}
	json_object_foreach(l->granted, host, times)
	{
		if (json_object_get(known, host))
			continue;
		(void)printf("# %s was granted, and the database does not know it\n", host);
		good = false;
	}
	return good;
}

static int result(bool good, const char *what)
{
	(void)printf("%s - %s\n", good ? "ok" : "not ok", what);
	return !good;
}

int main(int argc, char **argv)
{
	struct ledger l = { .acks = json_object(), .granted = json_object() };
	char line[256], text[128];
	struct db *db = NULL;
	struct oak_error err;
	uint64_t max = 0;
	FILE *f = argc > 2 ? fopen(argv[2], "re") : NULL;
	int bad = 0;

	if (!f || (argc != 3 && argc != 5) || (argc == 5 && !decimal_read(argv[4], &max))) {
		(void)fputs("usage: fleet-ledger DATABASE RECORD [ROLLOUT MAX]\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), f))
		take_line(&l, line);
	(void)fclose(f);
	if (db_open(argv[1], &db, &err) < 0) {
		(void)printf("# %s\n", err.msg);
		return result(false, "the database opens");
	}
	(void)snprintf(text, sizeof(text),
		       "each of %zu hosts has the report that was acknowledged last",
		       json_object_size(l.acks));
	bad |= result(check_acks(db, &l), text);
	if (argc == 5) {
		(void)snprintf(text, sizeof(text), "none of %zu grants is lost",
			       json_object_size(l.granted));
		bad |= result(check_grants(db, &l, argv[3]), text);
		(void)snprintf(text, sizeof(text), "at most %zu in flight, of %" PRIu64 " allowed",
			       l.most, max);
		bad |= result(l.most > 0 && l.most <= max, text);
	}
	db_close(db);
	json_decref(l.acks);
	json_decref(l.granted);
	return bad;
}
