/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store-bench: the fleet's database with many hosts: how long it takes to fill, how fast reports go in, and what
 * a page of the list costs, for each filter, order and depth.
 *
 * usage: store-bench DATABASE HOSTS
 * Prints "<what>\t<value>\t<unit>" lines. The database is empty, or was filled by an earlier run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "fleet/db/db.h"
#include "fleet/db/migrate.h"
#include "fleet/store/hosts.h"
#include "fleet/store/tokens.h"
#include "host/number.h"

#define BATCH     500u
#define START_S   1790000000
#define PAGES_MAX 200

struct bench {
	struct db *db;
	uint32_t hosts;
	char token[TOKEN_TEXT_MAX], canary[TOKEN_TEXT_MAX];
	struct oak_error err;
};

static __attribute__((noreturn)) void die(const struct bench *b, const char *what)
{
	(void)fprintf(stderr, "store-bench: %s: %s\n", what, b->err.msg);
	exit(1);
}

static void key_of(uint32_t n, uint8_t key[32], char id[SHA256_HEX_MAX])
{
	memset(key, 0, 32);
	memcpy(key, &n, sizeof(n));
	sha256_hex(key, 32, id);
	id[32] = '\0';
}

/* Ten thousand failure domains, three roles, one host in fifty behind. */
static void report_of(struct bench *b, uint32_t n, uint64_t sequence, bool news, struct report *ret)
{
	static const char *const releases[] = { "6.1.0-50-amd64", "6.1.0-49-amd64",
						"6.12.0-3-amd64", "5.10.0-30-amd64" };
	unsigned kernel = n % 97 ? n % 3 : 3, level = n % 50 ? 4 : n % 4;
	char body[3072], id[SHA256_HEX_MAX];
	uint8_t key[32];

	key_of(n, key, id);
	(void)snprintf(
		body, sizeof(body),
		"{\"schema\":1,\"host\":\"%s\",\"sequence\":%" PRIu64 ",\"time\":%" PRIu64
		",\"agent\":\"0.1.0\","
		"\"name\":\"node-%.8s\",\"boot\":\"%.16s\",\"uptime_s\":86400,"
		"\"kernel\":{\"build_id\":\"%039x%u\",\"release\":\"%s\",\"arch\":\"x86_64\","
		"\"effective\":\"6.1.176-1\"},\"os\":{\"id\":\"debian\",\"version\":\"%s\"},"
		"\"tags\":[\"role=%s\",\"az=%u\"],"
		"\"level\":{\"number\":%u,\"state\":\"%s\",\"since\":1790000000},\"newest\":4,"
		"\"withheld\":[],\"quarantined\":[],\"verdict\":{\"state\":\"%s\",\"text\":\"\"},"
		"\"cves\":{\"as_of\":1790000000,\"open\":%u,\"closed\":7,\"worst\":["
		"{\"id\":\"CVE-2026-%u\",\"severity\":\"high\",\"reach\":\"container\"},"
		"{\"id\":\"CVE-2026-9001\",\"severity\":\"high\",\"reach\":\"user\"}]},"
		"\"containers\":{\"count\":%u},\"audit\":{\"score\":81,\"failed\":9}}",
		id, sequence, (uint64_t)START_S + sequence, id, id + 8, 10u, kernel,
		releases[kernel], kernel == 3 ? "11" : "12", n % 3 ? "web" : "db", n % 10000, level,
		n % 1000 == 1 ? "stalled"
		: level       ? "settled"
			      : "none",
		n % 200 ? "ok" : "warning", 41u + n % 7 + (news ? 1 : 0), 1000u + n % 500, n % 60);
	if (report_parse(body, strlen(body), ret, &b->err) < 0)
		die(b, "report");
}

static void begin(struct bench *b)
{
	if (db_begin(b->db, &b->err) < 0)
		die(b, "begin");
}

static void commit(struct bench *b)
{
	if (db_commit(b->db, &b->err) < 0)
		die(b, "commit");
}

static void enrol_one(struct bench *b, uint32_t n)
{
	_cleanup_(json_decrefp) json_t *host = NULL;
	char id[SHA256_HEX_MAX], name[32];
	uint8_t key[32];
	const struct enrolment e = { .token = n % 100 ? b->token : b->canary,
				     .name = name,
				     .machine = id,
				     .key = key,
				     .now_s = START_S };
	const char *code;
	bool new;

	key_of(n, key, id);
	(void)snprintf(name, sizeof(name), "node-%.8s", id);
	if (enrol(b->db, &e, &host, &new, &code, &b->err) < 0)
		die(b, "enrol");
}

/* A batch of reports; only the transaction is timed. */
static double take_batch(struct bench *b, uint32_t first, uint32_t step, uint64_t sequence,
			 bool news)
{
	static struct report reports[BATCH];
	uint64_t start;
	double took;

	for (uint32_t i = 0; i < BATCH; i++)
		report_of(b, (first + i * step) % b->hosts, sequence, news, &reports[i]);
	start = clock_now_ns();
	begin(b);
	for (uint32_t i = 0; i < BATCH; i++) {
		struct store_host h;
		char hash[SHA256_HEX_MAX];
		struct report_fate fate;

		sha256_hex(&reports[i].sequence, sizeof(reports[i].sequence), hash);
		if (hosts_find(b->db, reports[i].host, &h, &b->err) < 0 ||
		    hosts_take_report(b->db, &h, &reports[i], hash, START_S + (int64_t)sequence,
				      &fate, &b->err) < 0)
			die(b, "take");
	}
	commit(b);
	took = clock_seconds_since(start);
	for (uint32_t i = 0; i < BATCH; i++)
		report_clear(&reports[i]);
	return took;
}

static void say(const char *what, double value, const char *unit)
{
	(void)printf("%s\t%.3f\t%s\n", what, value, unit);
	(void)fflush(stdout);
}

static void fill(struct bench *b)
{
	uint64_t start = clock_now_ns();

	for (uint32_t n = 0; n < b->hosts; n += BATCH) {
		begin(b);
		for (uint32_t i = n; i < n + BATCH; i++)
			enrol_one(b, i);
		commit(b);
		(void)take_batch(b, n, 1, 1, false);
	}
	say("fill", clock_seconds_since(start), "s");
}

/* 40 batches of hosts all over the table. */
static void bench_reports(struct bench *b, const char *what, uint64_t sequence, bool news)
{
	double seconds = 0;

	for (uint32_t i = 0; i < 40; i++)
		seconds += take_batch(b, i * 7919, 48611, sequence, news);
	say(what, 40 * BATCH / seconds, "/s");
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct pages {
	double ms[8192], cpu_ms[8192];
	size_t n;
};

/* Of this thread: what a page costs where nobody else is on the machine, with SQLite. */
static double cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 1e3 * (double)t.tv_sec + (double)t.tv_nsec / 1e6;
}

/* Walks the first pages of a list. */
static void walk(struct bench *b, const struct hosts_filter *f, const char *sort, struct pages *all,
		 double *ret_max, unsigned *ret_hosts)
{
	_cleanup_(freep) char *next = NULL;

	*ret_max = 0;
	*ret_hosts = 0;
	for (int page = 0; page < PAGES_MAX / 8; page++) {
		_cleanup_(json_decrefp) json_t *list = NULL;
		_cleanup_(freep) char *after = take_ptr(next);
		const struct hosts_page p = { .after = after, .sort = sort, .limit = 100 };
		uint64_t start = clock_now_ns();
		double ms, cpu = cpu_ms();

		if (hosts_list(b->db, f, &p, &list, &next, &b->err) < 0)
			die(b, "list");
		ms = 1e3 * clock_seconds_since(start);
		cpu = cpu_ms() - cpu;
		*ret_hosts += (unsigned)json_array_size(list);
		*ret_max = cpu > *ret_max ? cpu : *ret_max;
		if (all->n < sizeof(all->ms) / sizeof(all->ms[0])) {
			all->cpu_ms[all->n] = cpu;
			all->ms[all->n++] = ms;
		}
		if (!next)
			break;
	}
}

static void lists(struct bench *b)
{
	static const struct {
		const char *name;
		struct hosts_filter f;
	} filters[] = {
		{ "all", { 0 } },
		{ "ring of 1 %", { .ring = "canary" } },
		{ "ring of 99 %", { .ring = "default" } },
		{ "tag of 100 hosts", { .tag = "az=77" } },
		{ "tag of 2/3", { .tag = "role=web" } },
		{ "kernel of 1 %", { .release = "5.10.0-30-amd64" } },
		{ "distribution of 99 %", { .os = "debian:12" } },
		{ "distribution of 1 %", { .os = "debian:11" } },
		{ "state of 0.1 %", { .state = "stalled" } },
		{ "verdict of 0.5 %", { .verdict = "warning" } },
		{ "level of 99 %", { .level = "4" } },
		{ "behind", { .behind = 1 } },
		{ "CVE of all", { .cve = "CVE-2026-9001" } },
		{ "CVE of 0.2 %", { .cve = "CVE-2026-1077" } },
		{ "text of few", { .text = "node-00a7" } },
		{ "text of none", { .text = "nothing" } },
		{ "silent", { .silent = 1, .silent_before_s = START_S + 2 } },
		{ "not silent", { .silent = -1, .silent_before_s = START_S + 2 } },
		{ "revoked", { .revoked = 1 } },
		{ "ring and state", { .ring = "canary", .state = "stalled" } },
		{ "ring, tag, level", { .ring = "default", .tag = "role=db", .level = "0" } },
		{ "state and verdict, none", { .state = "stalled", .verdict = "critical" } },
		{ "kernel and CVE", { .release = "6.1.0-49-amd64", .cve = "CVE-2026-9001" } },
		{ "level and behind, none", { .level = "4", .behind = 1 } },
	};
	static const char *const sorts[] = { NULL,   "-id",   "name",  "-name",
					     "seen", "-seen", "level", "-level" };
	static struct pages all;
	double worst = 0;

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		double slowest = 0;
		unsigned hosts = 0;

		for (size_t k = 0; k < sizeof(sorts) / sizeof(sorts[0]); k++) {
			double max;

			walk(b, &filters[i].f, sorts[k], &all, &max, &hosts);
			slowest = max > slowest ? max : slowest;
			if (max > 100)
				(void)fprintf(stderr, "%s by %s: %.0f ms\n", filters[i].name,
					      sorts[k] ? sorts[k] : "id", max);
		}
		(void)fprintf(stderr, "%-28s %8.1f ms of processor at most (%u hosts)\n",
			      filters[i].name, slowest, hosts);
		worst = slowest > worst ? slowest : worst;
	}
	qsort(all.ms, all.n, sizeof(all.ms[0]), compare);
	say("pages", (double)all.n, "");
	say("page p50", all.ms[all.n / 2], "ms");
	say("page p99", all.ms[all.n * 99 / 100], "ms");
	say("page worst", all.ms[all.n - 1], "ms");
	qsort(all.cpu_ms, all.n, sizeof(all.cpu_ms[0]), compare);
	say("page p99, processor", all.cpu_ms[all.n * 99 / 100], "ms");
	say("page worst, processor", worst, "ms");
}

static int count_host(void *ctx, _unused_ const struct hosts_row *row,
		      _unused_ struct oak_error *err)
{
	++*(uint32_t *)ctx;
	return 0;
}

static void others(struct bench *b)
{
	_cleanup_(json_decrefp) json_t *counts = NULL;
	uint64_t start = clock_now_ns();
	uint32_t n = 0;

	if (hosts_counts(b->db, &counts, &b->err) < 0)
		die(b, "counts");
	say("counts", 1e3 * clock_seconds_since(start), "ms");
	if (json_integer_value(json_object_get(counts, "total")) != b->hosts)
		die(b, "counts are wrong");
	start = clock_now_ns();
	if (hosts_each(b->db, count_host, &n, &b->err) < 0 || n != b->hosts)
		die(b, "each");
	say("each", clock_seconds_since(start), "s");
}

static void make_tokens(struct bench *b)
{
	const struct enrol_token_new t = { .name = "bench", .ring = "default", .own_tags = true };
	const struct enrol_token_new c = { .name = "canary", .ring = "canary", .own_tags = true };
	json_t *made = NULL;

	if (enrol_token_create(b->db, &t, START_S, b->token, &made, &b->err) < 0)
		die(b, "token");
	json_decref(made);
	if (enrol_token_create(b->db, &c, START_S, b->canary, &made, &b->err) < 0)
		die(b, "token");
	json_decref(made);
}

/* Of the first host; 0: there is none. */
static uint64_t last_sequence(struct bench *b)
{
	struct store_host h = { .sequence = 0 };
	char id[SHA256_HEX_MAX];
	uint8_t key[32];

	key_of(0, key, id);
	return hosts_find(b->db, id, &h, &b->err) < 0 ? 0 : h.sequence;
}

int main(int argc, char **argv)
{
	struct bench b = { .hosts = 0 };
	uint32_t hosts = 0;
	uint64_t sequence;

	if (argc != 3 || number_parse_u32(argv[2], &hosts) < 0 || hosts < BATCH) {
		(void)fprintf(stderr, "usage: store-bench DATABASE HOSTS\n");
		return 2;
	}
	b.hosts = hosts - hosts % BATCH;
	if (db_open(argv[1], &b.db, &b.err) < 0 || migrate_to(b.db, migrate_newest(), &b.err) < 0)
		die(&b, "open");
	sequence = last_sequence(&b);
	if (!sequence) {
		make_tokens(&b);
		fill(&b);
		sequence = 1;
	}
	bench_reports(&b, "reports, nothing new", sequence + 1, sequence > 1);
	bench_reports(&b, "reports, with news", sequence + 2, sequence == 1);
	bench_reports(&b, "reports again, nothing new", sequence + 3, sequence == 1);
	others(&b);
	lists(&b);
	db_close(b.db);
	return 0;
}
