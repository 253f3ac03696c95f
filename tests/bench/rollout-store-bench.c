/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-store-bench: a rollout over many hosts in a database: how long it takes to give them their
 * turns, to step it, to grant.
 *
 * usage: rollout-store-bench DATABASE-URL HOSTS
 * Prints name and number, one a line; times in milliseconds. Grants are measured with a fifth of all hosts
 * in flight, one in a transaction (with its commit) and a hundred in one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "fleet/db/migrate.h"
#include "fleet/director/director.h"
#include "fleet/director/shelf.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/rollouts.h"
#include "host/number.h"
#include "trust/key.h"

#define BUILD_ID "0000000000000000000000000000000000000009"
#define BATCH    100

static int64_t clock_s = 1790000000;

static int64_t bench_now(void)
{
	return clock_s;
}

static const struct db_statement fill = {
	"bench-fill",
	"INSERT INTO hosts (id, key, name, machine, token, ring, tags, fixed_tags, own_tags, "
	"enrolled_s, seen_s, build_id, release, arch, os_id, os_version) "
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < $1) "
	"SELECT printf('%032x', x), x'00', 'host-' || x, '', '', 'default', 'az=' || (x % 10), '', 0, "
	"1790000000, 1790000000, '" BUILD_ID "', '6.1.0', 'x86_64', 'debian', '12' FROM c",
	"INSERT INTO hosts (id, key, name, machine, token, ring, tags, fixed_tags, own_tags, "
	"enrolled_s, seen_s, build_id, release, arch, os_id, os_version) "
	"SELECT lpad(to_hex(x), 32, '0'), '\\x00', 'host-' || x, '', '', 'default', 'az=' || (x % 10), "
	"'', 0, 1790000000, 1790000000, '" BUILD_ID "', '6.1.0', 'x86_64', 'debian', '12' "
	"FROM generate_series(1, $1::bigint) x"
};

struct bench {
	struct fleet fleet;
	struct server_settings set;
	struct db *db;
	struct tuf_key *key;
	char rollout[17];
	uint32_t hosts, next;
};

static _Noreturn void die(const struct oak_error *err)
{
	(void)fprintf(stderr, "rollout-store-bench: %s\n", err->msg);
	exit(1);
}

static void good(int64_t r, const struct oak_error *err)
{
	if (r < 0)
		die(err);
}

static void say(const char *name, uint64_t since_ns, double per)
{
	printf("%s %.2f\n", name, (double)(clock_now_ns() - since_ns) / 1e6 / per);
	(void)fflush(stdout);
}

static void turn(struct bench *b, const char *name)
{
	struct oak_error err;
	uint64_t start = clock_now_ns();

	clock_s++;
	good(director_turn(&b->fleet, b->db, &err), &err);
	if (name)
		say(name, start, 1);
}

static void start_rollout(struct bench *b)
{
	_cleanup_(json_decrefp)
		json_t *spec = json_pack("{s:s, s:i, s:[{s:i}], s:I, s:{s:i}}", "name", "bench",
					 "level", 4, "stages", "percent", 100, "max_in_flight",
					 (json_int_t)b->hosts, "budget", "failed", 1000000);
	_cleanup_(json_decrefp) json_t *made = NULL, *submitted = NULL, *started = NULL;
	struct oak_error err;

	good(db_begin(b->db, &err), &err);
	good(rollouts_create(b->db, spec, "token:bench", clock_s, &made, &err), &err);
	(void)snprintf(b->rollout, sizeof(b->rollout), "%s", json_get_str(made, "id"));
	good(rollouts_command(b->db, b->rollout, ROLLOUT_SUBMIT, "token:bench", clock_s, &submitted,
			      &err),
	     &err);
	good(rollouts_command(b->db, b->rollout, ROLLOUT_START, "token:bench", clock_s, &started,
			      &err),
	     &err);
	good(db_commit(b->db, &err), &err);
}

/* So many hosts that have not asked before ask in one transaction. Return: how many were granted. */
static size_t ask(struct bench *b, unsigned n)
{
	struct grant_session *s = NULL;
	struct oak_error err;
	size_t granted = 0;

	good(db_begin(b->db, &err), &err);
	good(grant_session_begin(b->db, clock_s, &s, &err), &err);
	for (unsigned i = 0; i < n; i++) {
		struct answer a = { 0 };
		struct report r = { .n_asks = 1, .asks = { { .level = 4 } } };

		(void)snprintf(r.host, sizeof(r.host), "%032x", ++b->next);
		(void)snprintf(r.build_id, sizeof(r.build_id), "%s", BUILD_ID);
		memcpy(r.asks[0].rollout, b->rollout, sizeof(b->rollout));
		good(grant_session_take(s, &r, &a, &err), &err);
		granted += a.n_grants;
	}
	good(db_commit(b->db, &err), &err);
	grant_session_end(s);
	return granted;
}

static void measure(struct bench *b)
{
	struct oak_error err;
	uint64_t start;
	size_t granted = 0;
	_cleanup_(json_decrefp) json_t *json = NULL, *list = NULL;
	_cleanup_(freep) char *next = NULL;

	for (uint32_t i = 0; i < b->hosts / 5; i += 1000) {
		granted += ask(b, 1000);
		clock_s++;
	}
	printf("in-flight %zu\n", granted);
	turn(b, "turn-ms");
	start = clock_now_ns();
	for (int i = 0; i < BATCH; i++)
		granted += ask(b, 1);
	say("grant-alone-ms", start, BATCH);
	start = clock_now_ns();
	for (int i = 0; i < 10; i++)
		granted += ask(b, BATCH);
	say("grant-of-100-ms", start, 10 * BATCH);
	start = clock_now_ns();
	good(rollouts_get(b->db, b->rollout, &json, &err), &err);
	say("get-ms", start, 1);
	start = clock_now_ns();
	good(rollouts_hosts(b->db, b->rollout,
			    &(struct rollouts_hosts_page){ .stage = -1, .limit = 1000 }, clock_s,
			    &list, &next, &err),
	     &err);
	say("hosts-page-ms", start, 1);
	clock_s += 60;
	turn(b, NULL);
	/* All that are in flight fall silent. */
	for (int i = 0; i < 500; i++) {
		clock_s += 100;
		turn(b, NULL);
	}
	turn(b, "turn-all-silent-ms");
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	struct rusage usage;
	struct oak_error err;
	uint64_t start;

	if (argc != 3 || number_parse_u32(argv[2], &b.hosts) < 0 || !b.hosts) {
		(void)fprintf(stderr, "usage: rollout-store-bench DATABASE-URL HOSTS\n");
		return 2;
	}
	b.set = (struct server_settings){ .poll_s = 3600, .report_s = 14400, .decision_s = 86400 };
	good(tuf_key_generate(&b.key, &err), &err);
	b.fleet = (struct fleet){
		.settings = &b.set, .key = b.key, .shelf = shelf_new(), .now_s = bench_now
	};
	good(db_open(argv[1], &b.db, &err), &err);
	good(migrate_to(b.db, migrate_newest(), &err), &err);
	start = clock_now_ns();
	good(db_run(b.db, &fill, (const struct db_value[]){ db_int(b.hosts) }, 1, &err), &err);
	say("fill-ms", start, 1);
	turn(&b, NULL);
	start_rollout(&b);
	turn(&b, "assign-ms");
	turn(&b, "turn-first-ms");
	measure(&b);
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("memory-mib %ld\n", usage.ru_maxrss / 1024);
	db_close(b.db);
	shelf_free(b.fleet.shelf);
	tuf_key_free(b.key);
	return 0;
}
