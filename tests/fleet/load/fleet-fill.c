/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-fill: a database with many hosts, each of which enrolled and reported once, by the store's own
 * functions. The hosts are those that fleet-load simulates: the same number is the same key.
 *
 * usage: fleet-fill DATABASE HOSTS [RING]      DATABASE as "database" of oakum-server.conf
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <sodium.h>

#include "../decimal.h"
#include "base/cleanup.h"
#include "fleet/db/db.h"
#include "fleet/db/migrate.h"
#include "fleet/store/hosts.h"
#include "fleet/store/tokens.h"
#include "sim-host.h"

#define IN_ONE \
	100u /* PostgreSQL walks over each earlier version of a row of the same transaction */

static int report_of(const struct sim_host *h, uint64_t number, struct report *ret,
		     struct oak_error *err)
{
	static const char *const releases[] = { "6.1.0-50-amd64", "6.1.0-49-amd64",
						"6.12.0-3-amd64" };
	char body[2048];
	long long now = (long long)time(NULL);

	(void)snprintf(
		body, sizeof(body),
		"{\"schema\":1,\"host\":\"%s\",\"sequence\":1,\"time\":%lld,\"agent\":\"0.1.0\","
		"\"name\":\"web-%" PRIu64 "\",\"boot\":\"%.16s\",\"uptime_s\":86400,"
		"\"kernel\":{\"build_id\":\"000102030405060708090a0b0c0d0e0f10111213\","
		"\"release\":\"%s\",\"arch\":\"x86_64\",\"effective\":\"6.1.176-1\"},"
		"\"os\":{\"id\":\"debian\",\"version\":\"12\"},\"tags\":[],"
		"\"level\":{\"number\":%u,\"state\":\"%s\",\"since\":%lld},\"newest\":4,"
		"\"withheld\":[],\"quarantined\":[],\"verdict\":{\"state\":\"ok\",\"text\":\"\"},"
		"\"cves\":{\"as_of\":%lld,\"open\":41,\"closed\":7,\"worst\":[]},"
		"\"containers\":{\"count\":23}}",
		h->id, now, number, h->id + 8, releases[number % 3], (unsigned)(number % 5),
		number % 5 ? "settled" : "none", now, now);
	return report_parse(body, strlen(body), ret, err);
}

static int add_host(struct db *db, uint64_t number, const char *token, struct oak_error *err)
{
	_cleanup_(report_clear) struct report r = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct sim_host h;
	struct store_host known;
	char name[32];
	const struct enrolment e = { .token = token,
				     .name = name,
				     .machine = h.id,
				     .key = h.public_key,
				     .now_s = (int64_t)time(NULL) };
	const char *code = NULL;
	struct report_fate fate;
	bool is_new;
	int ret;

	sim_host_make(&h, number);
	(void)snprintf(name, sizeof(name), "web-%" PRIu64, number);
	ret = enrol(db, &e, &doc, &is_new, &code, err);
	if (ret == 0)
		ret = report_of(&h, number, &r, err);
	if (ret == 0)
		ret = hosts_find(db, h.id, &known, err);
	if (ret == 0)
		ret = hosts_take_report(
			db, &known, &r,
			"0000000000000000000000000000000000000000000000000000000000000000", e.now_s,
			&fate, err);
	return ret;
}

static int fill(struct db *db, uint64_t n, const char *ring, struct oak_error *err)
{
	const struct enrol_token_new t = { .name = "fill", .ring = ring, .own_tags = true };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	char token[TOKEN_TEXT_MAX];
	int r = db_begin(db, err);

	if (r == 0)
		r = enrol_token_create(db, &t, (int64_t)time(NULL), token, &doc, err);
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		r = add_host(db, i, token, err);
		if (r == 0 && (i + 1) % IN_ONE == 0) {
			r = db_commit(db, err);
			if (r == 0)
				r = db_begin(db, err);
		}
	}
	return r < 0 ? r : db_commit(db, err);
}

int main(int argc, char **argv)
{
	struct db *db = NULL;
	struct oak_error err;
	uint64_t n = 0;
	double start = sim_now();
	int r;

	if (argc < 3 || !decimal_read(argv[2], &n) || sodium_init() < 0) {
		(void)fputs("usage: fleet-fill DATABASE HOSTS [RING]\n", stderr);
		return 2;
	}
	r = db_open(argv[1], &db, &err);
	if (r == 0)
		r = migrate_to(db, migrate_newest(), &err);
	if (r == 0)
		r = fill(db, n, argc > 3 ? argv[3] : "default", &err);
	if (r < 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	else
		(void)printf("{\"hosts\": %" PRIu64 ", \"seconds\": %.1f}\n", n, sim_now() - start);
	db_close(db);
	return r < 0;
}
