/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seed: fills a database with a fleet as it could be: rings, zones, kernels, levels, hosts in trouble,
 * rollouts in every phase, a log of actions. The same number is always the same host.
 *
 * usage: seed DATABASE HOSTS [--hostile] [--now SECONDS]   DATABASE as "database" of oakum-server.conf
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../decimal.h"
#include "base/clock.h"
#include "fleet/db/migrate.h"
#include "seed.h"

static int all_of_it(struct seed *s, const char *url, struct oak_error *err)
{
	int r = db_open(url, &s->db, err);

	if (r == 0)
		r = migrate_to(s->db, migrate_newest(), err);
	if (r == 0)
		r = seed_levels(s, err);
	if (r == 0)
		r = seed_hosts(s, err);
	if (r == 0)
		r = seed_people(s, err);
	return r == 0 ? seed_rollouts(s, err) : r;
}

int main(int argc, char **argv)
{
	struct seed s = { .now_s = (int64_t)time(NULL) };
	struct oak_error err = { .code = OAK_OK };
	uint64_t hosts = 0, now = 0, start = clock_now_ns();
	bool good = argc >= 3 && decimal_read(argv[2], &hosts) && hosts > 0 && hosts <= 10000000;
	int r;

	for (int i = 3; i < argc && good; i++) {
		if (strcmp(argv[i], "--hostile") == 0)
			s.hostile = true;
		else
			good = strcmp(argv[i], "--now") == 0 && ++i < argc &&
			       decimal_read(argv[i], &now);
	}
	if (!good) {
		(void)fputs("usage: seed DATABASE HOSTS [--hostile] [--now SECONDS]\n", stderr);
		return 2;
	}
	s.hosts = (uint32_t)hosts;
	if (now)
		s.now_s = (int64_t)now;
	r = all_of_it(&s, argv[1], &err);
	if (r < 0)
		(void)fprintf(stderr, "seed: %s\n", err.msg);
	else
		(void)printf("{\"hosts\": %" PRIu64 ", \"seconds\": %.1f}\n", hosts,
			     clock_seconds_since(start));
	db_close(s.db);
	return r < 0;
}
